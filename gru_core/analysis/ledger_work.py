"""What the page of the ledger shows of one trace, worked out at once, here or by a worker."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gru_core.analysis.ledger_map import SIDE, LedgerMap, Quantity, chosen_units, ledger_map
from gru_core.analysis.memory_age import MOST_WORK, HalfLives, mean_age, measured_half_lives
from gru_core.analysis.parcels import unpack
from gru_core.jobs.names import Heard, Tell
from gru_core.jobs.parcel import Parcel
from gru_core.trace import GateTrace, trace


@dataclass(frozen=True, eq=False)
class Measured:
    """What the page shows.

    found   the map over some units
    ages    (time,) the mean age over those units of what each state holds
    lives   the half-lives of all units
    """

    found: LedgerMap
    ages: NDArray[np.float64]
    lives: HalfLives

    @property
    def size(self) -> int:
        """Bytes of all."""
        return self.found.values.nbytes + self.ages.nbytes + self.lives.steps.nbytes


def work_for(t: GateTrace, units: Sequence[int], *, lives: HalfLives | None = None) -> int:
    """About how many products `measure` takes at most."""
    ledger = t.steps * len(chosen_units(t, units)) * min(t.steps, SIDE) // 2
    return ledger + (0 if lives else min(t.steps * t.units * t.steps // 2, MOST_WORK))


def measure(
    t: GateTrace,
    units: Sequence[int] = (),
    quantity: Quantity = "share",
    *,
    lives: HalfLives | None = None,
    done: Callable[[float], None] | None = None,
) -> Measured:
    """All of it, for the first sequence of the batch; `lives` where they are known already.

    done   told now and then how much is done, from 0 to 1

    Raises InputError when there is no such unit.
    """
    tell = done or _nothing
    found = ledger_map(t, units, quantity, done=lambda share: tell(share / 2))
    if lives is None:
        lives = measured_half_lives(t, done=lambda share: tell(0.5 + share / 2))
    return Measured(found, mean_age(t)[0][:, list(found.units)].mean(axis=1), lives)


def measure_parcel(parcel: Parcel, tell: Tell, heard: Heard) -> Parcel:
    """The work of a worker: `measure` of what `pack` packed, with the head {"layer", "units", "quantity"}."""
    packed = unpack(parcel)

    def done(share: float) -> None:
        if heard() == "stop":
            raise _StoppedError
        tell(Parcel({"done": share}))

    try:
        t = trace(packed.gru, packed.x, overrides=packed.overrides)[packed.head["layer"]]
        measured = measure(t, packed.head["units"], packed.head["quantity"], done=done)
    except _StoppedError:
        return Parcel({"stopped": True})
    found, lives = measured.found, measured.lives
    return Parcel(
        {
            "bin": found.bin,
            "steps": found.steps,
            "units": list(found.units),
            "quantity": found.quantity,
            "direction": found.direction,
            "seen": lives.seen,
        },
        {
            "values": found.values.tobytes(),
            "ages": measured.ages.tobytes(),
            "lives": lives.steps.tobytes(),
        },
    )


def read_measured(parcel: Parcel) -> Measured:
    """What `measure_parcel` sent."""
    head = parcel.head
    values = np.frombuffer(parcel.blobs["values"])
    rows = -(-head["steps"] // head["bin"])
    found = LedgerMap(
        values.reshape(rows, rows + 1),
        head["bin"],
        head["steps"],
        tuple(head["units"]),
        head["quantity"],
        head["direction"],
    )
    lives = HalfLives(np.frombuffer(parcel.blobs["lives"]), head["seen"])
    return Measured(found, np.frombuffer(parcel.blobs["ages"]), lives)


class _StoppedError(Exception):
    """Somebody asked the work to end."""


def _nothing(share: float) -> None:
    """Nobody wants to know."""
