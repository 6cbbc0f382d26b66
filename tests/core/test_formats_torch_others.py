"""LSTMs and RNNs in PyTorch's files become torch's own layers, which give what the saved ones gave."""

import io
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from gru_core.baselines import trace_baseline
from gru_core.formats import OtherLayer, inspect_file


def found_in(state: dict[str, Any]) -> OtherLayer:
    file = io.BytesIO()
    torch.save(state, file)
    (layer,) = inspect_file(file).others
    return layer


@given(
    kind=st.sampled_from(["LSTM", "RNN"]),
    inputs=st.integers(1, 4),
    units=st.integers(1, 5),
    layers=st.integers(1, 3),
    both=st.booleans(),
    bias=st.booleans(),
    double=st.booleans(),
)
def test_every_shape(
    kind: str, inputs: int, units: int, layers: int, both: bool, bias: bool, double: bool
) -> None:
    dtype = torch.float64 if double else torch.float32
    make: Any = {"LSTM": nn.LSTM, "RNN": nn.RNN}[kind]
    module = make(inputs, units, layers, bias=bias, bidirectional=both, batch_first=True, dtype=dtype)
    layer = found_in(module.state_dict())
    assert layer.core is not None
    assert (layer.kind, layer.sizes) == (kind, f"{inputs} -> {units * (1 + both)}")
    x = torch.randn(2, 4, inputs, dtype=dtype)
    traces = trace_baseline(layer.core, x)
    output = np.concatenate([t.H for t in traces[-1 - both :]], axis=-1)
    with torch.no_grad():
        np.testing.assert_allclose(output, module(x)[0], rtol=0, atol=1e-12 if double else 1e-6)


@pytest.mark.parametrize("kind", ["LSTM", "RNN"])
@pytest.mark.parametrize("bias", [False, True])
def test_cells_are_layers(kind: str, bias: bool) -> None:
    cell: Any = {"LSTM": nn.LSTMCell, "RNN": nn.RNNCell}[kind](3, 4, bias=bias)
    layer = found_in({f"decoder.{name}": value for name, value in cell.state_dict().items()})
    assert (layer.name, layer.kind) == ("decoder", kind)
    assert layer.core is not None
    x = torch.randn(2, 5, 3)
    (trace,) = trace_baseline(layer.core, x)
    state: Any = None
    with torch.no_grad():
        for t in range(5):
            state = cell(x[:, t], state)
            np.testing.assert_allclose(
                trace.H[:, t], state[0] if kind == "LSTM" else state, rtol=0, atol=1e-6
            )


def test_what_the_file_does_not_say_is_said() -> None:
    assert found_in(nn.LSTM(2, 3).state_dict()).note == ""
    assert "tanh or relu: it is read as tanh" in found_in(nn.RNN(2, 3, nonlinearity="relu").state_dict()).note
    assert "stored as float16" in found_in(nn.LSTM(2, 3).half().state_dict()).note


def test_a_projection_and_missing_parts_leave_no_core() -> None:
    projected = found_in(nn.LSTM(3, 8, proj_size=4).state_dict())
    assert (projected.core, projected.note) == (
        None,
        "weight_hr_l0 is the projection of an LSTM, which cannot be traced.",
    )
    state = nn.LSTM(3, 4, 2).state_dict()
    del state["weight_hh_l1"]
    part = found_in(state)
    assert part.core is None
    assert "weight_hh_l1 is missing, which an LSTM of 2 layers in 1 direction has" in part.note
    state = nn.RNN(3, 4).state_dict() | {"weight_ih_l0": torch.zeros(5, 3)}
    wrong = found_in(state)
    assert wrong.core is None
    assert "Its arrays do not fit each other: one must have the shape (4, 3), got (5, 3)." in wrong.note
    state = nn.LSTM(3, 4).state_dict()
    state["weight_hh_l0"][0, 0] = torch.nan
    assert "NaN" in found_in(state).note
