"""The live memory ledger: the map of who wrote which state, one row of it as bars and as coloured text.

    ledger(key="ledger", found=ledger_map(trace), lives=measured_half_lives(trace), ...)

Looking at another state or another part of it never asks the server. What a person settled on comes back when
they let go: the step whose state they look at, and the units they chose. `assets/components/ledger` has the
drawing.

A trace of at most 400 steps travels whole. Of a longer one the map travels in stretches of steps, and the row
of the settled state step by step.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from gru_core.analysis.ledger_map import LedgerMap
from gru_core.analysis.memory_age import HalfLives
from gru_core.errors import GateScopeError, ShapeError
from gru_core.figures.ledger import LEDGER_COLOURS, rooted
from gru_core.indices import parse_indices
from gru_core.symbols import H_TILDE, H
from gru_ui.components.bundle import bundle, stylesheet
from gru_ui.components.ledger_texts import LEDGER_PICTURE_TEXTS
from gru_ui.components.payload import Packer
from gru_ui.components.settled import settle

__all__ = ["LEDGER_PICTURE_TEXTS", "LedgerChoice", "Row", "build_ledger", "ledger", "ledger_choice"]

ASSETS = Path(__file__).resolve().parents[2] / "assets" / "components" / "ledger"
LABEL_LIMIT = 20
PASSAGE = 3_000
"""Symbols of a text that are shown one by one."""


@dataclass(frozen=True, eq=False)
class Row:
    """The row of one state, step by step: (time + 1,) H_0 first."""

    step: int
    parts: NDArray[np.float64]


@dataclass(frozen=True)
class LedgerChoice:
    """What the person settled on last: a step, and units as text ("" for all); None before that."""

    cursor: int | None
    units: str | None


def ledger_choice(key: str, steps: int, units: int) -> LedgerChoice:
    """What the person chose in the component `key`, as far as it makes sense for so many steps and units."""
    seen = _clean(st.session_state.get(key), steps, units)
    return LedgerChoice(seen.get("cursor"), seen.get("units"))


def ledger(
    *,
    key: str,
    found: LedgerMap,
    row: Row,
    ages: NDArray[np.floating],
    lives: HalfLives,
    by_mean: NDArray[np.floating],
    ticks: Sequence[str],
    passage: bool,
    units: str,
    title: str,
    summary: str = "",
    texts: Mapping[str, str] = LEDGER_PICTURE_TEXTS,
    filename: str = "ledger",
    height: int = 470,
    on_cursor: Callable[[], None] | None = None,
    on_units: Callable[[], None] | None = None,
) -> None:
    """Draws the map.

    row      of the state that the page takes for chosen
    ages     (time,) mean age over the chosen units of what each state holds
    lives, by_mean   half-lives of all units, as measured and as their mean Z alone says
    ticks    a label per step; with `passage` they are a text that is shown as such
    units    the chosen units as the person typed or clicked them
    height   of all of it on a wide screen, in pixels
    on_cursor, on_units   called before the page runs, when the person let go: take over what
             `ledger_choice` then says

    Raises ShapeError where these do not fit together.
    """
    reported = _clean(st.session_state.get(key), found.steps, len(lives.steps))
    wanted = {"cursor": row.step, "units": units}
    command, _ = settle(st.session_state, key, wanted, reported, passes_back=True)
    data = build_ledger(
        {
            "key": key,
            "title": title,
            "summary": summary,
            "texts": {**LEDGER_PICTURE_TEXTS, **texts},
            "filename": filename,
            "height": height,
            "command": command,
        },
        found=found,
        row=row,
        ages=ages,
        lives=lives,
        by_mean=by_mean,
        ticks=ticks,
        passage=passage,
    )
    _mount()(key=key, data=data, on_cursor_change=on_cursor or _nothing, on_units_change=on_units or _nothing)


def build_ledger(
    header: Mapping[str, Any],
    *,
    found: LedgerMap,
    row: Row,
    ages: NDArray[np.floating],
    lives: HalfLives,
    by_mean: NDArray[np.floating],
    ticks: Sequence[str],
    passage: bool,
) -> bytes:
    """What the browser is sent, as one block: at most 400 x 401 / 2 cells of the map, and one row."""
    steps, rows, count = found.steps, found.rows, len(lives.steps)
    sizes = (len(ticks), len(row.parts) - 1, len(ages), len(by_mean))
    if sizes != (steps, steps, steps, count):
        raise ShapeError(
            f"A ledger of {steps} steps and {count} units needs labels, a row and ages of as many steps "
            f"and a half-life per unit, got {sizes}."
        )
    signed, backward = found.quantity == "content", found.direction == "backward"
    roots = rooted(found.values)
    # An H_0 that was given may lie outside [-1, 1]: colours end there, numbers must not.
    reach = max(1.0, float(np.abs(roots).max()))
    lower = np.tri(rows, dtype=bool)
    named = any(ticks) and steps <= PASSAGE
    packer = Packer()
    return packer.finish(
        {
            **header,
            "steps": steps,
            "rows": rows,
            "bin": found.bin,
            "units": count,
            "chosen": list(found.units),
            "backward": backward,
            "wire": {"signed": signed, "reach": reach},
            "start": packer.add(_whole(roots[:, 0], reach, signed=signed)),
            "written": packer.add(_whole(roots[:, 1:][lower.T if backward else lower], reach, signed=signed)),
            "ages": packer.add(_stretch_means(ages, found.bin).astype(np.float32)),
            "exact": None
            if found.bin == 1
            else {
                "step": row.step,
                "age": float(ages[row.step]),
                "row": packer.add(row.parts.astype(np.float32)),
            },
            "lives": packer.add(lives.steps.astype(np.float32)),
            "byMean": packer.add(np.asarray(by_mean, dtype=np.float32)),
            "order": packer.add(np.array(lives.order, dtype=np.uint16)),
            "seen": lives.seen,
            "ticks": [str(tick)[:LABEL_LIMIT] for tick in ticks] if named else [],
            "named": named,
            "passage": named and passage,
            "colours": LEDGER_COLOURS,
            "inks": {"start": H.colour, "written": H_TILDE.colour},
        }
    )


def _whole(roots: NDArray[np.float64], reach: float, *, signed: bool) -> NDArray[np.uint16]:
    """Roots as whole numbers from 0 to 65535, over [-reach, reach] or [0, reach]."""
    share = (roots / reach + 1) / 2 if signed else roots / reach
    return np.asarray(np.round(share * 65535).clip(0, 65535), np.uint16)


def _stretch_means(values: NDArray[np.floating], bin_of: int) -> NDArray[np.float64]:
    starts = np.arange(0, len(values), bin_of)
    counts = np.diff([*starts, len(values)])
    return np.asarray(np.add.reduceat(values.astype(np.float64), starts) / counts)


def _clean(report: Any, steps: int, units: int) -> dict[str, Any]:
    """What the browser reported, as far as it makes sense for this picture: a browser can send anything."""
    report = report or {}
    seen: dict[str, Any] = {}
    cursor, chosen = report.get("cursor"), report.get("units")
    if isinstance(cursor, int | float) and not isinstance(cursor, bool) and cursor in range(steps):
        seen["cursor"] = int(cursor)
    if isinstance(chosen, str) and len(chosen) <= 20_000:
        try:
            picked = parse_indices(chosen)
        except GateScopeError:
            return seen
        if not isinstance(picked, tuple) or all(0 <= unit < units for unit in picked):
            seen["units"] = chosen
    return seen


def _nothing() -> None:
    """Streamlit keeps only state that has a callback."""


@lru_cache(maxsize=1)
def _mount() -> Any:
    """The registered component."""
    return st.components.v2.component(
        "gatescope_ledger",
        html='<div class="ledger picture" data-revision="0"></div>\n<!-- the script builds the rest -->',
        css=stylesheet(ASSETS, "picture"),
        js=bundle(ASSETS),
    )
