"""Predict, then reveal: what the person expects, and what the app computes."""

import streamlit as st

from gru_core.errors import GateScopeError
from gru_core.lessons import Question, Stage, holds, show_as
from gru_core.lessons.measures import Measured
from gru_ui import state
from gru_ui.language.sentences import together, translated
from gru_ui.lessons.library import measured
from gru_ui.lessons.words import markdown
from gru_ui.look import theme
from gru_ui.texts import say
from gru_ui.words import escape


def draw_question(question: Question, stage: Stage, numbers: dict[str, str], *, flat: bool) -> None:
    """The question with its choices or a field, the button that reveals, and then the computed answer.

    `flat` where there is little height: the choices stand beside each other.
    """
    form = state.workspace().lesson
    with st.container(border=True, key="lesson_question", gap="small"):
        st.markdown(f"**{say('lessons.predict')}** {escape(question.ask)}")
        if form.revealed:
            _draw_answer(question, stage, numbers)
            return
        inside = st.container(
            key="lesson_choices", horizontal=flat, vertical_alignment="bottom", gap="xsmall"
        )
        with inside:
            if question.choices:
                _choices(question, form.guess, flat=flat)
            else:
                _number(question, form.guess)
        with inside if flat else st.container():
            _reveal_button()


def _draw_answer(question: Question, stage: Stage, numbers: dict[str, str]) -> None:
    """What is computed, in the place of the choices, and what is to be said of it."""
    try:
        value = measured(stage, question.asked)
        right = [index for index, one in enumerate(question.choices) if holds(stage, value, one.tests)]
    except GateScopeError as error:
        st.warning(escape(translated(error)))
        return
    _answer(question, value, right, state.workspace().lesson.guess)
    if question.after:
        st.markdown(markdown(question.after, numbers, theme()))


def _reveal_button() -> None:
    st.button(
        say("lessons.reveal"),
        key="lesson_reveal",
        on_click=_reveal,
        icon=":material/visibility:",
        type="primary",
    )


def _choices(question: Question, guess: str, *, flat: bool) -> None:
    """Buttons rather than a field: they are pressed from the keyboard by their figure, and seen from afar."""
    for index, choice in enumerate(question.choices):
        st.button(
            f"{index + 1}\\. {escape(choice.says)}",
            key=f"lesson_choice_{index}",
            type="primary" if guess == str(index) else "secondary",
            on_click=_guess,
            args=(str(index),),
            width="content" if flat else "stretch",
        )


def _number(question: Question, guess: str) -> None:
    def changed() -> None:
        _guess(f"{state.field('lesson_number')}")

    st.number_input(
        say("lessons.your_number", unit=question.counted_in)
        if question.counted_in
        else say("lessons.number"),
        min_value=question.least,
        max_value=question.most,
        value=float(guess) if guess else None,
        key="lesson_number",
        on_change=changed,
        placeholder=f"{question.least:g} – {question.most:g}",
        width=260,
    )


def _answer(question: Question, value: Measured, right: list[int], guess: str) -> None:
    shown = show_as(question.asked, value, question.shown)
    if question.counted_in:
        shown = f"{shown} {question.counted_in}"
    if question.choices:
        answer = escape(question.choices[right[0]].says) if right else ""
        is_right = guess != "" and int(guess) in right
        words = say("lessons.computed_choice", value=escape(shown), choice=answer)
    else:
        off = abs(float(guess) - float(value)) if guess and not isinstance(value, str) else None
        is_right = off is not None and off <= question.within
        words = say("lessons.computed", value=escape(shown))
    with st.container(key="lesson_answer"):
        if not guess:
            st.info(words, icon=":material/calculate:")
        elif is_right:
            st.success(together([say("lessons.you_are_right"), words]), icon=":material/check:")
        else:
            st.warning(together([say("lessons.not_so"), words]), icon=":material/calculate:")


def _guess(guess: str) -> None:
    state.touched()
    state.change(lambda now: now.with_lesson(guess=guess))


def _reveal() -> None:
    state.touched()
    state.change(lambda now: now.with_lesson(revealed=True))
