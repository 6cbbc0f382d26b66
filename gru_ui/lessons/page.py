"""The page Lessons from top to bottom: the list, or one step of one lesson."""

import streamlit as st

from gru_core.errors import GateScopeError
from gru_core.lessons import Stage, Step
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
from gru_ui.texts import say
from gru_ui.words import escape

HEIGHT, PROJECTOR_HEIGHT, CELL_HEIGHT = 520, 610, 385
"""Pixels of a picture: with the bar above, and below a cell the words, it is on a projector's 768 lines."""

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
        st.warning(escape(translated(message)))
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
    _draw_step(lesson.steps[form.step - 1])


def _draw_step(step: Step) -> None:
    """Words beside the picture; below it where it is the cell, which takes the whole width."""
    form = state.workspace().lesson
    key = f"lesson_{form.lesson.replace('.', '_')}_{form.step}"
    stage, reason = _stage(step)
    shown = step.view.picture
    height = PROJECTOR_HEIGHT if form.projector else HEIGHT
    if shown == "cell":
        # Before the picture for who hears it or has it on a telephone; the look puts them below it.
        height = CELL_HEIGHT
        step_box = st.container(key="lesson_cell_step", gap="small")
        words, picture = step_box.container(), step_box.container()
    elif shown == "none":
        words, picture = st.container(width=900), st.container()
    else:
        words, picture = st.columns([5, 8], gap="medium")
    with words, st.container(key="lesson_words", gap="small"):
        said, asked = st.container(), st.container()
        if shown == "cell" and step.question is not None:
            said, asked = st.columns([5, 6], gap="medium")
        numbers = dict(numbers_of(step, stage)) if stage is not None else {}
        said.markdown(markdown(step.words, numbers, theme()))
        with asked:
            if step.question is not None and stage is not None:
                draw_question(step.question, stage, numbers, flat=shown == "cell")
            if step.question is None or form.revealed:
                # To work the gates before the answer would give it away.
                draw_controls(step)
    with picture, st.container(key="lesson_picture", gap="small"):
        if step.question is not None and step.question.covers and not form.revealed:
            with st.container(
                border=True,
                height=height,
                key="lesson_cover",
                vertical_alignment="center",
                horizontal_alignment="center",
            ):
                st.markdown(say("lessons.covered"), width="content")
        elif stage is not None:
            try:
                draw_picture(stage, key, step.controls, height)
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
