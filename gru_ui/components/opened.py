"""What opens at a button takes the focus of whoever opened it by a key."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

import streamlit as st

from gru_ui.components.bundle import bundle, stylesheet

ASSETS = Path(__file__).resolve().parents[2] / "assets" / "components" / "opened"


def lead_into_what_opens() -> None:
    """Listens for keys on the buttons of popovers while it is on the page; shows nothing."""
    _mount()(key="opened")


@lru_cache(maxsize=1)
def _mount() -> Any:
    """The registered component."""
    return st.components.v2.component(
        "gatescope_opened",
        html='<div class="opened"></div>\n<!-- shows nothing -->',
        css=stylesheet(ASSETS),
        js=bundle(ASSETS),
    )
