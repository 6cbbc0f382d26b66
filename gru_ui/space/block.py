"""The state space of a view: what can be chosen, the picture, and what is said of it."""

from typing import Any, cast

import numpy as np
import plotly.graph_objects as go
import streamlit as st
from numpy.typing import NDArray

from gru_core.analysis.answer import number_text
from gru_core.analysis.fact import visible
from gru_core.analysis.space import Held, StateSpace, state_space
from gru_core.analysis.space_facts import space_facts
from gru_core.export.space_lines import space_lines
from gru_core.figures.space import Depth, space_figure
from gru_core.overrides import EXTREMES
from gru_core.sequences.encoders import symbols_of
from gru_ui import state
from gru_ui.components.space import Read, space_picture, told_by
from gru_ui.language.core_tables import SPACE_FACTS, SPACE_FIGURE
from gru_ui.language.sentences import together
from gru_ui.meaning import Shown
from gru_ui.saving import python_code
from gru_ui.space.form import BESIDE, FITTED, HELD, SpaceForm
from gru_ui.space.points import MOST_UNITS, held_by_default, held_points
from gru_ui.texts import say
from gru_ui.view import View, file_name

HEIGHT = 400
"""Pixels: with the frame above, the picture and its sentence are on a projector's 768 lines."""


def show_space(view: View) -> Shown:
    """Draws the controls and the picture, and gives what can be said and taken home."""
    form = view.workspace.space
    what = form.held or held_by_default(view)
    picture, under_way = st.container(), st.container()
    _controls(view, form, what)
    with under_way:
        held = held_points(view, what)
        if view.trace.units > MOST_UNITS:
            st.caption(say("space.too_large", units=f"{view.trace.units:,}", most=f"{MOST_UNITS:,}"))
    main = "custom" if view.setting_name() not in EXTREMES else view.setting_name()
    space = state_space(_traces(view, form, main), form.fitted)
    sentences = _sentences(view, space, main, held)
    with picture:
        _draw(view, form, space, main, held, together(sentences))
    return _shown(view, space, main, held, sentences)


def _controls(view: View, form: SpaceForm, what: str) -> None:
    step = min(view.workspace.cursor, view.trace.steps - 1)
    label = visible(view.ticks[step]) if view.ticks and view.ticks[step] else ""
    with st.container(horizontal=True, gap="medium", key="space_controls"):
        st.selectbox(
            say("space.held"),
            HELD,
            format_func=lambda name: say(
                f"space.held_{name}" if name != "step" or not label else "space.held_step_labelled",
                step=step,
                label=label,
            ),
            help=say("space.held_help"),
            width=270,
            **state.part_widget("space", "held", shows=what),
        )
        st.selectbox(
            say("space.fitted"),
            FITTED,
            format_func=lambda name: say(f"space.fitted_{name}"),
            help=say("space.fitted_help"),
            width=240,
            **state.part_widget("space", "fitted"),
        )
        st.selectbox(
            say("space.beside"),
            BESIDE,
            format_func=lambda name: say(f"space.beside_{name}"),
            width=200,
            **state.part_widget("space", "beside"),
        )


def _traces(view: View, form: SpaceForm, main: str) -> dict[str, Any]:
    """The traces of the chosen layer by setting: the one that is looked at, the learned one, the others."""
    shown = {main: view.trace, "learned": view.traces(())[view.layer]}
    if form.beside == "extremes":
        shown |= {name: view.traces(gates)[view.layer] for name, gates in EXTREMES.items()}
    order = [*EXTREMES, "custom"]
    return {name: shown[name] for name in order if name in shown}


def _sentences(view: View, space: StateSpace, main: str, held: Held | None) -> tuple[str, ...]:
    is_class = view.model.card.answer == "class"
    found = space_facts(
        space,
        main,
        held,
        different_inputs=len(np.unique(view.trace.X[0], axis=0)) if main == "input_only" else 0,
        outputs=len(view.model.card.outputs) if is_class else 0,
        axes=int(view.workspace.space.depth),
    )
    return tuple(fact.said_by(SPACE_FACTS) for fact in found)


def _draw(view: View, form: SpaceForm, space: StateSpace, main: str, held: Held | None, summary: str) -> None:
    event = space_picture(
        key="space",
        space=space,
        main=main,
        names={name: SPACE_FIGURE[name] for name in (*EXTREMES, "custom")},
        read=_read(view),
        held=held,
        awaited=held is None and view.trace.units <= MOST_UNITS,
        cursor=view.workspace.cursor,
        depth=form.depth,
        colour=form.colour,
        height=HEIGHT,
        on_change=_take_over,
        summary=summary,
        filename=f"space-{file_name(view)}",
    )
    state.choose(cursor=event.cursor)
    if (event.depth, event.colour) != (form.depth, form.colour):
        state.change(lambda chosen: chosen.with_part("space", depth=event.depth, colour=event.colour))


def _take_over() -> None:
    """Before the page runs, which asks for the points of the step and for the sentence of the directions."""
    state.touched()
    told = told_by("space")
    if "cursor" in told:
        state.choose(cursor=told["cursor"])
    looks = {name: told[name] for name in ("depth", "colour") if name in told}
    state.change(lambda chosen: chosen.with_part("space", **looks))


def _read(view: View) -> Read:
    """What was read and answered at every step, as far as steps can be coloured by it."""
    card, answers = view.model.card, view.answers()
    said: list[str] = []
    if answers is not None and card.answer == "class":
        said = [visible(view.in_words(card.outputs[index])) for index in answers.argmax(axis=-1)]
    elif answers is not None:
        said = [number_text(float(row[0])) for row in answers]
    labels = view.ticks or ("",) * view.trace.steps
    is_symbols = symbols_of(view.model.encoder) is not None and view.sequence.symbolic
    name = view.sequence.names[0] if view.sequence.names else ""
    return Read(
        labels=labels,
        kinds=view.sequence.labels if is_symbols else (),
        values=None if is_symbols else view.sequence.values[:, 0],
        value_name=view.in_words(name),
        answers=said,
        answers_are_kinds=card.answer == "class",
    )


def _shown(view: View, space: StateSpace, main: str, held: Held | None, sentences: tuple[str, ...]) -> Shown:
    texts, labels, depth = dict(SPACE_FIGURE), view.ticks, cast(Depth, int(view.workspace.space.depth))
    trace, text = view.trace, together(sentences)

    def figure(look: str) -> go.Figure:
        return space_figure(
            space, trace, main=main, held=held, labels=labels, depth=depth, theme=look, texts=texts, text=text
        )

    return Shown(
        title=texts["title"],
        figure=figure,
        sentences=sentences,
        numbers=lambda: _numbers(space, held),
        code=space_lines(
            python_code(view),
            view.trace,
            view.layer,
            view.overrides,
            fitted=space.fitted,
            held=None if held is None else (held.what, held.step),
        ),
    )


def _numbers(space: StateSpace, held: Held | None) -> dict[str, NDArray[Any]]:
    found: dict[str, NDArray[Any]] = {
        "mean": space.basis.mean,
        "directions": space.basis.axes,
        "shares": space.basis.shares,
        "steps": next(iter(space.paths.values())).steps,
    }
    found |= {f"places_{name}": path.places for name, path in space.paths.items()}
    if held is not None:
        found |= {
            "fixed_points": held.found.states,
            "eigenvalues": np.array([point.eigenvalues for point in held.found.points]),
            "slow_points": held.found.slow,
        }
    return found
