"""What the pages Train and Race share: how they open, and the button that starts a run."""

import streamlit as st

from gru_core.errors import GateScopeError
from gru_core.sequences import Sequence
from gru_ui import cache, state
from gru_ui.frame import through_the_router
from gru_ui.language.sentences import translated
from gru_ui.person import owner
from gru_ui.texts import say
from gru_ui.training import names
from gru_ui.training.actions import begin
from gru_ui.training.controls import form
from gru_ui.words import escape


def open_page() -> str:
    """Say what is to be said, and get a worker ready before anybody waits for it; gives who this is."""
    through_the_router()
    for message in state.messages():
        st.warning(escape(translated(message)))
    try:
        service = cache.run_service()
    except GateScopeError as error:
        st.error(escape(translated(error)))
        st.stop()
    if service.notice:
        st.warning(escape(translated(service.notice)))
    service.warm()
    return owner()


def start_button(sequence: Sequence | None, *, race: bool, ready: bool) -> None:
    """Train, or Race; not to be pressed while there is nothing to learn from."""
    me = owner()

    def start() -> str:
        chosen = form()
        run = chosen.race(sequence) if race else chosen.training(sequence)
        return cache.run_service().start(run, me, run_title(run.task.length, race))

    st.button(
        say("race.start" if race else "train.start"),
        on_click=begin,
        args=(start,),
        type="primary",
        icon=":material/sports_score:" if race else ":material/play_arrow:",
        key="start",
        disabled=not ready,
    )


def run_title(length: int | None, race: bool) -> str:
    """What a run is called in lists."""
    return names.run_title(form().entry.title, length, "" if race else form().cell.upper())
