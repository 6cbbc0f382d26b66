"""An LSTM or RNN of a person's file on their sequence: its gates and states, as the GRU's are shown."""

import io

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from gru_core.errors import GateScopeError
from gru_core.export import baseline_arrays, figure_to_html
from gru_core.figures.baselines import baseline_heatmaps
from gru_core.formats import OtherLayer
from gru_core.limits import check_trace_size
from gru_core.sequences import Sequence
from gru_core.sequences.encoders import plain_encoder
from gru_ui import cache
from gru_ui.components.save_chart import save_chart
from gru_ui.language.catalogue import LANGUAGES
from gru_ui.language.core_tables import FIGURE_TEXTS
from gru_ui.language.reader import language
from gru_ui.language.sentences import together, translated
from gru_ui.look import theme
from gru_ui.saving import download
from gru_ui.texts import say
from gru_ui.words import escape


def show_baseline(
    layer: OtherLayer,
    sequence: Sequence,
    x: NDArray[np.float32] | None = None,
    *,
    columns: tuple[str, ...] | None = None,
    key: str = "baseline",
) -> None:
    """Draw what a found LSTM or RNN does on a sequence, with a choice of its layers; or say why it cannot.

    layer    one of `Inspection.others`; without a `core` its note is shown
    x        (time, inputs) what it reads, where the page has made that from the sequence; else its columns
    columns  those that feed its inputs, in order; all where None
    key      begins the keys of the widgets: letters, digits, _ and -
    """
    core, name = layer.core, layer.name or layer.kind
    if core is None:
        st.info(escape(say("baseline.no_core", kind=layer.kind, name=name, note=translated(layer.note))))
        return
    try:
        inputs = plain_encoder(core.input_size).encode(sequence, columns) if x is None else x
        check_trace_size(len(inputs), core.hidden_size, core.num_layers * (1 + core.bidirectional))
        traces = cache.baseline_traces(core, inputs, layer.backwards)
    except GateScopeError as error:
        st.info(escape(together([say("baseline.unfit", kind=layer.kind, name=name), translated(error)])))
        return
    chosen = 0
    if len(traces) > 1:
        places = [
            say("baseline.place", layer=t.layer, direction=say(f"baseline.{t.direction}")) for t in traces
        ]
        chosen = st.segmented_control(
            say("baseline.layer"),
            range(len(traces)),
            format_func=places.__getitem__,
            default=0,
            required=True,
            key=f"{key}_layer",
        )
    figure = baseline_heatmaps(traces[chosen], sequence.labels, theme=theme(), texts=FIGURE_TEXTS)
    about = figure.layout.meta
    st.plotly_chart(figure, theme=None, key=f"{key}_chart", config={"displaylogo": False}, alt=about["text"])
    for line in (
        about["text"],
        about["how"],
        *about["notes"],
        *((translated(layer.note),) if layer.note else ()),
    ):
        st.text(line)
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"{key}_save"):
        save_chart(f"{key}_chart", title=about["title"], filename=key, key=f"{key}_picture")
        tag = LANGUAGES[language()].tag
        download("html", lambda: figure_to_html(figure, tag), key)

        def numbers() -> bytes:
            buffer = io.BytesIO()
            np.savez(buffer, **baseline_arrays(traces))
            return buffer.getvalue()

        download("npz", numbers, key)
