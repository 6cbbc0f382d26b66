"""The live phase portrait of two units: computed, dragged and played in the browser.

    portrait(key="portrait", data=PortraitData.of(gru, trace), chosen=PortraitChoice(step=3), took=take)

The browser is sent weights and drives once and computes every number itself, in float64: arrows, nullclines,
fixed points, and the ways of states. What a person settled on is told when they let go, before the page runs
again: `take("step", 4)` has to see to it that it is in the next `chosen`.
`assets/components/portrait` has the drawing, `gru_core/analysis/portrait.py` the same numbers in Python.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from functools import lru_cache, partial
from math import isfinite
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st

from gru_core.analysis.landscape import UNITS
from gru_core.symbols import SYMBOLS
from gru_ui.components.bundle import bundle, stylesheet
from gru_ui.components.part import Part, remember_drawn
from gru_ui.components.payload import Packer
from gru_ui.components.portrait_data import MOST_SLIDERS, Knob, PortraitData
from gru_ui.components.portrait_texts import PORTRAIT_TEXTS
from gru_ui.components.settled import settle

__all__ = [
    "MOST_STARTS",
    "PORTRAIT_TEXTS",
    "Knob",
    "PortraitChoice",
    "PortraitData",
    "SliderGates",
    "build_portrait",
    "portrait",
]

ASSETS = Path(__file__).resolve().parents[2] / "assets" / "components" / "portrait"
LABEL_LIMIT = 40
MOST_STARTS = 8
"""States that may be let go at once."""

HEIGHT = 520
"""Pixels of the picture where its controls stand beside it."""

_INPUT = re.compile(r"step|zero|numbers|symbol\.\d{1,3}")


@dataclass(frozen=True)
class SliderGates:
    """The gates as sliders have them; `units` is "" for both of them, "0" or "1"."""

    z: float = 0.5
    z_blend: float = 0.0
    r: float = 0.5
    r_blend: float = 0.0
    units: str = ""


@dataclass(frozen=True)
class PortraitChoice:
    """What is looked at.

    input    what is read again and again: "step", "zero", "symbol.<k>" or "numbers"
    numbers  the inputs where it is numbers, as the layer reads them
    gates    how sliders hold the gates; None leaves them as the data say
    starts   states that were let go, at most MOST_STARTS
    """

    step: int = 0
    input: str = "step"
    numbers: tuple[float, ...] = ()
    gates: SliderGates | None = None
    starts: tuple[tuple[float, float], ...] = ()


def portrait(
    *,
    key: str,
    data: PortraitData,
    chosen: PortraitChoice = PortraitChoice(),
    texts: Mapping[str, str] = PORTRAIT_TEXTS,
    summary: str = "",
    filename: str = "portrait",
    height: int = HEIGHT,
    took: Callable[[str, Any], None] | None = None,
) -> None:
    """Draws the portrait as it is chosen.

    A step that does not exist becomes the last one, a symbol or slider that does not exist the step's input.
    `summary` is the text twin of the picture. `took` is told a field of the choice and what it is now:
    numbers as a list, starts as a list of pairs, gates as SliderGates.
    """
    wanted = _plain(_fitting(chosen, data))
    reported = _clean(st.session_state.get(key), data)
    command, now = settle(st.session_state, key, wanted, reported, passes_back=True)
    block = build_portrait(
        data,
        step=now["step"],
        header={
            "key": key,
            "texts": {**PORTRAIT_TEXTS, **texts},
            "summary": summary,
            "filename": filename,
            "height": height,
            "command": command,
        },
    )
    remember_drawn(_component(), block, now)

    def told(name: str) -> None:
        seen = _clean(st.session_state.get(key), data)
        if took is not None and name in seen:
            took(name, SliderGates(**seen[name]) if name == "gates" else seen[name])

    _mount()(key=key, data=block, **{f"on_{name}_change": partial(told, name) for name in wanted})


def build_portrait(data: PortraitData, *, step: int, header: Mapping[str, Any]) -> bytes:
    """What the browser is sent, as one block of bounded size."""
    first, stop = data.part(step)
    packer = Packer()
    drives = data.bias + data.drives(data.X[first:stop])
    used, rows = np.unique(data.rows[first:stop], return_inverse=True)
    start = data.H_prev[stop - 1 if data.reverse else first]
    symbols = () if data.symbol_rows is None else data.symbols
    return packer.finish(
        {
            **header,
            "weights": {
                "hr": data.W_hr.tolist(),
                "hz": data.W_hz.tolist(),
                "hh": data.W_hh.tolist(),
                "bhh": data.b_hh.tolist(),
                "resetMode": data.reset_mode,
                "gateActivation": data.gate_activation,
            },
            "bias": data.bias.tolist(),
            "drives": packer.add(drives),
            "held": packer.add(data.held[used]),
            "rows": packer.add(rows.reshape(-1).astype(np.int16)),
            "start": start.astype(np.float64).tolist(),
            "reverse": data.reverse,
            "first": first,
            "steps": stop - first,
            "total": data.steps,
            "labels": [str(label)[:LABEL_LIMIT] for label in data.labels[first:stop]],
            "symbols": [str(label)[:LABEL_LIMIT] for label in symbols],
            "symbolDrives": [] if data.symbol_rows is None else data.drives(data.symbol_rows).tolist(),
            "inputs": [
                {**asdict(knob), "name": knob.name[:LABEL_LIMIT], "drive": data.weight_x[:, index].tolist()}
                for index, knob in enumerate(data.knobs)
            ],
            "most": MOST_STARTS,
            "symbolColours": {name: symbol.colour for name, symbol in SYMBOLS.items()},
        }
    )


def _fitting(chosen: PortraitChoice, data: PortraitData) -> PortraitChoice:
    known = _known(chosen.input, data)
    return PortraitChoice(
        step=min(max(chosen.step, 0), data.steps - 1),
        input=chosen.input if known else "step",
        numbers=tuple(chosen.numbers[: len(data.knobs)]),
        gates=chosen.gates,
        starts=tuple(chosen.starts[:MOST_STARTS]),
    )


def _known(name: str, data: PortraitData) -> bool:
    if name.startswith("symbol."):
        return data.symbol_rows is not None and int(name.removeprefix("symbol.")) < len(data.symbols)
    return bool(data.knobs) if name == "numbers" else True


def _plain(chosen: PortraitChoice) -> dict[str, Any]:
    """As the browser writes it: lists, and numbers as JSON has them."""
    return {
        "step": chosen.step,
        "input": chosen.input,
        "numbers": [float(number) for number in chosen.numbers],
        "gates": None if chosen.gates is None else asdict(chosen.gates),
        "starts": [[float(a), float(b)] for a, b in chosen.starts],
    }


def _clean(state: Any, data: PortraitData) -> dict[str, Any]:
    """What the browser reported, as far as it makes sense here: a browser can send anything."""
    state = state or {}
    seen: dict[str, Any] = {}
    step = _numbers([state.get("step")], data.steps - 1, low=0)
    if step is not None and step[0] == int(step[0]):
        seen["step"] = int(step[0])
    name = state.get("input")
    if isinstance(name, str) and _INPUT.fullmatch(name) and _known(name, data):
        seen["input"] = name
    numbers = _numbers(state.get("numbers"), 1e6)
    if numbers is not None and len(numbers) in (0, len(data.knobs)) and len(numbers) <= MOST_SLIDERS:
        seen["numbers"] = numbers
    gates = _gates(state.get("gates"))
    if gates is not None:
        seen["gates"] = gates
    starts = state.get("starts")
    if isinstance(starts, list) and len(starts) <= MOST_STARTS:
        pairs = [_numbers(pair, 1.0) for pair in starts]
        if all(pair is not None and len(pair) == UNITS for pair in pairs):
            seen["starts"] = pairs
    return seen


def _numbers(values: Any, most: float, *, low: float | None = None) -> list[float] | None:
    """Finite numbers of bounded size as floats; None where they are something else."""
    if not isinstance(values, list) or any(
        isinstance(value, bool) or not isinstance(value, int | float) for value in values
    ):
        return None
    least = -most if low is None else low
    numbers = [float(value) for value in values]
    return numbers if all(isfinite(value) and least <= value <= most for value in numbers) else None


def _gates(gates: Any) -> dict[str, Any] | None:
    if not isinstance(gates, Mapping) or gates.get("units") not in ("", "0", "1"):
        return None
    names = ("z", "z_blend", "r", "r_blend")
    values = _numbers([gates.get(name) for name in names], 1.0, low=0)
    return None if values is None else {**dict(zip(names, values, strict=True)), "units": gates["units"]}


@lru_cache(maxsize=1)
def _component() -> Part:
    return Part(
        "gatescope_portrait",
        html='<div class="portrait picture" data-revision="0"></div>\n<!-- the script builds the rest -->',
        css=stylesheet(ASSETS, "picture"),
        js=bundle(ASSETS),
    )


@lru_cache(maxsize=1)
def _mount() -> Any:
    """The registered component."""
    return _component().register()
