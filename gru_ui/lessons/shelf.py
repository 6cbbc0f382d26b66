"""The list of lessons, one's own among them, and how to write one."""

import streamlit as st

from gru_core.errors import GateScopeError
from gru_core.lessons import LESSONS, Lesson, read_lesson
from gru_core.lessons.claims import false_claims
from gru_core.limits import MAX_LESSON_BYTES, megabytes
from gru_ui import state
from gru_ui.language.sentences import translated
from gru_ui.lessons.copying import step_lines
from gru_ui.lessons.library import lesson_of, stage_of
from gru_ui.store import UploadedLesson, uploads
from gru_ui.texts import say
from gru_ui.words import escape


def draw_shelf() -> None:
    """Cards of the lessons that come with the app, then one's own."""
    st.markdown(f"**{say('lessons.question')}** {say('lessons.about')}")
    names = [*LESSONS, *state.my_uploads("own")]
    for first in range(0, len(names), 2):
        for column, name in zip(st.columns(2, gap="small"), names[first : first + 2], strict=False):
            with column:
                _card(name)
    with st.expander(say("lessons.own"), icon=":material/edit_note:", key="own_lessons"):
        _bring()


def _card(name: str) -> None:
    try:
        lesson = lesson_of(name)
    except GateScopeError as error:
        st.caption(escape(translated(error)))
        return
    number = f"{LESSONS.index(name) + 1} · " if name in LESSONS else ""
    with st.container(border=True, height="stretch", gap="xsmall", key=f"shelf_{name.replace('.', '_')}"):
        st.button(
            f"{number}{escape(lesson.title)}",
            key=f"open_{name}",
            on_click=_open,
            args=(name,),
            icon=":material/play_arrow:",
        )
        st.markdown(escape(lesson.summary))
        st.caption(say("lessons.size", minutes=lesson.minutes, steps=len(lesson.steps)))


def _open(name: str) -> None:
    state.touched()
    state.clear_messages()
    state.change(lambda now: now.with_lesson(lesson=name, step=1))


def _bring() -> None:
    """What to do for a lesson of one's own, the step that is shown now, and the chooser for a file."""
    st.markdown(say("lessons.own_how"))
    st.code(step_lines(state.workspace()), language="toml", wrap_lines=True)
    file = st.file_uploader(
        say("lessons.upload"),
        type=["toml"],
        max_upload_size=1,
        key="lesson_file",
        help=say("lessons.upload_limit", size=megabytes(MAX_LESSON_BYTES)),
    )
    if file is None:
        return
    try:
        lesson = read_lesson(file.getvalue())
    except GateScopeError as error:
        st.error(escape(say("lessons.broken", name=file.name[:60], reason=error)))
        return
    for message in false_claims(lesson, stage_of):
        st.warning(escape(message))
    st.success(escape(say("lessons.read", title=lesson.title, steps=len(lesson.steps))))
    st.button(
        say("lessons.start_own"),
        key="start_own",
        on_click=_keep,
        args=(lesson, file.getvalue(), file.name[:60]),
        type="primary",
        icon=":material/play_arrow:",
    )


def _keep(lesson: Lesson, data: bytes, name: str) -> None:
    """Into the store, once for each file, and open."""
    upload = UploadedLesson(lesson.title, lesson, data.decode("utf-8", "replace"), 10 * len(data) + 10_000)
    key = uploads().put(upload, ("lesson", data))
    reference = f"own.{key}"
    if reference not in state.my_uploads("own"):
        state.remember_upload(reference, lesson.title or name)
    _open(reference)
