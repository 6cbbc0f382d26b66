"""Counting gates: whole numbers only, so that no sum depends on the order in which it is added up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gru_core.errors import InputError, LimitError, ShapeError
from gru_core.limits import MAX_SURVEY_UNITS

Counts = NDArray[np.int64]

LOW, HIGH = 0.1, 0.9
"""A gate is left-saturated below the first and right-saturated above the second (Karpathy, Johnson & Fei-Fei
2015, arXiv:1506.02078, section 4.2)."""

SHARPNESS = 2**30
"""A gate's value is added up in this fraction of 1, rounded to the nearest: a mean is exact to 5e-10, and
sums of 8,500,000,000 steps fit in 64 bits."""

SIDE = 64
"""Cells along a side of a layer's gate square."""

UNIT_SIDE = 16
"""Cells along a side of one unit's."""

_BLOCK = 1 << 14  # values at a time: what is made of them stays in the cache
_ROWS = UNIT_SIDE**2  # steps at a time, so that no more counters than values are gone through


@dataclass(frozen=True, eq=False)
class Tally:
    """Counts of one or more layers and directions; `add` fills them.

    low, high    (2, cells, units) steps with R (index 0) or Z (index 1) below LOW, above HIGH
    total        (2, cells, units) sums of R and Z, in steps of 1 / SHARPNESS
    square       (cells, SIDE, SIDE) steps of any unit by R (rows) and Z (columns); 1 is in the last cell
    unit_square  (cells, units, UNIT_SIDE, UNIT_SIDE) the same of each unit

    Raises LimitError for more than MAX_SURVEY_UNITS units.
    """

    low: Counts
    high: Counts
    total: Counts
    square: Counts
    unit_square: Counts

    @classmethod
    def empty(cls, cells: int, units: int) -> Tally:
        """Nothing counted yet."""
        check_units(cells, units)
        low, high, total = np.zeros((3, 2, cells, units), np.int64)
        square = np.zeros((cells, SIDE, SIDE), np.int64)
        return cls(low, high, total, square, np.zeros((cells, units, UNIT_SIDE, UNIT_SIDE), np.int64))

    def __post_init__(self) -> None:
        _, cells, units = self.low.shape if self.low.ndim == 3 else (0, 0, 0)
        shapes = {
            "low": (2, cells, units),
            "high": (2, cells, units),
            "total": (2, cells, units),
            "square": (cells, SIDE, SIDE),
            "unit_square": (cells, units, UNIT_SIDE, UNIT_SIDE),
        }
        for name, shape in shapes.items():
            array = getattr(self, name)
            if array.shape != shape or 0 in shape or array.dtype != np.int64:
                raise ShapeError(
                    f"{name} of a survey must be whole numbers {shape}, got {array.dtype} {array.shape}."
                )

    def add(self, cell: int, R: NDArray[np.floating], Z: NDArray[np.floating]) -> None:
        """Count the gates (steps, units) of one layer and direction.

        Raises InputError for a gate that is no number, before anything is counted.
        """
        if not np.isfinite(R).all() or not np.isfinite(Z).all():
            raise InputError("Its gates are no numbers: are its values or the model's weights far too large?")
        units = R.shape[1]
        rows = max(_ROWS, _BLOCK // units)
        for start in range(0, len(R), rows):
            self._add_block(cell, R[start : start + rows], Z[start : start + rows])

    def _add_block(self, cell: int, R: NDArray[Any], Z: NDArray[Any]) -> None:
        units = R.shape[1]
        places = []
        for gate, values in enumerate((R, Z)):
            self.low[gate, cell] += np.count_nonzero(values < LOW, axis=0)
            self.high[gate, cell] += np.count_nonzero(values > HIGH, axis=0)
            # Whole numbers below 2^53 add up exactly in float64, in any order.
            parts = np.rint(values * np.float64(SHARPNESS))
            self.total[gate, cell] += parts.sum(axis=0).astype(np.int64)
            places.append(np.minimum((values * SIDE).astype(np.intp), SIDE - 1))
        r, z = places
        self.square[cell] += np.bincount((r * SIDE + z).ravel(), minlength=SIDE**2).reshape(SIDE, SIDE)
        # Four cells of a layer's square to a side are one of a unit's; 16 to a side are four bits.
        of_unit = ((r >> 2) << 4) + (z >> 2) + (np.arange(units) << 8)
        found = np.bincount(of_unit.ravel(), minlength=units * UNIT_SIDE**2)
        self.unit_square[cell] += found.reshape(units, UNIT_SIDE, UNIT_SIDE)

    def take(self, other: Tally) -> None:
        """Add what another one has counted."""
        for name in ("low", "high", "total", "square", "unit_square"):
            mine = getattr(self, name)
            mine += getattr(other, name)


def check_units(cells: int, units: int) -> None:
    """Raise LimitError when a survey of so many layers and directions would be larger than allowed."""
    if cells * units > MAX_SURVEY_UNITS:
        raise LimitError(
            f"A survey may have at most {MAX_SURVEY_UNITS:,} units over all layers and directions, and this "
            f"model has {cells} x {units:,} = {cells * units:,}: choose a smaller one."
        )
