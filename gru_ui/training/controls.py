"""The controls of training: task, size, model, and under Settings everything else that a TrainSpec has."""

from collections.abc import Callable, Sequence
from typing import Any

import streamlit as st

from gru_core.errors import GateScopeError
from gru_core.limits import MAX_TRAIN_BATCH, MAX_TRAIN_LAYERS, MAX_TRAIN_UNITS, MAX_TRAIN_UPDATES
from gru_core.runs.spec import MOST_LANES
from gru_core.tasks.catalogue import TASKS
from gru_core.training_spec import CELLS
from gru_ui import state
from gru_ui.language.sentences import translated
from gru_ui.texts import say
from gru_ui.training.form import BIASES, COMPETITORS, FROZEN, TrainingForm
from gru_ui.words import escape

LEARNS = -1.0
HELD = (LEARNS, *(round(0.05 * i, 2) for i in range(21)))
"""Where a gate can be held in training; the first lets it learn."""


def form() -> TrainingForm:
    """What is chosen now."""
    return state.workspace().training


def tied(field: str, shows: Any = None, read: Callable[[Any], Any] = lambda value: value) -> dict[str, Any]:
    """`key` and `on_change` that tie a widget to a field of the form; `read` makes the field's value."""
    value = form().shown(field) if shows is None else shows
    return state.widget(
        field,
        where="train",
        shows=value,
        apply=lambda chosen, new: chosen.with_training(**{field: read(new)}),
    )


def pick_task() -> None:
    """The task and its size."""
    st.selectbox(
        say("train.task"),
        list(TASKS),
        format_func=lambda name: translated(TASKS[name].title),
        help=say("train.task_help"),
        width=300,
        **tied("task"),
    )
    length = form().entry.length
    if length is not None:
        what = translated(length.what)
        label = what[0].upper() + what[1:]
        st.slider(label, length.least, length.most, width=325, **tied("length"))


def pick_cell() -> None:
    """GRU, RNN or LSTM."""
    st.segmented_control(
        say("train.cell"),
        CELLS,
        format_func=lambda cell: say(f"train.cell_{cell}"),
        required=True,
        help=say("train.cell_help"),
        **tied("cell"),
    )


def pick_racers() -> None:
    """Who races."""
    st.multiselect(
        say("race.racers"),
        list(COMPETITORS),
        format_func=lambda name: say(f"race.{name}"),
        max_selections=MOST_LANES,
        width=380,
        help=say("race.racers_help"),
        **tied("racers", list(form().racers), tuple),
    )


def pick_settings(*, race: bool = False) -> None:
    """Everything else, behind a button: the defaults lead to success."""
    opened = st.popover(say("train.settings"), icon=":material/tune:", on_change="rerun", key="settings")
    if not opened.open:
        return
    with opened:
        left, right = st.columns(2, gap="medium")
        with left:
            _whole("hidden", 1, MAX_TRAIN_UNITS)
            _whole("layers", 1, MAX_TRAIN_LAYERS)
            updates = form().race_updates if race else form().shown("updates")
            _whole("updates", 1, MAX_TRAIN_UPDATES, step=100, shows=updates)
            _whole("batch", 1, MAX_TRAIN_BATCH)
            _whole("seed", 0, 2**31 - 1)
        with right:
            _number("rate", 1e-6, 10.0, 0.001, "%.4f")
            _number("clip", 1e-3, 1000.0, 0.1, "%.2f")
            _number("stop_at", 0.0, 1.0, 0.01, "%.2f")
            _words("bias", BIASES)
            _words("reset_mode", ("before", "after"))
        if not race and form().cell == "gru":
            _frozen()


def _frozen() -> None:
    st.segmented_control(
        say("train.frozen"),
        FROZEN,
        format_func=lambda name: say(f"frame.gates_{name}"),
        required=True,
        wrap=True,
        help=say("train.frozen_help"),
        **tied("frozen"),
    )
    if form().frozen == "custom":
        for field in ("frozen_z", "frozen_r"):
            st.select_slider(
                say(f"train.{field}"),
                HELD,
                format_func=lambda value: say("train.learns") if value < 0 else f"{value:g}",
                **tied(field),
            )


def _whole(field: str, least: int, most: int, step: int = 1, shows: int | None = None) -> None:
    label, about = say(f"train.{field}"), say(f"train.{field}_help")
    st.number_input(label, least, most, step=step, help=about, **tied(field, shows))


def _number(field: str, least: float, most: float, step: float, digits: str) -> None:
    label, about = say(f"train.{field}"), say(f"train.{field}_help")
    shows = float(form().shown(field))
    st.number_input(label, least, most, step=step, format=digits, help=about, **tied(field, shows))


def _words(field: str, allowed: Sequence[str]) -> None:
    st.segmented_control(
        say(f"train.{field}"),
        allowed,
        format_func=lambda word: say(f"train.{field}_{word}"),
        required=True,
        help=say(f"train.{field}_help"),
        **tied(field),
    )


def tell_task(sequence: Any) -> bool:
    """What the task asks, what it takes, and one example of it in words; whether it can be learned."""
    try:
        task = form().task_spec(sequence).make()
    except GateScopeError as error:
        # Nothing brought yet is no fault.
        (st.info if form().entry.kind == "own" and sequence is None else st.error)(escape(translated(error)))
        return False
    words = f"{escape(translated(task.task))} **{say('train.remember')}** {escape(translated(task.remember))}"
    st.caption(f"{words} **{say('train.example')}** {escape(translated(task.in_words()))}")
    return True
