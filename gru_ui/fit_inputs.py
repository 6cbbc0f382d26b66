"""How the inputs of an uploaded GRU are made: numbers, rows of an embedding, or one-hot symbols."""

import hashlib
from typing import Any, Literal, get_args

import streamlit as st

from gru_core.errors import InputError
from gru_core.fitting import Fitting, InputChoice, InputKind
from gru_core.formats import OtherLayer
from gru_core.limits import MAX_FEATURES, MAX_VOCABULARY_BYTES, MEGABYTE, megabytes
from gru_core.sequences import read_sequence, read_vocabulary
from gru_core.sequences.symbols import TextUnit
from gru_ui import cache
from gru_ui.store import UploadedModel
from gru_ui.texts import say

Kind = InputKind | Literal["given scale"]
"""What is offered: numbers with means and deviations that a person gives stand by themselves."""

UNKNOWN = ("unk", "oov", "unknown")
"""What vocabularies call the symbol for all that they do not have."""

SHOWN = 12
"""Symbols of a vocabulary that are shown."""


def choose_inputs(upload: UploadedModel, name: str, now: Fitting, where: str) -> InputChoice | None:
    """What the person chooses, at first what is in use; None leaves inputs as they came, as numbers.

    `where` begins the keys of the widgets.

    Raises a GateScopeError that says what is missing or cannot be read.
    """
    width = upload.models[name].gru.input_size
    embeddings = [
        layer for layer in upload.inspection.others if layer.kind == "Embedding" and name in layer.fits
    ]
    kinds: list[Kind] = ["numbers", "own scale", "given scale"]
    kinds += ["embedding"] if embeddings else []
    kinds += ["one-hot"] if width <= MAX_FEATURES else []
    start: Kind = now.inputs.kind if now.inputs is not None else "numbers"
    if now.inputs is not None and now.inputs.mean:
        start = "given scale"
    kind: Kind = st.segmented_control(
        say("inputs.kind"),
        kinds,
        format_func=lambda kind: say(f"inputs.kind_{key_of(kind)}"),
        default=start if start in kinds else "numbers",
        required=True,
        wrap=True,
        key=f"{where}_kind",
    )
    st.text(say(f"inputs.help_{key_of(kind)}", width=f"{width:,}"))
    if kind == "embedding":
        return _embedding(embeddings, now.inputs, where)
    if kind == "one-hot":
        tokens, file = _vocabulary(now.inputs, f"{where}_one_hot")
        if not tokens:
            raise InputError(say("inputs.vocabulary_needed", width=f"{width:,}"))
        return InputChoice("one-hot", tokens=tokens, file=file)
    if kind == "own scale":
        return InputChoice("own scale")
    if kind == "numbers":
        return None
    mean, std = _scale(width, now.inputs, where)
    return InputChoice("numbers", mean=mean, std=std)


def key_of(kind: str) -> str:
    """A kind as the end of a key of the catalogue."""
    return kind.replace(" ", "_").replace("-", "_")


def _embedding(layers: list[OtherLayer], now: InputChoice | None, where: str) -> InputChoice:
    names = [layer.name for layer in layers]
    sizes = {layer.name: layer.sizes for layer in layers}
    chosen = st.selectbox(
        say("inputs.matrix"),
        names,
        index=names.index(now.layer) if now is not None and now.layer in names else 0,
        format_func=lambda name: f"{name} ({sizes[name]})",
        key=f"{where}_matrix",
        width=400,
    )
    tokens, file = _vocabulary(now, f"{where}_embedding")
    if not tokens:
        st.text(say("inputs.ids_only"))
        return InputChoice("embedding", layer=chosen)
    # What was chosen for one vocabulary says nothing about another.
    digest = hashlib.sha256(repr(tokens).encode()).hexdigest()[:8]
    before = now if now is not None and now.tokens == tokens else None
    unit: TextUnit = st.segmented_control(
        say("your_data.paste_kind"),
        get_args(TextUnit),
        format_func=lambda unit: say(f"your_data.kind_{unit}"),
        default=before.unit if before else "characters" if max(map(len, tokens)) == 1 else "words",
        required=True,
        key=f"{where}_unit_{digest}",
    )
    usual = next((token for token in tokens if token.strip("<>[]_ ").lower() in UNKNOWN), "")
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        unknown = st.text_input(
            say("inputs.unknown"),
            value=(before.unknown or "") if before else usual,
            placeholder=say("inputs.unknown_refuse"),
            key=f"{where}_unknown_{digest}",
            width=300,
        )
        lower = st.toggle(
            say("inputs.lower"), value=before is not None and before.lower, key=f"{where}_lower_{digest}"
        )
    return InputChoice("embedding", (), (), chosen, tokens, unknown or None, unit, lower, file)


def _vocabulary(now: InputChoice | None, where: str) -> tuple[tuple[str, ...], str]:
    """The symbols that were uploaded or pasted, else those in use; and the file they came from."""
    left, right = st.columns(2, gap="medium")
    with left:
        file = st.file_uploader(
            say("inputs.vocabulary_file", bytes=megabytes(MAX_VOCABULARY_BYTES)),
            key=f"{where}_vocabulary",
            max_upload_size=MAX_VOCABULARY_BYTES // MEGABYTE,
        )
    with right:
        pasted = st.text_area(say("inputs.vocabulary_pasted"), height=110, key=f"{where}_pasted")
    tokens: tuple[str, ...] = ()
    name = ""
    if file is not None:
        name = file.name
        tokens = _read(file)
    elif pasted.strip():
        tokens = read_vocabulary(pasted.encode(), "pasted")
    elif now is not None and now.tokens:
        tokens, name = now.tokens, now.file
    if tokens:
        known = [token for token in tokens if token]
        shown = " ".join(known[:SHOWN]) + (" ..." if len(known) > SHOWN else "")
        st.text(
            say("inputs.vocabulary_read", count=f"{len(known):,}", last=f"{len(tokens) - 1:,}", shown=shown)
        )
    return tokens, name


def _read(file: Any) -> tuple[str, ...]:
    key = ("vocabulary", file.file_id)
    return cache.kept().get(key, lambda: read_vocabulary(file, file.name), lambda found: 100 * len(found))


def _scale(width: int, now: InputChoice | None, where: str) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """A mean and a deviation for each input, from a file or as typed: two rows, means first.

    Raises InputError, also where there is nothing yet.
    """
    start = ""
    if now is not None and now.mean:
        start = "\n".join(", ".join(f"{value:g}" for value in row) for row in (now.mean, now.std))
    left, right = st.columns(2, gap="medium")
    with left:
        file = st.file_uploader(say("inputs.scale_file"), key=f"{where}_scale_file")
    with right:
        typed = st.text_area(say("inputs.scale_typed"), value=start, height=110, key=f"{where}_scale")
    if file is None and not typed.strip():
        raise InputError(say("inputs.scale_needed", width=f"{width:,}"))
    found = read_sequence(file if file is not None else typed.encode(), kind="csv", label_column=None)
    rows = found.values if len(found) == 2 or found.values.shape[1] != 2 else found.values.T
    if rows.shape != (2, width):
        raise InputError(
            say("inputs.scale_shape", width=f"{width:,}", rows=len(found), columns=found.values.shape[1])
        )
    mean, std = (tuple(float(value) for value in row) for row in rows)
    return mean, std
