"""The gate square: every unit at every step is a point, R to the right and Z upwards.

Three places of the square have a name, because a GRU whose points all lie there is something simpler:

    rnn         R >= 0.9 and Z <= 0.1   near the corner (1, 0): a unit of a plain tanh RNN
    input_only  R <= 0.1 and Z <= 0.1   near the corner (0, 0): a unit that sees only the input of its step
    copy        Z >= 0.9                near the upper edge: a unit that keeps its state, whatever R is

A point lies in one of them or in none. Z = 1 keeps the old state.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from gru_core.errors import InputError

if TYPE_CHECKING:
    from gru_core.trace import GateTrace

FloatArray = NDArray[np.float64]

Place = Literal["rnn", "input_only", "copy"]
PLACES: Final[tuple[Place, ...]] = ("rnn", "input_only", "copy")

NEAR: Final = 0.1
"""How far from its edges a point may be and still count as being there."""

BINS: Final = 64
"""Parts of each side of the square in which points are counted."""

_BLOCK = 60_000
"""Points that are looked at together: the working memory stays at a few MB, however long a trace is."""


@dataclass(frozen=True, eq=False)
class Square:
    """Where the points of one layer and direction lie.

    counts  (BINS, BINS) points in each part of the square; the first axis is Z from 0 up, the second R
    shares  (units,) of each place in PLACES: the share of a unit's points that lie there
    R, Z    (units,) the mean point of each unit
    spread  (units,) how far the unit's points lie apart: the larger of the ranges of its R and its Z
    points  how many there are: units times steps times sequences
    """

    counts: NDArray[np.int64]
    shares: dict[Place, FloatArray]
    R: FloatArray
    Z: FloatArray
    spread: FloatArray
    points: int

    @property
    def units(self) -> int:
        """How many units."""
        return len(self.R)

    def share(self, place: Place) -> float:
        """The share of all points that lie in a place."""
        return float(self.shares[place].mean())

    @property
    def elsewhere(self) -> float:
        """The share of all points that lie in no place with a name."""
        return max(0.0, 1.0 - sum(self.share(place) for place in PLACES))


def gate_square(t: GateTrace, units: tuple[int, ...] | None = None) -> Square:
    """Where the points of a trace lie, of all its units or of some.

    Raises InputError for a unit that does not exist, or for none at all.
    """
    chosen = _chosen(units, t.units)
    batch, steps, width = t.R.shape[0], t.steps, len(chosen)
    counts = np.zeros(BINS * BINS, np.int64)
    near = {place: np.zeros(width) for place in PLACES}
    sums = np.zeros((2, width))
    low, high = np.full((2, width), np.inf), np.full((2, width), -np.inf)
    block = max(1, _BLOCK // width)
    for row in range(batch):
        for start in range(0, steps, block):
            part = slice(start, start + block)
            R, Z = (gate[row, part][:, chosen] for gate in (t.R, t.Z))
            counts += np.bincount(_bin(Z) * BINS + _bin(R), minlength=BINS * BINS)
            for place, inside in places(R, Z).items():
                near[place] += inside.sum(axis=0)
            for axis, gate in enumerate((R, Z)):
                sums[axis] += gate.sum(axis=0, dtype=np.float64)
                low[axis] = np.minimum(low[axis], gate.min(axis=0))
                high[axis] = np.maximum(high[axis], gate.max(axis=0))
    each = batch * steps
    return Square(
        counts=counts.reshape(BINS, BINS),
        shares={place: found / each for place, found in near.items()},
        R=sums[0] / each,
        Z=sums[1] / each,
        spread=(high - low).max(axis=0),
        points=each * width,
    )


def places(R: NDArray[Any], Z: NDArray[Any]) -> dict[Place, NDArray[np.bool_]]:
    """Which points lie in each place with a name; R and Z have the same shape."""
    low = Z <= NEAR
    return {
        "rnn": low & (R >= 1 - NEAR),
        "input_only": low & (R <= NEAR),
        "copy": Z >= 1 - NEAR,
    }


def _bin(gate: NDArray[Any]) -> NDArray[np.int64]:
    """The part of a side in which each value lies; 1 itself belongs to the last."""
    return np.minimum((gate * BINS).astype(np.int64), BINS - 1).reshape(-1)


def _chosen(units: tuple[int, ...] | None, size: int) -> NDArray[np.int64]:
    if units is None:
        return np.arange(size)
    wrong = [unit for unit in units if not 0 <= unit < size]
    if wrong or not units:
        raise InputError(
            f"Units of this layer are numbers from 0 to {size - 1}, at least one of them, got "
            f"{wrong[0] if wrong else 'none'}."
        )
    return np.array(sorted(set(units)))
