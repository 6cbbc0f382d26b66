"""What a GRU becomes at the extremes of its gates, proved on the model and the input at hand.

Each proof is one number computed twice: under the extreme, where the claim makes it 0 up to rounding,
and under the learned gates, where it is not 0, so that one sees that it could have failed.

Equality with another recurrence is shown step by step, each step from the same H_prev: by induction that
is equality over the whole sequence, and it stays true to the digit where rounding would grow with time
(a plain RNN is often chaotic). The whole run is compared as well, up to `WHOLE_RUN_STEPS`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Literal

import numpy as np
import torch
from torch import nn

from gru_core.equations import gru_step
from gru_core.errors import InputError
from gru_core.model import GRU
from gru_core.overrides import EXTREMES
from gru_core.trace import GateTrace, last_output, trace

WHOLE_RUN_STEPS = 1_000
"""Longest sequence for which a proof also runs torch's own layer from the first step to the last."""

Setting = Literal["learned", "rnn", "input_only", "copy"]


@dataclass(frozen=True)
class Terms:
    """Which terms of the equations survive at an extreme; a struck-out term is exactly 0.

    old_state   Z * H_prev in the new state
    candidate   (1 - Z) * H_tilde in the new state
    recurrent   the product with H_prev inside the candidate
    """

    old_state: bool = True
    candidate: bool = True
    recurrent: bool = True


TERMS: MappingProxyType[str, Terms] = MappingProxyType(
    {
        "learned": Terms(),
        "rnn": Terms(old_state=False),
        "input_only": Terms(old_state=False, recurrent=False),
        "copy": Terms(candidate=False),
    }
)


@dataclass(frozen=True)
class Proof:
    """A claim about one setting as a number.

    difference    the largest absolute difference between the two sides of the claim, over all layers,
                  steps and units, under this setting
    when_learned  the same number under the learned gates; None for the setting "learned" itself
    whole_run     the last layer's largest difference when the other recurrence runs by itself from H_0 to
                  the end; None where that is not asked (see `WHOLE_RUN_STEPS`)
    against       what the state was compared with: "torch.nn.GRU", "equations", "torch.nn.RNN",
                  "shuffled inputs" or "H_0"
    tolerance     what rounding may leave in `difference`
    """

    setting: Setting
    difference: float
    when_learned: float | None
    against: str
    tolerance: float
    whole_run: float | None = None

    @property
    def holds(self) -> bool:
        """Whether the claim is true here, up to rounding."""
        return self.difference <= self.tolerance


@torch.no_grad()
def prove(gru: GRU, x: Any, setting: str, h0: Any = None, *, seed: int = 0) -> Proof:
    """The proof of one extreme on a model and an input (batch, time, inputs), computed now.

    learned     each step equals torch.nn.GRU on the same weights (reset mode "after"), or, as PyTorch has
                no GRU of mode "before", the equations
    rnn         each step equals torch.nn.RNN(tanh) on W_xh, W_hh and b_h + b_hh
    input_only  shuffling the steps of the input shuffles H the same way: nothing earlier counts.
                `seed` picks the shuffle
    copy        H_t equals H_0 at every step, to the last bit

    Raises InputError for a setting that is not in EXTREMES.
    """
    if setting not in EXTREMES:
        raise InputError(f"There is no extreme {setting!r}; the extremes are {sorted(EXTREMES)}.")
    applied = trace(gru, x, h0, overrides=EXTREMES[setting])
    learned = applied if setting == "learned" else trace(gru, x, h0)
    # A few hundred roundings of numbers around 1: float32 leaves some 1e-6, a wrong equation some 1e-1.
    tolerance = 256 * float(np.finfo(applied[0].H.dtype).eps)

    if setting == "copy":
        apart = [max(float(np.abs(t.H - t.H0[:, None]).max()) for t in run) for run in (applied, learned)]
        return Proof("copy", apart[0], apart[1], "H_0", 0.0)

    if setting == "input_only":
        inputs, start = applied[0].X, np.stack([t.H0 for t in applied])
        order = np.random.default_rng(seed).permutation(inputs.shape[1])
        apart = []
        for run, overrides in ((applied, EXTREMES[setting]), (learned, ())):
            again = trace(gru, inputs[:, order], start, overrides=overrides)
            pairs = zip(run, again, strict=True)
            apart.append(max(float(np.abs(a.H[:, order] - b.H).max()) for a, b in pairs))
        return Proof("input_only", apart[0], apart[1], "shuffled inputs", tolerance)

    if setting == "rnn":
        other, against = to_torch_rnn(gru), "torch.nn.RNN"
        apart = [_steps_apart(other, run) for run in (applied, learned)]
        return Proof("rnn", apart[0], apart[1], against, tolerance, _run_apart(other, applied))
    if gru.reset_mode == "after" and gru.gate_activation == "sigmoid":
        same = to_torch(gru)
        apart_now, whole = _steps_apart(same, applied), _run_apart(same, applied)
        return Proof("learned", apart_now, None, "torch.nn.GRU", tolerance, whole)
    return Proof("learned", _equations_apart(gru, applied), None, "equations", tolerance)


def to_torch(gru: GRU) -> nn.GRU:
    """The torch.nn.GRU with the same function: only for reset mode "after" with sigmoid gates.

    Raises InputError otherwise, because torch.nn.GRU cannot say anything else.
    """
    if gru.reset_mode != "after" or gru.gate_activation != "sigmoid":
        raise InputError(
            "torch.nn.GRU has reset mode 'after' and sigmoid gates only; this GRU has reset mode "
            f"{gru.reset_mode!r} and {gru.gate_activation} gates, which is another function."
        )
    same = nn.GRU(
        gru.input_size, gru.hidden_size, gru.num_layers, batch_first=True, bidirectional=gru.bidirectional
    )
    same = same.to(gru.dtype)
    with torch.no_grad():
        for index, suffix in enumerate(_suffixes(gru)):
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
        for index, suffix in enumerate(_suffixes(gru)):
            cell = gru.cell(index)
            getattr(rnn, f"weight_ih{suffix}").copy_(cell.W_xh.T)
            getattr(rnn, f"weight_hh{suffix}").copy_(cell.W_hh.T)
            getattr(rnn, f"bias_ih{suffix}").copy_(cell.b_h)
            getattr(rnn, f"bias_hh{suffix}").copy_(cell.b_hh)
    return rnn


def _steps_apart(module: nn.GRU | nn.RNN, traces: Sequence[GateTrace]) -> float:
    """max |H_t - module(X_t, H_prev_t)| over all layers, directions, steps and units."""
    apart = 0.0
    for t, suffix in zip(traces, _suffixes(module), strict=True):
        single = type(module)(t.X.shape[-1], t.units, batch_first=True).to(next(module.parameters()))
        for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh"):
            getattr(single, f"{name}_l0").data = getattr(module, f"{name}{suffix}").data
        x = torch.tensor(t.X).reshape(-1, 1, t.X.shape[-1])
        H_prev = torch.tensor(t.H_prev.reshape(1, -1, t.units))
        expected = single(x, H_prev)[0].numpy().reshape(t.H.shape)
        apart = max(apart, float(np.abs(t.H - expected).max()))
    return apart


def _run_apart(module: nn.GRU | nn.RNN, traces: Sequence[GateTrace]) -> float | None:
    """max |H - module's own run from H_0| in the last layer; None for long sequences."""
    if traces[0].steps > WHOLE_RUN_STEPS:
        return None
    start = torch.tensor(np.stack([t.H0 for t in traces]))
    only_backwards = traces[0].direction == "backward"
    x = torch.tensor(traces[0].X)
    expected = module(x.flip(1) if only_backwards else x, start)[0]
    expected = (expected.flip(1) if only_backwards else expected).numpy()
    return float(np.abs(last_output(traces) - expected).max())


def _equations_apart(gru: GRU, traces: Sequence[GateTrace]) -> float:
    """max |H_t - gru_step(X_t, H_prev_t)| over all layers, directions, steps and units."""
    apart = 0.0
    for index, t in enumerate(traces):
        X = torch.tensor(t.X.reshape(-1, t.X.shape[-1]))
        H_prev = torch.tensor(t.H_prev.reshape(-1, t.units))
        H = gru_step(X, H_prev, gru.cell(index), gru.reset_mode, gru.gate_activation)[3]
        apart = max(apart, float(np.abs(t.H - H.numpy().reshape(t.H.shape)).max()))
    return apart


def _suffixes(module: GRU | nn.GRU | nn.RNN) -> list[str]:
    tails = ("", "_reverse") if module.bidirectional else ("",)
    return [f"_l{layer}{tail}" for layer in range(module.num_layers) for tail in tails]
