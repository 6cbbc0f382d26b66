"""A view as the picture of a ripple takes it: what is read, what could be, and the GRU for the browser."""

from dataclasses import replace
from typing import Literal

import numpy as np

from gru_core.analysis.change import (
    MAX_CHOICES,
    NUDGE,
    InputChange,
    change_number,
    change_symbol,
    row_of,
    symbol_choices,
    symbol_rows,
)
from gru_core.sequences.encoders import EmbeddingEncoder, NumberEncoder
from gru_ui.components.cell_data import CellData
from gru_ui.components.ripple import LiveGRU, RippleChoice, RippleWhat
from gru_ui.view import View


def ripple_what(view: View) -> RippleWhat:
    """What the steps of a view read, and what they could read instead."""
    encoder, card = view.model.encoder, view.model.card
    columns = view.workspace.columns or None
    answers = view.answers()
    what = RippleWhat(
        reads=view.x,
        labels=view.ticks,
        units=view.trace.units,
        reverse=view.trace.direction == "backward",
    )
    if answers is not None:
        kind: Literal["classes", "numbers"] = "classes" if card.answer == "class" else "numbers"
        spread = float(answers.max() - answers.min())
        names = tuple(map(view.in_words, card.outputs))
        what = replace(what, answer=kind, outputs=names, span=spread or 1.0)
    if isinstance(encoder, NumberEncoder):
        known = not encoder.own_scale
        return replace(
            what,
            names=encoder.names[:MAX_CHOICES],
            mean=encoder.mean if known else (0.0,) * encoder.width,
            std=encoder.std if known else (1.0,) * encoder.width,
        )
    choices = symbol_choices(encoder, view.sequence, columns)
    rows = None
    if isinstance(encoder, EmbeddingEncoder):
        rows = np.stack([row_of(encoder, row) for row, _ in choices])
    reads = np.array(symbol_rows(encoder, view.sequence, columns))
    return replace(what, reads=reads, choices=choices, rows=rows)


def live_gru(view: View) -> LiveGRU | None:
    """The whole GRU under the view's gates, where a browser can run it."""
    model = view.model
    cells = [CellData.of(model.gru, t, overrides=view.overrides) for t in view.traces()]
    made = LiveGRU(cells, model.gru.num_directions, view.layer)
    if model.readout is not None:
        weight = model.readout.weight.detach().numpy().T.astype(np.float64)
        bias = np.zeros(weight.shape[1])
        if model.readout.bias is not None:
            bias = model.readout.bias.detach().numpy().astype(np.float64)
        if model.card.answer == "number":
            weight = weight * model.card.output_std
            bias = bias * model.card.output_std + model.card.output_mean
        made = replace(made, weight=weight, bias=bias)
    return made if made.fits else None


def change_of(view: View, chosen: RippleChoice) -> InputChange:
    """What is chosen, as a row of the input and in words."""
    encoder, share = view.model.encoder, NUDGE if chosen.kind == "nudge" else 1.0
    if isinstance(encoder, NumberEncoder):
        return change_number(encoder, view.x, chosen.step, chosen.number, chosen.by, share)
    columns = view.workspace.columns or None
    return change_symbol(encoder, view.sequence, view.x, chosen.step, chosen.symbol, share, columns)
