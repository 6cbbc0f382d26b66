"""The page of gradient flow: does a gradient arrive, how fast does it fade, and by which route?"""

import numpy as np
import plotly.graph_objects as go
import streamlit as st
from numpy.typing import NDArray

from gru_core.analysis.flow_facts import all_rates, factor_text, flow_facts
from gru_core.analysis.flow_lines import FlowLine, Question
from gru_core.figures.flow import flow_figure
from gru_core.overrides import EXTREMES
from gru_ui import state
from gru_ui.gradients.beside import Beside, beside
from gru_ui.gradients.code import python_lines
from gru_ui.gradients.computed import Settings, lines_of
from gru_ui.language.core_tables import FLOW_FACTS, FLOW_FIGURE
from gru_ui.language.sentences import together
from gru_ui.look import theme
from gru_ui.meaning import Shown, close_view, open_view
from gru_ui.texts import say
from gru_ui.view import View

CHART = "gradients_chart"


def draw_page() -> None:
    """The whole page."""
    view = open_view("gradients")
    question = _controls(view)
    settings, now = _settings(view)
    others = beside(view)
    found = lines_of(view, settings, question, others, "gradients_lines")
    if found is None:
        return
    routes = _routes(view, found, question, now)
    if routes is None:
        return
    _show(view, question, found, routes, now, others)


def _controls(view: View) -> Question:
    """What is followed, and to which step; what cannot be asked of this model is said, not asked."""
    form, steps = state.workspace().gradients, view.trace.steps
    answers = view.model.readout is not None
    with st.container(horizontal=True, vertical_alignment="center", gap="medium", key="gradients_choices"):
        if answers:
            st.segmented_control(
                say("gradients.of"),
                ("state", "answer"),
                format_func=lambda name: say(f"gradients.of_{name}"),
                required=True,
                wrap=True,
                label_visibility="collapsed",
                **state.part_widget("gradients", "of"),
            )
        else:
            st.caption(say("gradients.no_readout"), width="content")
        if steps > 1:
            st.segmented_control(
                say("gradients.until"),
                ("last", "cursor"),
                format_func=lambda name: say(f"gradients.until_{name}"),
                required=True,
                wrap=True,
                label_visibility="collapsed",
                **state.part_widget("gradients", "until"),
            )
            if form.until == "cursor":
                at = min(state.workspace().cursor, steps - 1)
                tied = state.widget("cursor", where="gradients", shows=at)
                st.slider(
                    say("gradients.step"), 0, steps - 1, width=320, label_visibility="collapsed", **tied
                )
    last = min(state.workspace().cursor, steps - 1) if form.until == "cursor" and steps > 1 else None
    if form.of == "answer" and answers:
        return Question("answer", 0, last)
    return Question("state", view.layer, last)


def _settings(view: View) -> tuple[Settings, str]:
    """The gate settings by the names of their lines, and the name of the chosen one."""
    name = view.setting_name()
    settings = {**EXTREMES}
    return (settings, name) if name in settings else ({**settings, "now": view.overrides}, "now")


def _routes(view: View, found: dict[str, FlowLine], question: Question, now: str) -> FlowLine | None:
    """The routes of the chosen gates through the states of the chosen layer; None while a worker is at it."""
    if question.of == "state":
        return found[now]
    asked = Question("state", view.layer, question.last)
    made = lines_of(view, {now: view.overrides}, asked, Beside(), "gradients_routes")
    return None if made is None else made[now]


def _show(
    view: View, question: Question, found: dict[str, FlowLine], routes: FlowLine, now: str, others: Beside
) -> None:
    facts = flow_facts(found, now, routes, others.scores(view))
    sentences = tuple(fact.said_by(FLOW_FACTS) for fact in facts)
    text = together([fact.said_by(FLOW_FACTS) for fact in all_rates(found)])
    rates = {name: line.rate.per_step for name, line in found.items()}
    factors = {name: factor_text(factor) for name, factor in rates.items() if factor is not None}
    trace = view.trace

    def figure(look: str) -> go.Figure:
        return flow_figure(
            found,
            question.of,
            now,
            routes if len(routes.parts) else None,
            view.ticks,
            where=(trace.layer, trace.direction),
            factors=factors,
            text=text,
            theme=look,
            texts=FLOW_FIGURE,
        )

    drawn = figure(theme())
    about = drawn.layout.meta
    st.plotly_chart(drawn, theme=None, key=CHART, config={"displaylogo": False}, alt=about["text"])

    def numbers() -> dict[str, NDArray[np.float64]]:
        arrays = {f"log10_{name.replace(' ', '_')}": line.norms for name, line in found.items()}
        return arrays | {"log10_routes": routes.parts, "route_shares": routes.shares}

    close_view(
        view,
        "gradients",
        Shown(
            title=about["title"],
            figure=figure,
            sentences=(*sentences, *about["notes"]),
            numbers=numbers,
            code=python_lines(view, question),
            chart=CHART,
        ),
    )
