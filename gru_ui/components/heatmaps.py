"""The live heatmaps: panels of units x steps on one time axis, drawn and played in the browser.

    event = heatmaps(key="gates", panels=(Panel("R", "Reset gate", trace.R[0], "gate", "..."), ...), ...)

Hover, zoom, play and the time cursor never ask the server. What a person settled on comes back when they
let go: the step under the cursor, the chosen unit, the order of the units and, so that long inputs can be
sent exactly, the window they look at. `payload.py` has the wire format, `assets/components/heatmaps` the
drawing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from gru_core.errors import InputError, ShapeError
from gru_core.figures.colours import COLOUR_MAPS
from gru_core.symbols import SYMBOLS
from gru_ui.components.bundle import bundle, stylesheet
from gru_ui.components.heatmap_texts import HEATMAP_TEXTS
from gru_ui.components.part import Part, remember_drawn
from gru_ui.components.payload import Level, Packer, bin_means, plan_levels, quantise, value_range, wire_dtype
from gru_ui.components.settled import settle

__all__ = ["HEATMAP_TEXTS", "HeatmapEvent", "Outputs", "Panel", "build_payload", "heatmaps"]

ASSETS = Path(__file__).resolve().parents[2] / "assets" / "components" / "heatmaps"
LABEL_LIMIT = 40
"""Characters of a label that travel; the rest would not fit on any axis."""

_STATE_KEYS = ("cursor", "unit", "order", "window")


@dataclass(frozen=True, eq=False)
class Panel:
    """One heatmap.

    `symbol` is a name in `gru_core.symbols.SYMBOLS` (its colour and label are used) or any short label.
    `values` (time, units). `scale`: "gate" [0, 1], "state" [-1, 1], "difference" [-reach, reach].
    `hint` says in one sentence how to read it.
    """

    symbol: str
    title: str
    values: NDArray[np.floating[Any]]
    scale: Literal["gate", "state", "difference"]
    hint: str = ""
    reach: float = 2.0

    @property
    def range(self) -> tuple[float, float]:
        """The locked range of the colours."""
        return {"gate": (0.0, 1.0), "state": (-1.0, 1.0), "difference": (-self.reach, self.reach)}[self.scale]


@dataclass(frozen=True, eq=False)
class Outputs:
    """What the model answers at every step, drawn under the panels.

    kind "classes": `names` are the classes, `values` (time, classes) probabilities in [0, 1], `target` the
    index of the right class per step, None where there is none.
    kind "numbers": `names` are the outputs, `values` (time, outputs), `target` the same shape, NaN where
    there is none. `span` fixes the axis of numbers; without it values and target decide.
    """

    kind: Literal["classes", "numbers"]
    names: Sequence[str]
    values: NDArray[np.floating[Any]]
    target: Sequence[int | None] | NDArray[np.floating[Any]] | None = None
    note: str = ""
    span: tuple[float, float] | None = None


@dataclass(frozen=True)
class HeatmapEvent:
    """What the person settled on; `window` is (first step, step after the last), None for all steps."""

    cursor: int
    unit: int | None
    order: str
    window: tuple[int, int] | None


def heatmaps(
    *,
    key: str,
    panels: Sequence[Panel],
    ticks: Sequence[str],
    outputs: Outputs | None = None,
    orders: Mapping[str, Sequence[int]] | None = None,
    texts: Mapping[str, str] = HEATMAP_TEXTS,
    cursor: int | None = None,
    unit: int | None = None,
    order: str | None = None,
    passes_back: bool = False,
    height: int | None = None,
    names: Sequence[int] | None = None,
    group: str = "",
    on_change: Callable[[], None] | None = None,
    summary: str = "",
    filename: str = "gates",
) -> HeatmapEvent:
    """Draws the panels and returns what the person settled on.

    `cursor`, `unit` and `order` are orders to the browser only when they differ from the call before; passing
    back what the last event said, or always the same value, leaves the picture as the person has it. A page
    that `passes_back` every event gives an order with any other value, also with one that it gave before.
    `orders` maps names to permutations of the units (row by row, top first); a name is shown as the text
    "order NAME" if `texts` has it. `names` are the numbers of the units, rising, where the panels hold only
    some of a layer's; `unit`, `orders` and the event then count the units that are shown. Pictures of a page
    with the same `group` play and step together. `summary` is the
    text twin of the picture. `height` is the whole height in pixels; lines of a chosen unit come on top of
    it, and so do hints that had no room beside their titles.

    Raises:
        ShapeError: panels, ticks, orders or outputs that do not fit together.
        InputError: values that are not finite.
    """
    steps, units = _check(panels, ticks, outputs)
    permutations = _permutations(orders or {"index": range(units)}, units)
    reported = _clean(st.session_state.get(key), steps, units, permutations)
    wanted = {
        "cursor": None if cursor is None else min(max(cursor, 0), steps - 1),
        "unit": unit if unit is not None and 0 <= unit < units else None,
        "order": order if order in permutations else next(iter(permutations)),
    }
    command, now = settle(st.session_state, key, wanted, reported, passes_back=passes_back)
    window = reported.get("window")
    data = build_payload(
        panels=panels,
        ticks=ticks,
        outputs=outputs,
        orders=permutations,
        window=window,
        header={
            "key": key,
            "texts": {**HEATMAP_TEXTS, **texts},
            "summary": summary,
            "filename": filename,
            "height": height,
            "names": None if names is None else list(names),
            "group": group,
            "command": command,
        },
    )
    remember_drawn(_component(), data, now)
    callback = on_change or _nothing
    _mount()(
        key=key,
        data=data,
        on_cursor_change=callback,
        on_unit_change=callback,
        on_order_change=callback,
        on_window_change=callback,
    )
    return HeatmapEvent(cursor=now["cursor"] or 0, unit=now["unit"], order=now["order"], window=window)


def build_payload(
    *,
    panels: Sequence[Panel],
    ticks: Sequence[str],
    outputs: Outputs | None,
    orders: Mapping[str, NDArray[Any]],
    window: tuple[int, int] | None,
    header: Mapping[str, Any],
) -> bytes:
    """The bytes for one picture; their number depends on units and screen, not on the length of the input."""
    steps, units = panels[0].values.shape
    levels = plan_levels(steps, window)
    dtype = wire_dtype(sum(level.columns for level in levels) * units * len(panels))
    packer = Packer()
    level_entries: list[dict[str, Any]] = [
        {"start": level.start, "stop": level.stop, "bin": level.bin, "panels": []} for level in levels
    ]
    panel_entries = []
    for panel in panels:
        parts = [bin_means(panel.values, level) for level in levels]
        low, high = value_range(parts, *panel.range, what=f"The panel {panel.title}")
        for entry, part in zip(level_entries, parts, strict=True):
            entry["panels"].append(packer.add(quantise(part, low, high, dtype)))
        panel_entries.append(_describe(panel, low, high))
    for entry, level in zip(level_entries, levels, strict=True):
        if level.bin == 1:
            entry["ticks"] = [str(tick)[:LABEL_LIMIT] for tick in ticks[level.start : level.stop]]
    return packer.finish(
        {
            **header,
            "steps": steps,
            "units": units,
            "digits": 3 if dtype.itemsize == 2 else 2,
            "panels": panel_entries,
            "levels": level_entries,
            "orders": [
                {"name": name, "rows": packer.add(rows.astype(np.uint16))} for name, rows in orders.items()
            ],
            "outputs": None if outputs is None else _pack_outputs(outputs, levels, level_entries, packer),
            "colours": COLOUR_MAPS,
        }
    )


def _describe(panel: Panel, low: float, high: float) -> dict[str, Any]:
    """A panel's header entry; `range` is what colours mean, `wire` what the whole numbers mean."""
    symbol = SYMBOLS.get(panel.symbol)
    return {
        "symbol": panel.symbol,
        "label": symbol.label if symbol else panel.symbol[:LABEL_LIMIT],
        "colour": symbol.colour if symbol else None,
        "title": panel.title,
        "hint": panel.hint,
        "scale": panel.scale,
        "range": panel.range,
        "wire": (low, high),
    }


def _pack_outputs(
    outputs: Outputs, levels: Sequence[Level], entries: Sequence[dict[str, Any]], packer: Packer
) -> dict[str, Any]:
    """Adds each level's outputs to its entry and returns what all levels share.

    Classes travel as [0, 1] in 16 bits, their targets as int16 (-1: none) where a column is a single step,
    for a mean of several right answers is none. Numbers and their targets travel as float32.
    """
    values = np.asarray(outputs.values, dtype=np.float32)
    shared: dict[str, Any] = {
        "kind": outputs.kind,
        "names": [str(name)[:LABEL_LIMIT] for name in outputs.names],
        "note": outputs.note,
        "span": outputs.span,
    }
    parts = [bin_means(values, level) for level in levels]
    low, high = value_range(parts, 0.0 if outputs.kind == "classes" else np.inf, -np.inf, what="The output")
    if outputs.kind == "classes":
        for entry, level, part in zip(entries, levels, parts, strict=True):
            entry["outputs"] = packer.add(quantise(part, 0.0, 1.0, np.dtype("uint16")))
            if outputs.target is not None and level.bin == 1:
                target = outputs.target[level.start : level.stop]
                entry["targets"] = packer.add(
                    np.array([-1 if index is None else index for index in target], dtype=np.int16)
                )
        return shared
    for entry, part in zip(entries, parts, strict=True):
        entry["outputs"] = packer.add(part.T)
    if outputs.target is not None:
        target = np.asarray(outputs.target, dtype=np.float32).reshape(values.shape)
        present = np.isfinite(target)
        filled = np.where(present, target, 0).astype(np.float32)
        for entry, level in zip(entries, levels, strict=True):
            share = bin_means(present, level)
            with np.errstate(invalid="ignore"):
                entry["targets"] = packer.add((bin_means(filled, level) / share).T)
        if present.any():
            low, high = min(low, float(target[present].min())), max(high, float(target[present].max()))
    if outputs.span is None:
        margin = (high - low) * 0.05 or max(abs(high), 1.0) * 0.5
        shared["span"] = (low - margin, high + margin)
    return shared


def _check(panels: Sequence[Panel], ticks: Sequence[str], outputs: Outputs | None) -> tuple[int, int]:
    """Steps and units, once everything fits together."""
    if not panels:
        raise ShapeError("The heatmaps need at least one panel, got none.")
    shape = panels[0].values.shape
    for panel in panels:
        if panel.values.ndim != 2 or panel.values.shape != shape or 0 in panel.values.shape:
            raise ShapeError(
                f"Every panel needs values of the same shape (steps, units), at least 1 x 1: {panel.title} "
                f"has {panel.values.shape}, the first panel {shape}."
            )
    steps, units = shape
    if len(ticks) != steps:
        raise ShapeError(f"There must be one tick label per step: {len(ticks)} labels for {steps} steps.")
    if outputs is not None and outputs.values.shape != (steps, len(outputs.names)):
        raise ShapeError(
            f"Outputs must have the shape (steps, names) = ({steps}, {len(outputs.names)}), "
            f"got {outputs.values.shape}."
        )
    if units > np.iinfo(np.uint16).max:
        raise InputError(f"At most {np.iinfo(np.uint16).max} units can be drawn, got {units}.")
    return steps, units


def _permutations(orders: Mapping[str, Sequence[int]], units: int) -> dict[str, NDArray[Any]]:
    """The orders as arrays, each of which names every unit once."""
    checked = {}
    for name, rows in orders.items():
        checked[name] = np.asarray(rows)
        if checked[name].shape != (units,) or (np.sort(checked[name]) != np.arange(units)).any():
            raise ShapeError(
                f"The order {name} is not a permutation of the {units} units: each must occur exactly once."
            )
    return checked


def _clean(state: Any, steps: int, units: int, orders: Mapping[str, NDArray[Any]]) -> dict[str, Any]:
    """What the browser reported, as far as it makes sense for this picture: a browser can send anything."""
    state = state or {}
    seen: dict[str, Any] = {}
    cursor, unit, order, window = (state.get(name) for name in _STATE_KEYS)
    if _is_index(cursor, steps):
        seen["cursor"] = int(cursor)
    if "unit" in state and (unit is None or _is_index(unit, units)):
        seen["unit"] = None if unit is None else int(unit)
    if order in orders:
        seen["order"] = order
    if isinstance(window, list) and len(window) == 2 and all(_is_index(edge, steps + 1) for edge in window):
        first, last = (int(edge) for edge in window)
        seen["window"] = (first, last) if first < last else None
    return seen


def _is_index(value: Any, size: int) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and value in range(size)


def _nothing() -> None:
    """Streamlit keeps only state that has a callback."""


@lru_cache(maxsize=1)
def _component() -> Part:
    return Part(
        "gatescope_heatmaps",
        html='<div class="gatescope picture" data-revision="0"></div>\n<!-- the script builds the rest -->',
        css=stylesheet(ASSETS, "picture"),
        js=bundle(ASSETS),
    )


@lru_cache(maxsize=1)
def _mount() -> Any:
    """The registered component."""
    return _component().register()
