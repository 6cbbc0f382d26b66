"""Finding out how arrays are packed by an output that a person has: upload, search, and what agrees."""

import hashlib
from collections.abc import Sequence
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from gru_core.errors import GateScopeError, ModelFileError
from gru_core.formats import Agreement, Reading, Search, Suggested
from gru_core.formats.readings.given_arrays import ALONE, given_arrays
from gru_core.limits import MAX_MODEL_BYTES
from gru_core.sources import Sources, open_sources
from gru_ui import cache, state
from gru_ui.language.sentences import listed, together, translated
from gru_ui.reading_words import shape_words, table_row
from gru_ui.texts import say
from gru_ui.words import escape, number_in_tens

ROWS = 6
"""Readings in the table, more where more agree."""

INPUT_NAMES = ("x", "input", "inputs")
OUTPUT_NAMES = ("y", "h", "output", "outputs", "states")

Given = dict[str, NDArray[Any]]


def search_form(parts: Sequence[Suggested], reading: Reading, source: Sources, key: str) -> None:
    """An uploader for an input and its output, what agrees, and a button that takes the best into the form.

    parts    what the arrays could be, to tell an input from an output
    reading  what the form says now
    """
    with st.container(border=True, key=f"{key}_search", gap="small"):
        st.markdown(f"**{say('own.search')}**")
        st.caption(say("own.search_help"))
        files = st.file_uploader(
            say("own.pair"), type=["npy", "npz"], accept_multiple_files=True, key=f"{key}_pair"
        )
        if not files:
            return
        try:
            given = _given(files)
            if len(given) < 2:
                st.info(say("own.one_array"))
                return
            x, output, start = _pick_arrays(given, parts, key)
            search = _searched(source, given, (x, output, start))
        except GateScopeError as error:
            st.error(escape(translated(error)))
            return
        _show(search)
        if search.agreeing:
            _offer(search.agreeing[0], reading, key)
        _table(search)


def _given(files: Sequence[Any]) -> Given:
    """Every array in the uploaded files by a name for people. Raises a GateScopeError for another file."""
    found: Given = {}
    for file in files:
        for name, array in given_arrays(file, file.name[:60]).items():
            found[file.name[:60] if name == ALONE else f"{file.name[:60]} · {name[:60]}"] = array
    return found


def _pick_arrays(given: Given, parts: Sequence[Suggested], key: str) -> tuple[str, str, str]:
    """Which array is the input, which the output, and which the state before them."""
    names = list(given)
    inputs, units = {one.inputs for one in parts}, {one.units for one in parts}
    x = max(names, key=lambda name: _likeness(name, given[name], INPUT_NAMES, inputs))
    others = [name for name in names if name != x]
    y = max(others, key=lambda name: _likeness(name, given[name], OUTPUT_NAMES, units))

    def words(name: str) -> str:
        return f"{name} ({shape_words(given[name].shape)})" if name else say("own.zeros")

    left, middle, right = st.columns(3)
    with left:
        chosen_x = st.selectbox(
            say("own.pair_input"), names, index=names.index(x), format_func=words, key=f"{key}_x"
        )
    with middle:
        chosen_y = st.selectbox(
            say("own.pair_output"), names, index=names.index(y), format_func=words, key=f"{key}_y"
        )
    with right:
        chosen_h = st.selectbox(
            say("own.pair_state"), ["", *names], index=0, format_func=words, key=f"{key}_h0"
        )
    return chosen_x, chosen_y, chosen_h


def _likeness(name: str, array: NDArray[Any], names: tuple[str, ...], widths: set[int]) -> int:
    """How much an array looks like an input or an output, by its name and its last axis."""
    word = name.rpartition("· ")[2].removesuffix(".npy").lower()
    fits = array.ndim > 0 and array.shape[-1] in widths
    return 2 * (word in names) + any(word.startswith(known) for known in names) + 2 * fits


def _searched(source: Sources, given: Given, chosen: tuple[str, str, str]) -> Search:
    """The search, done once for these very bytes. Raises a GateScopeError."""
    x, output = given[chosen[0]], given[chosen[1]]
    start = given[chosen[2]] if chosen[2] else None
    digest = hashlib.blake2b(_fingerprint(source), digest_size=16)
    for array in (x, output, start):
        if array is not None:
            digest.update(repr(array.shape).encode() + np.ascontiguousarray(array).tobytes())
    name = ("search", digest.hexdigest(), start is None)

    def make() -> Search:
        line = st.empty()

        def waits(before: int) -> None:
            line.info(say("own.waits", count=before))

        with st.spinner(say("own.searching")):
            found = cache.reading_room().agreeing_readings(source, x, output, start, waits)
        line.empty()
        return found

    return cache.kept().get(name, make, lambda made: 20_000 + 2_000 * made.readings)


def _show(search: Search) -> None:
    """What came out: a sentence, what else has to be known, and the best readings."""
    agreeing = search.agreeing
    facts = {"readings": f"{search.readings:,}", "functions": f"{search.functions:,}"}
    if not search.found:
        st.warning(say("own.found_nothing"))
        return
    if not agreeing:
        st.warning(say("own.found_none", difference=number_in_tens(search.found[0].difference), **facts))
    elif len(agreeing) == 1:
        worst = number_in_tens(agreeing[0].difference)
        st.success(say("own.found_one", difference=worst, steps=f"{search.steps:,}", **facts))
    else:
        differ = listed(say(f"own.entry_{name}") for name in search.differ_in)
        st.info(say("own.found_several", count=len(agreeing), differ=differ, **facts))
    notes = [say(f"own.data_{word.replace(' ', '_')}") for word in search.data]
    if agreeing and agreeing[0].also:
        more = len(agreeing[0].also)
        notes.append(say("own.also_one") if more == 1 else say("own.also", count=more))
    if search.cut:
        notes.append(
            say(f"own.cut_{search.cut}", readings=f"{search.readings:,}", offered=f"{search.offered:,}")
        )
    if notes:
        st.caption(together(notes))


def _offer(best: Agreement, reading: Reading, key: str) -> None:
    """The button that takes the best reading, out of use where the form says it already."""
    taken = reading in (best.reading, *best.also)
    st.button(
        say("own.taken" if taken else "own.take"),
        key=f"{key}_take",
        icon=":material/check:",
        type="primary",
        on_click=state.take_reading,
        args=(key, best.reading),
        disabled=taken,
    )


def _table(search: Search) -> None:
    """The best readings, best first."""
    rows = [
        table_row(one.reading, number_in_tens(one.difference), one.agrees)
        for one in search.found[: max(ROWS, len(search.agreeing))]
    ]
    if rows:
        st.dataframe(rows, hide_index=True, width="stretch")


def _fingerprint(source: Sources) -> bytes:
    """A sha256 of the bytes of a file, or of several."""
    digest = hashlib.sha256()
    with open_sources(
        source, what="A model file", limit=MAX_MODEL_BYTES, remedy="save less.", error=ModelFileError
    ) as opened:
        if opened.is_set and opened.files is not None:
            for name in opened.files.names:
                digest.update(name.encode() + opened.files.read(name))
        else:
            digest.update(opened.read())
    return digest.digest()
