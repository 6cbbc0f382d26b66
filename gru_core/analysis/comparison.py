"""Two traces side by side: which steps stand beside each other, and how far their numbers are apart.

Where rows are the units of one model, they are compared unit by unit. Units of two models have no common
numbers, and layers may differ in size: there the values of each step are sorted, and the smallest are
compared with the smallest, the middle with the middle.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from gru_core.errors import InputError, ShapeError

Array = NDArray[np.floating]

LEVELS: Final = tuple(range(0, 101, 10))
"""Percent of the units, sorted by size, that lie below the rows of a sorted comparison: 0 the smallest."""


@dataclass(frozen=True)
class Overlap:
    """Steps left, left + 1, ... of one side beside right, right + 1, ... of the other, `steps` of them."""

    left: int
    right: int
    steps: int


@dataclass(frozen=True, eq=False)
class Comparison:
    """Two sides, step beside step; arrays are (steps, rows), float64.

    rows    names of the rows: numbers of units, or LEVELS
    sorted  whether rows are levels of the sorted values, not units
    units   how many units each side has
    """

    overlap: Overlap
    left: NDArray[np.float64]
    right: NDArray[np.float64]
    rows: tuple[int, ...]
    sorted: bool
    units: tuple[int, int]

    @property
    def difference(self) -> NDArray[np.float64]:
        """Right minus left."""
        return self.right - self.left

    @property
    def begins(self) -> int | None:
        """The first of the steps that are compared at which they differ; None where they never do."""
        apart = np.flatnonzero(np.abs(self.difference).max(axis=1))
        return int(apart[0]) if apart.size else None


def overlap_of(left: int, right: int, offset: int = 0, *, from_end: bool = False) -> Overlap:
    """Which steps stand beside each other of two sequences of so many steps.

    offset    step t of the left stands beside step t + offset of the right
    from_end  their last steps stand beside each other first, and the offset is counted from there

    Raises InputError where no step has a partner.

    >>> overlap_of(5, 8, 2)
    Overlap(left=0, right=2, steps=5)
    >>> overlap_of(5, 8, from_end=True)
    Overlap(left=0, right=3, steps=5)
    """
    shift = offset + (right - left if from_end else 0)
    first = max(0, -shift)
    steps = min(left, right - shift) - first
    if steps < 1:
        raise InputError(
            f"With an offset of {offset} no step has a partner: the left has {left} steps, the right "
            f"{right}. Choose an offset nearer to 0."
        )
    return Overlap(first, first + shift, steps)


def compare(left: Array, right: Array, overlap: Overlap, *, by_units: bool) -> Comparison:
    """Two sides (time, units) over the steps that they share.

    by_units  row by row, for units that are the same on both sides; else sorted at each step

    Raises ShapeError where rows of different numbers of units are to be compared unit by unit.
    """
    sizes = left.shape[1], right.shape[1]
    if by_units and sizes[0] != sizes[1]:
        raise ShapeError(
            f"Units can be compared one by one where both sides have as many, got {sizes[0]} and "
            f"{sizes[1]}: compare them sorted."
        )
    parts = [
        np.asarray(side[start : start + overlap.steps], np.float64)
        for side, start in ((left, overlap.left), (right, overlap.right))
    ]
    rows: tuple[int, ...] = tuple(range(sizes[0]))
    if not by_units:
        parts = [np.quantile(part, np.array(LEVELS) / 100, axis=1).T for part in parts]
        rows = LEVELS
    one, other = parts
    return Comparison(overlap, one, other, rows=rows, sorted=not by_units, units=sizes)
