"""Finding units: lines over the steps on which a stretch is brushed, and the places found by it.

    find_picture(key="find", codes=..., choice=..., places=..., on_change=..., on_open=...)
    settled("find")                  # in the callback: what the person settled on

Brushing and the threshold answer in the browser, which compares the same codes as gru_core.analysis.find.
When the person lets go, the page runs again and passes the places. `assets/components/find` draws.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st

from gru_core.analysis.find import RANGES, TOP, Codes, Rule
from gru_core.limits import MAX_BRUSHED_CELLS
from gru_core.symbols import SYMBOLS
from gru_ui.components.bundle import bundle, stylesheet
from gru_ui.components.find_texts import FIND_PICTURE_TEXTS
from gru_ui.components.payload import Packer

__all__ = ["FIND_PICTURE_TEXTS", "PlaceRow", "Places", "build_find", "find_picture", "opened", "window_of"]

ASSETS = Path(__file__).resolve().parents[2] / "assets" / "components" / "find"
LABEL_LIMIT = 12


@dataclass(frozen=True)
class PlaceRow:
    """One place as it is shown.

    cells   the labels from some steps before it to some after it; heat: the share of the units on at each
    values  the numbers that were read at each; () for symbols
    first, last   where the place stands among the cells, `last` excluded
    cut     the index of the cell before which steps were left out; -1 for none
    """

    rank: int
    on: int
    of: int
    steps: int
    where: str
    cells: tuple[str, ...]
    heat: tuple[float, ...]
    first: int
    last: int
    cut: int = -1
    values: tuple[str, ...] = ()


@dataclass(frozen=True)
class Places:
    """The places that are shown, with the words above them."""

    heading: str = ""
    said: str = ""
    rows: tuple[PlaceRow, ...] = field(default=())


def window_of(steps: int, units: int, around: int) -> tuple[int, int]:
    """The steps that are sent, `stop` excluded: all, or as many as may be, `around` well within them.

    It moves by half of itself, so that a stretch brushed a little further on leaves the picture where it is.
    """
    most = max(1, MAX_BRUSHED_CELLS // units)
    half = max(1, most // 2)
    start = min(max((around // half) * half - half // 2, 0), max(steps - most, 0))
    return start, min(start + most, steps)


def settled(key: str) -> Mapping[str, Any]:
    """What the person settled on last in the component `key`, as the browser tells it: it can be anything."""
    report = (st.session_state.get(key) or {}).get("choice")
    return report if isinstance(report, Mapping) else {}


def opened(key: str) -> int | None:
    """The rank of the place that was asked for just now; None where none was."""
    report = (st.session_state.get(key) or {}).get("open")
    rank = report.get("rank") if isinstance(report, Mapping) else None
    return rank if isinstance(rank, int) and not isinstance(rank, bool) and rank >= 0 else None


def find_picture(
    *,
    key: str,
    subject: str,
    codes: Codes,
    labels: Sequence[str],
    rule: Rule,
    edges: bool,
    choice: Mapping[str, Any],
    places: Places,
    spelled: bool,
    texts: Mapping[str, str] = FIND_PICTURE_TEXTS,
    summary: str = "",
    on_change: Callable[[], None] | None = None,
    on_open: Callable[[], None] | None = None,
) -> None:
    """Draws the lines, the stretch and the places.

    subject   what the picture is of: where it changes, what was brushed before is let go
    codes     (steps, units) of the whole sequence; a long one is sent as far as MAX_BRUSHED_CELLS goes
    labels    one text per step
    choice    start, stop, threshold, add, drop (lists of units) and need, as the form has them
    spelled   whether labels are single characters that are read without gaps
    summary   the text twin of the picture
    on_change, on_open   called before the page runs, when the person let go, or asked for a place
    """
    header = {
        "key": key,
        "subject": subject,
        "texts": {**FIND_PICTURE_TEXTS, **texts},
        "summary": summary,
        "answers": _answers(key),
        "edges": edges,
        "choice": dict(choice),
        "spelled": spelled,
    }
    data = build_find(header, codes=codes, labels=labels, rule=rule, places=places)
    _mount()(key=key, data=data, on_choice_change=on_change or _nothing, on_open_change=on_open or _nothing)


def build_find(
    header: Mapping[str, Any], *, codes: Codes, labels: Sequence[str], rule: Rule, places: Places
) -> bytes:
    """What the browser is sent, as one block."""
    steps, units = codes.shape
    start, stop = window_of(steps, units, int(header["choice"]["start"]))
    symbol, (low, high) = SYMBOLS[rule.quantity], RANGES[rule.quantity]
    packer = Packer()
    return packer.finish(
        {
            **header,
            "codes": packer.add(np.ascontiguousarray(codes[start:stop].T)),
            "units": units,
            "steps": steps,
            "offset": start,
            "shown": stop - start,
            "labels": [str(label)[:LABEL_LIMIT] for label in labels[start:stop]],
            "label": symbol.label,
            "colour": symbol.colour,
            "side": rule.side,
            "low": low,
            "high": high,
            "top": TOP,
            "places": {
                "heading": places.heading,
                "said": places.said,
                "rows": [vars(row) for row in places.rows],
            },
        }
    )


def _answers(key: str) -> int:
    """The number of the report that this message answers: the browser has the last word until then."""
    number = settled(key).get("number")
    return int(number) if isinstance(number, int | float) and 0 <= number < 2**53 else 0


def _nothing() -> None:
    """Streamlit keeps only state that has a callback."""


@lru_cache(maxsize=1)
def _mount() -> Any:
    """The registered component."""
    return st.components.v2.component(
        "gatescope_find",
        html='<div class="find picture" data-revision="0"></div>\n<!-- the script builds the rest -->',
        css=stylesheet(ASSETS, "picture"),
        js=bundle(ASSETS),
    )
