"""The figures of an LSTM and an RNN: the trace's own numbers on locked ranges, and C on a symmetric one."""

import json
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from gru_core.baselines import LSTMTrace, RNNTrace, trace_baseline
from gru_core.errors import ShapeError
from gru_core.figures.baselines import baseline_heatmaps, symmetric_range
from gru_core.figures.timeaxis import MAX_COLUMNS
from gru_core.symbols import LSTM_TRACED, SYMBOLS

THEMES = ("light", "dark")


def traced(kind: Any, steps: int = 12, **options: Any) -> Any:
    torch.manual_seed(2)
    core = kind(3, 5, batch_first=True, **options)
    x = 3 * torch.randn(1, steps, 3, generator=torch.Generator().manual_seed(1))
    return trace_baseline(core, x)


LSTM: LSTMTrace = traced(nn.LSTM)[0]
RNN: RNNTrace = traced(nn.RNN)[0]


def test_an_lstms_panels_are_the_trace_itself() -> None:
    figure = baseline_heatmaps(LSTM, list("abcdefghijkl"))
    assert [panel.name for panel in figure.data] == ["F", "I", "O", "C̃", "C", "H"]
    for panel, symbol in zip(figure.data, LSTM_TRACED, strict=True):
        np.testing.assert_array_equal(panel.z, getattr(LSTM, symbol.name)[0].T)
    assert len({panel.yaxis for panel in figure.data}) == 6


def test_an_rnn_is_one_panel() -> None:
    (panel,) = baseline_heatmaps(RNN).data
    np.testing.assert_array_equal(panel.z, RNN.H[0].T)
    assert panel.coloraxis == "coloraxis"
    axis = baseline_heatmaps(RNN).layout.coloraxis
    assert (axis.cmin, axis.cmax, axis.cauto) == (-1, 1, False)


def test_ranges_are_locked_and_the_cells_is_symmetric() -> None:
    figure = baseline_heatmaps(LSTM)
    assert [panel.coloraxis for panel in figure.data] == ["coloraxis"] * 3 + [
        f"coloraxis{n}" for n in (2, 3, 4)
    ]
    ranges = [
        (axis.cmin, axis.cmax, axis.cauto)
        for axis in (getattr(figure.layout, f"coloraxis{n}") for n in ("", 2, 3, 4))
    ]
    most = symmetric_range(LSTM.C[0])
    assert ranges == [(0, 1, False), (-1, 1, False), (-most, most, False), (-1, 1, False)]
    assert np.abs(LSTM.C).max() <= most
    assert figure.layout.meta["notes"] == [f"C has no bounds: its colours run from −{most:g} to {most:g}."]


def test_relu_has_a_symmetric_range_too() -> None:
    trace = traced(nn.RNN, nonlinearity="relu")[0]
    axis = baseline_heatmaps(trace).layout.coloraxis
    assert axis.cmax == -axis.cmin == symmetric_range(trace.H[0]) > 1


@pytest.mark.parametrize(
    ("largest", "most"),
    [(0.0, 1), (0.4, 1), (1.0, 1), (1.2, 2), (3.00000001, 3), (9.1, 10), (14, 20), (340, 400)],
)
def test_a_symmetric_range_is_a_round_number(largest: float, most: float) -> None:
    assert symmetric_range(np.array([0.1, -largest])) == most


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("trace", [LSTM, RNN], ids=["lstm", "rnn"])
def test_title_axes_reading_and_text_twin(theme: str, trace: Any) -> None:
    figure = baseline_heatmaps(trace, theme=theme)
    meta = figure.layout.meta
    assert meta["title"] in figure.layout.title.text
    assert meta["how"].endswith(".")
    assert "layer 0 forward · 5 units · 12 steps" in figure.layout.title.text
    assert f"to {trace.H.max():.2f}." in meta["text"]
    assert figure.layout.xaxis.title.text == "step"
    assert 200 <= figure.layout.height <= 1100
    axes = [value for key, value in figure.layout.to_plotly_json().items() if key.startswith("yaxis")]
    domains = sorted(tuple(axis["domain"]) for axis in axes)
    assert all(bottom > top for (_, top), (bottom, _) in pairwise(domains))
    json.loads(figure.to_json())


def test_the_text_says_the_gates_means() -> None:
    text = baseline_heatmaps(LSTM).layout.meta["text"]
    share = (LSTM.F > 0.9).mean()
    assert f"F is {LSTM.F.mean():.2f} on average and above 0.9 in {share:.0%} of all places" in text
    assert f"C runs from {LSTM.C.min():.2f} to {LSTM.C.max():.2f}" in text


def test_a_long_backward_trace_says_what_was_done() -> None:
    _, backward = traced(nn.LSTM, steps=2 * MAX_COLUMNS, bidirectional=True)
    figure = baseline_heatmaps(backward)
    assert "layer 0 backward" in figure.layout.title.text
    assert "Each column is the mean of 2 steps." in figure.layout.meta["notes"]


def test_labels_must_be_one_per_step() -> None:
    with pytest.raises(ShapeError, match="12 steps needs as many labels, got 3"):
        baseline_heatmaps(LSTM, list("abc"))


def test_no_two_symbols_of_a_cell_share_a_colour() -> None:
    assert len({symbol.colour for symbol in LSTM_TRACED}) == len(LSTM_TRACED)
    assert LSTM_TRACED[-1] is SYMBOLS["H"]
