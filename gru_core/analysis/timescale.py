"""How long each unit remembers, and orders of the units in which a picture can be read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from gru_core.trace import GateTrace

FloatArray = NDArray[np.float64]

SIMILARITY_STEPS = 1_000
"""Most steps that "similarity" compares: of a longer trace, that many evenly spaced ones."""


HOLDS = 0.1
"""A unit holds something while its |H| is at least this, on the scale to 1."""

_HOLD_CELLS = 2_000_000
_HOLD_UNITS = 32


@dataclass(frozen=True)
class Hold:
    """Content that stayed: after `steps` more steps, the share `left` of what `unit` held at `step`."""

    unit: int
    step: int
    steps: int
    left: float


def mean_keep(t: GateTrace) -> FloatArray:
    """(units,) in [0, 1]: the update gate Z of each unit, averaged over all steps and the batch."""
    return 1.0 - _mean_written(t)


def time_scale(t: GateTrace) -> FloatArray:
    """(units,) in [1, inf]: steps that a unit's content lasts on average, 1 / (1 - mean Z).

    1 for a unit that is overwritten at every step (Z = 0), inf for one whose Z is 1 at every step.
    The mean is taken before the fraction, so that one step with Z = 1 does not make a unit immortal.
    """
    with np.errstate(divide="ignore"):
        return np.asarray(1.0 / _mean_written(t))


def half_life(t: GateTrace) -> FloatArray:
    """(units,) in [0, inf]: steps after which half of a unit's content is left, ln 2 / -ln(mean Z).

    0 where Z is 0 at every step, inf where it is 1.
    """
    with np.errstate(divide="ignore"):
        return np.asarray(np.log(2.0) / np.abs(np.log1p(-_mean_written(t))))


def longest_hold(t: GateTrace) -> Hold | None:
    """The content that the first sequence of the batch kept longest; None where none outlived its own step.

    Content counts from a step at which Z replaced at least half of the unit and left it with |H| of at least
    HOLDS, for as long as the product of the Z after it is at least one half. So a unit that never writes
    anything is not taken for one that remembers. Of equally long ones the one with most left, then the first.
    In a trace of more than 2,000,000 cells only the 32 units with the largest mean Z are looked at.
    """
    # In the order in which the layer reads: a backward one begins at the last step.
    forward = t.direction == "forward"
    Z, H = (t.Z[0], t.H[0]) if forward else (t.Z[0, ::-1], t.H[0, ::-1])
    starts = (Z <= 0.5) & (np.abs(H) >= HOLDS)
    units = np.flatnonzero(starts.any(axis=0))
    if Z.size > _HOLD_CELLS:
        units = np.sort(units[np.argsort(-Z[:, units].mean(axis=0), kind="stable")[:_HOLD_UNITS]])
    best: Hold | None = None
    for unit in units.tolist():
        begin = np.flatnonzero(starts[:, unit])
        # Half-lives spent up to each step: never falls, so the last step within one of them is a search.
        # What is fully overwritten spends so many that nothing from before it counts.
        spent = np.cumsum(-np.log2(np.maximum(Z[:, unit].astype(np.float64), 1e-30)))
        end = np.searchsorted(spent, spent[begin] + 1.0 + 1e-9, side="right") - 1
        left = np.exp2(spent[begin] - spent[end]).round(9)
        at = int(np.lexsort((-left, begin - end))[0])
        step = int(begin[at] if forward else len(Z) - 1 - begin[at])
        found = Hold(unit, step, int(end[at] - begin[at]), float(left[at]))
        if best is None or (found.steps, found.left) > (best.steps, best.left):
            best = found
    return best if best is not None and best.steps > 0 else None


def _mean_written(t: GateTrace) -> FloatArray:
    """(units,) the mean of 1 - Z: exactly 0 for a unit that keeps at every step, 1 for one that never "
    "does."""
    # In double precision, block by block: casting the whole array first takes three times as long.
    Z = t.Z.reshape(-1, t.units)
    block = 64
    ones = np.ones(block)
    total = np.zeros(t.units)
    for start in range(0, len(Z), block):
        part = 1.0 - Z[start : start + block].astype(np.float64)
        total += ones[: len(part)] @ part
    return np.clip(total / len(Z), 0.0, 1.0)


def unit_orders(t: GateTrace) -> dict[str, tuple[int, ...]]:
    """Orders of the units by name; each is a permutation of all unit indices, the first one drawn on top.

    "index"       as in the model
    "time scale"  longest memory first (see `time_scale`); equal ones by index
    "similarity"  neighbours behave alike: a path that starts at the unit least like the others and always
                  goes on to the unvisited one whose H correlates most with where it stands. Units that never
                  change come last. Traces of more than SIMILARITY_STEPS steps are compared at that many.

    Deterministic: the same trace gives the same orders.
    """
    return {
        "index": tuple(range(t.units)),
        "time scale": tuple(np.argsort(-mean_keep(t), kind="stable").tolist()),
        "similarity": _similarity_order(t.H.reshape(-1, t.units)),
    }


def _similarity_order(H: NDArray[np.floating]) -> tuple[int, ...]:
    if len(H) > SIMILARITY_STEPS:
        H = H[np.linspace(0, len(H) - 1, SIMILARITY_STEPS).astype(np.int64)]
    changing = np.flatnonzero((H[0] != H).any(axis=0))
    constant = np.setdiff1d(np.arange(H.shape[1]), changing)
    if len(changing) == 0:
        return tuple(constant.tolist())
    centred = H[:, changing].astype(np.float64)
    centred -= centred.mean(axis=0)
    length = np.linalg.norm(centred, axis=0)
    # A change below what the number type resolves can centre to nothing; such a unit is like no other.
    centred /= np.where(length > 0, length, 1.0)
    # Rounded, so that equal units tie (and ties go by index) whatever order a matrix product adds in.
    likeness = np.round((centred.T @ centred), 6)
    path = [int(np.argmin(likeness.sum(axis=1)))]
    likeness[:, path[0]] = -np.inf
    while len(path) < len(changing):
        following = int(np.argmax(likeness[path[-1]]))
        path.append(following)
        likeness[:, following] = -np.inf
    return tuple(changing[path].tolist()) + tuple(constant.tolist())
