"""The page of one changed input: its ripple, or what an answer hangs on."""

from dataclasses import asdict, replace

import streamlit as st

from gru_core.analysis.change import InputChange
from gru_core.analysis.jacobian import ROUTES
from gru_core.analysis.ripple_facts import ripple_facts
from gru_core.analysis.ripple_work import Rippled, make_ripple, read_ripple, ripple_parcel, work_ripple
from gru_core.figures.ripple import ripple_figure
from gru_ui import cache, state
from gru_ui.components.ripple import Recorded, RippleChoice, ripple
from gru_ui.language.core_tables import RIPPLE_FACTS, RIPPLE_FIGURES
from gru_ui.language.sentences import together
from gru_ui.meaning import Shown, close_view, open_view, worked_out
from gru_ui.ripple.connectivity_page import draw_connectivity, pick_about
from gru_ui.ripple.form import LOOKS
from gru_ui.ripple.lines import ripple_lines
from gru_ui.ripple.what import change_of, live_gru, ripple_what
from gru_ui.texts import say
from gru_ui.view import View, file_name

HEIGHT = 500
"""Pixels: with the frame above, picture and sentence are on a projector's 768 lines."""

AT_ONCE = 60_000_000
"""Multiply-adds that a page does itself, a good half of a second; more are worked out elsewhere."""


def draw_page() -> None:
    """The whole page."""
    view = open_view("ripple")
    row = st.container(horizontal=True, vertical_alignment="bottom", gap="medium", key="ripple_looks")
    row.segmented_control(
        say("ripple.look"),
        LOOKS,
        format_func=lambda name: say(f"ripple.look_{name}"),
        required=True,
        label_visibility="collapsed",
        **state.part_widget("ripple", "look"),
    )
    if view.workspace.ripple.look == "connectivity":
        with row:
            about = pick_about(view)
        draw_connectivity(view, about)
    else:
        _draw_ripple(view)


def _draw_ripple(view: View) -> None:
    form = view.workspace.ripple
    wanted = RippleChoice(view.workspace.cursor, form.symbol, form.number, form.by, form.kind)
    what, live = ripple_what(view), live_gru(view)
    picture, under_way = st.container(), st.container()

    def record(now: RippleChoice) -> Recorded | None:
        with under_way:
            change = change_of(view, now)
            made = rippled(view, change)
        return None if made is None else Recorded(now, made.found, change.share, made.answers)

    with picture:
        now = ripple(
            key="ripple",
            chosen=wanted,
            what=what,
            live=live,
            record=None if live else record,
            summary=say("ripple.summary", units=view.trace.units, steps=view.trace.steps),
            filename=f"ripple-{file_name(view)}",
            height=HEIGHT,
            on_change=state.touched,
        )
    chosen = asdict(now)
    state.choose(cursor=chosen.pop("step"), ripple=replace(state.workspace().ripple, **chosen))
    change = change_of(view, now)
    with under_way:
        made = rippled(view, change)
    if made is not None:
        close_view(view, "ripple", _shown(view, change, made))


def rippled(view: View, change: InputChange) -> Rippled | None:
    """What becomes of a change in the chosen layer; None as long as it is worked out."""
    key = ("ripple", *view.key, view.layer, change.step, change.row.tobytes())
    gru, steps = view.model.gru, len(view.x)
    work = sum(
        steps * cell.weight_x.numel() + steps * cell.weight_h.numel()
        for cell in map(gru.cell, range(len(gru.cells)))
    )
    if work <= AT_ONCE:
        return cache.kept().get(
            key,
            lambda: make_ripple(
                view.model, view.x, view.overrides, layer=view.layer, step=change.step, row=change.row
            ),
            lambda made: made.nbytes,
        )
    return worked_out(
        "ripple_work",
        key,
        work_ripple,
        lambda: ripple_parcel(view.model, view.x, view.overrides, view.layer, change.step, change.row),
        read_ripple,
        size=lambda made: made.nbytes,
    )


def _shown(view: View, change: InputChange, made: Rippled) -> Shown:
    found = made.found
    answers = made.answers
    card = replace(view.model.card, outputs=tuple(map(view.in_words, view.model.card.outputs)))
    facts = ripple_facts(found, change, card, answers)
    sentences = tuple(each.said_by(RIPPLE_FACTS) for each in facts)
    texts = dict(RIPPLE_FIGURES)
    numbers = {name: getattr(found, name) for name in ("difference", *ROUTES)}
    if answers is not None:
        numbers |= {"answers_before": answers[0], "answers_after": answers[1]}
    return Shown(
        texts["title"],
        lambda look: ripple_figure(
            found, change, view.ticks, text=together(sentences), theme=look, texts=texts
        ),
        sentences,
        lambda: numbers,
        ripple_lines(view, change),
    )
