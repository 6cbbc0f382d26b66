"""The ripple of one changed input, drawn and recomputed in the browser while a hand drags the change.

    event = ripple(key="ripple", chosen=RippleChoice(step=3), what=RippleWhat(...), live=LiveGRU(...))

A small GRU travels with all its layers, and the browser computes both runs itself in float64 (the cell's
engine). Of a larger one the server's numbers travel, for the change that was settled on last, reduced to what
a screen can show. `assets/components/ripple` has the drawing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, Literal

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from gru_core.analysis.change import NUDGE
from gru_core.analysis.jacobian import ROUTES
from gru_core.analysis.ripple import GONE, Ripple
from gru_core.figures.ripple import REACH, ink
from gru_core.limits import MAX_LIVE_CELLS, MAX_LIVE_WEIGHTS
from gru_core.symbols import SYMBOLS
from gru_ui.components.bundle import bundle, stylesheet
from gru_ui.components.cell_data import CellData
from gru_ui.components.part import Part, remember_drawn
from gru_ui.components.payload import MAX_COLUMNS, Packer
from gru_ui.components.ripple_texts import RIPPLE_PICTURE_TEXTS
from gru_ui.components.settled import settle

__all__ = ["LiveGRU", "Recorded", "RippleChoice", "RippleWhat", "build_ripple", "ripple"]

ASSETS = Path(__file__).resolve().parents[2] / "assets" / "components" / "ripple"
LABEL_LIMIT = 40
KINDS: Final = ("change", "nudge")
BY: Final = (-3.0, 3.0, 0.1)
"""Least, most and step of what a number is changed by."""

LIVE_OPERATIONS: Final = 20_000_000
"""Multiply-adds of one run that a browser does while a hand drags: some 30 ms of a laptop."""

COLOURS: Final = {"copy": "H", "update": "Z", "candidate": "H_tilde", "reset": "R", "input": "X"}


@dataclass(frozen=True)
class RippleChoice:
    """What is changed: the step; the symbol it reads instead (-1: the next one), or which input by how much.

    kind    "change", or "nudge" for a thousandth of it, shown a thousand times as large
    """

    step: int = 0
    symbol: int = -1
    number: int = 0
    by: float = 1.0
    kind: Literal["change", "nudge"] = "change"


@dataclass(frozen=True, eq=False)
class RippleWhat:
    """What is read, and what could be read instead.

    reads        (time,) the row of each step's symbol, or (time, inputs) the numbers
    choices      row and name of the symbols; () for numbers
    rows         (choices, inputs) what is read for each; None for one-hot
    names        the inputs of a model that reads numbers, with the mean and std of the data
    units        of the layer that is drawn, and whether it reads from the last step to the first
    outputs      the names of the answers; () without a readout. `span` is that of numbers over the sequence
    """

    reads: NDArray[Any]
    labels: Sequence[str]
    units: int
    reverse: bool
    choices: Sequence[tuple[int, str]] = ()
    rows: NDArray[Any] | None = None
    names: Sequence[str] = ()
    mean: Sequence[float] = ()
    std: Sequence[float] = ()
    answer: Literal["classes", "numbers", "none"] = "none"
    outputs: Sequence[str] = ()
    span: float = 1.0


@dataclass(frozen=True, eq=False)
class LiveGRU:
    """A whole GRU that a browser can compute: a `CellData` per layer and direction, and the readout.

    weight  (directions * units, outputs), bias (outputs,); None without a readout
    """

    cells: Sequence[CellData]
    directions: int
    layer: int
    weight: NDArray[Any] | None = field(default=None, repr=False)
    bias: NDArray[Any] | None = field(default=None, repr=False)

    @property
    def fits(self) -> bool:
        """Whether it is small enough for that."""
        first = self.cells[0]
        weights = sum(array.size for cell in self.cells for array in cell.weights.values())
        numbers = first.steps * (first.inputs + first.units * len(self.cells))
        outputs = 0 if self.bias is None else self.bias.size
        work = sum(first.steps * 3 * cell.units * (cell.inputs + cell.units) for cell in self.cells)
        return (
            weights <= MAX_LIVE_WEIGHTS
            and numbers + first.steps * outputs <= MAX_LIVE_CELLS
            and work <= LIVE_OPERATIONS
            and first.steps <= MAX_COLUMNS
        )


@dataclass(frozen=True, eq=False)
class Recorded:
    """The server's ripple of one choice; `share` as that of its `InputChange`.

    answers  before and after the change (time, outputs); None without a readout
    """

    of: RippleChoice
    found: Ripple
    share: float
    answers: tuple[NDArray[Any], NDArray[Any]] | None = None


def ripple(
    *,
    key: str,
    chosen: RippleChoice,
    what: RippleWhat,
    live: LiveGRU | None = None,
    record: Callable[[RippleChoice], Recorded | None] | None = None,
    texts: Mapping[str, str] = RIPPLE_PICTURE_TEXTS,
    summary: str = "",
    filename: str = "ripple",
    height: int | None = None,
    on_change: Callable[[], None] | None = None,
) -> RippleChoice:
    """Draws the ripple of what is `chosen` and returns what the person settled on.

    One of `live` and `record` is given, which makes the server's ripple of what was settled on; None as long
    as it is worked out. Always pass back what was returned last, or what else is wanted.
    """
    wanted = asdict(_fitting(chosen, what))
    reported = _clean(st.session_state.get(key), what)
    command, now = settle(st.session_state, key, wanted, reported, passes_back=True)
    data = build_ripple(
        {
            "key": key,
            "texts": {**RIPPLE_PICTURE_TEXTS, **texts},
            "summary": summary,
            "filename": filename,
            "height": height,
            "command": command,
        },
        what=what,
        live=live,
        recorded=None if record is None else record(RippleChoice(**now)),
    )
    remember_drawn(_component(), data, now)
    callback = on_change or _nothing
    _mount()(key=key, data=data, **{f"on_{name}_change": callback for name in wanted})
    return RippleChoice(**now)


def build_ripple(
    header: Mapping[str, Any], *, what: RippleWhat, live: LiveGRU | None, recorded: Recorded | None
) -> bytes:
    """What the browser is sent, as one block."""
    packer, digest = Packer(), hashlib.sha256()

    def add(array: Any) -> dict[str, Any]:
        values = np.ascontiguousarray(array, dtype=np.float32)
        digest.update(values.tobytes())
        return packer.add(values)

    facts = {
        "steps": len(what.labels),
        "units": what.units,
        "inputs": 1 if what.reads.ndim == 1 else what.reads.shape[1],
        "reverse": what.reverse,
        "labels": [str(label)[:LABEL_LIMIT] for label in what.labels] if any(what.labels) else [],
        "reads": add(what.reads),
        "choices": [[int(row), str(name)[:LABEL_LIMIT]] for row, name in what.choices],
        "rows": None if what.rows is None else add(what.rows),
        "inputNames": [str(name)[:LABEL_LIMIT] for name in what.names],
        "mean": [float(value) for value in what.mean],
        "std": [float(value) for value in what.std],
        "readout": {
            "kind": what.answer,
            "names": [str(name)[:LABEL_LIMIT] for name in what.outputs],
            "span": what.span,
        },
        "layer": 0 if live is None else live.layer,
        "live": None if live is None else _pack_live(live, what.answer, add),
        "recorded": None if recorded is None else _pack_recorded(recorded, what, packer, add),
        "colours": {name: SYMBOLS[symbol].colour for name, symbol in COLOURS.items()},
        "reach": REACH,
        "gone": GONE,
        "share": NUDGE,
        "by": BY,
    }
    if live is not None:
        facts["inputs"] = live.cells[0].inputs
    digest.update(repr(facts).encode())
    return packer.finish({**header, **facts, "source": digest.hexdigest()})


def _pack_live(live: LiveGRU, answer: str, add: Callable[[Any], dict[str, Any]]) -> dict[str, Any]:
    first = live.cells[0]
    return {
        "inputs": first.inputs,
        "units": first.units,
        "steps": first.steps,
        "resetMode": first.reset_mode,
        "gateActivation": first.gate_activation,
        "directions": live.directions,
        "x": add(first.X),
        "cells": [
            {
                "weights": {name: add(values) for name, values in cell.weights.items()},
                "h0": add(cell.H0),
                "held": {gate: _pack_held(cell, gate, add) for gate in "RZ"},
                "reverse": cell.reverse,
            }
            for cell in live.cells
        ],
        "readout": None
        if live.weight is None or live.bias is None
        else {
            "kind": answer,
            "outputs": int(live.bias.size),
            "weight": add(live.weight),
            "bias": add(live.bias),
        },
    }


def _pack_held(cell: CellData, gate: str, add: Callable[[Any], dict[str, Any]]) -> dict[str, Any] | None:
    held = cell.held.get(gate)
    if held is None:
        return None
    value, blend = held.part(0, cell.steps)
    return {"value": add(value), "blend": add(blend)}


def _pack_recorded(
    recorded: Recorded, what: RippleWhat, packer: Packer, add: Callable[[Any], dict[str, Any]]
) -> dict[str, Any]:
    """A ripple in at most so many columns as a screen shows: mean |dH|, and the part that sums to most."""
    found, share = recorded.found, recorded.share
    steps = len(found.difference)
    each = -(-steps // MAX_COLUMNS)
    starts = np.arange(0, steps, each)
    count = np.diff(np.append(starts, steps))[:, None]
    sums = [np.add.reduceat(np.abs(getattr(found, name)), starts, axis=0) for name in ROUTES]
    mean = np.add.reduceat(np.abs(found.difference), starts, axis=0) / count / share
    carrier = np.where(mean == 0, 255, np.stack(sums).argmax(axis=0))
    strength = np.round(255 * ink(mean))
    return {
        "of": list(asdict(recorded.of).values()),
        "step": found.step,
        "bin": each,
        "columns": len(starts),
        "strength": packer.add(np.ascontiguousarray(strength.T, dtype=np.uint8)),
        "carrier": packer.add(np.ascontiguousarray(carrier.T, dtype=np.uint8)),
        "size": add(found.size / share),
        "sizes": {name: add(size / share) for name, size in found.sizes.items()},
        "answer": None
        if recorded.answers is None
        else _pack_answer(recorded.answers, what.answer, recorded.share, packer, add),
    }


def _pack_answer(
    answers: tuple[NDArray[Any], NDArray[Any]],
    kind: str,
    share: float,
    packer: Packer,
    add: Callable[[Any], dict[str, Any]],
) -> dict[str, Any]:
    """At each step how much the answer moves, and the answer in one number before and after."""
    before, after = (np.asarray(each, np.float64) for each in answers)
    apart = np.abs(after - before)
    steps = np.arange(len(before))
    moved, old, new = apart.max(axis=1), apart.argmax(axis=1), apart.argmax(axis=1)
    if kind == "classes":
        moved, old, new = apart.sum(axis=1) / 2, before.argmax(axis=1), after.argmax(axis=1)
    return {
        "moved": add(moved / share),
        "output": packer.add(np.stack((old, new), axis=1).astype(np.int16)),
        "was": add(before[steps, old]),
        "now": add(after[steps, new]),
    }


def _fitting(chosen: RippleChoice, what: RippleWhat) -> RippleChoice:
    """The choice with a step and an input that exist."""
    return RippleChoice(
        step=min(max(chosen.step, 0), len(what.labels) - 1),
        symbol=chosen.symbol if chosen.symbol in dict(what.choices) else -1,
        number=min(max(chosen.number, 0), max(len(what.names) - 1, 0)),
        by=min(max(chosen.by, BY[0]), BY[1]),
        kind=chosen.kind,
    )


def _clean(state: Any, what: RippleWhat) -> dict[str, Any]:
    """What the browser reported, as far as it makes sense here: a browser can send anything."""
    state = state or {}
    seen: dict[str, Any] = {}
    symbols = {-1, *dict(what.choices)}
    for name, allowed in (
        ("step", range(len(what.labels))),
        ("symbol", symbols),
        ("number", range(max(len(what.names), 1))),
    ):
        value = state.get(name)
        if isinstance(value, (int, float)) and not isinstance(value, bool) and value in allowed:
            seen[name] = int(value)
    by = state.get("by")
    if isinstance(by, (int, float)) and not isinstance(by, bool) and BY[0] <= by <= BY[1]:
        seen["by"] = round(float(by), 2)
    if state.get("kind") in KINDS:
        seen["kind"] = state["kind"]
    return seen


def _nothing() -> None:
    """Streamlit keeps only state that has a callback."""


@lru_cache(maxsize=1)
def _component() -> Part:
    return Part(
        "gatescope_ripple",
        html='<div class="ripple picture" data-revision="0"></div>\n<!-- the script builds the rest -->',
        css=stylesheet(ASSETS, "picture"),
        js=bundle(ASSETS),
    )


@lru_cache(maxsize=1)
def _mount() -> Any:
    """The registered component."""
    return _component().register()
