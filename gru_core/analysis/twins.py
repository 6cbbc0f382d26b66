"""torch's own layers with the weights of a GRU here: what its states are compared with."""

from collections.abc import Sequence
from typing import TypeVar

import numpy as np
import torch
from torch import nn

from gru_core.errors import InputError
from gru_core.model import GRU
from gru_core.trace import GateTrace, last_output

Layer = TypeVar("Layer", bound=nn.GRU | nn.RNN)


def has_torch_twin(gru: GRU) -> bool:
    """Whether torch.nn.GRU can be the same function: reset mode "after", sigmoid gates."""
    return gru.reset_mode == "after" and gru.gate_activation == "sigmoid"


def to_torch(gru: GRU) -> nn.GRU:
    """The torch.nn.GRU with the same function: only for reset mode "after" with sigmoid gates.

    Raises InputError otherwise, because torch.nn.GRU cannot say anything else.
    """
    if not has_torch_twin(gru):
        raise InputError(
            "torch.nn.GRU has reset mode 'after' and sigmoid gates only; this GRU has reset mode "
            f"{gru.reset_mode!r} and {gru.gate_activation} gates, which is another function."
        )
    same = nn.GRU(
        gru.input_size, gru.hidden_size, gru.num_layers, batch_first=True, bidirectional=gru.bidirectional
    )
    same = same.to(gru.dtype)
    with torch.no_grad():
        for index, suffix in enumerate(suffixes(gru)):
            cell = gru.cell(index)
            getattr(same, f"weight_ih{suffix}").copy_(cell.weight_x)
            getattr(same, f"weight_hh{suffix}").copy_(cell.weight_h)
            getattr(same, f"bias_ih{suffix}").copy_(cell.bias)
            getattr(same, f"bias_hh{suffix}").zero_()[2 * gru.hidden_size :] = cell.b_hh
    return same


def to_torch_rnn(gru: GRU) -> nn.RNN:
    """torch's own plain tanh RNN with the weights of the candidate: what Z=0, R=1 must equal."""
    rnn = nn.RNN(
        gru.input_size, gru.hidden_size, gru.num_layers, batch_first=True, bidirectional=gru.bidirectional
    )
    rnn = rnn.to(gru.dtype)
    with torch.no_grad():
        for index, suffix in enumerate(suffixes(gru)):
            cell = gru.cell(index)
            getattr(rnn, f"weight_ih{suffix}").copy_(cell.W_xh.T)
            getattr(rnn, f"weight_hh{suffix}").copy_(cell.W_hh.T)
            getattr(rnn, f"bias_ih{suffix}").copy_(cell.b_h)
            getattr(rnn, f"bias_hh{suffix}").copy_(cell.b_hh)
    return rnn


def single_layers(module: Layer) -> list[Layer]:
    """One forward layer for each layer and direction of a torch layer, on the same weights."""
    found = []
    for suffix in suffixes(module):
        weight = getattr(module, f"weight_ih{suffix}")
        # Without numbers of its own: neither made nor drawn at random, since they are put in below.
        single = type(module)(weight.shape[1], module.hidden_size, batch_first=True, device="meta")
        for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh"):
            setattr(single, f"{name}_l0", getattr(module, f"{name}{suffix}"))
        found.append(single)
    return found


def run_apart(module: nn.GRU | nn.RNN, traces: Sequence[GateTrace]) -> float:
    """max |H - module's own run from H_0 to the end| in the last layer."""
    start = torch.tensor(np.stack([t.H0 for t in traces]))
    only_backwards = traces[0].direction == "backward"
    x = torch.tensor(traces[0].X)
    with torch.no_grad():
        expected = module(x.flip(1) if only_backwards else x, start)[0]
    expected = (expected.flip(1) if only_backwards else expected).numpy()
    return float(np.abs(last_output(traces) - expected).max())


def suffixes(module: GRU | nn.GRU | nn.RNN) -> list[str]:
    """The endings of torch's names of parameters, for each layer and direction: "_l0", "_l0_reverse", ..."""
    tails = ("", "_reverse") if module.bidirectional else ("",)
    return [f"_l{layer}{tail}" for layer in range(module.num_layers) for tail in tails]
