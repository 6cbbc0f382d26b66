"""The page Gallery from top to bottom."""

import streamlit as st

from gru_core.errors import GateScopeError
from gru_core.gallery import INSTALL, Entry
from gru_core.gallery.walking import Walker
from gru_ui import cache, state
from gru_ui.frame import through_the_router
from gru_ui.gallery.controls import form, pick_gates, pick_layer, pick_model, pick_signal, pick_text
from gru_ui.gallery.form import GalleryForm
from gru_ui.gallery.picture import draw_facts, draw_picture
from gru_ui.gallery.said import draw_said
from gru_ui.gallery.saving import draw_saving
from gru_ui.gallery.shown import Shown, show
from gru_ui.language.sentences import translated
from gru_ui.texts import say
from gru_ui.words import escape


def draw_page() -> None:
    """Pick a model, give it something, see what it says and what its gates do."""
    through_the_router()
    for message in state.messages():
        st.warning(escape(translated(message)))
    # Closer together than usual, so that words and gates are on a projector's screen at once.
    with st.container(key="gallery_head", gap="xsmall"):
        shown = _draw_head()
    if shown is None:
        return
    draw_picture(shown)
    draw_facts(shown)
    draw_saving(shown)


def _draw_head() -> Shown | None:
    """The controls and what the model says; None, and a sentence that says why, where it says nothing."""
    pick_model()
    entry = form().entry
    if not entry.available:
        _say_how_to_install(entry.distribution)
        return None
    reason, shown = "", None
    with st.container(key="gallery_frame", horizontal=True, vertical_alignment="bottom", gap="small"):
        _pick_given(entry)
        try:
            shown = _shown(form())
            state.remember_shown("gallery")
        except GateScopeError as error:
            reason = translated(error)
            shown = _shown_before()
        if shown is not None:
            pick_layer(shown)
            pick_gates(shown)
    if reason:
        st.error(escape(reason))
    if shown is None:
        return None
    if reason:
        st.caption(say("gallery.still", given=escape(shown.form.given)))
    draw_said(shown)
    return shown


def _pick_given(entry: Entry) -> None:
    if entry.kind != "signal":
        pick_text()
        return
    try:
        walker = cache.gallery_model(entry.name, entry.version or "")
    except GateScopeError:
        # Said below, where the model is to be shown.
        return
    if isinstance(walker, Walker):
        pick_signal(walker)


def _shown(chosen: GalleryForm) -> Shown:
    """What the form shows, already run. Raises a GateScopeError that says why there is nothing."""
    shown = show(chosen)
    shown.run()
    return shown


def _shown_before() -> Shown | None:
    """What could be shown last of this model, under the gates of now."""
    before = state.shown_before("gallery")
    if before is None:
        return None
    now = form()
    return _shown(now.but(text=before.gallery.text, recording=before.gallery.recording))


def _say_how_to_install(distribution: str) -> None:
    st.info(say("gallery.missing", package=escape(distribution)))
    st.code(INSTALL, language="bash", wrap_lines=True)
    st.caption(say("gallery.missing_make"))
