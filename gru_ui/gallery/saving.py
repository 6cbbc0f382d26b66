"""Taking a run of the gallery home, or to the other pages."""

from functools import partial

import streamlit as st

from gru_core.export import trace_to_csv, trace_to_npz
from gru_core.export.table import MAX_ROWS
from gru_ui import state, view
from gru_ui.gallery.as_model import reference_of
from gru_ui.gallery.python_code import run_code
from gru_ui.gallery.shown import Shown
from gru_ui.navigation import page_file
from gru_ui.saving import download
from gru_ui.texts import say


def draw_saving(shown: Shown) -> None:
    """Buttons that save the numbers of the GRU that is shown; nothing is made before one is pressed."""
    part = shown.part
    name = f"{shown.entry.name}-{shown.form.gates}"
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="save_row"):
        if st.button(
            say("gallery.on_gates"),
            icon=":material/grid_on:",
            help=say("gallery.on_gates_help"),
            on_click=partial(_take, reference_of(shown), shown.form.gates),
            key="on_gates",
        ):
            st.switch_page(page_file("gates"))
        download("npz", lambda: trace_to_npz(part.traces), name)
        if sum(t.steps * t.units for t in part.traces) <= MAX_ROWS:
            download("csv", lambda: trace_to_csv(part.traces, part.tokens), name)
        opened = st.popover(say("save.python"), icon=":material/code:", on_change="rerun", key="python")
        if opened.open:
            opened.caption(say("gallery.python_help"))
            opened.code(run_code(shown), language="python", wrap_lines=True)
    st.caption(say("save.picture_hint"))


def _take(reference: str, gates: str) -> None:
    """The GRU that is shown as the model of every page, on what it read here."""
    state.touched()
    state.remember_upload(reference, view.trained_title(reference))
    state.change(lambda chosen: view.with_model(chosen, reference).with_gates(gates))
