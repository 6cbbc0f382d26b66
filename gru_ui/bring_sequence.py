"""Bringing a sequence: paste or upload it, see how it was read, make it fit the model, use it everywhere."""

from collections.abc import Callable
from typing import Any, get_args

import numpy as np
import streamlit as st

from gru_core.demos import DEMOS
from gru_core.errors import GateScopeError
from gru_core.limits import MAX_FEATURES, MAX_SEQUENCE_BYTES, MAX_STEPS, megabytes
from gru_core.model import SequenceModel
from gru_core.sequences import (
    SEQUENCE_SUFFIXES,
    EmbeddingEncoder,
    NumberEncoder,
    Sequence,
    Table,
    read_table,
    sequence_from_table,
    symbols_of,
    table_from_frame,
    text_unit_of,
)
from gru_core.sequences.from_table import Missing
from gru_core.sequences.symbols import TextUnit
from gru_ui import cache, state, view
from gru_ui.language.sentences import listed, translated
from gru_ui.navigation import page_file
from gru_ui.store import keep_sequence
from gru_ui.texts import say
from gru_ui.words import escape

EDITED_ROWS = 1_000
"""Longest table that is shown as one that can be edited; a longer one is shown from its head."""

MAPPED_INPUTS = 12
"""Most inputs for which the page offers a choice of column each."""

Vocabulary = tuple[str, ...] | None
Read = Callable[[Vocabulary], Table | Sequence]
"""Reads what was brought, given the symbols that a model knows."""


def paste_sequence() -> None:
    """A field for text or numbers, and everything up to using them."""
    model = _model()
    if model is None:
        return
    example = model.card.examples[0] if model.card.examples else None
    hint = " ".join(example.labels[:24]) if example and example.labels else ""
    text = st.text_area(
        say("your_data.paste_label"),
        height=140,
        key="pasted",
        placeholder=say("your_data.example_hint", example=hint) if hint else None,
    )
    unit = text_unit_of(model.encoder, _pick_unit("pasted_unit"))
    if not text.strip():
        return
    title = f"{say('your_data.pasted')}: {' '.join(text.split())[:24]}"

    def read(vocabulary: Vocabulary) -> Table | Sequence:
        data = text.encode()
        return read_table(data, name="pasted.txt", kind="pasted", text_unit=unit, vocabulary=vocabulary)

    _offer(model, read, title, where="pasted")


def upload_sequence() -> None:
    """A chooser for a file, and everything up to using what is in it."""
    model = _model()
    if model is None:
        return
    file = st.file_uploader(
        say("your_data.upload_label"),
        type=[suffix.removeprefix(".") for suffix in SEQUENCE_SUFFIXES],
        key="sequence_file",
        help=_limits(),
    )
    st.caption(_limits())
    if file is None:
        return
    is_text = file.name.lower().endswith((".txt", ".text", ".md"))
    unit = text_unit_of(model.encoder, _pick_unit("file_unit")) if is_text else "auto"

    def read(vocabulary: Vocabulary) -> Table | Sequence:
        return cache.kept().get(
            ("table", file.file_id, unit, vocabulary),
            lambda: read_table(file, name=file.name, text_unit=unit, vocabulary=vocabulary),
            lambda _: 8 * file.size + 1_000,
        )

    _offer(model, read, file.name[:60], where="file")


def _limits() -> str:
    sizes = {
        "bytes": megabytes(MAX_SEQUENCE_BYTES),
        "steps": f"{MAX_STEPS:,}",
        "features": f"{MAX_FEATURES:,}",
    }
    return say("your_data.limits_sequence", **sizes)


def _model() -> SequenceModel | None:
    try:
        return view.model_of(state.workspace().model)
    except GateScopeError as error:
        st.error(escape(translated(error)))
        return None


def _vocabulary(model: SequenceModel) -> Vocabulary:
    return symbols_of(model.encoder)


def _pick_unit(key: str) -> TextUnit:
    unit: TextUnit = st.segmented_control(
        say("your_data.paste_kind"),
        get_args(TextUnit),
        format_func=lambda unit: say(f"your_data.kind_{unit}"),
        default="auto",
        required=True,
        key=key,
    )
    return unit


def _offer(model: SequenceModel, read: Read, title: str, *, where: str) -> None:
    """How it was read, what can be chosen, whether it fits, and the button that uses it."""
    try:
        found = read(_vocabulary(model))
        sequence = found if isinstance(found, Sequence) else from_table(found, where)
    except GateScopeError as error:
        st.error(escape(translated(error)))
        return
    with st.container(border=True, key=f"{where}_reading", gap="small"):
        st.markdown(f"**{say('your_data.how_read')}**")
        for note in sequence.notes:
            st.text(f"· {translated(note)}")
    columns = _map_columns(model, sequence, where)
    try:
        model.encoder.encode(sequence, columns or None)
    except GateScopeError as error:
        st.error(escape(translated(error)))
        others = _fitting_demos(sequence, read)
        if others:
            st.info(say("your_data.fits_others", models=escape(listed(others))))
        return
    if isinstance(model.encoder, EmbeddingEncoder):
        _say_unknown(model.encoder, sequence)
    used = _is_in_use(model, sequence, columns)
    st.success(say("your_data.used") if used else say("your_data.fits", steps=f"{len(sequence):,}"))
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.button(
            say("your_data.use"),
            key=f"{where}_use",
            on_click=_use,
            args=(sequence, title, columns),
            icon=":material/play_arrow:",
            disabled=used,
        )
        if used:
            label = say("your_data.see")
            st.page_link(page_file("gates"), label=label, icon=":material/arrow_forward:", width="content")


def _say_unknown(encoder: EmbeddingEncoder, sequence: Sequence) -> None:
    """Which symbols have no row of their own, and what is read in their place."""
    unknown = encoder.unknown_in(sequence)
    if unknown:
        shown = ", ".join(map(repr, unknown[:8])) + (" ..." if len(unknown) > 8 else "")
        st.info(escape(say("inputs.unknown_read", count=len(unknown), symbols=shown, token=encoder.unknown)))


def _is_in_use(model: SequenceModel, sequence: Sequence, columns: tuple[str, ...]) -> bool:
    """Whether this very sequence, fed by these columns, is what every page shows."""
    chosen = state.workspace()
    if not chosen.sequence.startswith(("data.", "text.")) or chosen.columns != columns:
        return False
    try:
        used, _ = view.sequence_of(chosen.sequence, model)
    except GateScopeError:
        return False
    same = used.labels == sequence.labels and used.names == sequence.names
    return same and np.array_equal(used.values, sequence.values)


def from_table(table: Table, where: str) -> Sequence:
    """The sequence in a table after the person's choices: cells, missing values, columns, scale."""
    frame = table.to_frame()
    if len(table) <= EDITED_ROWS:
        edited = st.data_editor(frame, key=f"{where}_table", height=220, num_rows="fixed")
        if not _same(frame, edited):
            table = table_from_frame(edited, table.source, (*table.notes, say("your_data.edited")))
    else:
        st.dataframe(frame.head(EDITED_ROWS), height=220)
        st.caption(say("your_data.head_only", rows=f"{EDITED_ROWS:,}", all=f"{len(table):,}"))
    left, middle, right = st.columns([3, 3, 2], vertical_alignment="bottom")
    with left:
        columns = st.multiselect(
            say("your_data.columns"),
            table.names,
            key=f"{where}_columns",
            placeholder=say("your_data.columns_auto"),
        )
    with middle:
        missing: Missing | None = st.segmented_control(
            say("your_data.missing"),
            get_args(Missing),
            format_func=lambda way: say(f"your_data.missing_{way}"),
            default="refuse",
            required=True,
            key=f"{where}_missing",
        )
    with right:
        standardise = st.toggle(say("your_data.standardise"), key=f"{where}_standardise")
    return sequence_from_table(
        table, columns=columns or None, missing=missing or "refuse", standardise=standardise
    )


def _same(one: Any, other: Any) -> bool:
    return bool(one.equals(other))


def _map_columns(model: SequenceModel, sequence: Sequence, where: str) -> tuple[str, ...]:
    """Which column feeds which input, where that is not plain; () when it is."""
    encoder = model.encoder
    if sequence.symbolic or not isinstance(encoder, NumberEncoder | EmbeddingEncoder):
        return ()
    plain = set(encoder.names) <= set(sequence.names) or sequence.names == encoder.names
    inputs = len(encoder.names)
    if plain or inputs > min(MAPPED_INPUTS, len(sequence.names)):
        return ()
    chosen = []
    for index, (column, name) in enumerate(zip(st.columns(min(inputs, 4)) * 3, encoder.names, strict=False)):
        with column:
            chosen.append(
                st.selectbox(
                    say("your_data.feeds", name=escape(name)),
                    sequence.names,
                    index=index,
                    key=f"{where}_feeds_{index}",
                )
            )
    return tuple(chosen)


def _fitting_demos(sequence: Sequence, read: Read) -> list[str]:
    """The titles of the demo models that can read this; 0 1 1 0 is symbols to one and numbers to another."""
    titles = []
    for name in DEMOS:
        model = cache.demo_model(name)
        try:
            short = len(sequence) <= EDITED_ROWS
            again = read(_vocabulary(model)) if short else sequence
            model.encoder.encode(again if isinstance(again, Sequence) else sequence)
        except GateScopeError:
            continue
        titles.append(translated(model.card.title))
    return titles


def _use(sequence: Sequence, title: str, columns: tuple[str, ...]) -> None:
    reference = keep_sequence(sequence, title)
    state.remember_upload(reference, title)
    state.choose(sequence=reference, columns=columns)
