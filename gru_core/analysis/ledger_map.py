"""The memory ledger as a picture: a map over a set of units, and single rows of it, in bounded memory.

`memory_ledger` gives every weight of every unit. A picture needs the mean over some units, in no more cells
than a screen has. Both are carried along while the steps are read: every unit holds, per column of the map,
how much of it is left, Z multiplies all that is held and 1 - Z of the step is added to its column. Never more
than columns x units numbers are in memory, and nothing is approximated: steps that share a column are added
up, states that share a row are averaged, so a row still sums to 1.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from gru_core.errors import InputError

if TYPE_CHECKING:
    from gru_core.trace import GateTrace

Quantity = Literal["share", "content"]
FloatArray = NDArray[np.float64]

SIDE = 400
"""Most rows, and most columns beside that of H_0, of a map: longer traces are drawn in stretches of steps."""

_BLOCK = 256


@dataclass(frozen=True, eq=False)
class LedgerMap:
    """What the states are made of, on average over some units.

    values    (rows, columns + 1): row i is the mean state of the steps [i * bin, (i + 1) * bin), column 0 is
              H_0 and column j + 1 all that those steps [j * bin, (j + 1) * bin) wrote; both in input time
    bin       steps per row and per column; 1 for a trace of at most SIDE steps
    steps     of the trace
    units     the units it is the mean of
    quantity  "share": weights in [0, 1], a row sums to 1. "content": weight times what was written (H_0 or
              H_tilde); a row sums to the state, the mean of H
    direction of the layer
    """

    values: FloatArray
    bin: int
    steps: int
    units: tuple[int, ...]
    quantity: Quantity
    direction: str

    @property
    def rows(self) -> int:
        """How many rows, and columns beside that of H_0."""
        return len(self.values)

    def stretch(self, index: int) -> tuple[int, int]:
        """The first and the last step of a row, or of column `index` + 1."""
        return index * self.bin, min((index + 1) * self.bin, self.steps) - 1


def ledger_map(
    t: GateTrace,
    units: Sequence[int] = (),
    quantity: Quantity = "share",
    *,
    side: int = SIDE,
    done: Callable[[float], None] | None = None,
) -> LedgerMap:
    """The ledger of the first sequence of the batch, on average over `units` (all of them for none).

    side   most rows and columns
    done   told now and then what part of the steps has been read, from 0 to 1

    Raises InputError when there is no such unit.
    """
    chosen = chosen_units(t, units)
    steps = t.steps
    bin_of = -(-steps // side)
    rows = -(-steps // bin_of)
    values = np.zeros((rows, rows + 1))
    order = range(steps - 1, -1, -1) if t.direction == "backward" else range(steps)
    Z, written, start = _read(t, chosen, quantity)
    # What every unit holds, by column in reading order: H_0 first, then the stretches as they are met.
    held = np.zeros((rows + 1, len(chosen)))
    held[0] = start
    mean = np.full(len(chosen), 1 / len(chosen))
    columns, filled = [0], 1
    for count, step in enumerate(order):
        place = step // bin_of
        if columns[-1] != place + 1:
            columns.append(place + 1)
            filled += 1
        held[:filled] *= Z[step]
        held[filled - 1] += written[step]
        values[place, columns] += held[:filled] @ mean
        if done is not None and count % 256 == 255:
            done((count + 1) / steps)
    values /= np.bincount(np.arange(steps) // bin_of)[:, None]
    return LedgerMap(values, bin_of, steps, chosen, quantity, t.direction)


def mean_row(t: GateTrace, step: int, units: Sequence[int] = (), quantity: Quantity = "share") -> FloatArray:
    """(time + 1,): one exact row of the map, step by step, of whatever length the trace is.

    Raises InputError when there is no such step or unit.
    """
    if not 0 <= step < t.steps:
        raise InputError(f"There is no step {step}: this trace has {t.steps} steps, from 0 to {t.steps - 1}.")
    chosen = chosen_units(t, units)
    Z, written, start = _read(t, chosen, quantity)
    # From the step asked for back to the one that was read first, so many steps at once.
    if t.direction == "backward":
        Z, written = Z[step:], written[step:]
    else:
        Z, written = Z[step::-1], written[step::-1]
    parts = np.zeros(len(Z))
    kept = np.ones(len(chosen))
    for first in range(0, len(Z), _BLOCK):
        some = slice(first, first + _BLOCK)
        kept_after = kept * np.cumprod(Z[some], axis=0)
        kept_before = np.concatenate([kept[None], kept_after[:-1]])
        parts[some] = (kept_before * written[some]).mean(axis=1)
        kept = kept_after[-1]
        if not kept.any():
            break
    row = np.zeros(t.steps + 1)
    row[0] = (kept * start).mean()
    if t.direction == "backward":
        row[step + 1 :] = parts
    else:
        row[1 : step + 2] = parts[::-1]
    return row


def row_age(row: FloatArray, step: int, direction: str) -> float:
    """The mean age of what a state holds, by its row of shares; see `memory_age`."""
    steps = len(row) - 1
    if direction == "backward":
        return float(row[0] * (steps - step) + row[step + 1 :] @ np.arange(steps - step))
    return float(row[0] * (step + 1) + row[1 : step + 2] @ np.arange(step, -1, -1))


def chosen_units(t: GateTrace, units: Sequence[int]) -> tuple[int, ...]:
    """The units asked for, each once and in order; all of them for none. Raises InputError for others."""
    for unit in units:
        if not 0 <= unit < t.units:
            raise InputError(
                f"There is no unit {unit}: this trace has {t.units} units, from 0 to {t.units - 1}."
            )
    return tuple(sorted(set(units))) or tuple(range(t.units))


def _read(
    t: GateTrace, units: tuple[int, ...], quantity: Quantity
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Z (time, units), what each step writes (time, units), and what is there before the first (units,)."""
    columns = list(units)
    Z = t.Z[0][:, columns].astype(np.float64)
    written = 1.0 - Z
    if quantity == "share":
        return Z, written, np.ones(len(columns))
    return Z, written * t.H_tilde[0][:, columns], t.H0[0][columns].astype(np.float64)
