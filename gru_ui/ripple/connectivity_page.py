"""What an answer hangs on: each symbol of the sequence behind its connectivity."""

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from gru_core.analysis.connectivity_facts import connectivity_facts
from gru_core.analysis.fact import visible
from gru_core.analysis.ripple_work import (
    connectivity_parcel,
    make_connectivity,
    read_connectivity,
    work_connectivity,
)
from gru_core.figures.ripple import connectivity_figure
from gru_ui import cache, state
from gru_ui.components.connectivity import connectivity
from gru_ui.language.core_tables import CONNECTIVITY_FACTS, RIPPLE_FIGURES
from gru_ui.language.sentences import together
from gru_ui.meaning import Shown, close_view, worked_out
from gru_ui.ripple.lines import connectivity_lines
from gru_ui.texts import say
from gru_ui.view import View

AT_ONCE = 100_000_000
"""Multiply-adds that a page does itself, a good half of a second; more are worked out elsewhere."""

HEIGHT = 430
"""Pixels, at most; a longer sequence is scrolled."""


def draw_connectivity(view: View, about: int | None) -> None:
    """The text with its backgrounds, and what is said of it."""
    step = _asked(view)
    picture, under_way = st.container(), st.container()
    with under_way:
        strength = connected(view, step, about)
    if strength is None:
        return
    facts = connectivity_facts(strength, step, view.ticks)
    sentences = (_asked_sentence(view, step, about), *(each.said_by(CONNECTIVITY_FACTS) for each in facts))
    texts = dict(RIPPLE_FIGURES)
    with picture:
        connectivity(
            key="connectivity",
            strength=strength,
            labels=view.ticks,
            asked=step,
            summary=together(sentences),
            height=HEIGHT,
            on_ask=_ask,
        )
    close_view(
        view,
        "ripple",
        Shown(
            texts["connectivity title"],
            lambda look: connectivity_figure(
                strength, step, view.ticks, text=together(sentences), theme=look, texts=texts
            ),
            sentences,
            lambda: {"strength": strength},
            connectivity_lines(view, step, about),
        ),
    )


def connected(view: View, step: int, about: int | None) -> NDArray[np.float64] | None:
    """The connectivity of every step; None as long as it is worked out."""
    gru, steps = view.model.gru, len(view.x)
    key = ("connectivity", *view.key, view.layer if view.model.readout is None else -1, step, about)
    rows = 1 if about is not None else _outputs(view)
    cells = map(gru.cell, range(len(gru.cells)))
    work = rows * steps * sum(cell.weight_x.numel() + 2 * cell.weight_h.numel() for cell in cells)
    given = (view.model, view.x, view.overrides)
    if work <= AT_ONCE:
        return cache.kept().get(
            key,
            lambda: make_connectivity(*given, layer=view.layer, step=step, about=about),
            lambda made: made.nbytes,
        )
    return worked_out(
        "connectivity_work",
        key,
        work_connectivity,
        lambda: connectivity_parcel(*given, view.layer, step, about),
        read_connectivity,
    )


def _ask(step: int) -> None:
    state.touched()
    state.clear_messages()
    state.change(lambda chosen: chosen.with_part("ripple", asked=step))


def _outputs(view: View) -> int:
    if view.model.readout is None:
        return view.model.gru.hidden_size
    return view.model.readout.out_features


def _asked(view: View) -> int:
    """The step that is asked about: the chosen one, or the last that is read."""
    asked, steps = view.workspace.ripple.asked, len(view.x)
    if 0 <= asked < steps:
        return asked
    backward = view.model.readout is None and view.trace.direction == "backward"
    return 0 if backward else steps - 1


def pick_about(view: View) -> int | None:
    """Which output, or unit, is asked about; None for all."""
    names = [say("ripple.about_unit", unit=unit) for unit in range(_outputs(view))]
    whole = say("ripple.about_state", layer=view.trace.layer, direction=say(f"frame.{view.trace.direction}"))
    if view.model.readout is not None:
        names = [
            say("ripple.about_output", name=visible(view.in_words(name))) for name in view.model.card.outputs
        ]
        whole = say("ripple.about_answer")
    chosen = view.workspace.ripple.about
    shows = chosen if 0 <= chosen < len(names) else -1
    if len(names) == 1:
        return 0
    st.selectbox(
        say("ripple.about"),
        range(-1, len(names)),
        format_func=lambda index: names[index] if index >= 0 else whole,
        width=340,
        label_visibility="collapsed",
        **state.part_widget("ripple", "about", shows=shows),
    )
    return None if shows < 0 else shows


def _asked_sentence(view: View, step: int, about: int | None) -> str:
    answers = view.answers()
    if answers is None:
        key = "ripple.asked_state" if about is None else "ripple.asked_unit"
        return say(key, step=step, unit=about)
    if view.model.card.answer == "class":
        best = int(answers[step].argmax())
        name = visible(view.in_words(view.model.card.outputs[best]))
        return say("ripple.asked_class", step=step, name=name, share=f"{answers[step, best]:.1%}")
    values = ", ".join(f"{value:.4g}" for value in answers[step, :4])
    return say("ripple.asked_number", step=step, values=values)
