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

from gru_core.analysis.proof import ROUNDINGS, WHOLE_RUN_STEPS, step_difference
from gru_core.analysis.twins import has_torch_twin, run_apart, single_layers, to_torch, to_torch_rnn
from gru_core.errors import InputError
from gru_core.model import GRU
from gru_core.overrides import EXTREMES
from gru_core.trace import GateTrace, trace

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
    tolerance = ROUNDINGS * float(np.finfo(applied[0].H.dtype).eps)

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
    if has_torch_twin(gru):
        same = to_torch(gru)
        apart_now, whole = _steps_apart(same, applied), _run_apart(same, applied)
        return Proof("learned", apart_now, None, "torch.nn.GRU", tolerance, whole)
    return Proof("learned", step_difference(gru, applied), None, "equations", tolerance)


def _steps_apart(module: nn.GRU | nn.RNN, traces: Sequence[GateTrace]) -> float:
    """max |H_t - module(X_t, H_prev_t)| over all layers, directions, steps and units."""
    apart = 0.0
    for t, single in zip(traces, single_layers(module), strict=True):
        x = torch.tensor(t.X).reshape(-1, 1, t.X.shape[-1])
        H_prev = torch.tensor(t.H_prev.reshape(1, -1, t.units))
        expected = single(x, H_prev)[0].numpy().reshape(t.H.shape)
        apart = max(apart, float(np.abs(t.H - expected).max()))
    return apart


def _run_apart(module: nn.GRU | nn.RNN, traces: Sequence[GateTrace]) -> float | None:
    """max |H - module's own run from H_0| in the last layer; None for long sequences."""
    return None if traces[0].steps > WHOLE_RUN_STEPS else run_apart(module, traces)
