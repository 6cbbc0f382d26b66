"""The controls of the page Gallery: the model, what it is given, the layer, and how the gates are held."""

from collections.abc import Callable
from functools import partial
from typing import Any

import streamlit as st

from gru_core.errors import GateScopeError
from gru_core.gallery import GALLERY, Entry
from gru_core.gallery.walking import COLUMNS, RATE, RECORDINGS, Walker, check_signal, window
from gru_core.limits import MAX_SEQUENCE_BYTES, megabytes
from gru_core.overrides import EXTREMES
from gru_core.sequences import SEQUENCE_SUFFIXES, Sequence, read_sequence
from gru_ui import cache, state
from gru_ui.gallery.form import MOST_TEXT, WHERE, GalleryForm
from gru_ui.gallery.shown import WINDOW, Layer, Shown, signal_of
from gru_ui.language.sentences import translated
from gru_ui.store import UploadedSequence, uploads
from gru_ui.texts import say
from gru_ui.words import escape

LETTERS = 60
"""Characters of a field for a word."""


def form() -> GalleryForm:
    """What is chosen now."""
    return state.workspace().gallery


def tied(field: str, shows: Any, read: Callable[[Any], Any] = lambda value: value) -> dict[str, Any]:
    """`key` and `on_change` that tie a widget to a field of the form; `read` makes the field's value."""
    return state.widget(
        field,
        where="gallery",
        shows=shows,
        apply=lambda chosen, value: chosen.with_gallery(**{field: read(value)}),
    )


def pick_model() -> None:
    """Which model; beside it what it does and whose it is."""
    left, right = st.columns([1.15, 1], vertical_alignment="center", gap="small")
    with left:
        st.segmented_control(
            say("gallery.model"),
            list(GALLERY),
            format_func=lambda name: say(f"gallery.{name}_title"),
            required=True,
            wrap=True,
            label_visibility="collapsed",
            **tied("name", form().name),
        )
    right.markdown(about(form().entry))


def about(entry: Entry) -> str:
    """What a model does, its package, version and licence, in one line."""
    version = entry.version or say("gallery.not_installed")
    return say(
        "gallery.about",
        does=say(f"gallery.{entry.name}_does"),
        package=escape(entry.distribution),
        version=escape(version),
        licence=escape(translated(entry.licence)),
    )


def pick_text() -> None:
    """The sentence, the word or the text."""
    entry = form().entry
    kind = entry.kind
    st.text_input(
        say(f"gallery.{entry.name}_field"),
        max_chars=LETTERS if kind == "word" else MOST_TEXT,
        help=say(f"gallery.{entry.name}_field_help"),
        width={"sentence": 295, "word": 220}.get(kind, 430),
        **tied("text", form().given, str.strip),
    )
    opened = st.popover(say("gallery.examples"), on_change="rerun", key="examples")
    if opened.open:
        for text in (entry.given, *entry.examples):
            opened.button(
                escape(text), on_click=partial(_use_text, text), type="tertiary", key=f"example_{text}"
            )


def _use_text(text: str) -> None:
    state.touched()
    state.close("examples")
    state.change(lambda chosen: chosen.with_gallery(text=text))


def pick_signal(walker: Walker) -> None:
    """The recording, the second at which its window begins, and a way to bring one's own."""
    own = state.my_uploads("data")
    titles = {name: say(f"gallery.recording_{name}") for name in RECORDINGS} | own
    if form().given not in titles:
        titles[form().given] = say("frame.upload_in_link")
    st.selectbox(
        say("gallery.recording"),
        list(titles),
        format_func=titles.__getitem__,
        help=say("gallery.recording_help"),
        width=300,
        **tied("recording", form().given),
    )
    try:
        seconds = (len(signal_of(form(), walker)) - WINDOW) // RATE
    except GateScopeError:
        # The page will say why; the choice of another recording is there already.
        return
    if seconds > 0:
        st.slider(say("gallery.start"), 0, seconds, width=200, **tied("start", min(form().start, seconds)))
    opened = st.popover(
        say("gallery.own"), icon=":material/upload_file:", on_change="rerun", key="own_signal"
    )
    if opened.open:
        with opened:
            _bring_signal()


def _bring_signal() -> None:
    """A chooser for a file of two columns, and the button that uses it."""
    st.markdown(say("gallery.own_help", bytes=megabytes(MAX_SEQUENCE_BYTES)))
    file = st.file_uploader(
        say("gallery.own_file"),
        type=[suffix.removeprefix(".") for suffix in SEQUENCE_SUFFIXES],
        key="gallery_file",
    )
    if file is None:
        return
    try:
        sequence = cache.kept().get(
            ("sequence", file.file_id), lambda: read_sequence(file), lambda _: 8 * file.size + 1_000
        )
        check_signal(window(sequence, 0, WINDOW))
    except GateScopeError as error:
        st.error(escape(translated(error)))
        return
    used = COLUMNS if set(COLUMNS) <= set(sequence.names) else sequence.names[:2]
    st.text(say("gallery.own_read", steps=f"{len(sequence):,}", names=", ".join(used)))
    st.button(say("gallery.own_use"), on_click=partial(_use_signal, sequence, file.name[:60]), type="primary")


def _use_signal(sequence: Sequence, title: str) -> None:
    size = int(sequence.values.nbytes) + 200 * len(sequence)
    reference = f"data.{uploads().put(UploadedSequence(title, sequence, size))}"
    state.remember_upload(reference, title)
    state.close("own_signal")
    state.change(lambda chosen: chosen.with_gallery(recording=reference, start=0))


def pick_layer(shown: Shown) -> None:
    """Which layer and direction is shown, where there are several."""
    layers = shown.layers
    if len(layers) == 1:
        return
    st.selectbox(
        say("frame.layer"),
        range(len(layers)),
        format_func=lambda number: layer_name(layers[number]),
        width=250,
        **tied("part", shown.number),
    )


def layer_name(layer: Layer) -> str:
    """A layer in words: "decoder", or "layer 1 forward"."""
    if layer.part:
        return say(f"gallery.{layer.part}")
    return say("frame.layer_name", layer=layer.layer, direction=say(f"frame.{layer.direction}"))


def pick_gates(shown: Shown) -> None:
    """How the gates are held, and in which layers where there are several."""
    st.segmented_control(
        say("frame.gates"),
        list(EXTREMES),
        format_func=lambda name: say(f"gallery.gates_{name}"),
        required=True,
        wrap=True,
        help=say("gallery.gates_help"),
        **tied("gates", form().gates),
    )
    if len(shown.layers) > 1:
        st.segmented_control(
            say("gallery.where"),
            WHERE,
            format_func=lambda name: say(f"gallery.where_{name}"),
            required=True,
            **tied("where", form().where_held),
        )
