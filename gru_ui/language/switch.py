"""The switch between languages, at the top of every page, and what tells the browser which one it is."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

import streamlit as st

from gru_ui import state
from gru_ui.language.catalogue import LANGUAGES

SCRIPT = Path(__file__).resolve().parents[2] / "assets" / "components" / "page_language" / "main.js"


def draw_switch() -> None:
    """One button per other language, in that language; and the page's language for who reads it aloud."""
    now = state.language()
    with st.container(key="language", horizontal=True, gap="small", width="content"):
        for language in LANGUAGES.values():
            if language.code != now:
                st.button(
                    language.name,
                    key=f"language_{language.code}",
                    type="tertiary",
                    icon=":material/translate:",
                    on_click=state.choose_language,
                    args=(language.code,),
                )
        _mount()(key="page_language", data={"tag": LANGUAGES[now].tag})


@lru_cache(maxsize=1)
def _mount() -> Any:
    """The registered component: nothing to be seen, the page's language is set."""
    return st.components.v2.component("gatescope_page_language", js=SCRIPT.read_text(encoding="utf-8"))
