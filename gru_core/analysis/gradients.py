"""How strongly the last state depends on each earlier one: the size of dH_T / dH_t.

A gradient that is sent back from step T to step t is multiplied by this matrix, so where it is tiny nothing
can be learned from what happened at t (Bengio et al. 1994), and where it is huge learning jumps.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from numpy.typing import NDArray

from gru_core.overrides import GateOverride

if TYPE_CHECKING:
    from gru_core.model import GRU

GRADIENT_STEPS = 200
"""Most steps that are looked back: of a longer sequence, the last so many."""


def state_gradients(
    gru: GRU, x: Any, overrides: Sequence[GateOverride] = (), until: int | None = None
) -> NDArray[np.float64]:
    """(steps,): the largest stretch of dH_T / dH_t, its spectral norm, for every t up to T = `until`.

    For the top layer of a GRU that reads forwards, as its state alone leads from t to T; lower layers' states
    are given. `x` is (time, inputs). 1 at T itself; NaN where more than GRADIENT_STEPS steps would have to be
    looked back, and after T. T is the last step when None.
    """
    inputs = torch.as_tensor(np.asarray(x), dtype=gru.dtype)
    last = len(inputs) - 1 if until is None else until
    norms = np.full(len(inputs), np.nan)
    norms[last] = 1.0
    units, first = gru.hidden_size, max(0, last - GRADIENT_STEPS)
    with torch.no_grad():
        states = _states(gru, inputs, tuple(overrides))
    for t in range(last - 1, first - 1, -1):
        # One copy of the run for each unit of the last state: the diagonal's gradient is the whole matrix.
        start = states[t].clone().repeat_interleave(units, 0).reshape(len(gru.cells), units, -1)
        top = start[-1].clone().requires_grad_(True)
        held = tuple(_from(override, t + 1, last + 1) for override in overrides)
        begin = torch.cat([start[:-1], top[None]])
        after = inputs[t + 1 : last + 1].expand(units, -1, -1).contiguous()
        reached = gru(after, begin, overrides=tuple(o for o in held if o is not None))[0][:, -1]
        (matrix,) = torch.autograd.grad(reached.diagonal().sum(), top)
        norms[t] = float(torch.linalg.matrix_norm(matrix.double(), 2))
    return norms


def _states(gru: GRU, inputs: torch.Tensor, overrides: tuple[GateOverride, ...]) -> torch.Tensor:
    """(time, layers, units): every layer's state after every step."""
    from gru_core.trace import trace

    return torch.tensor(np.stack([t.H[0] for t in trace(gru, inputs, overrides=overrides)], axis=1))


def _from(override: GateOverride, first: int, stop: int) -> GateOverride | None:
    """The same override where step `first` is counted as 0; None where it holds nothing from there on."""
    if override.steps is None:
        return override
    whole = range(stop)
    if isinstance(override.steps, slice):
        kept = list(whole[override.steps])
    else:
        named = (override.steps,) if isinstance(override.steps, int) else override.steps
        kept = [step + stop if step < 0 else step for step in named]
    steps = tuple(step - first for step in kept if first <= step < stop)
    return replace(override, steps=steps) if steps else None
