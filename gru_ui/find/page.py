"""The page Find: brush, see which units are on, and where else they are on together."""

from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import streamlit as st

from gru_core.analysis.fact import Fact
from gru_core.analysis.find import QUANTITIES, SIDES, Found
from gru_core.analysis.find_facts import Brushed, brushed_facts, found_facts
from gru_core.errors import GateScopeError
from gru_core.export.find_lines import find_lines
from gru_core.figures.find import find_figure
from gru_core.limits import MAX_FIND_STEPS
from gru_core.symbols import SYMBOLS
from gru_ui import state
from gru_ui.components.find import Places, find_picture, opened, settled
from gru_ui.find.form import WITHIN, FindForm, changes_of, numbers
from gru_ui.find.rows import is_spelled, labels_of, rows_of
from gru_ui.find.searching import Subject, codes_here, has_data, least_of, look, subject_of
from gru_ui.language.core_tables import FIND_FACTS, FIND_FIGURE
from gru_ui.language.sentences import together
from gru_ui.meaning import Shown, close_view, open_view
from gru_ui.navigation import page_file
from gru_ui.saving import python_code
from gru_ui.store import keep_sequence
from gru_ui.texts import say
from gru_ui.view import View

KEY = "find_picture"


@dataclass(frozen=True, eq=False)
class Seen:
    """What stands on the page: what was brushed, what was searched, what was found, and both in words."""

    form: FindForm
    brushed: Brushed
    subject: Subject
    found: Found | None
    said_here: tuple[str, ...]
    said_there: tuple[str, ...]

    @property
    def sentences(self) -> tuple[str, ...]:
        """Everything that is said."""
        return (*self.said_here, *self.said_there)


def draw_find() -> None:
    """The whole page."""
    view = open_view("find")
    searchable = has_data(view)
    _controls(searchable)
    form = state.workspace().find
    picture = st.container()
    seen = _seen(view, form)
    if state.was_asked("open_place"):
        _open(seen, opened(KEY))
    with picture:
        _picture(view, seen)
    if not searchable and form.within == "data":
        st.caption(say("find.only_here"))
    close_view(view, "find", _shown(view, seen))


def _controls(searchable: bool) -> None:
    with st.container(key="find_controls", horizontal=True, vertical_alignment="bottom", gap="medium"):
        st.segmented_control(
            say("find.quantity"),
            QUANTITIES,
            format_func=lambda name: SYMBOLS[name].label,
            required=True,
            help=say("find.quantity_help"),
            **state.part_widget("find", "quantity"),
        )
        st.segmented_control(
            say("find.side"),
            SIDES,
            format_func=lambda side: say(f"find.side_{side}"),
            required=True,
            help=say("find.side_help"),
            **state.part_widget("find", "side"),
        )
        if searchable:
            st.segmented_control(
                say("find.within"),
                WITHIN,
                format_func=lambda where: say(f"find.within_{where}"),
                required=True,
                help=say("find.within_help", steps=f"{MAX_FIND_STEPS:,}"),
                **state.part_widget("find", "within"),
            )
        st.toggle(say("find.edges"), help=say("find.edges_help"), **state.part_widget("find", "edges"))


def _seen(view: View, form: FindForm) -> Seen:
    codes = codes_here(view).codes[form.quantity]
    start, stop = form.stretch(codes)
    on = form.units_on(codes, (start, stop))
    brushed = Brushed(codes, form.rule, start, stop, on, form.chosen(on, codes.shape[1]))
    subject = subject_of(view, form)
    found = look(view, form, subject, (brushed.chosen, start, stop))
    here = brushed_facts(brushed, labels_of(view.sequence), SYMBOLS[form.quantity].label)
    there: tuple[Fact, ...] = ()
    if found is not None and subject.searched is not None:
        there = found_facts(found, subject.searched.lengths, subject.sequences)
    return Seen(form, brushed, subject, found, _said(here), _said(there))


def _said(facts: tuple[Fact, ...]) -> tuple[str, ...]:
    return tuple(fact.said_by(FIND_FACTS) for fact in facts)


def _picture(view: View, seen: Seen) -> None:
    form, brushed = seen.form, seen.brushed
    find_picture(
        key=KEY,
        subject=str(hash((view.key, view.layer, form.quantity))),
        codes=brushed.codes,
        labels=labels_of(view.sequence),
        rule=form.rule,
        edges=form.edges,
        choice={
            "start": brushed.start,
            "stop": brushed.stop,
            "threshold": form.rule.threshold,
            "add": list(numbers(form.add)),
            "drop": list(numbers(form.drop)),
            "need": form.need,
        },
        places=_places(seen),
        spelled=is_spelled(view.sequence),
        summary=together(list(seen.sentences)),
        on_change=partial(_take, *brushed.codes.shape),
        on_open=_asked,
    )


def _places(seen: Seen) -> Places:
    found, searched = seen.found, seen.subject.searched
    if searched is None:
        return Places(say("find.reading"))
    if found is None:
        return Places()
    if not len(found):
        return Places(say("find.no_places"))
    rows = rows_of(found, seen.subject.sequences, searched.lengths)
    key = "find.places_all" if len(rows) == len(found) else "find.places_best"
    heading = say(key, count=f"{len(found):,}", shown=len(rows)) if len(found) > 1 else say("find.place_one")
    # The first sentence counts the places, as the heading does; the others say what stands there.
    return Places(heading, together(list(seen.said_there[1:])), rows)


def _take(steps: int, units: int) -> None:
    """What the person settled on, as far as it makes sense."""
    changes = changes_of(settled(KEY), steps, units)
    state.touched()
    state.clear_messages()
    if changes:
        state.change(lambda chosen: chosen.with_part("find", **changes))


def _asked() -> None:
    state.touched()
    state.ask("open_place")


def _open(seen: Seen, rank: int | None) -> None:
    """Shows a place on the page Gates: its sequence is the one that is read then, the cursor at its start."""
    found, subject = seen.found, seen.subject
    if rank is None or found is None or rank >= len(found):
        return
    place = found.place(rank)
    if not subject.is_here:
        title = say("find.place_title", number=place.sequence + 1)
        try:
            reference = keep_sequence(subject.sequences[place.sequence], title)
        except GateScopeError as error:
            state.tell(str(error))
            return
        state.remember_upload(reference, title)
        state.choose(sequence=reference)
    state.choose(cursor=place.start)
    st.switch_page(page_file("gates"))


def _shown(view: View, seen: Seen) -> Shown:
    brushed, found, subject = seen.brushed, seen.found, seen.subject
    # Made when a button is pressed, and nobody's page is being drawn then.
    texts, text = dict(FIND_FIGURE), together(list(seen.sentences))

    def figure(theme: str) -> Any:
        return find_figure(
            view.trace,
            brushed,
            labels_of(view.sequence),
            found,
            [labels_of(sequence) for sequence in subject.sequences],
            lengths=() if subject.searched is None else subject.searched.lengths,
            text=text,
            theme=theme,
            texts=texts,
        )

    def arrays() -> dict[str, np.ndarray]:
        made: dict[str, np.ndarray] = {"on": np.array(brushed.on), "units": np.array(brushed.chosen)}
        if found is not None:
            made |= {"sequence": found.sequence, "start": found.start, "stop": found.stop}
            made |= {"units_on": found.on, "others": found.others}
        return made

    code = find_lines(
        python_code(view),
        brushed.rule,
        brushed.chosen,
        (brushed.start, brushed.stop),
        least=least_of(seen.form, brushed.chosen),
        layer=view.layer,
        overrides=view.overrides,
        here=subject.is_here,
    )
    title = say("find.title", name=SYMBOLS[seen.form.quantity].label)
    return Shown(title=title, figure=figure, sentences=seen.sentences, numbers=arrays, code=code)
