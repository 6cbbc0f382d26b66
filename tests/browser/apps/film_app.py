"""A page with nothing but the film of a training, for the browser tests.

CELL, STEPS and UNITS choose the example, TICKS what its steps are called, CHANCE and LEARNED the two lines of
the score, which is a share unless PERCENT is 0. LIVE (seconds) feeds its frames one by one up to the number
that is chosen; GAP leaves some of them out, so that the browser must ask.
"""

import streamlit as st

from gru_ui.components.film import film, frames_wanted
from tests.browser.apps.film_data import GUESS, LEARNED, UPDATES, Example, example, tick_names
from tests.browser.apps.options import option

CELL = option("CELL", "gru")
LIVE = float(option("LIVE", "0"))
GAP = option("GAP") == "1"
TICKS = option("TICKS")

st.set_page_config(layout="wide")
data: Example = st.cache_resource(example, show_spinner=False)(
    CELL, int(option("STEPS", "0")), int(option("UNITS", "32"))
)
state = st.session_state
state["pages"] = state.get("pages", 0) + 1
away = st.toggle("take the film away", key="away")
for frames in (6, 11, len(data.frames)) if LIVE else ():
    if st.button(f"as far as {frames}"):
        state["goal"] = frames
goal = state.get("goal", 2)
another = st.toggle("another run", key="another")


@st.fragment(run_every=LIVE or None)
def show() -> None:
    """The film as far as the training has come."""
    state["turns"] = state.get("turns", 0) + 1
    total = len(data.frames)
    if LIVE:
        total = state["total"] = max(min(state.get("total", 1) + 1, goal), state.get("total", 1))
    live = total < len(data.frames)
    now = data.frames[total - 1].update
    points = sum(update <= now for update in data.curves["update"])
    run = "another:0" if another else "made-up:0"
    first = frames_wanted("picture", run)
    # Frames that were given before are given again only where the browser asked.
    state["asked"] = state.get("asked", 0) + (first < state.get("given", 0))
    state["given"] = total
    if GAP and first == 4 and not state.get("lost"):
        # A message that never came.
        state["lost"], first = True, total
    event = film(
        key="picture",
        run=run,
        cell=data.cell,
        units=data.units,
        ticks=tick_names(TICKS, len(data.ticks)) if TICKS else data.ticks,
        layer_frames=data.frames[first:total],
        first=first,
        total=total,
        histograms=data.histograms[first:total],
        right_of_probe=data.answers[first:total],
        curves={name: values[:points] for name, values in data.curves.items()},
        updates=UPDATES,
        live=live,
        learned_at=data.learned_at if data.learned_at is not None and data.learned_at <= now else None,
        learned_score=float(option("LEARNED", LEARNED)),
        chance=float(option("CHANCE", GUESS)),
        percent=option("PERCENT") != "0",
        score_name="share of answers that are right",
        summary="A made-up training",
        filename="made-up-film",
    )
    st.text(
        f"event {event.frame} {event.needs} first {first} turns {state['turns']} pages {state['pages']} "
        f"asked {state['asked']}"
    )


if not away:
    show()
