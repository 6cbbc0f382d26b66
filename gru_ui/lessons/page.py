"""The page Lessons from top to bottom: the list, or one step of one lesson."""

import streamlit as st

from gru_core.errors import GateScopeError
from gru_core.lessons import Lesson, Stage, Step
from gru_ui import state
from gru_ui.components.lesson_keys import lesson_keys
from gru_ui.frame import through_the_router
from gru_ui.language.sentences import translated
from gru_ui.lessons.controls import draw_controls
from gru_ui.lessons.library import lesson_of, numbers_of, stage_of, tried
from gru_ui.lessons.look import use_lesson_look
from gru_ui.lessons.picture import draw_picture
from gru_ui.lessons.question import draw_question
from gru_ui.lessons.shelf import draw_shelf
from gru_ui.lessons.steps import draw_bar
from gru_ui.lessons.words import markdown
from gru_ui.look import theme
from gru_ui.words import escape

HEIGHT, PROJECTOR_HEIGHT = 500, 600
"""Pixels of a picture: with the bar above, all of it is on a projector's 768 lines."""

KEYS = {
    "ArrowRight": ("lesson_next",),
    "ArrowLeft": ("lesson_back",),
    "PageDown": ("lesson_next",),
    "PageUp": ("lesson_back",),
    "Escape": ("lesson_leave",),
    "Enter": ("lesson_reveal",),
    **{str(figure): ("lesson_choices",) for figure in range(1, 7)},
}


def draw_page() -> None:
    """The list of lessons, or the step that the link names."""
    through_the_router()
    for message in state.messages():
        st.warning(escape(message))
    form = state.workspace().lesson
    if not form.lesson:
        draw_shelf()
        return
    try:
        lesson = lesson_of(form.lesson)
    except GateScopeError as error:
        st.error(escape(translated(error)))
        state.change(lambda now: now.with_lesson(lesson="", projector=0))
        draw_shelf()
        return
    if form.step > len(lesson.steps):
        state.change(lambda now: now.with_lesson(step=len(lesson.steps)))
        form = state.workspace().lesson
    use_lesson_look(projector=bool(form.projector))
    lesson_keys(KEYS, key="lesson_keys")
    draw_bar(lesson, form)
    _draw_step(lesson, lesson.steps[form.step - 1])


def _draw_step(lesson: Lesson, step: Step) -> None:
    form = state.workspace().lesson
    key = f"lesson_{form.lesson.replace('.', '_')}_{form.step}"
    stage, reason = _stage(step)
    alone = step.view.picture == "none"
    words, picture = (st.container(width=900), None) if alone else st.columns([5, 8], gap="medium")
    with words, st.container(key="lesson_words", gap="small"):
        st.subheader(escape(step.title), anchor=False)
        numbers = dict(numbers_of(step, stage)) if stage is not None else {}
        st.markdown(markdown(step.words, numbers, theme()))
        if step.question is not None and stage is not None:
            draw_question(step.question, stage, numbers)
        if step.question is None or form.revealed:
            # To work the gates before the answer would give it away.
            draw_controls(step)
    if picture is None:
        return
    with picture, st.container(key="lesson_picture", gap="small"):
        if stage is not None:
            try:
                draw_picture(stage, key, step.controls, PROJECTOR_HEIGHT if form.projector else HEIGHT)
            except GateScopeError as error:
                reason = translated(error)
        if reason:
            st.error(escape(reason))


def _stage(step: Step) -> tuple[Stage | None, str]:
    """What the step sets, with what was tried in it; or why there is nothing."""
    try:
        return stage_of(tried(step, state.workspace().lesson)), ""
    except GateScopeError as error:
        return None, translated(error)
