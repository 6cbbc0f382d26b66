"""Data of a person's own to learn from: what they brought before, or pasted or uploaded here."""

import numpy as np
import streamlit as st

from gru_core.errors import GateScopeError
from gru_core.sequences import SEQUENCE_SUFFIXES, Sequence, Table, read_table
from gru_ui import cache, state, view
from gru_ui.bring_sequence import from_table
from gru_ui.language.sentences import translated
from gru_ui.store import keep_sequence
from gru_ui.texts import say
from gru_ui.training.controls import form
from gru_ui.words import escape


def pick_data() -> Sequence | None:
    """The sequence to learn from, for a task on data of one's own; None where there is none yet."""
    if form().entry.kind != "own":
        return None
    symbolic = form().task == "text"
    left, right = st.columns(2, gap="medium")
    with left:
        label = say("train.paste_text" if symbolic else "train.paste_numbers")
        text = st.text_area(label, height=110, key=f"train_pasted_{form().task}")
    with right:
        kinds = [suffix.removeprefix(".") for suffix in SEQUENCE_SUFFIXES]
        file = st.file_uploader(say("train.upload"), type=kinds, key=f"train_file_{form().task}")
    try:
        if file is not None:
            key = ("table", file.file_id, "train", symbolic)
            read = cache.kept().get(
                key, lambda: _read(file.getvalue(), file.name, symbolic), lambda _: 8 * file.size + 1_000
            )
            return _keep(_chosen_of(read), file.name[:60])
        if text.strip():
            return _keep(_chosen_of(_read(text.encode(), "pasted.txt", symbolic)), say("your_data.pasted"))
        return _brought_before()
    except GateScopeError as error:
        st.error(escape(translated(error)))
        return None


def _read(data: bytes, name: str, symbolic: bool) -> Sequence | Table:
    if symbolic:
        return read_table(data, name=name, kind="text", text_unit="characters")
    return read_table(data, name=name, kind="pasted" if name == "pasted.txt" else None)


def _chosen_of(read: Sequence | Table) -> Sequence:
    """The sequence in what was read, after the person's choice of columns and of what to do with gaps."""
    if isinstance(read, Sequence):
        return read
    with st.expander(say("train.choices"), icon=":material/view_column:", key="train_choices"):
        return from_table(read, "train")


def _keep(sequence: Sequence, title: str) -> Sequence:
    """Name the data in the link, so that a reload finds it again."""
    now = form().data
    if now:
        try:
            kept, _ = view.sequence_of(now, cache.demo_model("remember"))
            if kept.labels == sequence.labels and np.array_equal(kept.values, sequence.values):
                return sequence
        except GateScopeError:
            pass
    reference = keep_sequence(sequence, title)
    state.change(lambda chosen: chosen.with_training(data=reference))
    return sequence


def _brought_before() -> Sequence | None:
    """What the link names, or what was brought on the page Your data."""
    chosen = state.workspace()
    for reference in (form().data, chosen.sequence):
        if reference.startswith(("data.", "text.")):
            sequence, _ = view.sequence_of(reference, cache.demo_model("remember"))
            if sequence.symbolic == (form().task == "text"):
                st.caption(say("train.brought", steps=f"{len(sequence):,}"))
                return sequence
    return None
