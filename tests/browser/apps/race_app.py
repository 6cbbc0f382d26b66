"""A page with nothing but a race, for the browser tests.

LANES says how many, NAMES (with | in between) what they are called, DELAY what the gradient must cross; LIVE
(seconds) feeds them, 50 updates at a time.
"""

from dataclasses import replace

import streamlit as st

from gru_ui.components.race import race
from tests.browser.apps.options import option
from tests.browser.apps.race_data import GUESS, LEARNED, UPDATES, lanes

LANES = int(option("LANES", "4"))
LIVE = float(option("LIVE", "0"))
NAMES = option("NAMES", "")

st.set_page_config(layout="wide")
state = st.session_state
if LIVE and st.button("on"):
    state["goal"] = UPDATES


@st.fragment(run_every=LIVE or None)
def show() -> None:
    """The race as far as it has come."""
    state["turns"] = state.get("turns", 0) + 1
    done = UPDATES
    if LIVE:
        done = state["done"] = min(state.get("done", -50) + 50, state.get("goal", 150))
    shown = lanes(LANES, done)
    if NAMES:
        shown = [replace(lane, name=name) for lane, name in zip(shown, NAMES.split("|"), strict=True)]
    race(
        key="race",
        run="made-up",
        lanes=shown,
        updates=UPDATES,
        chance=GUESS,
        learned_score=LEARNED,
        score_name="share of answers that are right",
        live=done < UPDATES,
        delay_words=option("DELAY", "50 letters in between"),
        summary="A made-up race",
        filename="made-up-race",
    )
    st.text(f"turns {state['turns']}")


show()
