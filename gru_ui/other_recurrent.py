"""LSTM and RNN layers of an uploaded file: chosen from a list, drawn when that is opened."""

import streamlit as st

from gru_core.errors import GateScopeError
from gru_core.formats import Inspection, OtherLayer
from gru_core.sequences import Sequence, plain_encoder
from gru_core.sequences.probes import probe_sequence
from gru_ui import state, view
from gru_ui.show_baseline import show_baseline
from gru_ui.texts import say


def show_recurrent(inspection: Inspection) -> None:
    """A place to open where there is such a layer; nothing where there is none."""
    layers = [layer for layer in inspection.others if layer.core is not None]
    if not layers:
        return
    opened = st.expander(say("contents.recurrent"), key="recurrent", on_change="rerun")
    if not opened.open:
        return
    with opened:
        number = 0
        if len(layers) > 1:
            number = st.selectbox(
                say("contents.recurrent_which"),
                range(len(layers)),
                format_func=lambda one: f"{layers[one].kind} {layers[one].name} {layers[one].sizes}",
                key="recurrent_which",
                width=400,
            )
        sequence, said = _sequence_for(layers[number])
        st.text(said)
        show_baseline(layers[number], sequence, key="baseline")


def _sequence_for(layer: OtherLayer) -> tuple[Sequence, str]:
    """The sequence in use where the layer can read it, else a probe; and which of the two it is."""
    width = 1 if layer.core is None else layer.core.input_size
    chosen = state.workspace()
    try:
        sequence, _ = view.sequence_of(chosen.sequence, view.model_of(chosen.model))
        plain_encoder(width).encode(sequence)
    except GateScopeError:
        return probe_sequence("impulse", width), say("contents.recurrent_probe", width=f"{width:,}")
    return sequence, say("contents.recurrent_own")
