"""The ledger's figure by its numbers: the map, the row above it, its locked scale and its words."""

import numpy as np
import pytest

from gru_core.analysis.ledger import memory_ledger
from gru_core.analysis.ledger_facts import LEDGER_TEXTS
from gru_core.errors import ShapeError
from gru_core.figures.ledger import ledger_figure
from gru_core.figures.ledger_texts import LEDGER_FIGURE_TEXTS
from tests.support.handmade import handmade_trace, random_trace


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("direction", ["forward", "backward"])
def test_the_figure_shows_the_ledger(theme, direction):
    t = random_trace(2, time=12, units=5, direction=direction)
    figure = ledger_figure(t, 7, (1, 3), list("abcdefghijkl"), theme=theme)
    start, written, bars = figure.data
    whole = memory_ledger(t)[0][:, :, [1, 3]].mean(axis=2)
    np.testing.assert_allclose(np.square(start.z), whole[:, :1], atol=1e-6)
    np.testing.assert_allclose(np.square(written.z), whole[:, 1:], atol=1e-6)
    np.testing.assert_allclose(written.customdata, whole[:, 1:], atol=1e-6)
    np.testing.assert_allclose(bars.y, whole[7], atol=1e-6)
    assert (written.zmin, written.zmax) == (0, 1)
    assert list(figure.layout.yaxis2.range) == [0, 1]
    assert start.x[0] < written.x[0] - 1
    assert figure.layout.shapes[0].y0 == 6.5
    assert figure.layout.meta["title"] in figure.layout.title.text
    assert "mean of 2 of 5 units" in figure.layout.title.text
    assert "step 7 ('h')" in figure.layout.meta["text"]
    assert "%{x:.0f}" in written.hovertemplate
    assert "H₀" in start.hovertemplate


def test_contents_are_signed_and_add_up_to_the_state():
    t = random_trace(4, time=9, units=3)
    figure = ledger_figure(t, 8, (2,), quantity="content")
    assert (figure.data[1].zmin, figure.data[1].zmax) == (-1, 1)
    assert sum(figure.data[2].y) == pytest.approx(t.H[0, 8, 2], abs=1e-6)
    assert "unit 2" in figure.layout.title.text


def test_a_long_trace_is_drawn_in_stretches_and_says_so():
    t = random_trace(5, time=1000, units=2)
    figure = ledger_figure(t, 500)
    _, written, bars = figure.data
    assert np.shape(written.z) == (334, 334)
    assert sum(bars.y) == pytest.approx(1, abs=1e-6)
    assert "3 steps each" in figure.layout.meta["notes"][-1]
    assert (figure.layout.shapes[0].y0, figure.layout.shapes[0].y1) == (497.5, 500.5)


def test_one_step_of_one_unit():
    figure = ledger_figure(handmade_trace([[0.25]]), 0)
    assert [np.square(part.z).item() for part in figure.data[:2]] == [0.25, 0.75]


def test_labels_that_do_not_fit_are_refused():
    with pytest.raises(ShapeError, match="A picture of 12 steps needs as many labels, got 2"):
        ledger_figure(random_trace(), 0, labels=("a", "b"))


def test_words_of_another_language_are_used():
    texts = {key: f"*{text}" for key, text in LEDGER_FIGURE_TEXTS.items()}
    sentences = {key: f"!{text}" for key, text in LEDGER_TEXTS.items()}
    meta = ledger_figure(random_trace(), 3, texts=texts, sentences=sentences).layout.meta
    assert meta["title"].startswith("*")
    assert meta["text"].startswith("!")
