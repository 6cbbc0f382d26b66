"""What is searched: the model's data set read by its chosen layer, or the sequence that is shown."""

from collections.abc import Sequence as ListLike
from dataclasses import dataclass

from gru_core.analysis.find import Found, find, shortest_of
from gru_core.analysis.find_data import (
    Searched,
    most_steps,
    of_trace,
    parcel_of,
    read_parcel,
    search_work,
)
from gru_core.overrides import GateOverride
from gru_core.sequences.sequence import Sequence
from gru_core.tasks.to_search import sequences_of
from gru_ui import cache
from gru_ui.find.form import FindForm
from gru_ui.meaning import worked_out
from gru_ui.view import View

Choice = tuple[tuple[int, ...], int, int]
"""The units that are looked for, and the stretch they came from: start, and stop excluded."""


@dataclass(frozen=True, eq=False)
class Subject:
    """What is searched, and where its sequences come from.

    searched   None while it is being read
    is_here    whether it is the sequence that is shown
    """

    sequences: ListLike[Sequence]
    searched: Searched | None
    is_here: bool


def codes_here(view: View) -> Searched:
    """The sequence that is shown, as codes."""
    key = ("codes", *view.key, view.layer)
    return cache.kept().get(key, lambda: of_trace(view.trace), lambda made: made.nbytes)


def has_data(view: View) -> bool:
    """Whether the model has a data set, and its gates are held alike at all steps, so that it can be read."""
    return all(_everywhere(override) for override in view.overrides) and bool(_data(view))


def subject_of(view: View, form: FindForm) -> Subject:
    """What is searched; draws how reading it stands while it is read."""
    if form.within == "here" or not has_data(view):
        return Subject((view.sequence,), codes_here(view), True)
    model, overrides, layer = view.model, view.overrides, view.layer
    key = (cache.fingerprint(model), overrides, layer)
    searched = worked_out(
        "find_data",
        key,
        search_work,
        lambda: parcel_of(model, overrides, layer),
        read_parcel,
        size=lambda made: made.nbytes,
    )
    return Subject(_data(view), searched, False)


def look(view: View, form: FindForm, subject: Subject, choice: Choice) -> Found | None:
    """The places; None where no unit is chosen, or nothing has been read yet."""
    units, start, stop = choice
    searched = subject.searched
    if not units or searched is None:
        return None
    least = least_of(form, units)
    own = (0, start, stop) if subject.is_here else None

    def make() -> Found:
        codes = searched.codes[form.quantity]
        return find(
            codes,
            searched.lengths,
            form.rule,
            units,
            least=least,
            steps=stop - start,
            shortest=shortest_of(stop - start),
            leave_out=own,
        )

    about = (cache.fingerprint(view.model), view.overrides, view.layer)
    place = (view.x_fingerprint, own) if subject.is_here else ("data",)
    key = ("found", *about, *place, form.rule, units, least, stop - start)
    return cache.kept().get(key, make, _bytes)


def least_of(form: FindForm, units: tuple[int, ...]) -> int:
    """How many of the units must be on at once."""
    return min(form.need, len(units)) or len(units)


def _bytes(found: Found) -> int:
    arrays = (found.sequence, found.start, found.stop, found.on, found.others, found.counts)
    return sum(array.nbytes for array in arrays)


def _data(view: View) -> tuple[Sequence, ...]:
    model = view.model
    key = ("sequences_to_search", cache.fingerprint(model), model.card.name, model.card.title)
    return cache.kept().get(
        key,
        lambda: sequences_of(model, most_steps(model.gru)),
        lambda made: 1_000 + sum(sequence.values.nbytes + 60 * len(sequence) for sequence in made),
    )


def _everywhere(override: GateOverride) -> bool:
    """Whether an override is for all steps, which another sequence has as well."""
    return override.steps is None or override.steps == slice(None, None, None)
