"""The page Gallery from top to bottom."""

import streamlit as st

from gru_core.errors import GateScopeError
from gru_core.gallery import INSTALL
from gru_core.gallery.walking import Walker
from gru_ui import cache, state
from gru_ui.frame import through_the_router
from gru_ui.gallery.controls import form, pick_gates, pick_layer, pick_model, pick_signal, pick_text
from gru_ui.gallery.picture import draw_facts, draw_picture
from gru_ui.gallery.said import draw_said
from gru_ui.gallery.saving import draw_saving
from gru_ui.gallery.shown import Shown, show
from gru_ui.texts import say
from gru_ui.words import escape


def draw_page() -> None:
    """Pick a model, give it something, see what it says and what its gates do."""
    through_the_router()
    for message in state.messages():
        st.warning(escape(message))
    pick_model()
    entry = form().entry
    if not entry.available:
        _say_how_to_install(entry.distribution)
        return
    with st.container(key="gallery_frame", horizontal=True, vertical_alignment="bottom", gap="small"):
        if entry.kind == "signal":
            try:
                walker = cache.gallery_model(entry.name, entry.version or "")
                if isinstance(walker, Walker):
                    pick_signal(walker)
            except GateScopeError:
                pass
        else:
            pick_text()
        shown = _show()
        if shown is not None:
            pick_layer(shown)
            pick_gates(shown)
    if shown is None:
        return
    draw_said(shown)
    draw_picture(shown)
    draw_facts(shown)
    draw_saving(shown)


def _show() -> Shown | None:
    """What is to be shown; None, and a sentence that says why, where there is nothing."""
    try:
        shown = show(form())
        shown.run()
    except GateScopeError as error:
        st.error(escape(str(error)))
        return None
    return shown


def _say_how_to_install(distribution: str) -> None:
    st.info(say("gallery.missing", package=escape(distribution)))
    st.code(INSTALL, language="bash")
    st.caption(say("gallery.missing_make"))
