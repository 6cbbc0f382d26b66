"""The gate square: where each unit stands between copying, a plain RNN and seeing only the input."""

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from gru_core.analysis.frozen import FrozenScores
from gru_core.analysis.square import Square, gate_square
from gru_core.analysis.square_facts import square_facts
from gru_core.figures.square import square_figure
from gru_core.limits import MOST_INDEX_CHARACTERS
from gru_core.symbols import H, R, Z
from gru_ui import cache, state
from gru_ui.components.heatmaps import Panel
from gru_ui.components.square import SquareChoice, asked, square
from gru_ui.language.core_tables import SQUARE_FACTS, SQUARE_FIGURES
from gru_ui.language.sentences import together
from gru_ui.meaning import Shown, close_view, open_view
from gru_ui.pictures import show_panels
from gru_ui.saving import python_code
from gru_ui.square.form import units_text
from gru_ui.square.task import score_lines, scores, task_of
from gru_ui.texts import say
from gru_ui.view import View, file_name
from gru_ui.workspace import Workspace

KEY: Final = "gate_square"

HEIGHT: Final = 500
"""Pixels: with the frame above, all of it is on a projector's 768 lines."""


def show_square() -> None:
    """The page."""
    view = open_view("square", sliders=False)
    chosen = state.workspace()
    selected = chosen.square.selected(view.trace.units)
    whole = _square_of(view)
    left, right = st.columns([9, 10], gap="medium")
    with left:
        place, below = st.container(), st.container()
    with below:
        behind = _behind(view, selected)
    part = _square_of(view, selected) if selected else None
    said = tuple(fact.said_by(SQUARE_FACTS) for fact in square_facts(whole, part, selected, behind))
    with right:
        _heatmaps(view, selected, said)
    # After the heatmaps: what was chosen in them holds here in the same run.
    with place:
        _picture(view, whole, selected, behind, said)
    close_view(view, "square", _shown(view, whole, selected, behind, said))


def _square_of(view: View, units: tuple[int, ...] | None = None) -> Square:
    key = ("square", *view.key, view.layer, units)
    size = 40_000 + 48 * view.trace.units
    return cache.kept().get(key, lambda: gate_square(view.trace, units), lambda _: size)


def _behind(view: View, selected: tuple[int, ...]) -> FrozenScores | None:
    """What is drawn behind the points, chosen; the scores where they are asked for and known."""
    st.segmented_control(
        say("square.behind"),
        ("often", "score"),
        format_func=lambda name: say(f"square.behind_{name}"),
        required=True,
        help=say("square.behind_help"),
        **state.part_widget("square", "behind"),
    )
    if state.workspace().square.behind == "often":
        return None
    return scores(view, selected)


def _picture(
    view: View, whole: Square, selected: tuple[int, ...], behind: FrozenScores | None, said: tuple[str, ...]
) -> None:
    chosen, trace = state.workspace(), view.trace
    square(
        key=KEY,
        trace=trace,
        found=whole,
        chosen=SquareChoice(
            cursor=chosen.cursor,
            unit=chosen.unit if chosen.unit >= 0 else None,
            selected=selected,
            clamp=clamp_of(chosen),
        ),
        ticks=view.ticks,
        held=_held(view),
        scores=behind,
        scores_of_some=bool(selected),
        on_change=lambda name: _take_over(name, trace.steps, trace.units),
        height=HEIGHT,
        group=KEY,
        summary=say("square.summary", units=trace.units, steps=trace.steps, facts=together(said)),
        filename=f"{file_name(view)}-square",
    )


def _heatmaps(view: View, selected: tuple[int, ...], said: tuple[str, ...]) -> None:
    """R, Z and H of the selected units, or of all where none are."""
    trace = view.trace
    units = selected or tuple(range(trace.units))
    panels = [
        Panel(
            symbol.name,
            say(f"gates.{symbol.name}_title"),
            getattr(trace, symbol.name)[0][:, list(units)] if selected else getattr(trace, symbol.name)[0],
            symbol.scale,
        )
        for symbol in (R, Z, H)
    ]
    show_panels(
        view,
        panels,
        key="square_heatmaps",
        summary=say("square.heatmaps", units=len(units), steps=trace.steps, facts=together(said[:1])),
        filename=f"{file_name(view)}-units",
        height=HEIGHT,
        units=selected or None,
        group=KEY,
    )


def clamp_of(chosen: Workspace) -> tuple[float, float] | None:
    """Where both gates are held at every step, (R, Z); None where one of them is not."""
    stands = chosen.sliders
    held = chosen.gates != "painted" and stands["z_blend"] == stands["r_blend"] == 1.0
    somewhere = chosen.gates == "custom" and chosen.steps.strip() not in ("", "all")
    return (stands["r"], stands["z"]) if held and not somewhere else None


def _held(view: View) -> int:
    """How many units have a gate that is held."""
    held = {unit for override in view.overrides for unit in override.units or range(view.trace.units)}
    return len(held)


def _take_over(name: str, steps: int, units: int) -> None:
    """What a person changed in the square goes into the workspace, before the page is drawn."""
    told = asked(KEY, steps, units)
    if name not in told:
        return
    state.touched()
    state.clear_messages()
    value = told[name]
    text = units_text(value) if name == "selected" else ""
    if len(text) > MOST_INDEX_CHARACTERS:
        state.tell(say("square.too_many"))
        return
    if name == "clamp" and "selected" in told:
        # They may have changed together, and the cross-hair holds what is selected.
        state.change(lambda chosen: taken(chosen, "selected", told["selected"], units))
    state.change(lambda chosen: taken(chosen, name, value, units))


def taken(chosen: Workspace, name: str, value: Any, units: int) -> Workspace:
    """The workspace with one field of SquareChoice as a person left it."""
    if name == "cursor":
        return chosen.but(cursor=value)
    if name == "unit":
        return chosen.but(unit=-1 if value is None else value)
    if name == "selected":
        return chosen.with_part("square", units=units_text(value))
    if value is None:
        return chosen.but(gates="learned")
    r, z = value
    held = units_text(chosen.square.selected(units))
    return chosen.but(gates="custom", r=r, z=z, r_blend=1.0, z_blend=1.0, units=held, steps="")


def _shown(
    view: View, whole: Square, selected: tuple[int, ...], behind: FrozenScores | None, said: tuple[str, ...]
) -> Shown:
    texts, step = dict(SQUARE_FIGURES), min(state.workspace().cursor, view.trace.steps - 1)

    def figure(theme: str) -> Any:
        return square_figure(
            view.trace,
            whole,
            step,
            selected=selected,
            scores=behind,
            sentences=said,
            theme=theme,
            texts=texts,
        )

    def numbers() -> Mapping[str, NDArray[Any]]:
        found: dict[str, NDArray[Any]] = {
            "R": view.trace.R[0],
            "Z": view.trace.Z[0],
            "counts": whole.counts,
            "mean_R": whole.R,
            "mean_Z": whole.Z,
            **{f"share_{place}": shares for place, shares in whole.shares.items()},
        }
        if behind is not None:
            found |= {"places": behind.values, "scores": behind.scores, "learned": np.array(behind.learned)}
        return found

    lines = ["from gru_core.analysis.square import gate_square", ""]
    lines.append(
        "found = gate_square(t)  # found.shares, found.R, found.Z: by unit; found.counts: in the square"
    )
    code = "\n".join([python_code(view), "", *lines])
    if behind is not None:
        code = "\n".join([code, "", *score_lines(task_of(view), selected)])
    return Shown(texts["title"], figure, said, numbers, code)
