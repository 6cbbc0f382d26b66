"""Keys that press buttons of the page: what a presenter's remote, or a hand on the keyboard, goes on with.

    lesson_keys({"ArrowRight": ("lesson_next",), "1": ("lesson_choices",)}, key="keys")

The names are keys of Streamlit containers or buttons; a figure presses the button of that place in it. Keys
that the focused picture or field uses itself are left to it, except for PageUp and PageDown.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import streamlit as st

from gru_ui.components.bundle import bundle, stylesheet

ASSETS = Path(__file__).resolve().parents[2] / "assets" / "components" / "lesson_keys"


def lesson_keys(keys: Mapping[str, tuple[str, ...]], *, key: str) -> None:
    """Listens for the keys of `keys` (as `KeyboardEvent.key`) while it is on the page; shows nothing."""
    _mount()(key=key, data={"keys": {name: list(containers) for name, containers in keys.items()}})


@lru_cache(maxsize=1)
def _mount() -> Any:
    """The registered component."""
    return st.components.v2.component(
        "gatescope_lesson_keys",
        html='<div class="lesson-keys"></div>\n<!-- shows nothing -->',
        css=stylesheet(ASSETS),
        js=bundle(ASSETS),
    )
