"""A page with nothing but the live heatmaps and a few switches, for the browser tests and the benchmark.

STEPS, UNITS, OUTPUTS (classes | numbers | none) and LABELS (letters | html) come from the address.
"""

import numpy as np
import streamlit as st

from gru_ui.components.heatmaps import HEATMAP_TEXTS, Outputs, Panel, heatmaps
from tests.browser.apps.heatmaps_data import example
from tests.browser.apps.options import option

STEPS = int(option("STEPS", "24"))
UNITS = int(option("UNITS", "16"))
HEIGHT = int(option("HEIGHT")) if option("HEIGHT") else None
KIND = option("OUTPUTS", "classes")
LABELS = option("LABELS", "letters")

st.set_page_config(layout="wide")
top = st.columns(4)
flipped = top[0].toggle("flip the gates", key="flip")
order_cursor = top[1].button("cursor to 3", key="to3")
short = top[2].toggle("shorter input", key="short")
away = top[3].toggle("take the picture away", key="away")
st.session_state["runs"] = st.session_state.get("runs", 0) + 1

steps = STEPS // 2 if short else STEPS
data = st.cache_resource(example, show_spinner=False)(steps, UNITS, flipped)
names = ("R", "Z", "H_tilde", "H")
titles = ("Reset gate", "Update gate", "Candidate", "Hidden state")
hints = (
    "0 hides the old state from the candidate, 1 shows all of it",
    "1 keeps the old state, 0 takes the candidate",
    "what the unit would write",
    "what the unit remembers",
)
letters = np.array(list("abcd_"))
ticks = letters[np.arange(steps) * 7 % 5].tolist()
if LABELS == "html":
    ticks[1] = '<img src=x onerror="window.hacked=1">'
outputs: Outputs | None = None
classes = (
    ("a", "b", "c", "d") if LABELS != "html" else ("<b>a</b>", "<script>window.hacked=1</script>", "c", "d")
)
if KIND == "classes":
    outputs = Outputs(
        "classes", classes, data["probabilities"], data["right"], note="the model's answer at every step"
    )
elif KIND == "numbers":
    outputs = Outputs("numbers", ("forecast",), data["numbers"], data["truth"], note="forecast and truth")

if order_cursor:
    st.session_state["wanted"] = 3
rng = np.random.default_rng(1)
if not away:
    event = heatmaps(
        key="picture",
        panels=[
            Panel(name, title, data[name], "gate" if name in "RZ" else "state", hint)
            for name, title, hint in zip(names, titles, hints, strict=True)
        ],
        ticks=ticks,
        outputs=outputs,
        orders={
            "index": range(UNITS),
            "time scale": np.argsort(data["Z"].mean(axis=0)).tolist(),
            "similarity": rng.permutation(UNITS).tolist(),
        },
        texts=HEATMAP_TEXTS,
        cursor=st.session_state.get("wanted"),
        height=HEIGHT,
        summary="Four heatmaps of a made-up GRU",
        filename="made-up",
    )
    st.text(f"event {event.cursor} {event.unit} {event.order} {event.window} runs {st.session_state['runs']}")
