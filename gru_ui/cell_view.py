"""The live cell of a view, as pages and lessons show it."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from gru_core.errors import LinkError
from gru_core.sequences.encoders import EmbeddingEncoder, SymbolEncoder, names_of
from gru_ui import state
from gru_ui.components.cell import CONTROLS, CellChoice, CellData, CellEvent, Readout, cell
from gru_ui.language.sentences import translated
from gru_ui.pictures import class_targets, number_targets
from gru_ui.texts import say
from gru_ui.view import View, file_name
from gru_ui.words import escape

COMPACT_HEIGHT = 470
"""Pixels of a cell that shares the screen with words."""

COMPACT_CONTROLS = ("play", "depth", "unit", "touch", "strips")


def show_cell(
    view: View,
    choice: CellChoice | None = None,
    *,
    key: str = "cell",
    compact: bool = False,
    height: int | None = None,
    controls: Sequence[str] | None = None,
) -> CellEvent:
    """The chosen layer of a view at one step, and what the person settled on.

    Without a `choice` it shows what the workspace says, and the workspace follows the person. With one, that
    is what it opens with; passing the same again leaves the cell as the person has it. `compact` leaves room
    for words, `height` says how many pixels it takes; `controls` are names in `components.cell.CONTROLS`, all
    of them, or a few in a compact one, where nothing is said.
    """
    cells = cell_data(view)
    follows = choice is None
    shown = _fitting(chosen_in(view) if choice is None else choice, cells)
    if controls is None:
        controls = COMPACT_CONTROLS if compact else CONTROLS
    event = cell(
        key=key,
        cells=cells,
        chosen=shown,
        summary=say("cell_page.summary", units=cells.units, step=shown.step, steps=cells.steps),
        filename=f"{file_name(view)}-cell",
        passes_back=follows,
        height=height or (COMPACT_HEIGHT if compact else None),
        controls=controls,
        on_change=state.touched if follows else None,
    )
    if follows:
        _follow(shown, event)
    return event


def chosen_in(view: View) -> CellChoice:
    """What the workspace of a view says about its cell."""
    chosen = view.workspace
    form = chosen.cell
    return CellChoice(
        step=chosen.cursor,
        unit=max(chosen.unit, 0),
        depth=form.depth,
        lit=form.lit,
        z_means=form.z_means,
        shows_reset=form.shows_reset,
        edits=form.edits,
    )


def cell_data(view: View) -> CellData:
    """The chosen layer and direction of a view, with what its encoder and readout say of it."""
    model, trace = view.model, view.trace
    encoder = model.encoder
    reads_input = trace.layer == 0
    symbols: tuple[str, ...] = ()
    rows = None
    if reads_input and isinstance(encoder, SymbolEncoder):
        symbols = encoder.vocabulary
    elif reads_input and isinstance(encoder, EmbeddingEncoder) and encoder.tokens:
        symbols, rows = encoder.tokens, encoder.matrix[: len(encoder.tokens)]
    names = symbols if isinstance(encoder, SymbolEncoder) else names_of(encoder)
    return CellData.of(
        model.gru,
        trace,
        overrides=view.overrides,
        labels=view.ticks,
        input_names=names if reads_input and len(names) == trace.X.shape[-1] else (),
        symbols=symbols,
        symbol_rows=rows,
        readout=_readout(view),
        targets=_targets(view),
    )


def _readout(view: View) -> Readout | None:
    """The readout, its outputs named in the reader's language."""
    found = Readout.of(view.model, view.layer)
    return None if found is None else replace(found, names=tuple(map(view.in_words, found.names)))


def _targets(view: View) -> Sequence[int | None] | NDArray[np.float32] | None:
    card = view.model.card
    if card.answer == "class":
        return class_targets(card, view.target)
    return number_targets(view.target, (len(view.x), len(card.outputs)))


def _fitting(choice: CellChoice, cells: CellData) -> CellChoice:
    """The choice without changes that cannot be made here, and a sentence that says why."""
    try:
        cells.edits(choice.edits)
    except LinkError as error:
        st.warning(escape(translated(error)))
        return CellChoice(**{**vars(choice), "edits": ""})
    return choice


def _follow(shown: CellChoice, event: CellEvent) -> None:
    """What the person settled on goes into the workspace; no unit stays none until one is chosen."""
    changes = {} if event.unit == shown.unit else {"unit": event.unit}
    form = state.workspace().cell.but(
        depth=event.depth,
        lit=event.lit,
        z_means=event.z_means,
        shows_reset=event.shows_reset,
        edits=event.edits,
    )
    state.choose(cursor=event.step, cell=form, **changes)
