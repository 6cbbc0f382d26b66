"""The RNN and the LSTM beside the GRU: their traces are what torch's layers compute."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from gru_core.baselines import BaselineModel, LSTMTrace, RNNTrace, trace_baseline
from gru_core.errors import InputError, ShapeError
from gru_core.learner import learning_parameters
from gru_core.model import ModelCard
from gru_core.sequences.encoders import SymbolEncoder
from gru_core.training_spec import TrainSpec
from tests.support.inside_torch import lstm_gates_inside
from tests.support.small_task import FirstOfThree

CLOSE = {torch.float32: 1e-6, torch.float64: 1e-12}
LAYERS: dict[str, Any] = {"rnn": nn.RNN, "lstm": nn.LSTM}
each_kind = pytest.mark.parametrize("kind", LAYERS)


def layer_of(kind: str, layers: int = 1, dtype: torch.dtype = torch.float64, **options: Any) -> Any:
    torch.manual_seed(21)
    layer = LAYERS[kind](3, 7, layers, batch_first=True, dtype=dtype, **options)
    with torch.no_grad():
        for parameter in layer.parameters():
            parameter *= 2  # so that the states of the last layer are not small
    return layer


def sequences(dtype: torch.dtype = torch.float64, batch: int = 4, steps: int = 30) -> torch.Tensor:
    random = torch.Generator().manual_seed(8)
    return (2 * torch.randn(batch, steps, 3, generator=random, dtype=torch.float64)).to(dtype)


@each_kind
@pytest.mark.parametrize("layers", [1, 2, 3])
@pytest.mark.parametrize("dtype", CLOSE, ids=str)
@pytest.mark.parametrize("bias", [True, False])
def test_the_states_are_those_of_torch(kind: str, layers: int, dtype: torch.dtype, bias: bool) -> None:
    core, x = layer_of(kind, layers, dtype, bias=bias), sequences(dtype)
    traces = trace_baseline(core, x)
    assert [trace.layer for trace in traces] == list(range(layers))
    with torch.no_grad():
        output = core(x)[0]
    assert traces[-1].H.dtype == output.numpy().dtype
    np.testing.assert_allclose(traces[-1].H, output, rtol=0, atol=CLOSE[dtype])
    assert np.abs(traces[-1].H).max() > 0.1


@each_kind
def test_every_layer_is_at_every_step_where_torch_is_after_so_many_steps(kind: str) -> None:
    core, x = layer_of(kind, layers=3), sequences(steps=12)
    traces = trace_baseline(core, x)
    for step in range(12):
        with torch.no_grad():
            last: Any = core(x[:, : step + 1])[1]
        h_n, c_n = (last, None) if kind == "rnn" else last
        for trace in traces:
            np.testing.assert_allclose(trace.H[:, step], h_n[trace.layer], rtol=0, atol=1e-12)
            if isinstance(trace, LSTMTrace):
                assert c_n is not None
                np.testing.assert_allclose(trace.C[:, step], c_n[trace.layer], rtol=0, atol=1e-12)


def test_the_gates_are_those_inside_torch() -> None:
    core, x = layer_of("lstm"), sequences()
    (trace,) = trace_baseline(core, x)
    inside = lstm_gates_inside(core, x)
    for name, expected in inside.items():
        np.testing.assert_allclose(getattr(trace, name), expected, rtol=0, atol=1e-12)
    assert len({float(gate.mean()) for gate in inside.values()}) == 4


@each_kind
def test_what_is_recorded_belongs_together(kind: str) -> None:
    x = sequences()
    first, second = trace_baseline(layer_of(kind, layers=2), x)
    assert np.array_equal(first.X, x)
    assert np.array_equal(second.X, first.H)
    for trace in (first, second):
        assert not trace.H_prev[:, 0].any()
        assert (trace.H_prev[:, 1:] == trace.H[:, :-1]).all()
        if isinstance(trace, LSTMTrace):
            assert not trace.C_prev[:, 0].any()
            assert (trace.C_prev[:, 1:] == trace.C[:, :-1]).all()
            np.testing.assert_allclose(trace.C, trace.F * trace.C_prev + trace.I * trace.C_tilde, atol=1e-15)
            np.testing.assert_allclose(trace.H, trace.O * np.tanh(trace.C), atol=1e-15)
            assert min(gate.min() for gate in (trace.F, trace.I, trace.O)) >= 0
            assert max(gate.max() for gate in (trace.F, trace.I, trace.O)) <= 1
        else:
            assert isinstance(trace, RNNTrace)


@each_kind
@pytest.mark.parametrize("dtype", CLOSE, ids=str)
def test_huge_inputs_saturate_without_a_warning(kind: str, dtype: torch.dtype) -> None:
    core, x = layer_of(kind, dtype=dtype), sequences(dtype) * 1e6
    (trace,) = trace_baseline(core, x)
    with torch.no_grad():
        np.testing.assert_allclose(trace.H, core(x)[0], rtol=0, atol=CLOSE[dtype])
    assert np.isfinite(trace.H).all()


@each_kind
def test_one_sequence_an_array_and_a_tensor_are_read_alike(kind: str) -> None:
    core, x = layer_of(kind), sequences(batch=1)
    (batch,) = trace_baseline(core, x)
    for same in (x[0], x.numpy(), x[0].tolist(), x.clone().requires_grad_()):
        (trace,) = trace_baseline(core, same)
        assert np.array_equal(trace.H, batch.H)


@pytest.mark.parametrize(
    ("core", "x", "error", "sentence"),
    [
        (nn.GRU(3, 7, batch_first=True), None, InputError, "Only a batch-first torch.nn.RNN or torch"),
        (nn.LSTM(3, 7), None, InputError, "Only a batch-first .* can be traced"),
        (
            nn.LSTM(3, 7, batch_first=True, proj_size=2),
            None,
            InputError,
            r"with a projection \(proj_size 2\) cannot be traced",
        ),
        (nn.RNN(3, 7, batch_first=True), np.full((1, 5, 3), np.nan), InputError, "a NaN or an infinity"),
        (nn.RNN(3, 7, batch_first=True), "abc", InputError, "Expected the sequence as an array of numbers"),
        (nn.RNN(3, 7, batch_first=True), np.zeros((1, 0, 3)), ShapeError, r"got \(1, 0, 3\)"),
        (
            nn.RNN(3, 7, batch_first=True),
            np.zeros((1, 5, 4)),
            ShapeError,
            r"x must be \(batch, time, 3\), got \(1, 5, 4\)",
        ),
        (nn.LSTM(3, 7, batch_first=True), np.zeros(3), ShapeError, r"got \(3,\)"),
        (nn.LSTM(3, 7, batch_first=True), np.zeros((1, 1, 1, 3)), ShapeError, r"got \(1, 1, 1, 3\)"),
    ],
)
def test_what_cannot_be_traced_is_refused_in_one_sentence(
    core: Any, x: Any, error: type[Exception], sentence: str
) -> None:
    with pytest.raises(error, match=sentence) as refused:
        trace_baseline(core, np.zeros((1, 5, 3)) if x is None else x)
    assert type(refused.value) is error


@pytest.mark.parametrize(("inputs", "units"), [(3, 7), (3, 32)])
def test_one_three_and_four_blocks_of_weights(inputs: int, units: int) -> None:
    """A block is what one gate or candidate has: weights of the inputs, of the old state, and a bias."""
    block, answer = (inputs + units + 1) * units, (units + 1) * 3
    specs: Any = {cell: {"cell": cell, "hidden_size": units} for cell in ("rnn", "gru", "lstm")}
    counts = {
        cell: learning_parameters(FirstOfThree(), TrainSpec(**spec)) - answer for cell, spec in specs.items()
    }
    assert counts == {"rnn": block, "gru": 3 * block, "lstm": 4 * block}


def model(kind: Any, layers: int = 2) -> BaselineModel:
    encoder = SymbolEncoder(("a", "b", "c"))
    return BaselineModel(kind, encoder, 7, layers, 4, ModelCard("test", "Test"))


@each_kind
def test_a_baseline_answers_by_its_readout(kind: str) -> None:
    found, x = model(kind), sequences(torch.float32)
    with torch.no_grad():
        expected = found.core(x)[0] @ found.readout.weight.T + found.readout.bias
        assert float((found(x) - expected).abs().max()) < 1e-6
    assert isinstance(found.core, LAYERS[kind])


@each_kind
def test_the_second_bias_of_a_baseline_is_held_at_nothing(kind: str) -> None:
    found = model(kind)
    second = {name: p for name, p in found.core.named_parameters() if name.startswith("bias_hh")}
    assert len(second) == 2
    assert all(not p.requires_grad and not p.any() for p in second.values())
    assert all(p.requires_grad for name, p in found.named_parameters() if "bias_hh" not in name)


def test_another_kind_is_refused() -> None:
    with pytest.raises(InputError, match=r"^A baseline is 'rnn' or 'lstm', got 'gru'\.$"):
        model("gru")
