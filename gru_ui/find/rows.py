"""Places as rows of labels, with how many of the units are on at each step."""

from collections.abc import Sequence as ListLike

import numpy as np

from gru_core.analysis.find import Found
from gru_core.sequences.sequence import Sequence
from gru_ui.components.find import PlaceRow

SHOWN = 12
"""Places in the list."""

SPELLED_AROUND, AROUND = 36, 6
"""Steps before and after a place that are shown: of single characters, and of words or numbers."""

LABEL = 12
"""Characters of a label that are shown."""

MOST_NUMBERS = 3
"""Numbers of one step that are shown."""

LONGEST = 3
"""Times as many steps of the place itself are shown; of a longer one the middle is left out."""


def is_spelled(sequence: Sequence) -> bool:
    """Whether its labels are single characters, read without gaps."""
    return sequence.symbolic and all(len(name) == 1 for name in sequence.names)


def labels_of(sequence: Sequence) -> tuple[str, ...]:
    """One text per step: its symbol or label; for a bare series, its numbers; else nothing."""
    if any(sequence.labels) or sequence.values.shape[1] > 1:
        return sequence.labels
    return tuple(_number(sequence, step) for step in range(len(sequence)))


def rows_of(found: Found, sequences: ListLike[Sequence], lengths: ListLike[int]) -> tuple[PlaceRow, ...]:
    """The best places, each with what stands around it."""
    firsts = np.concatenate(([0], np.cumsum(lengths)))
    best = range(min(len(found), SHOWN))
    return tuple(_row(found, rank, sequences, int(firsts[found.sequence[rank]])) for rank in best)


def _row(found: Found, rank: int, sequences: ListLike[Sequence], offset: int) -> PlaceRow:
    place = found.place(rank)
    sequence = sequences[place.sequence]
    around = SPELLED_AROUND if is_spelled(sequence) else AROUND
    most = LONGEST * around
    before = list(range(max(place.start - around, 0), place.start))
    after = list(range(place.stop, min(place.stop + around, len(sequence))))
    within = list(range(place.start, place.stop))
    cut = -1
    if place.steps > most:
        within = within[: most // 2] + within[-(most // 2) :]
        cut = len(before) + most // 2
    steps = [*before, *within, *after]
    labels = sequence.labels
    return PlaceRow(
        rank=rank,
        on=len(place.on),
        of=len(found.units),
        steps=place.steps,
        where=str(place.sequence),
        cells=tuple(labels[step][:LABEL] for step in steps),
        heat=tuple(
            round(share, 3)
            for share in (found.counts[[offset + step for step in steps]] / len(found.units)).tolist()
        ),
        first=len(before),
        last=len(before) + len(within),
        cut=cut,
        values=() if sequence.symbolic else tuple(_number(sequence, step) for step in steps),
    )


def _number(sequence: Sequence, step: int) -> str:
    """The numbers of a step, the first few of them."""
    values = [f"{value:.3g}" for value in sequence.values[step, :MOST_NUMBERS].tolist()]
    return " ".join([*values, "…"] if sequence.values.shape[1] > MOST_NUMBERS else values)
