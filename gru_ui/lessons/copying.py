"""What is in front of the person as a step of a lesson, to be copied into a file."""

import streamlit as st

from gru_core.lessons.writer import step_text
from gru_ui import state
from gru_ui.lessons.library import lesson_view_of
from gru_ui.texts import say
from gru_ui.workspace import Workspace


def step_lines(now: Workspace, picture: str = "gates") -> str:
    """The lines of a step that shows what is chosen now."""
    return step_text(lesson_view_of(now, picture), say("lessons.copy_title"), say("lessons.copy_words"))


def copy_as_step(picture: str) -> None:
    """A popover with the lines; they are made when it is opened."""
    opened = st.popover(
        say("lessons.copy"), icon=":material/school:", on_change="rerun", key=f"copy_step_{picture}"
    )
    if opened.open:
        opened.caption(say("lessons.copy_help"))
        opened.code(step_lines(state.workspace(), picture), language="toml", wrap_lines=True)
