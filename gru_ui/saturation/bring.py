"""Bringing a survey that the command made, and what stands above its picture."""

import streamlit as st

from gru_core.errors import GateScopeError
from gru_core.limits import MAX_SURVEY_BYTES, megabytes
from gru_core.survey import read_survey
from gru_ui import state
from gru_ui.language.sentences import translated
from gru_ui.saturation.counted import keep_survey
from gru_ui.store import UploadedSurvey
from gru_ui.texts import say
from gru_ui.words import escape

COMMAND = "python -m gru_core survey MODEL DATA --out survey.npz"


def bring_survey() -> None:
    """A chooser for a survey's file, and the command that makes one."""
    file = st.file_uploader(
        say("saturation.bring"),
        type=["npz"],
        key="survey_file",
        help=say("saturation.bring_limit", size=megabytes(MAX_SURVEY_BYTES // 2)),
    )
    if file is not None:
        try:
            key = keep_survey(read_survey(file, name=file.name), file.name[:60], file.file_id)
        except GateScopeError as error:
            st.error(escape(translated(error)))
        else:
            state.change(lambda chosen: chosen.with_part("saturation", survey=key))
            state.touched()
            st.rerun()
    st.caption(say("saturation.bring_how"))
    st.code(COMMAND, language="bash")


def show_brought(upload: UploadedSurvey, *, of_this_model: bool) -> None:
    """Which survey is shown, whether it is of the chosen model, and the way to another."""
    about = upload.survey.about
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="survey_shown"):
        st.text(
            say(
                "saturation.brought_here" if of_this_model else "saturation.brought_of",
                file=upload.title,
                model=about.model,
                settings=upload.survey.settings_text or say("saturation.as_learned"),
            ),
            width="content",
        )
        st.button(
            say("saturation.another"),
            icon=":material/upload_file:",
            key="another_survey",
            on_click=_forget,
        )


def _forget() -> None:
    state.touched()
    state.change(lambda chosen: chosen.with_part("saturation", survey=""))
