"""Taking things home: the numbers, the picture, and the Python lines that give them again."""

import streamlit as st

from gru_core.export import figure_to_html, python_lines, trace_to_csv, trace_to_npz
from gru_core.figures.heatmaps import gate_heatmaps
from gru_ui.texts import say
from gru_ui.view import View


def save_row(view: View) -> None:
    """Buttons that save this view's numbers and picture; nothing is made before one is pressed."""
    name = f"{view.model.card.name}-{view.setting_name()}"
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="save_row"):
        st.download_button(
            say("save.npz"),
            lambda: trace_to_npz(view.traces()),
            file_name=f"{name}.npz",
            mime="application/octet-stream",
            on_click="ignore",
            icon=":material/download:",
        )
        st.download_button(
            say("save.csv"),
            lambda: trace_to_csv(view.traces(), view.ticks),
            file_name=f"{name}.csv",
            mime="text/csv",
            on_click="ignore",
            icon=":material/download:",
        )
        st.download_button(
            say("save.html"),
            lambda: figure_to_html(gate_heatmaps(view.trace, view.ticks, theme=theme())),
            file_name=f"{name}.html",
            mime="text/html",
            on_click="ignore",
            icon=":material/download:",
        )
        with st.popover(say("save.python"), icon=":material/code:"):
            st.caption(say("save.python_help"))
            st.code(python_code(view), language="python")
    st.caption(say("save.picture_hint"))


def theme() -> str:
    """ "light" or "dark", as the page is now."""
    return st.context.theme.type or "light"


def python_code(view: View) -> str:
    """The Python lines that reproduce the numbers of this view."""
    chosen = view.workspace
    example = (
        int(chosen.sequence.removeprefix("example.")) if chosen.sequence.startswith("example.") else None
    )
    return python_lines(view.model, view.sequence, view.overrides, model_name=chosen.model, example=example)
