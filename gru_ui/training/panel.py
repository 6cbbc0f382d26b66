"""How a run stands: its state in words, its progress with the time left, its buttons, and its pictures.

While something may still happen the panel draws itself again by itself; the rest of the page stays as it is.
"""

import math
from typing import Literal

import streamlit as st

from gru_core.errors import GateScopeError
from gru_core.runs.view import RunView
from gru_ui import cache, state
from gru_ui.person import owner
from gru_ui.texts import say
from gru_ui.training.actions import steer, use
from gru_ui.training.film import show_film
from gru_ui.training.race import show_race
from gru_ui.words import escape

LIVE_SECONDS = 0.5
"""How often a run under way is looked at."""

Colour = Literal["gray", "blue", "orange", "green", "red"]
COLOURS: dict[str, Colour] = {
    "queued": "gray",
    "running": "blue",
    "paused": "orange",
    "done": "green",
    "stopped": "orange",
    "failed": "red",
    "interrupted": "orange",
}


def show_run() -> RunView | None:
    """The run that is looked at, if there is one; gives how it stood when the page was drawn."""
    key = state.workspace().run
    if not key:
        return None
    try:
        view = cache.run_service().look(key, owner())
    except GateScopeError as error:
        st.warning(escape(str(error)))
        return None
    every = LIVE_SECONDS if view.is_live else None
    st.fragment(_panel, run_every=every)(key, view.is_live)
    return view


def show_example() -> None:
    """A training that was made before, so that the page says by itself what it is for."""
    with st.container(key="run_panel", gap="xsmall"):
        st.info(say("train.nothing_yet"), icon=":material/school:")
        show_film(cache.example_run(), 0)


def _panel(key: str, was_live: bool) -> None:
    try:
        view = cache.run_service().look(key, owner())
    except GateScopeError as error:
        st.warning(escape(str(error)))
        return
    if was_live != view.is_live:
        # Begun or over: the whole page is drawn, and from then on the panel by itself, or no longer.
        st.rerun()
    with st.container(key="run_panel", gap="xsmall"):
        _status_row(view)
        try:
            if view.spec.is_race:
                show_race(view)
            else:
                show_film(view, 0)
        except GateScopeError as error:
            st.error(escape(str(error)))


def _status_row(view: RunView) -> None:
    with st.container(key="run_status", horizontal=True, vertical_alignment="center", gap="small"):
        st.badge(say(f"run.status_{view.status}"), color=COLOURS[view.status])
        st.text(progress_words(view), width="content")
        if view.is_live:
            done = sum(lane.update for lane in view.lanes)
            st.progress(min(done / sum(lane.spec.steps for lane in view.lanes), 1.0), width=160)
        steer(view)
        if not view.is_live:
            use(view)
    if view.message:
        st.warning(escape(view.message))


def progress_words(view: RunView) -> str:
    """Where the run stands and how long it still takes."""
    if view.status == "queued" and view.position is not None:
        return say("run.position", before=view.position) if view.position else say("run.next")
    lane = view.lanes[0]
    if view.spec.is_race:
        at = say("run.race_at", models=len(view.lanes), update=f"{min(ln.update for ln in view.lanes):,}")
    else:
        at = say("run.at", update=f"{lane.update:,}", updates=f"{lane.spec.steps:,}")
    left = view.seconds_left
    if view.status == "running" and left is not None:
        return f"{at} {say('run.left', seconds=max(math.ceil(left), 1))}"
    return at
