"""A trace against torch's own layers, against what runs inside them, and against its identities."""

import copy

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from gru_core.errors import InputError, ShapeError
from gru_core.model import GRU
from gru_core.overrides import EXTREMES, GateOverride
from gru_core.trace import last_output, trace
from tests.support.inside_torch import gates_inside

SHAPES = [
    {"num_layers": 1, "bidirectional": False},
    {"num_layers": 3, "bidirectional": False},
    {"num_layers": 1, "bidirectional": True},
    {"num_layers": 2, "bidirectional": True},
]


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("batch_first", [True, False])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_equals_torch_gru(shape: dict, bias: bool, batch_first: bool, dtype: torch.dtype) -> None:
    torch.manual_seed(3)
    layer = torch.nn.GRU(4, 6, bias=bias, batch_first=batch_first, **shape).to(dtype)
    x, h0 = (
        torch.randn(5, 13, 4, dtype=dtype),
        torch.randn(len(GRU.from_torch(layer).cells), 5, 6, dtype=dtype),
    )
    with torch.no_grad():
        expected, h_n = layer(x if batch_first else x.transpose(0, 1), h0)
    expected = expected if batch_first else expected.transpose(0, 1)
    tolerance = 1e-6 if dtype == torch.float32 else 1e-12

    traces = trace(layer, x, h0)
    np.testing.assert_allclose(last_output(traces), expected.numpy(), atol=tolerance, rtol=0)
    for t, start, end in zip(traces, h0, h_n, strict=True):
        last = t.H[:, -1] if t.direction == "forward" else t.H[:, 0]
        np.testing.assert_allclose(last, end.numpy(), atol=tolerance, rtol=0)
        np.testing.assert_array_equal(t.H0, start.numpy())

    output, own_h_n = GRU.from_torch(layer)(x, h0)
    torch.testing.assert_close(output, expected, atol=tolerance, rtol=0)
    torch.testing.assert_close(own_h_n, h_n, atol=tolerance, rtol=0)


@pytest.mark.parametrize(("steps", "batch", "inputs", "units"), [(1, 1, 1, 1), (17, 3, 4, 6), (50, 1, 8, 32)])
def test_equals_what_runs_inside_torch(steps: int, batch: int, inputs: int, units: int) -> None:
    torch.manual_seed(4)
    layer = torch.nn.GRU(inputs, units, batch_first=True)
    x, h0 = torch.randn(batch, steps, inputs), torch.randn(1, batch, units)
    t = trace(layer, x, h0)[0]
    for ours, theirs in zip((t.R, t.Z, t.H_tilde, t.H), gates_inside(layer, x, h0), strict=True):
        np.testing.assert_allclose(ours, theirs.numpy(), atol=1e-6, rtol=0)


@pytest.mark.parametrize("reset_mode", ["before", "after"])
def test_rnn_extreme_equals_torch_rnn(reset_mode: str) -> None:
    torch.manual_seed(5)
    gru = GRU(3, 8, reset_mode=reset_mode)
    cell = gru.cells[0]
    rnn = torch.nn.RNN(3, 8, batch_first=True)
    with torch.no_grad():
        rnn.weight_ih_l0.copy_(cell.weight_x[16:])
        rnn.weight_hh_l0.copy_(cell.weight_h[16:])
        rnn.bias_ih_l0.copy_(cell.bias[16:])
        rnn.bias_hh_l0.copy_(cell.bias_hh if reset_mode == "after" else torch.zeros(8))
        x, h0 = torch.randn(2, 40, 3), torch.randn(1, 2, 8)
        expected = rnn(x, h0)[0]
    got = trace(gru, x, h0, EXTREMES["rnn"])[0]
    np.testing.assert_allclose(got.H, expected.numpy(), atol=1e-6, rtol=0)
    assert (got.Z == 0).all()
    assert (got.R == 1).all()


def test_input_only_extreme_sees_nothing_earlier() -> None:
    torch.manual_seed(6)
    gru, x = GRU(3, 8), torch.randn(2, 20, 3)
    other = x.clone()
    other[:, :-1] = torch.randn(2, 19, 3)
    here, there = (trace(gru, values, overrides=EXTREMES["input_only"])[0].H[:, -1] for values in (x, other))
    np.testing.assert_array_equal(here, there)
    learned = [trace(gru, values)[0].H[:, -1] for values in (x, other)]
    assert np.abs(learned[0] - learned[1]).max() > 1e-2


@pytest.mark.parametrize("reset_mode", ["before", "after"])
def test_copy_extreme_never_leaves_h0(reset_mode: str) -> None:
    torch.manual_seed(7)
    gru, x, h0 = GRU(3, 8, 2, True, reset_mode), torch.randn(2, 30, 3), torch.randn(4, 2, 8)
    for t in trace(gru, x, h0, EXTREMES["copy"]):
        np.testing.assert_array_equal(t.H, np.broadcast_to(t.H0[:, None], t.H.shape))


@st.composite
def cases(draw: st.DrawFn) -> tuple[GRU, torch.Tensor, torch.Tensor, tuple[GateOverride, ...]]:
    """Any small GRU with an input, a first state and some overrides."""
    steps, units = draw(st.integers(1, 9)), draw(st.integers(1, 6))
    torch.manual_seed(draw(st.integers(0, 2**31)))
    gru = GRU(
        draw(st.integers(1, 4)),
        units,
        draw(st.integers(1, 2)),
        draw(st.booleans()),
        draw(st.sampled_from(["before", "after"])),
        draw(st.sampled_from(["sigmoid", "hard_sigmoid_fifth", "hard_sigmoid_sixth"])),
    )
    batch = draw(st.integers(1, 3))
    x = 3 * torch.randn(batch, steps, gru.input_size)
    h0 = torch.rand(len(gru.cells), batch, units) * 2 - 1
    override = st.builds(
        GateOverride,
        gate=st.sampled_from("RZ"),
        value=st.sampled_from([0.0, 0.3, 1.0]),
        units=st.none() | st.lists(st.integers(-units, units - 1), max_size=3).map(tuple),
        steps=st.none()
        | st.integers(-steps, steps - 1)
        | st.builds(slice, st.integers(-3, 5), st.integers(-3, 9)),
        blend=st.sampled_from([0.0, 0.5, 1.0]),
    )
    return gru, x, h0, tuple(draw(st.lists(override, max_size=3)))


@given(cases())
@settings(max_examples=60, deadline=None)
def test_identities_hold_on_every_trace(case: tuple) -> None:
    gru, x, h0, overrides = case
    before = copy.deepcopy(gru.state_dict())
    traces = trace(gru, x, h0, overrides)
    assert [(t.layer, t.direction) for t in traces] == [
        (layer, direction) for layer in range(gru.num_layers) for direction in gru.directions
    ]
    for t in traces:
        np.testing.assert_allclose(t.H, t.Z * t.H_prev + (1 - t.Z) * t.H_tilde, atol=1e-6, rtol=0)
        for gate in (t.R, t.Z, t.R_proposed, t.Z_proposed):
            assert gate.min() >= 0
            assert gate.max() <= 1
        first = t.H_prev[:, 0] if t.direction == "forward" else t.H_prev[:, -1]
        np.testing.assert_array_equal(first, t.H0)
        if t.direction == "forward":
            np.testing.assert_array_equal(t.H_prev[:, 1:], t.H[:, :-1])
        else:
            np.testing.assert_array_equal(t.H_prev[:, :-1], t.H[:, 1:])
        for gate, applied, proposed in (("R", t.R, t.R_proposed), ("Z", t.Z, t.Z_proposed)):
            expected = proposed.astype(np.float64).copy()
            for override in (o for o in overrides if o.gate == gate):
                steps = np.arange(t.steps)[override.steps if override.steps is not None else slice(None)]
                units = np.arange(t.units)[
                    list(override.units) if override.units is not None else slice(None)
                ]
                at = np.ix_(range(len(expected)), np.atleast_1d(steps), np.unique(units))
                expected[at] = (1 - override.blend) * expected[at] + override.blend * override.value
            np.testing.assert_allclose(applied, expected, atol=1e-6, rtol=0)
    for name, value in gru.state_dict().items():
        assert torch.equal(value, before[name])


def test_replaying_the_applied_gates_reproduces_the_trace() -> None:
    torch.manual_seed(8)
    gru, x = GRU(2, 3), torch.randn(1, 6, 2)
    t = trace(gru, x)[0]
    replay = tuple(
        GateOverride(gate, float(values[0, step, unit]), units=unit, steps=step)
        for gate, values in (("R", t.R), ("Z", t.Z))
        for step in range(6)
        for unit in range(3)
    )
    np.testing.assert_allclose(trace(gru, x, overrides=replay)[0].H, t.H, atol=1e-6, rtol=0)


def test_a_backward_layer_is_reported_in_input_time() -> None:
    torch.manual_seed(9)
    gru = GRU(2, 3, bidirectional=True)
    alone = GRU(2, 3)
    alone.load_state_dict(
        {name.replace("cells.1", "cells.0"): v for name, v in gru.state_dict().items() if "s.1" in name}
    )
    x = torch.randn(1, 7, 2)
    backward, flipped = trace(gru, x)[1], trace(alone, x.flip(1))[0]
    for name in ("R", "Z", "H_tilde", "H", "H_prev"):
        np.testing.assert_allclose(
            getattr(backward, name), getattr(flipped, name)[:, ::-1], atol=1e-6, rtol=0
        )
    forced = trace(gru, x, overrides=(GateOverride("Z", 1.0, steps=2, direction="backward"),))
    assert (forced[1].Z[:, 2] == 1).all()
    assert (forced[1].Z[:, [0, 1, 3, 4, 5, 6]] < 1).all()
    assert (forced[0].Z < 1).all()


def test_r_of_one_makes_the_reset_modes_agree_when_b_hh_is_folded() -> None:
    torch.manual_seed(10)
    after = GRU(2, 4, reset_mode="after")
    before = GRU(2, 4)
    weights = after.state_dict()
    folded = weights.pop("cells.0.bias_hh")
    weights["cells.0.bias"] = torch.cat([weights["cells.0.bias"][:8], weights["cells.0.bias"][8:] + folded])
    before.load_state_dict(weights)
    x = torch.randn(1, 12, 2)
    open_reset = (GateOverride("R", 1.0),)
    one, other = (trace(g, x, overrides=open_reset)[0].H for g in (before, after))
    np.testing.assert_allclose(one, other, atol=1e-6, rtol=0)


def test_accepts_arrays_and_single_sequences_and_is_read_only() -> None:
    gru, x = GRU(2, 3), np.ones((5, 2))
    t = trace(gru, x)[0]
    assert t.H.shape == (1, 5, 3)
    assert t.H.dtype == np.float32
    with pytest.raises(ValueError, match="read-only"):
        t.R[0, 0, 0] = 2.0


@pytest.mark.parametrize(
    ("x", "error", "message"),
    [
        (np.zeros((1, 0, 2)), ShapeError, "at least 1 step"),
        (np.zeros((1, 4, 3)), ShapeError, "reads 2 inputs per step, the sequence has 3"),
        (np.zeros(4), ShapeError, "axes"),
        (np.array([[[0.0, np.nan]]]), InputError, "NaN or an infinity in the sequence"),
        ([["a", "b"]], InputError, "array of numbers"),
    ],
)
def test_wrong_input_is_named(x: object, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        trace(GRU(2, 3), x)


def test_wrong_first_state_is_named() -> None:
    with pytest.raises(ShapeError, match=r"= \(1, 1, 3\), got \(1, 1, 4\)"):
        trace(GRU(2, 3), np.zeros((1, 4, 2)), np.zeros((1, 1, 4)))
