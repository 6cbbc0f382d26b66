"""Gates from inside torch.nn.GRU and torch.nn.LSTM while they run: an oracle that shares no code with ours.

On the CPU PyTorch runs a layer as small operations, of which every step of a GRU has two sigmoids (R, Z in
this order) and one tanh (H~), every step of an LSTM three sigmoids (I, F, O) and two tanhs (C~, and C once
more for H); a dispatch mode sees their results.
"""

from typing import Any

import torch
from torch import Tensor, nn
from torch.utils._python_dispatch import TorchDispatchMode

from gru_core.errors import InputError


class _Recorder(TorchDispatchMode):
    """Keeps what every sigmoid and every tanh gave; seen by its own thread alone."""

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

    def check(self, sigmoids: int, tanhs: int) -> None:
        """Raise InputError unless so many were seen."""
        if (len(self.sigmoids), len(self.tanhs)) != (sigmoids, tanhs):
            raise InputError(
                f"Inside torch's own layer {sigmoids} sigmoids and {tanhs} tanhs were expected, and "
                f"{len(self.sigmoids)} and {len(self.tanhs)} were seen: this version of PyTorch runs it "
                "another way, so its gates cannot be compared."
            )


def gates_inside(gru: nn.GRU, x: Tensor, h0: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """R, Z, H~ and H (batch, time, units) of a one-layer, one-direction, batch-first torch.nn.GRU.

    Raises InputError where PyTorch does not run the layer in steps that can be seen.
    """
    recorder = _Recorder()
    with torch.no_grad(), recorder:
        H = gru(x, h0)[0]
    steps = x.shape[1]
    recorder.check(2 * steps, steps)
    R = torch.stack(recorder.sigmoids[0::2], dim=1)
    Z = torch.stack(recorder.sigmoids[1::2], dim=1)
    return R, Z, torch.stack(recorder.tanhs, dim=1), H


def lstm_gates_inside(lstm: nn.LSTM, x: Tensor) -> dict[str, Tensor]:
    """I, F, O, C_tilde (batch, time, units) of a torch.nn.LSTM: one layer, one direction, float64.

    Raises InputError as `gates_inside` does.
    """
    recorder = _Recorder()
    with torch.no_grad(), recorder:
        lstm(x)
    steps = x.shape[1]
    recorder.check(3 * steps, 2 * steps)
    gates = {name: torch.stack(recorder.sigmoids[index::3], dim=1) for index, name in enumerate("IFO")}
    return gates | {"C_tilde": torch.stack(recorder.tanhs[0::2], dim=1)}
