"""Whose memory is this state? The ledger of the chosen layer: map, one row of it, the units by half-life."""

from functools import partial
from typing import Literal

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from gru_core.analysis.ledger_facts import ledger_facts
from gru_core.analysis.ledger_map import mean_row
from gru_core.analysis.ledger_work import Measured, measure, measure_parcel, read_measured, work_for
from gru_core.analysis.memory_age import HalfLives
from gru_core.analysis.parcels import pack
from gru_core.analysis.timescale import half_life
from gru_core.errors import GateScopeError
from gru_core.export.ledger_lines import ledger_lines
from gru_core.figures.ledger import ledger_figure
from gru_core.indices import parse_indices
from gru_ui import cache, state
from gru_ui.components.ledger import Row, ledger, ledger_choice
from gru_ui.language.core_tables import LEDGER_FACTS, LEDGER_FIGURES
from gru_ui.language.sentences import together, translated
from gru_ui.meaning import Shown, close_view, worked_out
from gru_ui.memory.form import MOST_TYPED, units_of, units_text
from gru_ui.saving import python_code
from gru_ui.texts import say
from gru_ui.view import View, file_name
from gru_ui.words import escape
from gru_ui.workspace import Workspace

KEY = "ledger"

SHORT = 40_000_000
"""Products that a page makes itself, a few tenths of a second; more of them are a worker's."""

HEIGHT, LAYERS = 455, 70
"""Pixels of the picture, and what the choice of a layer takes of them: all is on a projector's 768 lines."""


def show_memory(view: View) -> None:
    """The controls, the picture and the words of the page."""
    units = _choose(view)
    measured = _measured(view, units)
    if measured is None:
        return
    t, step = view.trace, _step(view)
    quantity = view.workspace.memory.quantity
    row = mean_row(t, step, units, quantity)
    labels = view.ticks if any(view.sequence.labels) else None
    sentences = tuple(
        fact.said_by(LEDGER_FACTS)
        for fact in ledger_facts(t, step, units, quantity=quantity, labels=labels, lives=measured.lives)
    )
    title = _title(view, units)
    ledger(
        key=KEY,
        found=measured.found,
        row=Row(step, row),
        ages=measured.ages,
        lives=measured.lives,
        by_mean=half_life(t),
        ticks=view.ticks,
        passage=view.sequence.symbolic,
        units=_typed(view.workspace),
        title=title,
        summary=together([title + say("language.stop"), *sentences]),
        filename=f"memory-{file_name(view)}",
        height=HEIGHT - LAYERS * (len(view.model.gru.cells) > 1),
        on_cursor=partial(_take_cursor, t.steps, t.units),
        on_units=partial(_take_units, t.steps, t.units),
    )
    texts, words = dict(LEDGER_FIGURES), dict(LEDGER_FACTS)
    shown = Shown(
        title,
        lambda look: ledger_figure(
            t,
            step,
            units,
            labels,
            quantity=quantity,
            shown=measured.found,
            lives=measured.lives,
            theme=look,
            texts=texts,
            sentences=words,
        ),
        sentences,
        numbers=lambda: _numbers(measured, row),
        code=ledger_lines(python_code(view), step, units, quantity),
    )
    if measured.found.bin > 1:
        st.caption(say("memory.binned", bin=measured.found.bin, steps=f"{t.steps:,}"))
    close_view(view, "memory", shown)


def _choose(view: View) -> tuple[int, ...]:
    """The controls; and the units they name, () for all."""
    with st.container(key="ledger_choices", horizontal=True, vertical_alignment="center", gap="small"):
        st.segmented_control(
            say("memory.quantity"),
            ("share", "content"),
            format_func=lambda name: say(f"memory.quantity_{name}"),
            required=True,
            label_visibility="collapsed",
            help=say("memory.quantity_help"),
            **state.part_widget("memory", "quantity"),
        )
        st.text_input(
            say("memory.units"),
            placeholder=say("memory.units_all", units=view.trace.units),
            max_chars=MOST_TYPED,
            label_visibility="collapsed",
            width=240,
            **state.widget("unit", where="ledger", shows=_typed(view.workspace), apply=with_units),
        )
        st.caption(say("memory.units_hint"), width="content")
    try:
        return units_of(_typed(view.workspace), view.trace.units)
    except GateScopeError as error:
        st.error(escape(translated(error)))
        return ()


def with_units(chosen: Workspace, text: str) -> Workspace:
    """The workspace in which these units are looked at; one alone is the unit of all pages."""
    try:
        found = parse_indices(text)
    except GateScopeError:
        found = ()
    if isinstance(found, tuple) and len(found) == 1 and found[0] >= 0:
        return chosen.but(unit=found[0]).with_part("memory", units="")
    return chosen.but(unit=-1).with_part("memory", units="" if found is None else text)


def _typed(chosen: Workspace) -> str:
    if chosen.memory.units:
        return chosen.memory.units
    return str(chosen.unit) if chosen.unit >= 0 else ""


def _step(view: View) -> int:
    """The step whose state is looked at: the cursor's; the last one where nobody has moved that yet."""
    last = view.trace.steps - 1
    if view.workspace.cursor == 0 and view.workspace.memory.state == "last":
        return last
    return min(view.workspace.cursor, last)


def _take_cursor(steps: int, units: int) -> None:
    event = ledger_choice(KEY, steps, units)
    state.touched()
    if event.cursor is not None:
        place: Literal["first", "last"] = "first" if event.cursor == 0 else "last"
        cursor = event.cursor
        state.change(lambda chosen: chosen.but(cursor=cursor).with_part("memory", state=place))


def _take_units(steps: int, units: int) -> None:
    event = ledger_choice(KEY, steps, units)
    state.touched()
    if event.units is not None:
        text = units_text(units_of(event.units, units))
        state.change(lambda chosen: with_units(chosen, text))


def _measured(view: View, units: tuple[int, ...]) -> Measured | None:
    """Map, ages and half-lives; None while a worker is at them."""
    t, quantity = view.trace, view.workspace.memory.quantity
    of_trace = (*view.key, view.layer)
    key = ("ledger", *of_trace, units, quantity)
    kept = cache.kept()
    lives: HalfLives | None = kept.find(("half_lives", *of_trace))
    if work_for(t, units, lives=lives) <= SHORT:
        found: Measured | None = kept.get(
            key, lambda: measure(t, units, quantity, lives=lives), lambda made: made.size
        )
    else:
        head = {"layer": view.layer, "units": list(units), "quantity": quantity}
        found = worked_out(
            "ledger",
            key,
            measure_parcel,
            lambda: pack(view.model.gru, view.x, view.overrides, **head),
            read_measured,
            size=lambda made: made.size,
        )
    if found is not None:
        measured = found
        kept.get(("half_lives", *of_trace), lambda: measured.lives, lambda made: made.steps.nbytes)
    return found


def _title(view: View, units: tuple[int, ...]) -> str:
    quantity, count = view.workspace.memory.quantity, view.trace.units
    if len(units) == 1:
        return say(f"memory.{quantity}_one", unit=units[0])
    if units and len(units) < count:
        return say(f"memory.{quantity}_some", chosen=len(units), units=count)
    return say(f"memory.{quantity}_all", units=count)


def _numbers(measured: Measured, row: NDArray[np.float64]) -> dict[str, NDArray[np.float64]]:
    return {
        "map": measured.found.values,
        "row": row,
        "mean_age": measured.ages,
        "half_life": measured.lives.steps,
    }
