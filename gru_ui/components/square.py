"""The live gate square: every unit a point at each step, R to the right and Z upwards.

    square(key="gate_square", trace=trace, found=gate_square(trace), ticks=..., cursor=3, on_clamp=..., ...)

Hovering, playing, stepping, selecting and dragging the cross-hair never ask the server. What a person
settled on comes back when they let go; `asked` reads it in a callback, before the page runs, so that the page
can take it over and already draw what follows from it. `assets/components/square` has the drawing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, TypeGuard

import numpy as np
import streamlit as st

from gru_core.analysis.frozen import FrozenScores
from gru_core.analysis.square import BINS, NEAR, PLACES, Square, places
from gru_core.errors import ShapeError
from gru_core.figures.colours import COLOUR_MAPS
from gru_core.symbols import SYMBOLS
from gru_core.trace import GateTrace
from gru_ui.components.bundle import bundle, stylesheet
from gru_ui.components.part import Part, remember_drawn
from gru_ui.components.payload import Packer, quantise, wire_dtype
from gru_ui.components.settled import settle
from gru_ui.components.square_texts import SQUARE_PICTURE_TEXTS

__all__ = ["SQUARE_PICTURE_TEXTS", "SquareChoice", "asked", "build_square", "square"]

ASSETS = Path(__file__).resolve().parents[2] / "assets" / "components" / "square"

MOST_POINTS: Final = 2**20
"""Points that travel (2 MB); of a longer trace every second step, or every third and so on."""

LABEL_LIMIT: Final = 20

ACCENT: Final = {"light": "#7A4FD0", "dark": "#A583F5"}
"""By theme: what is selected or held, in the colour of no symbol."""


@dataclass(frozen=True)
class SquareChoice:
    """What a person settled on.

    unit      the unit pointed at, None for none
    selected  units, from the lowest up
    clamp     (R, Z) where the cross-hair holds gates, None where it holds none
    """

    cursor: int = 0
    unit: int | None = None
    selected: tuple[int, ...] = ()
    clamp: tuple[float, float] | None = None


def square(
    *,
    key: str,
    trace: GateTrace,
    found: Square,
    chosen: SquareChoice,
    ticks: Sequence[str],
    held: int = 0,
    scores: FrozenScores | None = None,
    scores_of_some: bool = False,
    on_change: Callable[[str], None],
    texts: Mapping[str, str] = SQUARE_PICTURE_TEXTS,
    height: int | None = None,
    group: str = "",
    summary: str = "",
    filename: str = "square",
) -> None:
    """Draws the square of the first sequence of a trace as `chosen` says.

    found   what `gate_square` says of the trace
    held    how many units the cross-hair holds, where it holds gates
    scores  are drawn behind the points instead of how often points are where; `scores_of_some` where they are
            of the selected units
    on_change(name)  is called before the page runs, when a person changed the field of that name of
            SquareChoice: take over what `asked` then says
    height  of the whole picture in pixels; None where its width decides
    group   pictures of a page that have the same one, if it is not "", play and step together

    Raises ShapeError where ticks do not fit the steps.
    """
    wanted = {
        "cursor": min(max(chosen.cursor, 0), trace.steps - 1),
        "unit": chosen.unit,
        "selected": list(chosen.selected),
        "clamp": None if chosen.clamp is None else list(chosen.clamp),
    }
    reported = {
        name: list(value) if isinstance(value, tuple) else value
        for name, value in asked(key, trace.steps, trace.units).items()
    }
    command, now = settle(st.session_state, key, wanted, reported, passes_back=True)
    data = build_square(
        {
            "key": key,
            "texts": {**SQUARE_PICTURE_TEXTS, **texts},
            "summary": summary,
            "filename": filename,
            "height": height,
            "group": group,
            "command": command,
        },
        trace=trace,
        found=found,
        ticks=ticks,
        held=held,
        scores=scores,
        scores_of_some=scores_of_some,
    )
    remember_drawn(_component(), data, now)
    _mount()(
        key=key,
        data=data,
        on_cursor_change=lambda: on_change("cursor"),
        on_unit_change=lambda: on_change("unit"),
        on_selected_change=lambda: on_change("selected"),
        on_clamp_change=lambda: on_change("clamp"),
    )


def asked(key: str, steps: int, units: int) -> dict[str, Any]:
    """What the browser told last, by the fields of SquareChoice, as far as it makes sense for such a trace.

    A browser can send anything: what is no choice here is left out.
    """
    state = st.session_state.get(key) or {}
    seen: dict[str, Any] = {}
    cursor, unit = state.get("cursor"), state.get("unit")
    if _is_index(cursor, steps):
        seen["cursor"] = int(cursor)
    if "unit" in state and (unit is None or _is_index(unit, units)):
        seen["unit"] = None if unit is None else int(unit)
    selected = state.get("selected")
    if isinstance(selected, list | tuple) and all(_is_index(each, units) for each in selected):
        seen["selected"] = tuple(sorted({int(each) for each in selected}))
    if "clamp" in state:
        clamp = state["clamp"]
        if clamp is None:
            seen["clamp"] = None
        elif isinstance(clamp, list | tuple) and len(clamp) == 2 and all(map(_is_share, clamp)):
            seen["clamp"] = (float(clamp[0]), float(clamp[1]))
    return seen


def build_square(
    header: Mapping[str, Any],
    *,
    trace: GateTrace,
    found: Square,
    ticks: Sequence[str],
    held: int,
    scores: FrozenScores | None,
    scores_of_some: bool,
) -> bytes:
    """What the browser is sent, as one block; of bounded size however long the trace is."""
    steps, units = trace.steps, trace.units
    if len(ticks) not in (0, steps):
        raise ShapeError(f"There must be one tick label per step: {len(ticks)} labels for {steps} steps.")
    stride = -(-steps * units // MOST_POINTS)
    R, Z = trace.R[0, ::stride], trace.Z[0, ::stride]
    columns = len(R)
    dtype = wire_dtype(2 * columns * units)
    packer = Packer()
    near = places(R, Z)
    return packer.finish(
        {
            **header,
            "steps": steps,
            "units": units,
            "stride": stride,
            "columns": columns,
            "digits": 3 if dtype.itemsize == 2 else 2,
            "R": packer.add(quantise(R, 0.0, 1.0, dtype)),
            "Z": packer.add(quantise(Z, 0.0, 1.0, dtype)),
            "near": [packer.add(near[place].sum(axis=1).astype(np.uint16)) for place in PLACES],
            "nearness": NEAR,
            "shares": {place: f"{found.share(place):.0%}" for place in PLACES},
            "bins": BINS,
            "density": packer.add((found.counts / found.points).astype(np.float32)),
            "held": held,
            "ticks": [str(tick)[:LABEL_LIMIT] for tick in ticks[::stride]],
            "scores": None if scores is None else _pack_scores(scores, scores_of_some, packer),
            "inks": {name: SYMBOLS[name].colour for name in ("R", "Z")},
            "accent": ACCENT,
            "colours": COLOUR_MAPS["answer"],
        }
    )


def _pack_scores(scores: FrozenScores, of_some: bool, packer: Packer) -> dict[str, Any]:
    """The grid; its colours run from what guessing scores to 1, a perfect score."""
    return {
        "side": len(scores.values),
        "values": packer.add(scores.scores.astype(np.float32)),
        "range": (min(scores.chance, 0.99), 1.0),
        "some": of_some,
    }


def _is_index(value: Any, size: int) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool) and value in range(size)


def _is_share(value: Any) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 1


@lru_cache(maxsize=1)
def _component() -> Part:
    return Part(
        "gatescope_square",
        html='<div class="square picture" data-revision="0"></div>\n<!-- the script builds the rest -->',
        css=stylesheet(ASSETS, "picture"),
        js=bundle(ASSETS),
    )


@lru_cache(maxsize=1)
def _mount() -> Any:
    """The registered component."""
    return _component().register()
