"""Painting gates by hand: a cell per step for R and for Z, and under them what then reaches the last state.

    now = painted("paint", workspace.painting)
    paint(key="paint", painting=now, labels=..., means=..., influence=..., ...)

Painting answers in the browser; when the person lets go, the page runs again with the new painting, computes
what follows from it, and passes it back. `assets/components/paint` has the drawing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import streamlit as st

from gru_core.errors import OverrideError, ShapeError
from gru_core.figures.colours import COLOUR_MAPS
from gru_core.painting import Gate, Painting
from gru_core.symbols import SYMBOLS
from gru_ui.components.bundle import bundle, stylesheet
from gru_ui.components.paint_texts import PAINT_TEXTS
from gru_ui.components.payload import Packer

__all__ = ["PAINT_TEXTS", "Strip", "build_paint", "paint", "painted"]

ASSETS = Path(__file__).resolve().parents[2] / "assets" / "components" / "paint"
LABEL_LIMIT = 12
GATES: tuple[Gate, ...] = ("R", "Z")


@dataclass(frozen=True)
class Strip:
    """What reaches the last state, as shares of all that does; they sum to 1, or are all 0.

    start   of the state before the first step
    inputs  of the input of each step
    """

    start: float
    inputs: Sequence[float]


def painted(key: str) -> Painting | None:
    """What the person painted last in the component `key`; None before that, or where it makes no sense."""
    report = _report(key)
    try:
        return Painting.of(str(report["R"]), str(report["Z"]))
    except (KeyError, OverrideError):
        return None


def paint(
    *,
    key: str,
    painting: Painting,
    labels: Sequence[str],
    means: Mapping[Gate, Sequence[float]],
    strip: Strip | None = None,
    marked: Sequence[int] = (),
    texts: Mapping[str, str] = PAINT_TEXTS,
    summary: str = "",
    on_change: Callable[[], None] | None = None,
) -> None:
    """Draws the rows of R and Z as they are painted.

    labels    what is read, one per step
    means     of each gate the mean over units at every step: what a learned cell shows
    strip     what reaches the last state under this painting; None draws none
    marked    steps to point out
    summary   the text twin of the picture
    on_change called before the page runs, when the person let go: take over what `painted` then says

    Raises ShapeError where these do not fit together.
    """
    data = build_paint(
        {"key": key, "texts": {**PAINT_TEXTS, **texts}, "summary": summary, "answers": _answers(key)},
        painting=painting,
        labels=labels,
        means=means,
        strip=strip,
        marked=marked,
    )
    _mount()(key=key, data=data, on_painting_change=on_change or _nothing)


def build_paint(
    header: Mapping[str, Any],
    *,
    painting: Painting,
    labels: Sequence[str],
    means: Mapping[Gate, Sequence[float]],
    strip: Strip | None,
    marked: Sequence[int],
) -> bytes:
    """What the browser is sent, as one block."""
    steps = len(labels)
    sizes = {len(means[gate]) for gate in GATES} | ({len(strip.inputs)} if strip else set())
    if sizes != {steps} or painting.steps > steps:
        raise ShapeError(
            f"There must be one mean of each gate and one share per step, and no more painted steps: got "
            f"{steps} labels, sizes {sorted(sizes)} and {painting.steps} painted steps."
        )
    rows = []
    for gate in GATES:
        symbol = SYMBOLS[gate]
        values = [painting.at(gate, step) for step in range(steps)]
        shown = [round(float(mean), 3) for mean in means[gate]]
        rows.append({"gate": gate, "colour": symbol.colour, "values": values, "means": shown})
    return Packer().finish(
        {
            **header,
            "labels": [str(label)[:LABEL_LIMIT] for label in labels],
            "marked": list(marked),
            "rows": rows,
            "strip": None
            if strip is None
            else {"start": float(strip.start), "inputs": [float(share) for share in strip.inputs]},
            "colours": COLOUR_MAPS["gate"],
            "inks": {"input": SYMBOLS["X"].colour, "start": SYMBOLS["H"].colour},
        }
    )


def _report(key: str) -> Mapping[str, Any]:
    """What the browser told last: both rows as text, and the number of the report; it can send anything."""
    report = (st.session_state.get(key) or {}).get("painting")
    return report if isinstance(report, Mapping) else {}


def _answers(key: str) -> int:
    """The number of the report that this message answers: the browser has the last word until then."""
    number = _report(key).get("number")
    return int(number) if isinstance(number, int | float) and 0 <= number < 2**53 else 0


def _nothing() -> None:
    """Streamlit keeps only state that has a callback."""


@lru_cache(maxsize=1)
def _mount() -> Any:
    """The registered component."""
    return st.components.v2.component(
        "gatescope_paint",
        html='<div class="paint picture" data-revision="0"></div>\n<!-- the script builds the rest -->',
        css=stylesheet(ASSETS, "picture"),
        js=bundle(ASSETS),
    )
