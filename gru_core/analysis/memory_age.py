"""How old what a unit holds is, and how long what it writes lasts: both read off the memory ledger.

The mean age of a state is the sum over the ledger's row of weight times age, where what was written k steps
ago has age k, and H_0 counts as written one step before the first. It needs no ledger: reading one more step
makes all that is kept one step older and adds something of age 0, so

    age_t = Z_t * (age_{t-1} + 1)        age before the first step = 0

The half-life is the number of steps after which half of what a unit wrote is gone. Of everything written,
H_0 with it, a share q_k of what is still there after k steps, and is looked at for one step more, outlives
that step; S_k = q_0 * ... * q_{k-1} is the share that lasts k steps, and the half-life is where S falls to
1/2. What is still there when the sequence ends counts for as long as it was seen, no longer and no shorter
(the product-limit estimate, E. L. Kaplan & P. Meier, JASA 1958). A unit whose Z is the same at every step
has exactly ln 2 / -ln Z.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from gru_core.trace import GateTrace

FloatArray = NDArray[np.float64]

MOST_WORK = 2_000_000_000
"""Products that measuring half-lives may take: all ages of 2,000 steps x 256 units take a quarter of them."""

_UNITS = 16


@dataclass(frozen=True, eq=False)
class HalfLives:
    """How long what each unit writes lasts.

    steps   (units,) steps after which half of it is gone; inf where more than half of it outlived `seen`
    seen    the largest age that was looked at: the length of the sequence, or less in a very large trace
    """

    steps: FloatArray
    seen: int

    @property
    def order(self) -> tuple[int, ...]:
        """All units, the longest half-life first; equal ones by index."""
        return tuple(np.argsort(-self.steps, kind="stable").tolist())


def mean_age(t: GateTrace) -> FloatArray:
    """(batch, time, units) in [0, time]: how many steps ago, on average, what a state holds was written.

    0 where Z is 0; the number of steps read so far where Z has always been 1, for then all is H_0.
    """
    age = np.empty(t.Z.shape)
    now = np.zeros((len(t.Z), t.units))
    for step in range(t.steps - 1, -1, -1) if t.direction == "backward" else range(t.steps):
        now = t.Z[:, step] * (now + 1.0)
        age[:, step] = now
    return age


def measured_half_lives(t: GateTrace, *, done: Callable[[float], None] | None = None) -> HalfLives:
    """The half-life of every unit over the first sequence of the batch.

    done   told now and then what part of the units has been measured, from 0 to 1

    In a trace so large that this would take more than MOST_WORK products, only ages up to `seen` are looked
    at.
    """
    Z = t.Z[0] if t.direction == "forward" else t.Z[0, ::-1]
    seen = min(t.steps, max(MOST_WORK // Z.size, 1))
    found = np.empty(t.units)
    for first in range(0, t.units, _UNITS):
        some = slice(first, first + _UNITS)
        found[some] = _half_lives(np.ascontiguousarray(Z[:, some], dtype=np.float64), seen)
        if done is not None:
            done(min(first + _UNITS, t.units) / t.units)
    return HalfLives(found, seen)


def _half_lives(Z: FloatArray, seen: int) -> FloatArray:
    """(units,) half-lives of Z (time, units) in reading order."""
    time, units = Z.shape
    half = np.full(units, np.inf)
    # A unit that keeps all at every step needs no looking at: whatever it held outlives the sequence.
    waiting = np.flatnonzero((Z < 1.0).any(axis=0))
    Z = np.ascontiguousarray(Z[:, waiting])
    left = np.ones(len(waiting))
    # What is there of everything written, from H_0 on, once it has the age that the loop has reached.
    there = np.concatenate([np.ones((1, len(waiting))), 1.0 - Z])
    for age in range(seen if len(waiting) else 0):
        there = there[: time - age]
        before = there.sum(axis=0)
        there *= Z[age:]
        with np.errstate(invalid="ignore", divide="ignore"):
            after = left * np.where(before > 0, there.sum(axis=0) / before, 1.0)
            crossed = after <= 0.5
            # Between two ages S is taken to fall by equal factors, as it does where Z is constant.
            share = np.log(2.0 * left) / np.log(left / after)
        half[waiting[crossed]] = age + share[crossed]
        left = after
        if crossed.any():
            if crossed.all():
                break
            go_on = ~crossed
            waiting, left = waiting[go_on], left[go_on]
            there, Z = np.ascontiguousarray(there[:, go_on]), np.ascontiguousarray(Z[:, go_on])
    return half
