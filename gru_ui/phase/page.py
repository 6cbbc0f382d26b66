"""The page of the phase portrait: the live picture of two units, or where to find one."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from gru_core.analysis.landscape import UNITS, Landscape
from gru_core.analysis.portrait import Portrait
from gru_core.analysis.portrait import portrait as portrait_of
from gru_core.analysis.portrait_facts import Move, Reads, portrait_facts
from gru_core.export.portrait_lines import portrait_lines
from gru_core.figures.portrait import phase_portrait
from gru_ui import state
from gru_ui.cache import demo_model
from gru_ui.components.portrait import PortraitChoice, PortraitData, SliderGates, portrait
from gru_ui.language.core_tables import PHASE_FACTS, PHASE_FIGURE
from gru_ui.language.sentences import translated
from gru_ui.meaning import Shown, close_view
from gru_ui.navigation import VIEWS, page_file
from gru_ui.phase.data import portrait_data
from gru_ui.phase.form import as_text
from gru_ui.saving import python_code
from gru_ui.texts import say
from gru_ui.view import View, file_name, with_model
from gru_ui.workspace import Workspace, chosen_units

DEMOS_OF_TWO = ("bistable", "two_units")
"""The demo models of two units, that with the plainest portrait first."""

WAY = 160
"""Steps for which a state that was let go is followed, as in the browser."""


def draw_phase(view: View) -> None:
    """The portrait with all that stands under it; for another number of units where to find one."""
    if view.model.gru.hidden_size != UNITS:
        _offer(view)
        return
    data = portrait_data(view)
    chosen = _chosen(view)
    seen = Seen.of(view, data, chosen)
    said = tuple(fact.said_by(PHASE_FACTS) for fact in seen.facts)
    portrait(
        key="phase",
        data=data,
        chosen=chosen,
        summary=" ".join(said),
        filename=f"phase-{file_name(view)}",
        took=_take,
    )
    texts = dict(PHASE_FIGURE)
    close_view(
        view,
        "phase",
        Shown(
            title=texts["title"],
            figure=lambda look: seen.figure(look, said, texts),
            sentences=said,
            numbers=seen.numbers,
            code=_code(view, seen),
        ),
    )


@dataclass(frozen=True, eq=False)
class Seen:
    """What is in front of the person.

    found   the portrait; `x` (inputs,) what it reads again and again, `reads` the same in words
    way     (time + 1, 2) the states of the sequence in the order of reading, `place` where the step is in it
    """

    found: Portrait
    x: NDArray[np.floating]
    reads: Reads
    way: NDArray[np.floating]
    place: int
    chosen: PortraitChoice

    @classmethod
    def of(cls, view: View, data: PortraitData, chosen: PortraitChoice) -> "Seen":
        """That of a view with these choices."""
        t, step = view.trace, min(chosen.step, view.trace.steps - 1)
        x, reads = _read(view, data, replace(chosen, step=step))
        land = Landscape.of(view.model.gru, x, view.layer, view.overrides, step, t.steps)
        way = np.concatenate([t.H0, t.H[0, ::-1] if data.reverse else t.H[0]])
        place = t.steps - 1 - step if data.reverse else step
        return cls(portrait_of(land), x, reads, way, place, replace(chosen, step=step))

    @property
    def facts(self) -> tuple[Any, ...]:
        """Its sentences."""
        before, after = self.way[self.place : self.place + 2]
        return portrait_facts(self.found, self.reads, Move(self.chosen.step, before, after))

    def figure(self, look: str, said: tuple[str, ...], texts: dict[str, str]) -> Any:
        """The same as a figure."""
        land = self.found.landscape
        return phase_portrait(
            self.found,
            said=said,
            sequence=self.way,
            step=self.place,
            dropped=[land.run(np.array(start), WAY) for start in self.chosen.starts],
            theme=look,
            texts=texts,
        )

    def numbers(self) -> dict[str, NDArray[Any]]:
        """The arrays behind it."""
        points = self.found.points
        return {
            "input": self.x,
            "starts": self.found.starts,
            "arrows": self.found.arrows,
            "fixed_points": np.array([point.h for point in points]).reshape(-1, UNITS),
            "eigenvalues": np.array([point.eigenvalues for point in points]).reshape(-1, UNITS),
            "nullcline_0": np.concatenate([*self.found.nullclines[0], np.zeros((0, 2))]),
            "nullcline_1": np.concatenate([*self.found.nullclines[1], np.zeros((0, 2))]),
            "sequence": self.way,
        }


def _read(view: View, data: PortraitData, chosen: PortraitChoice) -> tuple[NDArray[np.floating], Reads]:
    """What is read again and again; the step's input where the choice does not fit the model."""
    kind, _, number = chosen.input.partition(".")
    if kind == "symbol" and data.symbol_rows is not None and int(number) < len(data.symbols):
        return data.symbol_rows[int(number)], Reads("symbol", label=data.symbols[int(number)])
    if kind == "zero":
        return np.zeros(data.X.shape[1]), Reads("zero")
    if kind == "numbers" and data.knobs:
        given = [*chosen.numbers, *[0.0] * len(data.knobs)][: len(data.knobs)]
        return np.array(given), Reads("numbers")
    label = view.ticks[chosen.step] if chosen.step < len(view.ticks) else ""
    return data.X[chosen.step], Reads("step", chosen.step, label)


def _chosen(view: View) -> PortraitChoice:
    workspace = view.workspace
    form = workspace.phase
    return PortraitChoice(workspace.cursor, form.reads, form.inputs, _sliders(workspace), form.states)


def _sliders(workspace: Workspace) -> SliderGates | None:
    """The gates as sliders; None where no sliders say them: painted, or set for some steps only."""
    if workspace.gates == "painted" or (workspace.gates == "custom" and workspace.steps):
        return None
    free = workspace.gates in ("learned", "custom")
    units = chosen_units(workspace.units) if free else None
    return SliderGates(**workspace.sliders, units=str(units[0]) if units in ((0,), (1,)) else "")


def _take(field: str, value: Any) -> None:
    """What the person settled on in the picture goes into the workspace, before the page runs again."""
    state.touched()
    state.clear_messages()
    match field:
        case "step":
            state.choose(cursor=value)
        case "gates":
            # As sliders that say what the page says already it is no choice of theirs.
            if value != _sliders(state.workspace()):
                state.choose(**_as_choices(value))
        case "input":
            state.change(lambda chosen: chosen.with_part("phase", reads=value))
        case "numbers":
            numbers = tuple(map(as_text, value))
            state.change(lambda chosen: chosen.with_part("phase", numbers=numbers))
        case "starts":
            starts = tuple(f"{as_text(a)},{as_text(b)}" for a, b in value)
            state.change(lambda chosen: chosen.with_part("phase", starts=starts))


def _as_choices(gates: SliderGates) -> dict[str, Any]:
    """Sliders as the workspace has them: for every step, and as learned where neither gate is held."""
    free = gates.z_blend == 0 and gates.r_blend == 0
    return {
        **{name: getattr(gates, name) for name in ("z", "z_blend", "r", "r_blend", "units")},
        "gates": "learned" if free else "custom",
        "steps": "",
    }


def _code(view: View, seen: Seen) -> str:
    """The lines that give the fixed points again."""
    step = seen.chosen.step
    x = None if seen.reads.kind == "step" else seen.x
    return portrait_lines(python_code(view), view.overrides, layer=view.layer, step=step, x=x)


def _offer(view: View) -> None:
    """Why there is no portrait here, and one click to where there is one."""
    st.info(say("phase.needs_two", units=view.model.gru.hidden_size))
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="phase_offer"):
        for name in DEMOS_OF_TWO:
            st.button(
                say("phase.open_demo", title=translated(demo_model(name).card.title)),
                key=f"phase_open_{name}",
                on_click=_open,
                args=(name,),
                type="primary" if name == DEMOS_OF_TWO[0] else "secondary",
            )
        if "space" in VIEWS:
            st.page_link(page_file("space"), label=say("phase.to_space"), icon=":material/arrow_forward:")


def _open(name: str) -> None:
    state.touched()
    state.clear_messages()
    # With no pulse its two places to rest are seen at once.
    state.change(lambda chosen: with_model(chosen, name).with_part("phase", reads="zero"))
