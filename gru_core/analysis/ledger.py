"""The memory ledger: how much of a state each earlier step wrote. An exact identity, not an estimate.

    H_T = A[T, 0] * H_0 + sum over t of A[T, t + 1] * H_tilde_t
    A[T, t + 1] = (1 - Z_t) * product of Z_s over t < s <= T        A[T, 0] = product of all Z_s up to T

Weights lie in [0, 1] and sum to 1 for every unit: a map of "who wrote this state" that a GRU really has.
Cf. O. Levy et al., "Long Short-Term Memory as a Dynamically Computed Element-wise Weighted Sum", 2018
(arXiv:1805.03716). Products only, never sums of logarithms: a gate put to 0 or 1 is exactly that.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from gru_core.errors import InputError, LimitError

if TYPE_CHECKING:
    from gru_core.trace import GateTrace

FloatArray = NDArray[np.floating]

MAX_ENTRIES = 50_000_000
"""Largest ledger computed at once, in numbers: 200 MB of float32. One row has no such limit."""


def memory_ledger(t: GateTrace) -> FloatArray:
    """(batch, time, time + 1, units): row T says of what H[:, T] is made; number type of the trace.

    Column 0 is the weight of H_0, column s + 1 the weight of what step s wrote, H_tilde[:, s]. Steps that
    had not been read yet have weight 0. Columns are in input time also for a layer that reads backwards:
    there row T is the state that has read the steps T, T + 1, ... to the end, so its weights stand on and
    right of the diagonal (columns T + 1 and above) and in column 0.

    Raises LimitError above MAX_ENTRIES numbers; `ledger_row` gives single rows of any trace.
    """
    batch, time, units = t.Z.shape
    entries = batch * time * (time + 1) * units
    if entries > MAX_ENTRIES:
        raise LimitError(
            f"A memory ledger may have {MAX_ENTRIES:,} weights (batch x time x (time + 1) x units), "
            f"this one would "
            f"have {entries:,}: take fewer steps, or one row at a time with ledger_row."
        )
    ledger = np.zeros((batch, time, time + 1, units), dtype=t.Z.dtype)
    # One row in double precision, carried along in reading order: keeping multiplies all that was written
    # so far by Z, writing fills one column more.
    row = np.zeros((batch, time + 1, units))
    row[:, 0] = 1.0
    backward = t.direction == "backward"
    for step in reversed(range(time)) if backward else range(time):
        keep = t.Z[:, step].astype(np.float64)
        written = slice(step + 2, None) if backward else slice(1, step + 1)
        row[:, 0] *= keep
        row[:, written] *= keep[:, None]
        row[:, step + 1] = 1.0 - keep
        filled = slice(step + 1, None) if backward else slice(1, step + 2)
        ledger[:, step, 0] = row[:, 0]
        ledger[:, step, filled] = row[:, filled]
    return ledger


def ledger_row(t: GateTrace, step: int) -> FloatArray:
    """(batch, time + 1, units): the row of `memory_ledger` for the state at one step, without the others.

    step    index into time, negative ones from the end

    Raises InputError when there is no such step.
    """
    batch, time, units = t.Z.shape
    if not -time <= step < time:
        raise InputError(f"There is no step {step}: this trace has {time} steps, from 0 to {time - 1}.")
    step %= time
    row = np.zeros((batch, time + 1, units))
    # `read` runs from the step asked for back to the one that was read first.
    read = slice(step, time) if t.direction == "backward" else slice(step, None, -1)
    Z = t.Z[:, read].astype(np.float64)
    kept_since = np.ones((batch, Z.shape[1] + 1, units))
    np.cumprod(Z, axis=1, out=kept_since[:, 1:])
    row[:, 1:][:, read] = (1.0 - Z) * kept_since[:, :-1]
    row[:, 0] = kept_since[:, -1]
    return row.astype(t.Z.dtype)
