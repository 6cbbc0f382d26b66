"""Find: which units are on through a stretch of steps, and where else the same ones are on together.

The loop of LSTMVis (H. Strobelt, S. Gehrmann, H. Pfister and A. M. Rush, 2018, arXiv:1606.07461), on gates
as well as on states. A unit is *on* at a step where its value is at least the threshold; or at most, for who
looks for low ones. Values are kept as codes, whole numbers 0 to 254 over the locked range of the quantity, so
that a data set fits into little memory. A threshold becomes a code too, and all comparisons are of codes, in
the browser as well as here. A code is off by at most 1/508 of the range.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from gru_core.errors import InputError, ShapeError

Quantity = Literal["H", "H_tilde", "R", "Z"]
QUANTITIES: tuple[Quantity, ...] = get_args(Quantity)
Side = Literal["above", "below"]
SIDES: tuple[Side, ...] = get_args(Side)

TOP = 254
"""The largest code; 0 of a state is 127."""

RANGES: dict[Quantity, tuple[float, float]] = {"H": (-1, 1), "H_tilde": (-1, 1), "R": (0, 1), "Z": (0, 1)}
"""The locked range of each quantity; values outside (a state may start there) count as its end."""

Codes = NDArray[np.uint8]


def coded(values: NDArray[np.floating], quantity: Quantity) -> Codes:
    """Values of any shape as codes."""
    low, high = RANGES[quantity]
    scaled = (np.clip(values, low, high) - low) * (TOP / (high - low))
    return np.floor(scaled + 0.5).astype(np.uint8)


def decoded(codes: Codes, quantity: Quantity) -> NDArray[np.float32]:
    """The values in the middle of what each code stands for."""
    low, high = RANGES[quantity]
    return (low + codes.astype(np.float32) * ((high - low) / TOP)).astype(np.float32)


@dataclass(frozen=True)
class Rule:
    """When a unit is on.

    threshold  in the range of the quantity
    side       "above": on at the threshold and over it; "below": at it and under it

    Raises InputError for a value outside its rule.
    """

    quantity: Quantity = "H"
    threshold: float = 0.5
    side: Side = "above"

    def __post_init__(self) -> None:
        if self.quantity not in QUANTITIES or self.side not in SIDES:
            raise InputError(
                f"A rule looks at one of {', '.join(QUANTITIES)}, above or below, got {self.quantity!r}, "
                f"{self.side!r}."
            )
        low, high = RANGES[self.quantity]
        if not low <= self.threshold <= high:
            raise InputError(
                f"The threshold of {self.quantity} must be in [{low:g}, {high:g}], got {self.threshold!r}."
            )

    @property
    def code(self) -> int:
        """The threshold as a code."""
        return int(coded(np.array(self.threshold), self.quantity))

    def on(self, codes: Codes) -> NDArray[np.bool_]:
        """Where units are on; any shape."""
        return codes >= self.code if self.side == "above" else codes <= self.code


def units_on(codes: Codes, start: int, stop: int, rule: Rule, edges: bool = False) -> tuple[int, ...]:
    """The units that are on at every step from `start` to `stop` (excluded) of codes (steps, units).

    edges  only those that are off right before the stretch and right after it, where there is a step

    Raises ShapeError for a stretch that is empty or not within the steps.
    """
    if not 0 <= start < stop <= len(codes):
        raise ShapeError(
            f"A stretch must begin and end within the {len(codes)} steps, got steps {start} to {stop - 1}."
        )
    through = rule.on(codes[start:stop]).all(axis=0)
    if edges:
        for step in (start - 1, stop):
            if 0 <= step < len(codes):
                through &= ~rule.on(codes[step])
    return tuple(np.flatnonzero(through).tolist())


def telling_stretch(codes: Codes, rule: Rule, steps: int) -> tuple[int, int]:
    """Where to begin to look: the first stretch of `steps` steps that has most units on throughout.

    A unit that is on at more than half of all steps does not count. Where none is on for so long, shorter
    stretches are tried. Gives start and stop.
    """
    on = rule.on(codes)
    on = on[:, on.mean(axis=0) <= 0.5]
    wanted = min(steps, len(codes))
    if not on.any():
        return 0, wanted
    through, length = on, 1
    while length < wanted:
        longer = through[:-1] & on[length:]
        if not longer.any():
            break
        through, length = longer, length + 1
    start = int(through.sum(axis=1).argmax())
    return start, start + length


def shortest_of(steps: int) -> int:
    """What counts as a place like a stretch of so many steps: half as long at least."""
    return (steps + 1) // 2


@dataclass(frozen=True)
class Place:
    """A stretch of one sequence in which enough of the units are on at every step, as long as it goes.

    start, stop  steps of that sequence, `stop` excluded
    on           those of the units that are on throughout
    others       how many units besides are on throughout
    """

    sequence: int
    start: int
    stop: int
    on: tuple[int, ...]
    others: int

    @property
    def steps(self) -> int:
        """How long it is."""
        return self.stop - self.start


@dataclass(frozen=True, eq=False)
class Found:
    """Every place, the best first, as parallel arrays; `place` gives one of them.

    units       the units looked for; `least` of them had to be on at once
    sequence, start, stop   (places,)
    on          (places, chosen units) which of them are on throughout
    others      (places,) how many others are
    counts      (steps of all sequences,) how many of the units are on at each step
    """

    units: tuple[int, ...]
    least: int
    sequence: NDArray[np.int64]
    start: NDArray[np.int64]
    stop: NDArray[np.int64]
    on: NDArray[np.bool_]
    others: NDArray[np.int64]
    counts: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.start)

    def place(self, rank: int) -> Place:
        """The place of that rank, the best being 0."""
        on = tuple(unit for unit, flag in zip(self.units, self.on[rank].tolist(), strict=True) if flag)
        return Place(
            int(self.sequence[rank]), int(self.start[rank]), int(self.stop[rank]), on, int(self.others[rank])
        )


def find(
    codes: Codes,
    lengths: Sequence[int],
    rule: Rule,
    units: Sequence[int],
    *,
    least: int,
    steps: int,
    shortest: int = 1,
    leave_out: tuple[int, int, int] | None = None,
) -> Found:
    """The places of a data set at which at least `least` of `units` are on together, step after step.

    codes      (steps of all sequences one after another, units of the layer)
    lengths    steps of each sequence; no place goes from one into the next
    steps      how long the stretch was that the units came from
    shortest   steps that a place has at least
    leave_out  sequence, start and stop of that stretch itself, where it is among these: no place that
               overlaps it counts

    A place is as long as it can be. Best is where most of the units are on throughout; among those whose
    length is nearest to `steps`; then where fewest other units are on throughout; then the first.
    Raises ShapeError when the lengths do not add up, InputError for no units or a `least` out of range.
    """
    chosen = tuple(units)
    if sum(lengths) != len(codes):
        raise ShapeError(f"Lengths must add up to the {len(codes)} steps, got {sum(lengths)}.")
    if not chosen or len(set(chosen)) != len(chosen) or not 1 <= least <= len(chosen):
        raise InputError(
            f"Choose at least one unit, none twice, and look for 1 to {len(chosen)} of them, got "
            f"{len(chosen)} units and {least}."
        )
    counts = rule.on(codes[:, list(chosen)]).sum(axis=1)
    starts, stops = _runs(counts >= least, np.cumsum(lengths))
    ends = np.cumsum(lengths)
    sequence = np.searchsorted(ends, starts, side="right")
    first = (ends - np.asarray(lengths, dtype=np.int64))[sequence]
    kept = stops - starts >= shortest
    if leave_out is not None:
        own, begin, end = leave_out
        kept &= (sequence != own) | (stops - first <= begin) | (starts - first >= end)
    if not kept.all():
        starts, stops, sequence, first = starts[kept], stops[kept], sequence[kept], first[kept]
    through = _throughout(codes, starts, stops, rule)
    on = through[:, list(chosen)]
    others = through.sum(axis=1) - on.sum(axis=1)
    off_length = np.abs(stops - starts - steps)
    order = np.lexsort((starts, others, off_length, -on.sum(axis=1)))
    return Found(
        units=chosen,
        least=least,
        sequence=sequence[order],
        start=(starts - first)[order],
        stop=(stops - first)[order],
        on=on[order],
        others=others[order],
        counts=counts,
    )


def _runs(good: NDArray[np.bool_], ends: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """First step and the step after the last of each run of good steps, cut where a sequence ends."""
    before = np.concatenate(([False], good[:-1]))
    before[ends[:-1]] = False
    after = np.concatenate((good[1:], [False]))
    after[ends - 1] = False
    return np.flatnonzero(good & ~before), np.flatnonzero(good & ~after) + 1


def _throughout(
    codes: Codes, starts: NDArray[np.int64], stops: NDArray[np.int64], rule: Rule
) -> NDArray[np.bool_]:
    """(runs, units) whether a unit is on at every step of a run: by its lowest code, or its highest."""
    if not len(starts):
        return np.zeros((0, codes.shape[1]), dtype=np.bool_)
    # A run's steps and the gap behind it in turn; only the runs' own results are looked at.
    bounds = np.stack((starts, stops), axis=1).ravel()
    bounds = bounds[bounds < len(codes)]
    worst = np.minimum if rule.side == "above" else np.maximum
    return rule.on(worst.reduceat(codes, bounds, axis=0)[::2])
