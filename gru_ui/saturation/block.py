"""The saturation of a view: what can be chosen, the picture, and what is said of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import numpy as np
import plotly.graph_objects as go
import streamlit as st
from numpy.typing import NDArray

from gru_core.analysis.saturation_facts import saturation_facts
from gru_core.errors import GateScopeError
from gru_core.export.saturation_lines import saturation_lines
from gru_core.figures.saturation import saturation_figure, square_figure, time_scale_figure
from gru_core.survey import Survey
from gru_ui import cache, state
from gru_ui.language.core_tables import SATURATION_FACTS, SATURATION_FIGURE
from gru_ui.language.sentences import together, translated
from gru_ui.look import theme
from gru_ui.meaning import Shown
from gru_ui.saturation.bring import bring_survey, show_brought
from gru_ui.saturation.counted import kind_of_data, survey_brought, survey_of_model, survey_of_view
from gru_ui.saturation.form import OVER, SHOWS, SaturationForm
from gru_ui.saving import python_code
from gru_ui.texts import say
from gru_ui.view import View
from gru_ui.words import escape

HEIGHT: Final = 390
"""Pixels: with the frame above, the picture and its sentence are on a projector's 768 lines."""

CHART: Final = "saturation_chart"

MOST_LISTED: Final = 512
"""Units that are offered in a list; of more, one is chosen by its dot or in the link."""

_FIGURES: Final[dict[str, Callable[..., go.Figure]]] = {
    "saturation": saturation_figure,
    "times": time_scale_figure,
    "square": square_figure,
}


def show_saturation(view: View) -> Shown | None:
    """Draws the controls and the picture, and gives what can be said; None as long as nothing is counted."""
    form = view.workspace.saturation
    over = form.over if form.over != "data" or kind_of_data(view) else OVER[0]
    _controls(view, form, over)
    try:
        found = _found(view, form, over)
    except GateScopeError as error:
        st.info(escape(translated(error)))
        if over == "file":
            bring_survey()
        return None
    if found is None:
        return None
    cell = view.layer if view.layer < len(found.about.places) else 0
    unit = view.workspace.unit if view.workspace.unit < found.units else -1
    facts = saturation_facts(found, cell, unit)
    sentences = tuple(fact.said_by(SATURATION_FACTS) for fact in facts)
    make, text = _FIGURES[form.shows], together(sentences)
    words = dict(SATURATION_FIGURE)

    def figure(look: str) -> go.Figure:
        return make(found, cell=cell, unit=unit, theme=look, height=HEIGHT, text=text, texts=words)

    st.plotly_chart(
        figure(theme()),
        theme=None,
        key=CHART,
        config={"displaylogo": False, "displayModeBar": False},
        alt=text,
        on_select=_chosen_dot if form.shows != "square" else "ignore",
        selection_mode="points",
    )
    return Shown(
        title=words[f"{form.shows} title"],
        figure=figure,
        sentences=sentences,
        numbers=lambda: _numbers(found),
        code=saturation_lines(python_code(view), over, view.overrides),
        chart=CHART,
    )


def _controls(view: View, form: SaturationForm, over: str) -> None:
    data = kind_of_data(view)
    with st.container(horizontal=True, gap="medium", vertical_alignment="bottom", key="saturation_controls"):
        st.selectbox(
            say("saturation.over"),
            [name for name in OVER if name != "data" or data],
            format_func=lambda name: say(
                f"saturation.over_{name}" if name != "data" else f"saturation.over_{data}"
            ),
            label_visibility="collapsed",
            width=290,
            **state.part_widget("saturation", "over", shows=over),
        )
        st.selectbox(
            say("saturation.shows"),
            SHOWS,
            format_func=lambda name: say(f"saturation.shows_{name}"),
            label_visibility="collapsed",
            width=250,
            **state.part_widget("saturation", "shows"),
        )
        units = view.trace.units
        if units <= MOST_LISTED:
            shown = view.workspace.unit if view.workspace.unit < units else -1
            st.selectbox(
                say("saturation.unit"),
                range(-1, units),
                format_func=lambda unit: say(f"saturation.{'no' if unit < 0 else 'one'}_unit", unit=unit),
                label_visibility="collapsed",
                width=160,
                **state.widget("unit", where="saturation", shows=shown),
            )


def _found(view: View, form: SaturationForm, over: str) -> Survey | None:
    if over == "sequence":
        return survey_of_view(view)
    if over == "data":
        return survey_of_model(view)
    upload = survey_brought(form.survey)
    if upload is None:
        bring_survey()
        return None
    show_brought(upload, of_this_model=upload.survey.about.fingerprint == cache.fingerprint(view.model))
    return upload.survey


def _chosen_dot() -> None:
    """A dot was clicked on: its unit is the chosen one, its layer the shown one."""
    event: Any = state.field(CHART)
    points = event.selection.points if event is not None else []
    if not points or "customdata" not in points[0]:
        return
    cell, unit = points[0]["customdata"]
    state.touched()
    state.choose(layer=int(cell), unit=int(unit))


def _numbers(found: Survey) -> dict[str, NDArray[Any]]:
    shares = {
        f"{gate}_{side}": share(gate)
        for gate in "RZ"
        for side, share in (
            ("below", found.left_saturated),
            ("above", found.right_saturated),
            ("mean", found.mean),
        )
    }
    return shares | {
        "time_scale": found.time_scale(),
        "square": found.tally.square,
        "unit_square": found.tally.unit_square,
        "steps": np.array(found.steps),
        "sequences": np.array(found.sequences),
    }
