"""Bringing a model: upload its files, see what is in them, use one of its GRUs everywhere."""

import hashlib
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import streamlit as st

from gru_core.errors import GateScopeError, LimitError, ModelFileError
from gru_core.formats import MODEL_SUFFIXES, Choices, Inspection, newest_model
from gru_core.formats.readings.suggestions import shapes_words
from gru_core.limits import MAX_UPLOAD_BYTES, megabytes
from gru_core.reading_room import held_bytes
from gru_ui import cache, state, view
from gru_ui.fit_model import fit_model
from gru_ui.frame import take_model
from gru_ui.language.sentences import listed, translated
from gru_ui.model_contents import show_contents
from gru_ui.open_choices import ask_choices
from gru_ui.other_recurrent import show_recurrent
from gru_ui.own_reading import own_reading_form
from gru_ui.store import UploadedModel, uploads
from gru_ui.texts import say
from gru_ui.words import escape

NAMED = 4
"""Most names of files in one sentence."""

Files = Sequence[Any]
"""What Streamlit gives for uploaded files: binary files with `name`, `size` and `file_id`."""


def bring_model() -> None:
    """A chooser for one model's files, what is in them, a button for each GRU, and what one adds to it."""
    files = st.file_uploader(
        say("your_data.model_label"),
        accept_multiple_files=True,
        key="model_file",
        help=say("your_data.model_help", endings=" ".join(MODEL_SUFFIXES)),
    )
    st.caption(say("your_data.limits_model", bytes=megabytes(MAX_UPLOAD_BYTES)))
    if files:
        _show(files)
    fit_model()


def _show(files: Files) -> None:
    try:
        used = _used(files)
        found, refusal = _first_reading(used)
        if len(used) < len(files):
            st.info(say("your_data.one_of_several", name=escape(_named(used)), count=len(files)))
        first = found.inspection
        reason = st.container(key="why_none", gap="small")
        questions = st.container(key="choices", gap="small")
        choices = _own_reading(first, used, at_once=first.likely is not None and not refusal)
        if choices is None:
            with questions:
                choices = ask_choices(first, _digest(used))
        if choices != Choices():
            found = _read_once(used, choices)
    except GateScopeError as error:
        st.error(escape(translated(error)))
        return
    key = uploads().key_of(_name(used, choices))
    in_use = view.origin_of(state.workspace().model)
    if key is None or in_use is None or in_use[0] != key:
        with reason:
            _say_what_is_missing(first, refusal)
    show_contents(
        found.inspection,
        use=partial(_use, used, choices),
        is_in_use=lambda number: key is not None and in_use == (key, number),
    )
    show_recurrent(found.inspection)


def _first_reading(files: Files) -> tuple[UploadedModel, str]:
    """What is in the files and ""; where known names in them are refused, their arrays alone and why.

    Raises a GateScopeError where not even the arrays can be listed.
    """
    try:
        return _read_once(files, Choices()), ""
    except (ModelFileError, LimitError) as refusal:
        try:
            return _read_once(files, Choices(readings=())), str(refusal)
        except (ModelFileError, LimitError):
            raise refusal from None


def _used(files: Files) -> Files:
    """The files that are the model given last; of files of one name the last."""
    by_name = {file.name: file for file in reversed(files)}
    newest = {name: by_name[name] for name in reversed(by_name)}
    return [newest[name] for name in newest_model(newest)]


def _own_reading(inspection: Inspection, files: Files, at_once: bool) -> Choices | None:
    """How the person says that arrays of unknown names are packed; None where nothing is said.

    `at_once` opens the form by itself; else only when asked for: any matrix can be taken for a GRU's, and
    most are none.
    """
    if not inspection.listed:
        return None
    source = {file.name: file.getvalue() for file in files}
    digest = _digest(files)
    if not st.toggle(say("contents.other_way"), value=at_once, key=f"other_way_{digest}"):
        return None
    return own_reading_form(inspection, source, f"own_{digest}")


def _say_what_is_missing(inspection: Inspection, refusal: str) -> None:
    """Why known names were refused, or why there is no GRU to use."""
    if refusal:
        st.error(escape(refusal))
    elif inspection.missing:
        st.warning(escape(_missing(inspection)))


def _missing(inspection: Inspection) -> str:
    """Why there is no GRU to use, in a sentence."""
    others = [layer for layer in inspection.others if layer.core is not None]
    if others:
        named = [f"{layer.kind} {layer.name!r}" if layer.name else layer.kind for layer in others[:4]]
        return say("contents.no_gru_but", layers=listed(named))
    if inspection.likely is not None:
        return say("contents.no_known_names", shapes=shapes_words(inspection.likely))
    return inspection.missing


def _named(files: Files) -> str:
    """The names of the files, few of them, in a sentence."""
    return ", ".join(file.name for file in files[:NAMED]) + (" ..." if len(files) > NAMED else "")


def _name(files: Files, choices: Choices) -> Hashable:
    """What one reading of these files is kept under."""
    return ("model", *(file.file_id for file in files), choices)


def _digest(files: Files) -> str:
    """A few letters that stand for these files in a widget's key."""
    return hashlib.sha256(repr(_name(files, Choices())).encode()).hexdigest()[:8]


def _read_once(files: Files, choices: Choices) -> UploadedModel:
    name = _name(files, choices)
    found = cache.kept().get(name, lambda: _tried(files, choices), lambda made: made.size)
    if isinstance(found, Refused):
        # Not the error itself, to which every raising would add.
        raise found.kind(found.sentence)
    return found


@dataclass(frozen=True)
class Refused:
    """Files that cannot be read, kept as models are: a click must not wait for the same end again."""

    kind: type[GateScopeError]
    sentence: str
    size: int = 2_000


def _tried(files: Files, choices: Choices) -> UploadedModel | Refused:
    try:
        return _read(files, choices)
    except (ModelFileError, LimitError) as error:
        return Refused(type(error), str(error))


def _read(files: Files, choices: Choices) -> UploadedModel:
    """Everything in the uploaded files; raises a GateScopeError that says what is wrong with them."""
    line = st.empty()

    def waits(before: int) -> None:
        line.info(say("your_data.waits", count=before))

    source = {file.name: file for file in files}
    with st.spinner(say("your_data.reading")):
        inspection, models = cache.reading_room().load_models(source, choices, waits, need_gru=False)
    line.empty()
    names = tuple(file.name for file in files)
    size = held_bytes(inspection, models)
    return UploadedModel(names[0], models, inspection, size, names, choices)


def _use(files: Files, choices: Choices, number: int) -> None:
    """Take a GRU to every page; called in a button's callback."""
    name = _name(files, choices)
    upload = _read_once(files, choices)
    key = uploads().put(upload, name)
    for index, title in enumerate(upload.titles):
        state.remember_upload(f"file.{key}.{index}", title)
    state.change(lambda chosen: take_model(chosen, f"file.{key}.{number}"))
