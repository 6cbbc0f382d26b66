"""The bar above a step: back to the list, where one is, Back and Next, the projector, the real page."""

import streamlit as st

from gru_core.lessons import Lesson
from gru_ui import state
from gru_ui.lessons.form import LessonForm
from gru_ui.lessons.library import tried, workspace_of
from gru_ui.navigation import page_file
from gru_ui.texts import say
from gru_ui.words import escape

PAGE_OF = {"cell": "cell", "extremes": "extremes", "states": "extremes", "gallery": "gallery", "race": "race"}
"""The page that shows the same as a picture; the others are on Gates."""


def draw_bar(lesson: Lesson, form: LessonForm) -> None:
    """One row that stands at the same place in every step."""
    steps = len(lesson.steps)
    with st.container(key="lesson_bar", horizontal=True, vertical_alignment="center", gap="small"):
        if not form.projector:
            st.button(
                say("lessons.all"),
                key="lesson_all",
                on_click=_go,
                kwargs={"lesson": "", "projector": 0},
                icon=":material/menu_book:",
                type="tertiary",
            )
        st.caption(escape(lesson.title), width="content")
        st.subheader(escape(lesson.steps[form.step - 1].title), anchor=False, width="stretch")
        st.text(say("lessons.place", step=form.step, steps=steps), width="content")
        st.button(
            say("lessons.back"),
            key="lesson_back",
            on_click=_go,
            kwargs={"step": form.step - 1},
            disabled=form.step <= 1,
            icon=":material/arrow_back:",
            help=say("lessons.back_help"),
        )
        st.button(
            say("lessons.next"),
            key="lesson_next",
            on_click=_go,
            kwargs={"step": form.step + 1},
            disabled=form.step >= steps,
            icon=":material/arrow_forward:",
            icon_position="right",
            type="primary",
            help=say("lessons.next_help"),
        )
        if form.projector:
            st.button(
                say("lessons.leave"),
                key="lesson_leave",
                on_click=_go,
                kwargs={"projector": 0},
                icon=":material/close_fullscreen:",
                type="tertiary",
                help=say("lessons.leave_help"),
            )
        else:
            st.button(
                say("lessons.projector"),
                key="lesson_projector",
                on_click=_go,
                kwargs={"projector": 1},
                icon=":material/present_to_all:",
                help=say("lessons.projector_help"),
            )
            _try_it(lesson, form)
    st.progress(form.step / steps)


def _try_it(lesson: Lesson, form: LessonForm) -> None:
    """Opens what the step shows on its own page, to be played with."""
    shown = tried(lesson.steps[form.step - 1], form)
    if shown.picture in ("none", "family"):
        return
    if st.button(
        say("lessons.try"), key="lesson_try", icon=":material/touch_app:", help=say("lessons.try_help")
    ):
        if shown.picture == "gallery":
            state.change(lambda now: now.with_gallery(name=shown.real, text=shown.say))
        elif shown.picture != "race":
            state.change(lambda now: workspace_of(shown, now))
        st.switch_page(page_file(PAGE_OF.get(shown.picture, "gates")))


def _go(**where: object) -> None:
    state.touched()
    state.clear_messages()
    state.change(lambda now: now.with_lesson(**where))
