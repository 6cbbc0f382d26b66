"""A page with nothing but the live cell and a few switches, for the browser tests and the benchmark.

MODE, ACTIVATION, UNITS, STEPS, READOUT (classes | numbers | none), HELD (blended | copy), SYMBOLS (one-hot |
rows | numbers), DIRECTION, EDITS, and STEP, UNIT and DEPTH to begin with come from the address.
"""

from typing import Any, cast

import streamlit as st

from gru_core.errors import LinkError
from gru_ui.components.cell import CellChoice, cell
from tests.browser.apps.cell_data import example
from tests.browser.apps.options import option

st.set_page_config(layout="wide")
top = st.columns(4)
other = top[0].toggle("the other reset mode", key="other")
order_step = top[1].button("step to 3", key="to3")
order_edits = top[2].button("hold Z", key="hold")
away = top[3].toggle("take the cell away", key="away")
st.session_state["runs"] = st.session_state.get("runs", 0) + 1

mode = option("MODE", "before")
if other:
    mode = "after" if mode == "before" else "before"
made = st.cache_resource(example, show_spinner=False)(
    mode=mode,
    activation=option("ACTIVATION", "sigmoid"),
    units=int(option("UNITS", "5")),
    steps=int(option("STEPS", "12")),
    readout=option("READOUT", "classes"),
    held=option("HELD"),
    symbols=option("SYMBOLS", "one-hot"),
    direction=option("DIRECTION", "forward"),
)
if order_step:
    st.session_state["step"] = 3
if order_edits:
    st.session_state["edits"] = "Z2_9_0.2_1"
edits = st.session_state.get("edits", option("EDITS"))
chosen = CellChoice(
    step=st.session_state.get("step", int(option("STEP", "0"))),
    unit=int(option("UNIT", "0")),
    depth=cast(Any, option("DEPTH", "box")),
    edits=edits,
)
if not away:
    try:
        event = cell(
            key="cell",
            cells=made.cells,
            chosen=chosen,
            summary="One cell of a made-up GRU",
            filename="made-up",
        )
    except LinkError as error:
        st.text(f"refused {error}")
    else:
        told = (event.step, event.unit, event.depth, event.lit or "-", event.edits or "-")
        st.text(f"event {' '.join(map(str, told))} runs {st.session_state['runs']}")
