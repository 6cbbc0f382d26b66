"""How a run stands: its state in words, its progress with the time left, its buttons, and its pictures.

While something may still happen the panel draws itself again by itself; the rest of the page stays as it is.
"""

import math
from typing import Literal

import streamlit as st

from gru_core.errors import GateScopeError
from gru_core.limits import MAX_TRAIN_SECONDS
from gru_core.runs.view import RunView
from gru_ui import cache, state
from gru_ui.language.sentences import together, translated
from gru_ui.person import owner
from gru_ui.texts import say
from gru_ui.training.actions import pick_lane, steer, use
from gru_ui.training.film import show_film
from gru_ui.training.form import racer_of
from gru_ui.training.names import title_in_words
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


def show_run(*, race: bool) -> RunView | None:
    """The run that is looked at, if there is one of this page's kind; gives how it stood."""
    _ = state.is_redraw_due()
    key = state.workspace().run
    if not key:
        return None
    try:
        view = cache.run_service().look(key, owner())
    except GateScopeError as error:
        st.warning(escape(translated(error)))
        return None
    if view.spec.is_race != race:
        return None
    every = LIVE_SECONDS if view.is_live else None
    st.fragment(_panel, run_every=every)(key, view.is_live)
    return view


def show_example(*, race: bool) -> None:
    """A run that was made before, so that the page says by itself what it is for."""
    with st.container(key="run_panel", gap="xsmall"):
        st.info(say("race.nothing_yet" if race else "train.nothing_yet"), icon=":material/school:")
        if race:
            show_race(cache.example_run("race"))
        else:
            show_film(cache.example_run("remember"), 0)


def _panel(key: str, was_live: bool) -> None:
    if state.is_redraw_due():
        # Something was pressed here that the rest of the page has to know of.
        st.rerun()
    try:
        view = cache.run_service().look(key, owner())
    except GateScopeError as error:
        st.warning(escape(translated(error)))
        return
    if was_live != view.is_live:
        # Begun or over: the whole page is drawn, and from then on the panel by itself, or no longer.
        st.rerun()
    with st.container(key="run_panel", gap="xsmall"):
        number = _status_row(view)
        try:
            if view.spec.is_race:
                show_race(view)
                if not view.is_live:
                    st.markdown(
                        f"**{say('race.film_of', name=say(f'race.{racer_of(view.lanes[number].spec)}'))}**"
                    )
            if not (view.spec.is_race and view.is_live):
                show_film(view, number)
        except GateScopeError as error:
            st.error(escape(translated(error)))


def _status_row(view: RunView) -> int:
    """State, buttons and messages of a run; gives which of its models is looked at."""
    number = 0
    with st.container(key="run_status", horizontal=True, vertical_alignment="center", gap="small"):
        broke = any(lane.reason == "diverged" for lane in view.lanes) and not view.is_live
        status = "diverged" if broke else view.status
        st.badge(say(f"run.status_{status}"), color="red" if broke else COLOURS[view.status])
        st.text(title_in_words(view.title) + say("language.end") + progress_words(view), width="content")
        steer(view)
        if view.is_live:
            done = sum(lane.update for lane in view.lanes)
            st.progress(min(done / sum(lane.spec.steps for lane in view.lanes), 1.0), width=160)
        else:
            number = pick_lane(view)
            use(view, number)
    if view.message:
        st.warning(escape(translated(view.message)))
    return number


def progress_words(view: RunView) -> str:
    """Where the run stands and how long it still takes."""
    if view.status == "queued" and view.position is not None:
        return say("run.position", before=view.position) if view.position else say("run.next")
    lane = view.lanes[0]
    if view.spec.is_race:
        key = "run.race_at" if view.is_live else "run.race_over"
        at = say(key, models=len(view.lanes), update=f"{min(ln.update for ln in view.lanes):,}")
    else:
        at = say("run.at", update=f"{lane.update:,}", updates=f"{lane.spec.steps:,}")
    left = view.seconds_left
    if view.status == "running" and left is not None:
        seconds = min(max(math.ceil(left), 1), MAX_TRAIN_SECONDS)
        return together([at, say("run.left", seconds=seconds)])
    return at
