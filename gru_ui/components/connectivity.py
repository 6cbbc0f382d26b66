"""The sequence as a text, each step on a background as strong as its connectivity to the step asked about.

    connectivity(key="connectivity", strength=strength, labels=labels, asked=step, on_ask=ask)

A click, or Enter, asks about another step. `assets/components/connectivity` has the drawing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from gru_core.errors import ShapeError
from gru_core.symbols import X
from gru_ui.components.bundle import bundle, stylesheet
from gru_ui.components.connectivity_texts import CONNECTIVITY_PICTURE_TEXTS
from gru_ui.components.part import Part, remember_drawn
from gru_ui.components.payload import Packer

__all__ = ["CONNECTIVITY_PICTURE_TEXTS", "build_connectivity", "connectivity"]

ASSETS = Path(__file__).resolve().parents[2] / "assets" / "components" / "connectivity"
LABEL_LIMIT = 40

MAX_CHIPS: Final = 3_000
"""Steps that are shown; of a longer sequence those around the one asked about."""


def connectivity(
    *,
    key: str,
    strength: NDArray[np.floating[Any]],
    labels: Sequence[str],
    asked: int,
    texts: Mapping[str, str] = CONNECTIVITY_PICTURE_TEXTS,
    summary: str = "",
    height: int = 430,
    on_ask: Callable[[int], None],
) -> None:
    """Draws the steps on their backgrounds, shares of the strongest.

    `on_ask` is called, before the page runs again, with the step that a person asks about. `height` is the
    most it takes.

    Raises ShapeError when there is not one label per step.
    """
    data = build_connectivity(
        {"texts": {**CONNECTIVITY_PICTURE_TEXTS, **texts}, "summary": summary, "height": height},
        strength=strength,
        labels=labels,
        asked=asked,
    )

    def changed() -> None:
        reported: Any = (st.session_state.get(key) or {}).get("asked")
        is_number = isinstance(reported, (int, float)) and not isinstance(reported, bool)
        if is_number and reported in range(len(strength)):
            on_ask(int(reported))

    remember_drawn(_component(), data, {"asked": asked})
    _mount()(key=key, data=data, on_asked_change=changed)


def build_connectivity(
    header: Mapping[str, Any],
    *,
    strength: NDArray[np.floating[Any]],
    labels: Sequence[str],
    asked: int,
) -> bytes:
    """What the browser is sent, as one block."""
    steps = len(strength)
    if len(labels) != steps:
        raise ShapeError(f"There must be one label per step: {len(labels)} for {steps} steps.")
    first = min(max(asked - MAX_CHIPS // 2, 0), max(steps - MAX_CHIPS, 0))
    part = slice(first, first + MAX_CHIPS)
    packer = Packer()
    return packer.finish(
        {
            **header,
            "total": steps,
            "first": first,
            "asked": asked,
            "labels": [str(label)[:LABEL_LIMIT] for label in labels[part]],
            "strength": packer.add(np.asarray(strength[part], dtype=np.float32)),
            "most": float(strength.max()),
            "colour": X.colour,
        }
    )


@lru_cache(maxsize=1)
def _component() -> Part:
    return Part(
        "gatescope_connectivity",
        html='<div class="connectivity picture"></div>\n<!-- the script builds the rest -->',
        css=stylesheet(ASSETS, "picture"),
        js=bundle(ASSETS),
    )


@lru_cache(maxsize=1)
def _mount() -> Any:
    """The registered component."""
    return _component().register()
