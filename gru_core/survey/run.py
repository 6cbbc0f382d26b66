"""A survey from a stream of sequences: read here, counted in worker processes, on a cluster, or here."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, wait

from gru_core.errors import GateScopeError, InputError
from gru_core.jobs.futures import JobFuture, Jobs
from gru_core.model import SequenceModel
from gru_core.overrides import GateOverride, compile_overrides
from gru_core.sequences.sequence import Sequence as Steps
from gru_core.survey.chunks import ROWS, chunks
from gru_core.survey.inputs import Inputs, inputs_of
from gru_core.survey.statistics import MAX_REFUSED, About, Survey, merge
from gru_core.survey.tally import Tally, check_units
from gru_core.survey.work import (
    chunk_parcel,
    count,
    count_chunk,
    counts_of,
    places_of,
)

Named = tuple[str, Steps | GateScopeError]
"""A sequence with its name, or why it cannot be read."""

UNDER_WAY = 8
"""Chunks that are with the workers at a time, unless one says otherwise."""

SECONDS = 3_600.0
"""What counting one chunk may take."""


def survey(
    model: SequenceModel,
    sequences: Iterable[Named],
    overrides: Sequence[GateOverride] = (),
    *,
    jobs: Jobs | None = None,
    under_way: int = UNDER_WAY,
    in_order: bool = False,
    rows: int = ROWS,
    strict: bool = False,
    data: str = "",
    told: Callable[[int, int], None] = lambda sequences, steps: None,
) -> Survey:
    """Count the gates over all sequences; no more of them is held than is being counted.

    sequences  what `sequences_in` gives, or any pairs of a name and a Sequence (or an error)
    jobs       where they are counted; None: in this process. The result does not depend on it.
    under_way  chunks that are held and counted at a time
    in_order   a sequence's columns feed the model's inputs in their order, whatever they are called
    rows       sequences that are scanned together; a matter of speed alone
    strict     True raises the error of the first sequence that cannot be read or counted
    data       what the data are called
    told       called now and then with the sequences and steps counted so far

    A sequence that cannot be read or counted is left out, counted as left out, and named with the reason.
    Raises LimitError for a model with too many units, InputError where there is no sequence that can be used,
    JobError when the workers do not answer.
    """
    gru = model.gru
    check_units(len(gru.cells), gru.hidden_size)
    # A unit that does not exist is the setting's fault, a step that does not exist a sequence's.
    compile_overrides([_at_every_step(override) for override in overrides], steps=1, units=gru.hidden_size)
    settings = tuple(json.dumps(override.to_dict(), sort_keys=True) for override in overrides)
    about = About(gru.fingerprint(), settings, places_of(gru), model.card.title, (data,) if data else ())
    refused = _Refused(strict)
    total = Survey(about, Tally.empty(len(gru.cells), gru.hidden_size), 0, 0, 0, 0)
    pieces = chunks(_inputs(model, sequences, in_order, refused))
    parts = (
        (count(gru, chunk, overrides, rows=rows) for chunk in pieces)
        if jobs is None
        else _by(jobs, model, pieces, overrides, rows, under_way)
    )
    for part in parts:
        if part.refused and strict:
            name, why = part.refused[0]
            raise InputError(f"{name}: {why}")
        total = merge([total, _of(part, about)])
        told(total.sequences, total.steps)
    total = merge([total, refused.survey(total)])
    if not total.sequences:
        if not total.refused:
            raise InputError("There is no sequence in these data: give at least one.")
        name, why = total.refused[0]
        raise InputError(f"No sequence of these data can be used; {name}: {why}")
    return total


def _at_every_step(override: GateOverride) -> GateOverride:
    """The override at every step."""
    plain = override.to_dict()
    plain.pop("steps", None)
    return GateOverride.from_dict(plain)


class _Refused:
    """The sequences that cannot be read: how many, and the first by name."""

    def __init__(self, strict: bool) -> None:
        self._strict = strict
        self._count = 0
        self._first: list[tuple[str, str]] = []

    def add(self, name: str, error: GateScopeError) -> None:
        if self._strict:
            raise type(error)(f"{name}: {error}")
        self._count += 1
        self._first = sorted([*self._first, (name, str(error))])[:MAX_REFUSED]

    def survey(self, like: Survey) -> Survey:
        """A survey of nothing but these."""
        nothing = Tally.empty(*like.tally.low.shape[1:])
        return Survey(like.about, nothing, 0, 0, 0, 0, self._count, tuple(self._first))


def _inputs(
    model: SequenceModel, sequences: Iterable[Named], in_order: bool, refused: _Refused
) -> Iterator[Inputs]:
    for name, found in sequences:
        if isinstance(found, GateScopeError):
            refused.add(name, found)
            continue
        try:
            columns = found.names if in_order and not found.symbolic else None
            yield inputs_of(model, found, name, columns)
        except GateScopeError as error:
            refused.add(name, error)


def _of(part: Survey, about: About) -> Survey:
    return Survey(
        about,
        part.tally,
        part.sequences,
        part.steps,
        part.shortest,
        part.longest,
        part.left_out,
        part.refused,
    )


def _by(
    jobs: Jobs,
    model: SequenceModel,
    pieces: Iterator[list[Inputs]],
    overrides: Sequence[GateOverride],
    rows: int,
    under_way: int,
) -> Iterator[Survey]:
    """The counts of the chunks, in the order in which they are done."""
    about = About("", (), places_of(model.gru))
    waiting: set[JobFuture] = set()
    try:
        for chunk in pieces:
            parcel = chunk_parcel(model.gru, overrides, chunk, rows)
            waiting.add(jobs.submit(count_chunk, parcel, seconds=SECONDS))
            while len(waiting) >= under_way:
                done, _ = wait(waiting, return_when=FIRST_COMPLETED)
                for future in done:
                    waiting.discard(future)
                    yield counts_of(future.result(), about)
        while waiting:
            done, _ = wait(waiting, return_when=FIRST_COMPLETED)
            for future in done:
                waiting.discard(future)
                yield counts_of(future.result(), about)
    finally:
        for future in waiting:
            if not future.cancel():
                future.command("stop")
