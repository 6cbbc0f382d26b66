"""Gates from inside torch.nn.GRU and torch.nn.LSTM while they run: an oracle that shares no code with ours.

On the CPU PyTorch runs a layer as small operations, of which every step of a GRU has two sigmoids (R, Z in
this order) and one tanh (H~), every step of an LSTM three sigmoids (I, F, O) and two tanhs (C~, and C once
more for H); a dispatch mode sees their results.
"""

from typing import Any

import torch
from torch import Tensor, nn
from torch.utils._python_dispatch import TorchDispatchMode


class _Recorder(TorchDispatchMode):
    def __init__(self) -> None:
        super().__init__()
        self.sigmoids: list[Tensor] = []
        self.tanhs: list[Tensor] = []

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        result = func(*args, **(kwargs or {}))
        name = func.overloadpacket.__name__.rstrip("_")
        if name == "sigmoid":
            self.sigmoids.append(result.clone())
        elif name == "tanh":
            self.tanhs.append(result.clone())
        return result


def gates_inside(gru: nn.GRU, x: Tensor, h0: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """R, Z, H~ (batch, time, units) of a one-layer, one-direction, batch-first torch.nn.GRU."""
    recorder = _Recorder()
    with torch.no_grad(), recorder:
        gru(x, h0)
    steps = x.shape[1]
    assert len(recorder.sigmoids) == 2 * steps
    assert len(recorder.tanhs) == steps
    R = torch.stack(recorder.sigmoids[0::2], dim=1)
    Z = torch.stack(recorder.sigmoids[1::2], dim=1)
    return R, Z, torch.stack(recorder.tanhs, dim=1)


def lstm_gates_inside(lstm: nn.LSTM, x: Tensor) -> dict[str, Tensor]:
    """I, F, O, C_tilde (batch, time, units) of a torch.nn.LSTM: one layer, one direction, float64."""
    recorder = _Recorder()
    with torch.no_grad(), recorder:
        lstm(x)
    steps = x.shape[1]
    assert len(recorder.sigmoids) == 3 * steps
    assert len(recorder.tanhs) == 2 * steps
    gates = {name: torch.stack(recorder.sigmoids[index::3], dim=1) for index, name in enumerate("IFO")}
    return gates | {"C_tilde": torch.stack(recorder.tanhs[0::2], dim=1)}
