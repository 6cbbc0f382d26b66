"""The live cell: one step of a GRU as data flow, computed and touched in the browser.

    event = cell(key="cell", cells=CellData.of(gru, trace, ...), chosen=CellChoice(step=3), ...)

The browser is sent the weights and the input once and computes every number itself, in float64, so that
playing, dragging and undoing never ask the server. What a person settled on comes back when they let go.
Where a layer or a sequence is too large for that (`CellData.touch`), the browser shows a part of what the
server computed and says that nothing can be changed. `assets/components/cell` has the drawing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, Literal

import numpy as np
import streamlit as st

from gru_core.errors import InputError, LinkError
from gru_core.figures.colours import COLOUR_MAPS
from gru_core.limits import (
    MAX_EDIT_CHARACTERS,
    MAX_EDIT_VALUE,
    MAX_EDITS,
    MAX_LIVE_CELLS,
    MAX_LIVE_STEPS,
    MAX_LIVE_WEIGHTS,
)
from gru_core.symbols import SYMBOLS
from gru_ui.components.bundle import bundle, stylesheet
from gru_ui.components.cell_data import CellData, Held, Readout
from gru_ui.components.cell_texts import CELL_TEXTS
from gru_ui.components.part import Part, remember_drawn
from gru_ui.components.payload import Packer
from gru_ui.components.settled import settle

__all__ = [
    "CELL_TEXTS",
    "CONTROLS",
    "DEPTHS",
    "LIT",
    "SHOWS_RESET",
    "Z_MEANS",
    "CellChoice",
    "CellData",
    "CellEvent",
    "Held",
    "Readout",
    "build_payload",
    "cell",
]

ASSETS = Path(__file__).resolve().parents[2] / "assets" / "components" / "cell"
LABEL_LIMIT = 40
"""Characters of a label that travel; the rest would not fit on any axis."""

DEPTHS: Final = ("box", "gates", "arithmetic")
LIT: Final = ("", *SYMBOLS, "Y")
Z_MEANS: Final = ("keeps", "updates")
SHOWS_RESET: Final = ("own", "other")
CONTROLS: Final = ("play", "depth", "unit", "touch", "conventions", "equations", "strips", "save")


@dataclass(frozen=True)
class CellChoice:
    """What is looked at, and what was changed.

    depth        how far the cell is opened: "box", "gates" or "arithmetic"
    lit          the symbol that is pinned, "" for none
    z_means      which sense of Z labels and equations have; no number of H depends on it
    shows_reset  whose equation of the candidate stands there: the layer's own, or that of the other mode
    edits        the changes by hand as `gru_core.edits` reads them, "" for none
    """

    step: int = 0
    unit: int = 0
    depth: Literal["box", "gates", "arithmetic"] = "box"
    lit: str = ""
    z_means: Literal["keeps", "updates"] = "keeps"
    shows_reset: Literal["own", "other"] = "own"
    edits: str = ""


@dataclass(frozen=True)
class CellEvent(CellChoice):
    """The same as the person left it."""


def cell(
    *,
    key: str,
    cells: CellData,
    chosen: CellChoice = CellChoice(),
    texts: Mapping[str, str] = CELL_TEXTS,
    summary: str = "",
    filename: str = "cell",
    passes_back: bool = False,
    height: int | None = None,
    controls: Sequence[str] = CONTROLS,
    on_change: Callable[[], None] | None = None,
) -> CellEvent:
    """Draws the cell and returns what the person settled on.

    Fields of `chosen` are orders to the browser only where they differ from the call before; passing back
    what the last event said, or always the same, leaves the picture as the person has it. A page that
    `passes_back` every event gives an order with any other value. A step or unit that does not exist becomes
    the last one. `summary` is the text twin of the picture. `height` is the whole height in pixels where the
    parts have room side by side, None what a page with the frame leaves of the screen; `controls` are the
    names in CONTROLS of what is shown besides the drawing and its sentence: without "touch" nothing can be
    changed.

    Raises:
        LinkError: edits that cannot be read or made here (`cells.edits(text)` tells beforehand).
        InputError: numbers that are not finite.
    """
    cells.edits(chosen.edits)
    wanted = asdict(_fitting(chosen, cells))
    reported = _clean(st.session_state.get(key), cells)
    command, now = settle(st.session_state, key, wanted, reported, passes_back=passes_back)
    # Left from another layer or input that was here before: the browser drops them too.
    now["edits"] = now["edits"] if _possible(now["edits"], cells) else ""
    data = build_payload(
        cells,
        step=now["step"],
        header={
            "key": key,
            "texts": {**CELL_TEXTS, **texts},
            "summary": summary,
            "filename": filename,
            "height": height,
            "controls": [name for name in CONTROLS if name in controls],
            "command": command,
        },
    )
    remember_drawn(_component(), data, now)
    callback = on_change or _nothing
    _mount()(key=key, data=data, **{f"on_{name}_change": callback for name in wanted})
    return CellEvent(**now)


def build_payload(cells: CellData, *, step: int, header: Mapping[str, Any]) -> bytes:
    """The bytes for one layer, of bounded size.

    Where the sequence is too long (`cells.touch`), a part around `step` travels, with the state before it;
    where the layer has too many weights, what the server computed travels in their place.

    Raises:
        InputError: numbers that are not finite.
    """
    first, stop = _part(cells, step)
    packer, digest = Packer(), hashlib.sha256()

    def add(array: Any) -> dict[str, Any]:
        values = np.ascontiguousarray(array, dtype=np.float32)
        if not np.isfinite(values).all():
            raise InputError(
                "The cell holds values that are not finite (NaN or infinity): it cannot be drawn."
            )
        digest.update(values.tobytes())
        return packer.add(values)

    H = cells.recorded["H"]
    start = cells.H0
    if cells.reverse and stop < cells.steps:
        start = H[stop]
    elif not cells.reverse and first:
        start = H[first - 1]
    live, rows = cells.touch != "large", cells.symbol_rows
    recorded = ("H",) if live else tuple(cells.recorded)
    facts = {
        "touch": cells.touch,
        "first": first,
        "steps": stop - first,
        "total": cells.steps,
        "inputs": cells.inputs,
        "units": cells.units,
        "resetMode": cells.reset_mode,
        "gateActivation": cells.gate_activation,
        "reverse": cells.reverse,
        "x": add(cells.X[first:stop]),
        "h0": add(start),
        "weights": {name: add(values) for name, values in cells.weights.items()} if live else None,
        "held": {gate: _pack_held(cells.held.get(gate), first, stop, add) for gate in "RZ"},
        "recorded": {name: add(cells.recorded[name][first:stop]) for name in recorded},
        "labels": _short(cells.labels[first:stop]),
        "inputNames": _short(cells.input_names) if live else [],
        "symbols": _short(cells.live_symbols),
        "symbolRows": None if rows is None or not cells.live_symbols else add(rows),
        "moreSymbols": bool(cells.symbols) and not cells.live_symbols,
        "readout": None if cells.live_readout is None else _pack_readout(cells.live_readout, add),
        "targets": _pack_targets(cells, first, stop, packer),
    }
    digest.update(repr(facts).encode())
    return packer.finish(
        {
            **header,
            **facts,
            "source": digest.hexdigest(),
            "limits": {
                "edits": MAX_EDITS,
                "characters": MAX_EDIT_CHARACTERS,
                "value": MAX_EDIT_VALUE,
                "weights": MAX_LIVE_WEIGHTS,
                "cells": MAX_LIVE_CELLS,
                "steps": MAX_LIVE_STEPS,
            },
            "colours": COLOUR_MAPS,
            "symbolColours": {name: asdict(symbol) for name, symbol in SYMBOLS.items()},
        }
    )


def _part(cells: CellData, step: int) -> tuple[int, int]:
    """The steps that travel: all of them, or as many as the limit allows around the chosen one."""
    if cells.touch == "on":
        return 0, cells.steps
    width = cells.inputs + cells.units * (1 if cells.touch == "long" else 5)
    most = min(max(MAX_LIVE_CELLS // width // 2, 1), MAX_LIVE_STEPS, cells.steps)
    # Parts begin at multiples of a half, so that a step further asks for nothing new.
    half = max(most // 2, 1)
    first = min(max(step // half * half - half // 2, 0), cells.steps - most)
    return first, first + most


def _pack_held(held: Held | None, first: int, stop: int, add: Callable[..., Any]) -> dict[str, Any] | None:
    if held is None:
        return None
    value, blend = held.part(first, stop)
    return {"value": add(value), "blend": add(blend)}


def _pack_readout(readout: Readout, add: Callable[..., Any]) -> dict[str, Any]:
    return {
        "kind": readout.kind,
        "names": _short(readout.names),
        "outputs": int(readout.bias.size),
        "weight": add(readout.weight),
        "bias": add(readout.bias),
    }


def _pack_targets(cells: CellData, first: int, stop: int, packer: Packer) -> dict[str, Any] | None:
    """Classes as int16, -1 for none; numbers as float32, NaN for none."""
    if cells.targets is None or cells.live_readout is None:
        return None
    part = cells.targets[first:stop]
    if cells.live_readout.kind == "numbers":
        return packer.add(np.asarray(part, dtype=np.float32))
    return packer.add(np.array([-1 if index is None else index for index in part], dtype=np.int16))


def _short(labels: Any) -> list[str]:
    return [str(label)[:LABEL_LIMIT] for label in labels]


def _fitting(chosen: CellChoice, cells: CellData) -> CellChoice:
    """The choice with a step and a unit that exist."""
    return CellChoice(
        **{
            **asdict(chosen),
            "step": min(max(chosen.step, 0), cells.steps - 1),
            "unit": min(max(chosen.unit, 0), cells.units - 1),
        }
    )


def _clean(state: Any, cells: CellData) -> dict[str, Any]:
    """What the browser reported, as far as it makes sense here: a browser can send anything."""
    state = state or {}
    seen: dict[str, Any] = {}
    for name, size in (("step", cells.steps), ("unit", cells.units)):
        value = state.get(name)
        if isinstance(value, (int, float)) and not isinstance(value, bool) and value in range(size):
            seen[name] = int(value)
    for name, allowed in (
        ("depth", DEPTHS),
        ("lit", LIT),
        ("z_means", Z_MEANS),
        ("shows_reset", SHOWS_RESET),
    ):
        if isinstance(state.get(name), str) and state[name] in allowed:
            seen[name] = state[name]
    edits = state.get("edits")
    if isinstance(edits, str) and _possible(edits, cells):
        seen["edits"] = edits
    return seen


def _possible(edits: str, cells: CellData) -> bool:
    try:
        cells.edits(edits)
    except LinkError:
        return False
    return True


def _nothing() -> None:
    """Streamlit keeps only state that has a callback."""


@lru_cache(maxsize=1)
def _component() -> Part:
    return Part(
        "gatescope_cell",
        html='<div class="cell picture" data-revision="0"></div>\n<!-- the script builds the rest -->',
        css=stylesheet(ASSETS, "picture"),
        js=bundle(ASSETS),
    )


@lru_cache(maxsize=1)
def _mount() -> Any:
    """The registered component."""
    return _component().register()
