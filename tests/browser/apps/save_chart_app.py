"""A page with two charts and the buttons that save them, for the browser tests."""

import streamlit as st

from gru_core.figures.heatmaps import gate_heatmaps
from gru_core.figures.lines import unit_lines
from gru_ui.components.save_chart import save_chart
from tests.support.handmade import random_trace

st.set_page_config(layout="wide")
trace = random_trace(time=12, units=5)
theme = st.context.theme.type or "light"
labels = list("abcdefghijk<")

gates = gate_heatmaps(trace, labels, theme=theme)
st.plotly_chart(gates, key="gates", theme=None)
save_chart(
    "gates",
    title=gates.layout.meta["title"],
    description=gates.layout.meta["text"],
    filename="my-gates",
    key="save_gates",
)
lines = unit_lines(trace, 2, labels, theme=theme)
st.plotly_chart(lines, key="lines", theme=None)
save_chart("lines", title=lines.layout.meta["title"], filename="lines", key="save_lines")
save_chart("missing", title="Nothing", filename="nothing", key="save_missing")
