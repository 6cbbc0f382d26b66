"""The gates of the view painted step by step, on every page with the frame."""

import streamlit as st

from gru_core.analysis.jacobian import StepDerivatives, influence
from gru_ui import cache, state
from gru_ui.components.paint import Strip, paint, painted
from gru_ui.texts import say
from gru_ui.view import View

KEY = "brush"

MOST_STEPS = 400
"""Longest sequence that is painted by hand: a cell per step, and a screen scrolls only so far."""

MOST_PRODUCTS = 200_000_000
"""Steps times the cube of the units up to which each stroke shows its influence on the last state."""


def draw_brush(view: View) -> None:
    """The rows of R and Z to paint, and what then reaches the last state where that is quickly known."""
    trace = view.trace
    if trace.steps > MOST_STEPS:
        st.info(say("paint.too_long", steps=trace.steps, most=MOST_STEPS))
        return

    def changed() -> None:
        now = painted(KEY)
        state.touched()
        state.clear_messages()
        if now is not None:
            state.change(lambda chosen: chosen.painted(now))

    labels = view.ticks if any(view.ticks) else [""] * trace.steps
    paint(
        key=KEY,
        painting=view.workspace.painting,
        labels=labels,
        means={"R": trace.R[0].mean(axis=-1), "Z": trace.Z[0].mean(axis=-1)},
        strip=_strip(view),
        summary=say("paint.summary", steps=trace.steps),
        on_change=changed,
    )


def _strip(view: View) -> Strip | None:
    """Shares of all influence on the last state; None for a stack, a large one, or a backward one."""
    gru, trace = view.model.gru, view.trace
    if len(gru.cells) > 1 or gru.backwards or trace.steps * trace.units**3 > MOST_PRODUCTS:
        return None

    def make() -> Strip:
        found = influence(StepDerivatives(gru, trace, view.overrides))
        whole = float(found.start[0] + found.input[0].sum())
        if whole == 0:
            return Strip(0.0, [0.0] * trace.steps)
        return Strip(float(found.start[0]) / whole, (found.input[0] / whole).tolist())

    return cache.kept().get(("influence", *view.key), make, lambda _: 64 * trace.steps)
