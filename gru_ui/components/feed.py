"""A picture that grows while something runs: mounted once, fed as often as there is news.

A component's message holds its script, and the browser keeps messages by their content: what does not change
is not sent again. So words, sizes and script travel in one message, and what is new in a small second one,
through an element that shows nothing and hands it to the picture of the same key (`shared/feeds.js`).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any

import streamlit as st

from gru_ui.components.bundle import bundle, stylesheet

ASSETS = Path(__file__).resolve().parents[2] / "assets" / "components" / "feed"


def mount_fed(
    picture: Any, *, key: str, still: bytes, moving: bytes, callbacks: dict[str, Callable[[], None]]
) -> None:
    """Mounts `picture` with `still`, and beside it, without room of its own, what brings it `moving`.

    Both are blocks of `payload.py`; the header of `moving` has the picture's `key`.
    """
    with st.container(gap=None):
        picture(key=key, data=still, **callbacks)
        _mount()(key=f"{key} feed", data=moving)


@lru_cache(maxsize=1)
def _mount() -> Any:
    """The registered component."""
    return st.components.v2.component(
        "gatescope_feed",
        html='<div class="feed"></div>\n<!-- shows nothing -->',
        css=stylesheet(ASSETS),
        js=bundle(ASSETS),
    )
