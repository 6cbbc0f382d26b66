"""What stands where units are on together: a symbol that is there far more often than elsewhere, or an input
that differs, each beside what the whole data set has.
"""

from collections import Counter
from collections.abc import Sequence as ListLike
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from gru_core.analysis.find import Found
from gru_core.sequences.sequence import Sequence

Where = Literal["first", "before", "last", "after"]
WHERE: tuple[Where, ...] = get_args(Where)
LEAST = 3
"""Places there must be before anything is said of what stands there."""

MARK = '"'


@dataclass(frozen=True)
class Sign:
    """A symbol that stands at the places more often than anywhere.

    where   the first step of a place, the step before it, the last step, or the step after it
    count   how many of the `places` that have such a step have it there
    base    its share of all steps of the data set, in (0, 1]
    """

    where: Where
    symbol: str
    count: int
    places: int
    base: float

    @property
    def share(self) -> float:
        """Of the places."""
        return self.count / self.places

    @property
    def times(self) -> float:
        """How many times as often as over all steps."""
        return self.share / self.base


def sign_of(sequences: ListLike[Sequence], found: Found) -> Sign | None:
    """The most telling symbol: where its count times the log of how many times as often is largest.

    None for numbers, and where no symbol stands there more often than elsewhere at LEAST places or more.
    """
    if len(found) < LEAST or not all(sequence.symbolic for sequence in sequences):
        return None
    everywhere = Counter(label for sequence in sequences for label in sequence.labels)
    steps = everywhere.total()
    best, most = None, 0.0
    for where in WHERE:
        labels = [
            sequences[at].labels[step]
            for at, step in _steps(found, where)
            if 0 <= step < len(sequences[at].labels)
        ]
        for symbol, count in Counter(labels).items():
            sign = Sign(where, symbol, count, len(labels), everywhere[symbol] / steps)
            telling = count * float(np.log(sign.times))
            if count >= LEAST and telling > most + 1e-9:
                best, most = sign, telling
    return best


def _steps(found: Found, where: Where) -> list[tuple[int, int]]:
    steps = {
        "first": found.start,
        "before": found.start - 1,
        "last": found.stop - 1,
        "after": found.stop,
    }[where]
    return list(zip(found.sequence.tolist(), steps.tolist(), strict=True))


@dataclass(frozen=True)
class Inside:
    """How many places begin inside quotation marks, and what share of all steps is inside them."""

    count: int
    places: int
    base: float


def inside_of(sequences: ListLike[Sequence], found: Found) -> Inside | None:
    """Of texts with quotation marks; None for anything else, and of fewer than LEAST places.

    A mark that opens is outside, one that closes is inside. Each blank line ends what was left open.
    """
    texts = bool(sequences) and all(sequence.symbolic for sequence in sequences)
    if len(found) < LEAST or not texts or not any(MARK in sequence.labels for sequence in sequences):
        return None
    within = [inside_marks(sequence.labels) for sequence in sequences]
    count = sum(
        bool(within[at][step]) for at, step in zip(found.sequence.tolist(), found.start.tolist(), strict=True)
    )
    return Inside(count, len(found), float(np.concatenate(within).mean()))


def inside_marks(labels: ListLike[str]) -> NDArray[np.bool_]:
    """(steps,) whether each symbol stands between an opening quotation mark and the one that closes it."""
    inside = np.zeros(len(labels), dtype=np.bool_)
    is_open, blank = False, False
    for step, label in enumerate(labels):
        inside[step] = is_open
        if label == MARK:
            is_open = not is_open
        if label == "\n" and blank:
            is_open = False
        blank = label == "\n"
    return inside


@dataclass(frozen=True)
class Difference:
    """An input of numbers and its mean over the steps of all places, and over all steps."""

    name: str
    here: float
    everywhere: float


def difference_of(sequences: ListLike[Sequence], found: Found) -> Difference | None:
    """The input whose mean at the places differs most, by its standard deviation; None as above."""
    if len(found) < LEAST or any(sequence.symbolic for sequence in sequences):
        return None
    whole = np.concatenate([sequence.values for sequence in sequences]).astype(np.float64)
    ends = np.cumsum([len(sequence) for sequence in sequences])
    first = np.concatenate(([0], ends[:-1]))[found.sequence]
    marks = np.zeros(len(whole) + 1)
    np.add.at(marks, first + found.start, 1)
    np.add.at(marks, first + found.stop, -1)
    here = np.cumsum(marks)[:-1] > 0.5
    spread = whole.std(axis=0)
    off = np.abs(whole[here].mean(axis=0) - whole.mean(axis=0)) / np.where(spread > 0, spread, np.inf)
    most = int(off.argmax())
    return Difference(sequences[0].names[most], float(whole[here, most].mean()), float(whole[:, most].mean()))
