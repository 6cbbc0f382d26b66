"""The page of puzzles: one task, the gates to paint, and what their derivatives say."""

from dataclasses import replace

import numpy as np
import streamlit as st

from gru_core.model import SequenceModel
from gru_core.painting import Painting
from gru_core.puzzles import PUZZLES, Puzzle, Verdict, grade, run_puzzle
from gru_core.puzzles.look import Look
from gru_core.sequences.symbols import sequence_from_symbols
from gru_ui import state
from gru_ui.cache import demo_model
from gru_ui.components.paint import Strip, paint, painted
from gru_ui.frame import through_the_router
from gru_ui.language.sentences import translated
from gru_ui.navigation import page_file
from gru_ui.puzzles.form import PuzzleForm
from gru_ui.puzzles.words import HINTS, puzzle_text, reaches, sentence
from gru_ui.store import keep_sequence
from gru_ui.texts import say
from gru_ui.words import escape, percent
from gru_ui.workspace import Workspace

KEY = "puzzle_paint"


def draw_page() -> None:
    """Everything on the page."""
    through_the_router()
    for message in state.messages():
        st.warning(escape(translated(message)))
    _pick()
    form = _form()
    puzzle, model = form.puzzle, demo_model(form.puzzle.model)
    seen = run_puzzle(puzzle, model, form.painting)
    st.markdown(f"**{escape(puzzle_text(puzzle, 'task'))}**")
    _paint(puzzle, seen)
    st.text(_answer(model, seen))
    _buttons(puzzle, seen)
    _said(puzzle, seen)


def _form() -> PuzzleForm:
    return state.workspace().puzzle


def _pick() -> None:
    titles = {name: say(f"puzzles.{name}_title") for name in PUZZLES}
    for name, title in titles.items():
        if state.progress(name).solved:
            titles[name] = say("puzzles.solved_title", title=title)
    st.pills(
        say("puzzles.choose"),
        list(titles),
        format_func=titles.__getitem__,
        required=True,
        label_visibility="collapsed",
        **state.widget("puzzle", where="puzzles", shows=_form().name, apply=_other),
    )


def _other(chosen: Workspace, name: str) -> Workspace:
    """Another puzzle, with what was painted for it in this session; the one that is left keeps its own."""
    form = chosen.puzzle
    if name == form.name:
        return chosen
    state.put_progress(form.name, replace(state.progress(form.name), kept=form.painting))
    return chosen.but(puzzle=PuzzleForm(name).painted(state.progress(name).kept))


def _paint(puzzle: Puzzle, seen: Look) -> None:
    def changed() -> None:
        now = painted(KEY)
        state.touched()
        state.clear_messages()
        if now is not None:
            state.change(lambda chosen: chosen.but(puzzle=chosen.puzzle.painted(now)))

    paint(
        key=KEY,
        painting=seen.painting,
        labels=puzzle.text,
        means={"R": seen.trace.R[0].mean(axis=-1), "Z": seen.trace.Z[0].mean(axis=-1)},
        strip=Strip(seen.start_share, seen.input_shares.tolist()),
        marked=puzzle.marked,
        summary=say(
            "puzzles.summary", task=puzzle_text(puzzle, "task"), steps=puzzle.steps, reaches=reaches(seen)
        ),
        on_change=changed,
    )


def _answer(model: SequenceModel, seen: Look) -> str:
    """What the model answers at the last step under these gates."""
    answers = model.answers(seen.trace.H[:, -1:].astype(np.float32))
    if answers is None:
        return ""
    best = int(answers[0, 0].argmax())
    confidence = percent(float(answers[0, 0, best]))
    return say(
        "puzzles.says",
        model=translated(model.card.title),
        answer=translated(model.card.outputs[best]),
        confidence=confidence,
    )


def _buttons(puzzle: Puzzle, seen: Look) -> None:
    progress = state.progress(puzzle.name)
    with st.container(key="puzzle_buttons", horizontal=True, vertical_alignment="center", gap="small"):
        st.button(say("puzzles.check"), key="check", type="primary", icon=":material/check:", on_click=_check)
        if progress.hints < HINTS:
            label = say("puzzles.next_hint" if progress.hints else "puzzles.hint")
            st.button(label, key="hint", icon=":material/lightbulb:", on_click=_hint)
        st.button(
            say("puzzles.clear"), key="clear", icon=":material/ink_eraser:", on_click=_show, args=(None,)
        )
        if progress.tries:
            if progress.shown and seen.painting == puzzle.answer:
                st.button(say("puzzles.own_again"), key="own", on_click=_show, args=(progress.kept,))
            else:
                st.button(say("puzzles.show_answer"), key="answer", on_click=_show, args=(puzzle.answer,))
        if st.button(say("puzzles.open_gates"), key="open_gates", icon=":material/grid_on:"):
            _open_gates(puzzle, seen.painting)


def _check() -> None:
    form, before = _form(), state.progress(_form().name)
    seen = run_puzzle(form.puzzle, demo_model(form.puzzle.model), form.painting)
    # Looking at the answer and pressing Check is not solving it.
    own = not before.shown or form.painting != form.puzzle.answer
    solved = before.solved or (grade(form.puzzle.goal, seen).solved and own)
    state.put_progress(
        form.name, replace(before, solved=solved, tries=before.tries + 1, checked=form.painting)
    )


def _hint() -> None:
    before = state.progress(_form().name)
    state.put_progress(_form().name, replace(before, hints=before.hints + 1))


def _show(painting: Painting | None) -> None:
    """Paint this instead of what is there; what is there can be had back."""
    form = _form()
    before = state.progress(form.name)
    if painting == form.puzzle.answer:
        before = replace(before, kept=form.painting, shown=True)
    state.put_progress(form.name, before)
    state.change(lambda chosen: chosen.but(puzzle=form.painted(painting or Painting())))


def _open_gates(puzzle: Puzzle, painting: Painting) -> None:
    """The Gates page on the puzzle's model and text, under these gates."""
    reference = keep_sequence(sequence_from_symbols(puzzle.text, puzzle.name), puzzle.text)
    if reference not in state.my_uploads("text"):
        state.remember_upload(reference, say("puzzles.sequence_title", text=puzzle.text))
    state.change(lambda chosen: chosen.but(model=puzzle.model, sequence=reference).painted(painting))
    st.switch_page(page_file("gates"))


def _said(puzzle: Puzzle, seen: Look) -> None:
    """The verdict on what was checked, as long as it is what is painted, and the hints so far."""
    progress = state.progress(puzzle.name)
    if progress.checked == seen.painting:
        _verdict(puzzle, grade(puzzle.goal, seen))
    for number in range(1, progress.hints + 1):
        text = escape(puzzle_text(puzzle, f"hint_{number}"))
        st.markdown(f":material/lightbulb: {say('puzzles.hints', number=number, text=text)}")
    if progress.shown and seen.painting == puzzle.answer and progress.checked != seen.painting:
        st.markdown(f"{say('puzzles.answer_note')} {escape(puzzle_text(puzzle, 'why'))}")


def _verdict(puzzle: Puzzle, found: Verdict) -> None:
    """Whether it is solved, and why it is so; or what is in the way, the most telling first."""
    with st.container(key="verdict", border=True, gap="small"):
        if not found.solved:
            with st.container(horizontal=True, vertical_alignment="center", gap="small"):
                st.badge(say("puzzles.not_yet"), icon=":material/water_drop:", color="orange")
                st.text(say("puzzles.derivatives_say"))
            st.markdown("\n".join(f"- {escape(sentence(puzzle, one))}" for one in found.findings))
            return
        st.badge(say("puzzles.solved"), icon=":material/check:", color="green")
        st.markdown(escape(puzzle_text(puzzle, "why")))
        if all(state.progress(name).solved for name in PUZZLES):
            st.markdown(f"**{say('puzzles.all_solved')}**")
