"""The live state space: paths of the state under several gate settings, turned and played in the browser.

    event = space_picture(key="space", paths=space, main="learned", held=held, ...)

Turning, playing, colours and eigenvalues never ask the server; the step under the cursor and how the picture
is looked at come back when the person lets go. `assets/components/space` has the drawing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from gru_core.analysis.fact import rounded
from gru_core.analysis.fixed_points import FixedPoint
from gru_core.analysis.space import Held, StateSpace, kinds_of
from gru_core.errors import ShapeError
from gru_core.figures.space_colours import KIND_COLOURS, PATH_DASHES, TIME_COLOURS, path_colour
from gru_core.limits import MAX_STEPS
from gru_ui.components.bundle import bundle, stylesheet
from gru_ui.components.part import Part, remember_drawn
from gru_ui.components.payload import Packer
from gru_ui.components.settled import settle
from gru_ui.components.space_texts import SPACE_WIDGET_TEXTS

__all__ = ["COLOURINGS", "DEPTHS", "Read", "SpaceEvent", "build_space", "space_picture", "told_by"]

ASSETS = Path(__file__).resolve().parents[2] / "assets" / "components" / "space"
LABEL_LIMIT: Final = 24

DEPTHS: Final = ("3", "2")
COLOURINGS: Final = ("setting", "time", "read", "answer")

DASHES: Final = {"solid": [], "dash": [7, 4], "dot": [2, 3], "dashdot": [8, 3, 2, 3]}


@dataclass(frozen=True, eq=False)
class Read:
    """What was read and answered, one entry per step of the sequence.

    labels   the symbols, or the labels of the steps; shown where a step is named
    kinds    the symbols that steps are coloured by; () for numbers
    values   (time,) the numbers that steps are coloured by instead; `value_name` says of what
    answers  the answer after each step; () where there is none
    answers_are_kinds  whether steps can be coloured by them: they are classes
    """

    labels: Sequence[str]
    kinds: Sequence[str] = ()
    values: NDArray[np.floating] | None = None
    value_name: str = ""
    answers: Sequence[str] = ()
    answers_are_kinds: bool = False


@dataclass(frozen=True)
class SpaceEvent:
    """What the person settled on."""

    cursor: int
    depth: str
    colour: str


def space_picture(
    *,
    key: str,
    space: StateSpace,
    main: str,
    names: Mapping[str, str],
    read: Read,
    held: Held | None = None,
    awaited: bool = False,
    cursor: int = 0,
    depth: str = "3",
    colour: str = "setting",
    height: int = 430,
    texts: Mapping[str, str] = SPACE_WIDGET_TEXTS,
    on_change: Callable[[], None] | None = None,
    summary: str = "",
    filename: str = "space",
) -> SpaceEvent:
    """Draws the paths, `main` strongest, and the points of `held`; returns what the person settled on.

    `names` calls every setting by its name on the screen; `awaited` says that points are being sought, and
    keeps a place for their eigenvalues. `cursor`, `depth` and `colour` are orders to the
    browser only when they differ from what held before. `summary` is the text twin of the picture.

    Raises ShapeError where there is not one label per step.
    """
    steps = len(read.labels)
    colourings = _colourings(space, read, texts)
    reported = _clean(st.session_state.get(key), steps, tuple(entry["name"] for entry in colourings))
    wanted = {"cursor": min(max(cursor, 0), steps - 1), "depth": depth, "colour": colour}
    command, now = settle(st.session_state, key, wanted, reported, passes_back=True)
    data = build_space(
        {
            "key": key,
            "texts": {**SPACE_WIDGET_TEXTS, **texts},
            "summary": summary,
            "filename": filename,
            "height": height,
            "awaited": awaited,
            "command": command,
        },
        space=space,
        main=main,
        names=names,
        read=read,
        held=held,
        colourings=colourings,
    )
    remember_drawn(_component(), data, now)
    callback = on_change or _nothing
    _mount()(
        key=key, data=data, on_cursor_change=callback, on_depth_change=callback, on_colour_change=callback
    )
    return SpaceEvent(int(now["cursor"]), str(now["depth"]), str(now["colour"]))


def told_by(key: str) -> dict[str, Any]:
    """What the person settled on last in the picture `key`, for a callback: of cursor, depth and colour.

    A step may be beyond the end of another sequence; a colouring may be one that the picture does not have.
    """
    return _clean(st.session_state.get(key), MAX_STEPS, COLOURINGS)


def build_space(
    header: Mapping[str, Any],
    *,
    space: StateSpace,
    main: str,
    names: Mapping[str, str],
    read: Read,
    held: Held | None,
    colourings: Sequence[Mapping[str, Any]] | None = None,
) -> bytes:
    """What the browser is sent, as one block."""
    texts, packer = header["texts"], Packer()
    steps = next(iter(space.paths.values())).steps
    labels = [str(label)[:LABEL_LIMIT] for label in read.labels]
    if len(labels) <= steps.max():
        raise ShapeError(
            f"There must be one label per step: {len(labels)} labels for {steps.max() + 1} steps."
        )
    answers = ["", *(str(read.answers[step]) if read.answers else "" for step in steps[1:])]
    moved = np.linalg.norm(np.diff(np.asarray(space.paths[main].states, np.float64), axis=0), axis=1)
    axes = [
        {"short": str(index + 1), "name": texts["direction"].format(number=index + 1, share=f"{share:.0%}")}
        for index, share in enumerate(space.basis.shares)
    ]
    given = _colourings(space, read, texts) if colourings is None else colourings
    points = held.found.points if held is not None else ()
    return packer.finish(
        {
            **header,
            "axes": axes,
            "shape": f"{space.basis.axes.shape} {space.fitted}",
            "stepOf": packer.add(steps.astype(np.float32)),
            "ticks": ["", *(labels[step] for step in steps[1:])],
            "answerOf": answers,
            "movedBy": packer.add(np.append(0, moved).astype(np.float32)),
            "paths": [
                {
                    "id": name,
                    "name": names[name],
                    "main": name == main,
                    "colours": {theme: path_colour(name, theme) for theme in ("light", "dark")},
                    "dash": DASHES[PATH_DASHES.get(name, PATH_DASHES["custom"])],
                    "places": packer.add(_in_three(path.places)),
                }
                for name, path in space.paths.items()
            ],
            "colourings": [
                {key: packer.add(part) if key == "codes" else part for key, part in entry.items()}
                for entry in given
            ],
            "points": [
                {
                    "kind": point.kind,
                    "answer": held.answers[index] if held is not None and held.answers else "",
                    "note": point_note(point, texts),
                    "values": packer.add(_pairs(point.eigenvalues)),
                }
                for index, point in enumerate(points)
            ],
            "pointPlaces": packer.add(_in_three(space.basis.project(_states(points, space)))),
            "slowPlaces": packer.add(
                _in_three(space.basis.project(held.found.slow if held is not None else _states((), space)))
            ),
            "colours": {"kind": KIND_COLOURS, "time": TIME_COLOURS},
        }
    )


def point_note(point: FixedPoint, texts: Mapping[str, str]) -> str:
    """What becomes of a push at a point, in its most telling direction."""
    if point.kind == "marginal":
        return texts["stays"]
    steps = f"{rounded(float(point.time_constants[0])):,.15g}"
    if point.growing:
        return texts["grows one" if point.growing == 1 else "grows"].format(count=point.growing, steps=steps)
    return texts["dies" if point.sizes[0] else "dies at once"].format(steps=steps)


def _colourings(space: StateSpace, read: Read, texts: Mapping[str, str]) -> list[dict[str, Any]]:
    """By what the steps may be coloured: a name, and for each step in the order of reading a code."""
    steps = next(iter(space.paths.values())).steps[1:]
    found: list[dict[str, Any]] = [
        {"name": "setting"},
        {"name": "time", "ends": [texts["first step"], texts["last step"]]},
    ]
    if read.kinds:
        found.append({"name": "read", **_kinds(read.kinds, steps, texts)})
    elif read.values is not None:
        values = np.asarray(read.values, np.float64)[steps]
        low, high = float(values.min()), float(values.max())
        codes = np.round((values - low) / ((high - low) or 1.0) * 65535).astype(np.uint16)
        ends = [f"{read.value_name} {low:.3g}", f"{high:.3g}"]
        found.append({"name": "read", "ends": ends, "codes": codes})
    if read.answers and read.answers_are_kinds:
        found.append({"name": "answer", **_kinds(read.answers, steps, texts)})
    return found


def _kinds(labels: Sequence[str], steps: NDArray[np.intp], texts: Mapping[str, str]) -> dict[str, Any]:
    kinds = kinds_of([labels[step] for step in steps])
    codes = np.array(kinds.codes, np.uint8)
    others = [texts["other"]] if (codes == len(kinds.names)).any() else []
    return {"names": [*(name[:LABEL_LIMIT] for name in kinds.names), *others], "codes": codes}


def _states(points: Sequence[FixedPoint], space: StateSpace) -> NDArray[np.float64]:
    return np.array([point.state for point in points]).reshape(-1, space.basis.axes.shape[1])


def _in_three(places: NDArray[np.float64]) -> NDArray[np.float32]:
    """Places (points, axes) with three numbers each, the directions that there are not being 0."""
    padded = np.zeros((len(places), 3), np.float32)
    padded[:, : places.shape[1]] = places
    return padded


def _pairs(values: NDArray[np.complex128]) -> NDArray[np.float32]:
    return np.stack([values.real, values.imag], axis=1).astype(np.float32)


def _clean(state: Any, steps: int, colourings: Sequence[str]) -> dict[str, Any]:
    """What the browser reported, as far as it makes sense for this picture: it can send anything."""
    state = state or {}
    seen: dict[str, Any] = {}
    cursor, depth, colour = (state.get(name) for name in ("cursor", "depth", "colour"))
    if isinstance(cursor, int | float) and not isinstance(cursor, bool) and cursor in range(steps):
        seen["cursor"] = int(cursor)
    if depth in DEPTHS:
        seen["depth"] = depth
    if colour in colourings:
        seen["colour"] = colour
    return seen


def _nothing() -> None:
    """Streamlit keeps only state that has a callback."""


@lru_cache(maxsize=1)
def _component() -> Part:
    return Part(
        "gatescope_space",
        html='<div class="space picture" data-revision="0"></div>\n<!-- the script builds the rest -->',
        css=stylesheet(ASSETS, "picture"),
        js=bundle(ASSETS),
    )


@lru_cache(maxsize=1)
def _mount() -> Any:
    """The registered component."""
    return _component().register()
