"""The numbers that the browser computes for the live cell, against gru_core under the same edits."""

from __future__ import annotations

import numpy as np

from gru_core.edits import apply_edits, read_edits
from gru_core.trace import GateTrace, trace
from tests.browser.apps.cell_data import Example, example
from tests.browser.cell_picture import APP, TRACED, CellPicture
from tests.browser.conftest import NewPage, Serve

CLOSE = 1e-5


def edited(made: Example, text: str) -> GateTrace:
    """What gru_core gives for the example under the edits of a link."""
    found = apply_edits(
        made.gru,
        made.x,
        made.h0,
        read_edits(text),
        overrides=made.overrides,
        symbol_rows=made.symbol_rows,
    )
    return trace(found.gru, found.x, found.h0, found.overrides)[0]


def farthest(picture: CellPicture, expected: GateTrace) -> float:
    """The largest difference between the browser's numbers and a trace's, over all that a trace records."""
    return max(
        float(np.abs(picture.numbers(name, expected.steps) - getattr(expected, field)[0]).max())
        for field, name in TRACED.items()
    )


def test_the_page_computes_what_the_core_does(serve: Serve, new_page: NewPage) -> None:
    picture = CellPicture(new_page(serve(APP)))
    made = example()
    assert farthest(picture, made.trace) < CLOSE
