"""Two buttons that save a Plotly chart of the page as a picture: PNG, or SVG with text as text.

    st.plotly_chart(figure, key="answers", theme=None)
    save_chart("answers", title="What the model answers", filename="answers", key="save_answers")

The picture is made in the browser from what is seen, zoom included, on the page's own background; the server
is not asked. Nothing but the standard library of the browser takes part.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import streamlit as st

from gru_core.errors import InputError
from gru_ui.components.bundle import bundle
from gru_ui.language.tables import Texts

__all__ = ["SAVE_TEXTS", "save_chart"]

ASSETS = Path(__file__).resolve().parents[2] / "assets" / "components" / "save_chart"

SAVE_TEXTS: Final = Texts(
    "save_texts",
    {
        "group": "Save picture",
        "png": "PNG",
        "svg": "SVG",
        "png title": "Save this chart as a PNG image",
        "svg title": "Save this chart as an SVG drawing",
        "none": "The chart is not on the page yet: try again in a moment.",
        "failed": "This browser could not make the picture: try the other kind, or save the page as HTML.",
    },
)
"""Every word of the buttons."""

_KEY = re.compile(r"[A-Za-z0-9_-]+")


def save_chart(
    chart: str,
    *,
    title: str,
    filename: str,
    key: str,
    description: str = "",
    texts: Mapping[str, str] = SAVE_TEXTS,
) -> None:
    """Draws the buttons; each saves the first Plotly chart in the element or container of key `chart`.

    `title` and `description` (the figure's text twin) go into the SVG, where screen readers find them;
    `filename` has no ending.

    Raises:
        InputError: a key that is not letters, digits, _ and - only, which a page cannot look up.
    """
    if not _KEY.fullmatch(chart):
        raise InputError(
            f"A chart is found by a key of letters, digits, _ and -, got {chart!r}: rename its key."
        )
    _mount()(
        key=key,
        data={
            "chart": chart,
            "title": title,
            "description": description,
            "filename": filename,
            "texts": {**SAVE_TEXTS, **texts},
        },
    )


@lru_cache(maxsize=1)
def _mount() -> Any:
    """The registered component."""
    return st.components.v2.component(
        "gatescope_save_chart",
        html=(ASSETS / "save_chart.html").read_text(encoding="utf-8"),
        css=(ASSETS / "save_chart.css").read_text(encoding="utf-8"),
        js=bundle(ASSETS),
    )
