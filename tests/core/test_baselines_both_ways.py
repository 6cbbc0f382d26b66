"""LSTMs and RNNs in both directions, backwards, from a state and with relu: what torch's layers compute."""

from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from gru_core.baselines import LSTMTrace, RNNTrace, trace_baseline
from gru_core.errors import InputError, ShapeError

LAYERS: dict[str, Any] = {"rnn": nn.RNN, "lstm": nn.LSTM}
each_kind = pytest.mark.parametrize("kind", LAYERS)


def layer_of(kind: str, layers: int = 1, **options: Any) -> Any:
    torch.manual_seed(4)
    core = LAYERS[kind](3, 5, layers, batch_first=True, dtype=torch.float64, **options)
    with torch.no_grad():
        for parameter in core.parameters():
            parameter *= 2
    return core


def sequences(batch: int = 3, steps: int = 9) -> torch.Tensor:
    random = torch.Generator().manual_seed(6)
    return 2 * torch.randn(batch, steps, 3, generator=random, dtype=torch.float64)


def states(core: Any, batch: int = 3) -> tuple[torch.Tensor, torch.Tensor]:
    random = torch.Generator().manual_seed(7)
    shape = (core.num_layers * (2 if core.bidirectional else 1), batch, 5)
    h0, c0 = (torch.randn(shape, generator=random, dtype=torch.float64) for _ in range(2))
    return h0, c0


def run(core: Any, x: torch.Tensor, h0: torch.Tensor, c0: torch.Tensor) -> tuple[Any, Any, Any]:
    """Output, last H and last C (None for an RNN) of torch's layer."""
    with torch.no_grad():
        if isinstance(core, nn.LSTM):
            output, (h_n, c_n) = core(x, (h0, c0))
            return output, h_n, c_n
        output, h_n = core(x, h0)
        return output, h_n, None


@each_kind
@pytest.mark.parametrize("layers", [1, 2, 3])
@pytest.mark.parametrize("both", [False, True])
@pytest.mark.parametrize("bias", [False, True])
def test_layers_directions_and_states_are_torchs(kind: str, layers: int, both: bool, bias: bool) -> None:
    core, x = layer_of(kind, layers, bidirectional=both, bias=bias), sequences()
    h0, c0 = states(core)
    traces = trace_baseline(core, x, h0, c0 if kind == "lstm" else None)
    ways = ["forward", "backward"] if both else ["forward"]
    assert [(t.layer, t.direction) for t in traces] == [(n, way) for n in range(layers) for way in ways]
    output, h_n, c_n = run(core, x, h0, c0)
    found = np.concatenate([t.H for t in traces[-len(ways) :]], axis=-1)
    np.testing.assert_allclose(found, output, rtol=0, atol=1e-12)
    for index, trace in enumerate(traces):
        last = 0 if trace.direction == "backward" else -1
        np.testing.assert_allclose(trace.H[:, last], h_n[index], rtol=0, atol=1e-12)
        if isinstance(trace, LSTMTrace):
            np.testing.assert_allclose(trace.C[:, last], c_n[index], rtol=0, atol=1e-12)


@each_kind
def test_what_a_backward_layer_records_stands_in_input_time(kind: str) -> None:
    core, x = layer_of(kind, bidirectional=True), sequences()
    h0, c0 = states(core)
    forward, backward = trace_baseline(core, x, h0, c0 if kind == "lstm" else None)
    assert (backward.H_prev[:, :-1] == backward.H[:, 1:]).all()
    np.testing.assert_array_equal(backward.H_prev[:, -1], h0[1])
    assert (forward.H_prev[:, 1:] == forward.H[:, :-1]).all()
    if isinstance(backward, LSTMTrace):
        cell = backward.F * backward.C_prev + backward.I * backward.C_tilde
        np.testing.assert_allclose(backward.C, cell, rtol=0, atol=1e-12)
        np.testing.assert_array_equal(backward.C_prev[:, -1], c0[1])


@each_kind
def test_backwards_only_is_the_layer_on_the_turned_sequence(kind: str) -> None:
    core, x = layer_of(kind, layers=2), sequences()
    traces = trace_baseline(core, x, backwards=True)
    assert [(t.layer, t.direction) for t in traces] == [(0, "backward"), (1, "backward")]
    with torch.no_grad():
        expected = core(x.flip(1))[0].flip(1)
        np.testing.assert_allclose(traces[-1].H, expected, rtol=0, atol=1e-12)
        assert np.abs(traces[-1].H - core(x)[0].numpy()).max() > 1e-2
    assert np.array_equal(traces[1].X, traces[0].H)


def test_an_rnn_with_relu() -> None:
    core, x = layer_of("rnn", nonlinearity="relu"), sequences(steps=4)
    (trace,) = trace_baseline(core, x)
    assert isinstance(trace, RNNTrace)
    assert trace.nonlinearity == "relu"
    with torch.no_grad():
        np.testing.assert_allclose(trace.H, core(x)[0], rtol=0, atol=1e-12)
    assert trace.H.max() > 1


@each_kind
def test_one_state_is_every_sequences(kind: str) -> None:
    core, x = layer_of(kind, layers=2), sequences()
    h0, c0 = states(core, batch=1)
    one = trace_baseline(core, x, h0[:, 0], c0[:, 0] if kind == "lstm" else None)
    each = trace_baseline(core, x, h0.expand(-1, 3, -1), c0.expand(-1, 3, -1) if kind == "lstm" else None)
    for a, b in zip(one, each, strict=True):
        assert np.array_equal(a.H, b.H)


def test_a_trace_does_not_change_with_the_callers_array() -> None:
    x = sequences().numpy()
    (trace,) = trace_baseline(layer_of("lstm"), x)
    before = trace.X.copy()
    x += 1
    assert np.array_equal(trace.X, before)


@pytest.mark.parametrize(
    ("options", "arguments", "error", "sentence"),
    [
        ({}, {"h0": np.zeros((2, 3, 5))}, ShapeError, r"h0 must be .* = \(1, 3, 5\), got \(2, 3, 5\)"),
        ({}, {"c0": np.zeros((1, 3, 4))}, ShapeError, r"c0 must be .* = \(1, 3, 5\), got \(1, 3, 4\)"),
        ({"bidirectional": True}, {"backwards": True}, InputError, "backwards only or in both directions"),
        ({}, {"h0": np.full((1, 5), np.inf)}, InputError, "an infinity in the initial state h0"),
    ],
)
def test_what_does_not_fit_is_said(
    options: dict[str, Any], arguments: dict[str, Any], error: type[Exception], sentence: str
) -> None:
    with pytest.raises(error, match=sentence):
        trace_baseline(layer_of("lstm", **options), sequences(), **arguments)


def test_an_rnn_has_no_cell_state() -> None:
    with pytest.raises(InputError, match="An RNN has no cell state"):
        trace_baseline(layer_of("rnn"), sequences(), c0=np.zeros((1, 3, 5)))
