"""The picture on the page with its words, as one file to take along."""

from collections.abc import Sequence

import streamlit as st

from gru_core.errors import GateScopeError
from gru_core.overrides import GateOverride
from gru_core.sharing.contents import MODEL_FILE, model_bytes
from gru_ui import state, view
from gru_ui.components.part import Drawn
from gru_ui.gallery.python_code import run_code
from gru_ui.gallery.shown import show
from gru_ui.language.catalogue import LANGUAGES
from gru_ui.language.reader import language
from gru_ui.language.sentences import together, translated
from gru_ui.offline import Section, offline_page
from gru_ui.saving import python_code
from gru_ui.sharing.holds import FRAMED, held
from gru_ui.sharing.keys import pointers
from gru_ui.texts import say
from gru_ui.view import View
from gru_ui.words import answer_sentence
from gru_ui.workspace import Workspace, to_link


def offer_page(drawn: Drawn, name: str, link: str, lives: Sequence[str]) -> None:
    """A button that saves the picture of the page called `name` as one file, and how large that is.

    lives  how long the link works, in sentences
    """
    try:
        page = _page(drawn, state.workspace(), name, link, lives)
    except GateScopeError:
        # The page itself says what is wrong with what is chosen.
        return
    st.download_button(
        say("share.offline"),
        page,
        file_name=f"{drawn.header['filename']}.html",
        mime="text/html",
        on_click="ignore",
        icon=":material/download:",
        key="share_offline",
    )
    st.caption(say("share.offline_help", size=f"{max(len(page) // 1000, 1):,}"))


def offer_model(chosen: Workspace) -> None:
    """A button that saves a model that somebody shared, under the name that the Python lines read it by."""
    pointer = pointers({"model": chosen.model}).get("model")
    if pointer is None or not pointer.is_shared:
        return
    st.download_button(
        say("share.model_file"),
        lambda: model_bytes(view.model_of(chosen.model))[0],
        file_name=MODEL_FILE,
        mime="application/octet-stream",
        on_click="ignore",
        icon=":material/download:",
        help=say("share.model_file_help"),
        key="share_model_file",
    )


def _page(drawn: Drawn, chosen: Workspace, name: str, link: str, lives: Sequence[str]) -> bytes:
    """Its words are of what is drawn: on other pages than these, only what the picture says of itself."""
    said = [str(drawn.header["summary"])]
    title, model, code = say(f"app.{name}"), list[str](), ""
    if name == "gallery":
        title = say(f"gallery.{chosen.gallery.name}_title")
        model = [say(f"gallery.{chosen.gallery.name}_does")]
        code = run_code(show(chosen.gallery))
    elif name in FRAMED:
        shown = view.build(chosen)
        edits = chosen.cell.edits if name == "cell" else ""
        title = say("share.title", model=translated(shown.model.card.title), page=say(f"app.{name}"))
        said += [] if edits else [answer_sentence(shown, shown.verdict())]
        model = model_lines(shown)
        code = python_code(shown, edits)
    sections = [
        Section(say("gates.facts"), lines=[sentence for sentence in said if sentence]),
        Section(say("share.view"), lines=[*held(chosen, name, to_link(chosen)), *model]),
        Section(say("share.in_app"), together(lives), link=link),
    ]
    if code:
        sections.insert(2, Section(say("share.made"), say("save.python_help"), code=code))
    return offline_page(drawn, title, sections, LANGUAGES[language()].tag)


def model_lines(shown: View) -> list[str]:
    """The model and where its gates are held, a line each."""
    card, gru = shown.model.card, shown.model.gru
    sizes = {"inputs": gru.input_size, "units": gru.hidden_size, "cells": len(gru.cells)}
    lines = [say("share.sizes", **sizes), say(f"share.reset_{gru.reset_mode}")]
    lines += [say("share.task", task=translated(card.task))] if card.task else []
    lines += [say("share.source", source=translated(card.source))] if card.source else []
    return lines + [override_words(override) for override in shown.overrides]


def override_words(override: GateOverride) -> str:
    """Where a gate is held, how firmly, and for which units and steps."""
    kind = "held" if override.blend == 1 else "mixed"
    if override.units is not None or override.steps is not None:
        kind += "_some"
    share = f"{override.blend:.0%}"
    return say(f"share.{kind}", gate=override.gate, value=f"{override.value:g}", share=share)
