"""What is left of a gradient, held against torch's autograd through whole runs, and against algebra."""

import math

import numpy as np
import pytest
import torch
from torch import nn

from gru_core.analysis import flow
from gru_core.analysis.baseline_jacobian import BaselineDerivatives
from gru_core.analysis.flow import answer_flow, random_rows, rows_for, state_flow
from gru_core.analysis.flow_rate import rate
from gru_core.analysis.jacobian import StepDerivatives
from gru_core.baselines import trace_baseline
from gru_core.errors import InputError, ShapeError
from gru_core.model import GRU
from gru_core.overrides import EXTREMES, GateOverride
from gru_core.trace import trace

STEPS, UNITS, INPUTS, OUTPUTS = 7, 4, 3, 2
SETTINGS = {
    **EXTREMES,
    "held in part": (
        GateOverride("Z", 0.3, steps=(1, 2), units=(0, 3)),
        GateOverride("R", 0.9, blend=0.4),
        GateOverride("Z", 0.8, blend=0.25, steps=slice(2, None)),
    ),
    "cut": (GateOverride("Z", 0.0, steps=3), GateOverride("R", 0.0, steps=3)),
}


def gru_of(reset_mode="before", **shape):
    torch.manual_seed(0)
    gru = GRU(INPUTS, UNITS, reset_mode=reset_mode, **shape).double()
    with torch.no_grad():
        for parameter in gru.parameters():
            parameter.mul_(2.0)
    return gru


def read(seed=1):
    return torch.randn(STEPS, INPUTS, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def norms_of(log_norms):
    return np.where(np.isnan(log_norms), 0.0, 10.0**log_norms)


def by_autograd(run, *points):
    """Norms of the derivatives of run(x, ...) per step of x (time, inputs), and those of the other points."""
    to_x, *rest = torch.autograd.functional.jacobian(run, points)
    return to_x.square().sum(dim=(0, 2)).sqrt(), [part.flatten(1).norm() for part in rest]


@pytest.mark.parametrize("reset_mode", ["before", "after"])
@pytest.mark.parametrize("setting", list(SETTINGS))
@pytest.mark.parametrize("backwards", [False, True])
def test_the_flow_of_a_gru_equals_autograd_through_the_run(reset_mode, setting, backwards):
    gru, x, overrides = gru_of(reset_mode, backwards=backwards), read(), SETTINGS[setting]
    start = 0.5 * torch.randn(UNITS, generator=torch.Generator().manual_seed(2), dtype=torch.float64)
    t = trace(gru, x[None], start[None, None], overrides)[0]
    for last in (None, 4):
        found = state_flow(StepDerivatives(gru, t, overrides), UNITS, last)
        at = (0 if backwards else STEPS - 1) if last is None else last
        to_x, (to_start,) = by_autograd(
            lambda x, h0, at=at: gru(x[None], h0[None, None], overrides)[0][0, at], x, start
        )
        assert (found.last, found.exact, found.rows) == (at, True, UNITS)
        np.testing.assert_allclose(norms_of(found.input), to_x, rtol=0, atol=1e-10)
        np.testing.assert_allclose(10**found.start, to_start, rtol=0, atol=1e-10)
        unread = range(at) if backwards else range(at + 1, STEPS)
        assert np.isnan(found.state[list(unread)]).all()
        assert found.state[at] == pytest.approx(math.log10(math.sqrt(UNITS)))
    # Exactly nothing is told from little.
    assert (found.start == -np.inf) == (setting == "input_only" or (setting == "cut" and not backwards))


@pytest.mark.parametrize("reset_mode", ["before", "after"])
def test_the_parts_are_those_of_the_step_on_what_arrives(reset_mode):
    gru, x = gru_of(reset_mode), read()
    derivatives = StepDerivatives(gru, trace(gru, x)[0])
    found = state_flow(derivatives, UNITS)
    np.testing.assert_allclose(found.shares.sum(axis=0), 1, atol=1e-12)
    arrives = np.linalg.multi_dot(
        [derivatives.jacobian(step).state.total[0] for step in range(STEPS - 1, 2, -1)]
    )
    step = derivatives.jacobian(2).state
    whole = arrives @ step.total[0]
    assert found.state[1] == pytest.approx(math.log10(np.linalg.norm(whole)), abs=1e-12)
    for index, part in enumerate((step.copy, step.update, step.candidate, step.reset)):
        handed = arrives @ part[0]
        assert found.parts[index, 2] == pytest.approx(math.log10(np.linalg.norm(handed)), abs=1e-12)
        share = (handed * whole).sum() / (whole * whole).sum()
        assert found.shares[index, 2] == pytest.approx(share, abs=1e-12)


@pytest.mark.parametrize("kind", ["tanh", "relu", "lstm"])
@pytest.mark.parametrize("shape", [{}, {"num_layers": 2}, {"num_layers": 2, "bidirectional": True}])
def test_an_rnn_and_an_lstm_equal_autograd(kind, shape):
    """Every layer and direction alone: from its own input and start to its own last state."""
    torch.manual_seed(3)
    options = {"batch_first": True, "dtype": torch.float64, **shape}
    core = (
        nn.LSTM(INPUTS, UNITS, **options)
        if kind == "lstm"
        else nn.RNN(INPUTS, UNITS, nonlinearity=kind, **options)
    )
    for t in trace_baseline(core, read().numpy()):
        suffix = f"_l{t.layer}" + ("_reverse" if t.direction == "backward" else "")
        width, turn = t.X.shape[2], t.direction == "backward"
        single = type(core)(width, UNITS, batch_first=True, dtype=torch.float64)
        if kind == "relu":
            single.nonlinearity, single.mode = "relu", "RNN_RELU"
        single.load_state_dict(
            {
                f"{name}_l0": getattr(core, name + suffix).detach()
                for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
            }
        )

        def run(x, h0, c0, single=single, turn=turn):
            start = (h0[None], c0[None]) if kind == "lstm" else h0[None]
            return single(x.flip(0) if turn else x, start)[0][-1]

        zero = torch.zeros(UNITS, dtype=torch.float64)
        to_x, (to_h, to_c) = by_autograd(run, torch.tensor(t.X[0]), zero, zero)
        found = state_flow(BaselineDerivatives(core, t), UNITS)
        np.testing.assert_allclose(norms_of(found.input), to_x, rtol=0, atol=1e-10)
        np.testing.assert_allclose(10**found.start, math.hypot(to_h, to_c), rtol=0, atol=1e-10)
        assert found.parts.shape == (0, STEPS)


@pytest.mark.parametrize("kind", ["gru", "rnn", "lstm"])
@pytest.mark.parametrize(
    "shape", [{}, {"num_layers": 3}, {"bidirectional": True}, {"num_layers": 2, "bidirectional": True}]
)
def test_an_answer_reaches_back_through_all_layers_and_directions(kind, shape):
    torch.manual_seed(4)
    directions = 2 if shape.get("bidirectional") else 1
    readout, x = nn.Linear(directions * UNITS, OUTPUTS, dtype=torch.float64), read()
    if kind == "gru":
        core = gru_of("after", **shape)
        ways = [StepDerivatives(core, t) for t in trace(core, x)]
    else:
        layer = {"rnn": nn.RNN, "lstm": nn.LSTM}[kind]
        core = layer(INPUTS, UNITS, batch_first=True, dtype=torch.float64, **shape)
        ways = [BaselineDerivatives(core, t) for t in trace_baseline(core, x.numpy())]
    layers = [ways[i : i + directions] for i in range(0, len(ways), directions)]
    widths = [INPUTS] + [directions * UNITS] * (len(layers) - 1)
    for last in (STEPS - 1, 3):
        to_x, _ = by_autograd(lambda x, last=last: readout(core(x[None])[0])[0, last], x)
        found = answer_flow(layers, readout.weight.detach().numpy(), widths, last)
        assert found.exact
        np.testing.assert_allclose(norms_of(found.input), to_x, rtol=0, atol=1e-10)
        if directions == 1:
            assert (found.input[last + 1 :] == -np.inf).all()


@pytest.mark.parametrize("weight", [0.5, 3.0])
def test_neither_vanishing_nor_exploding_ends_in_3000_steps(weight):
    """One unit that stays at 0: each step back multiplies by the weight, to 1e-903 or 1e1431."""
    gru, steps = GRU(1, 1).double(), 3_000
    with torch.no_grad():
        for parameter in gru.parameters():
            parameter.zero_()
        gru.cell(0).weight_h[2, 0] = weight
        gru.cell(0).weight_x[2, 0] = 1.0
    overrides = EXTREMES["rnn"]
    way = StepDerivatives(gru, trace(gru, np.zeros((steps, 1)), overrides=overrides)[0], overrides)
    expected = np.arange(steps)[::-1] * math.log10(weight)
    found = state_flow(way, 1)
    np.testing.assert_allclose(found.state, expected, atol=1e-9)
    np.testing.assert_allclose(found.input, expected, atol=1e-9)
    np.testing.assert_allclose(
        answer_flow([[way]], np.full((1, 1), 10.0), [1], steps - 1).input, expected + 1, atol=1e-9
    )
    measured = rate(found.state)
    assert measured.per_step == pytest.approx(weight)
    assert measured.exponent == pytest.approx(math.log(weight))
    assert measured.kind == ("vanishing" if weight < 1 else "exploding")


def test_random_rows_are_right_on_average_and_their_error_is_as_stated(monkeypatch):
    torch.manual_seed(5)
    gru = GRU(2, 40).double()
    way = StepDerivatives(gru, trace(gru, np.random.default_rng(0).normal(size=(30, 2)))[0])
    exact = state_flow(way, 40)
    monkeypatch.setattr(flow, "EXACT_WORK", 0)
    guess = state_flow(way, 40)
    assert (guess.exact, guess.rows, guess.error) == (False, 32, 0.125)
    assert np.abs(10 ** (guess.state - exact.state) - 1).max() < 4 * guess.error
    np.testing.assert_allclose(guess.shares.sum(axis=0), 1, atol=1e-12)
    matrix = np.random.default_rng(1).normal(size=(40, 7)) ** 3
    squares = [np.square(random_rows(8, 40, seed) @ matrix).sum() for seed in range(400)]
    spread = np.std(squares) / np.sqrt(len(squares))
    assert abs(np.mean(squares) - np.square(matrix).sum()) < 4 * spread
    # The stated error of a norm is half that of its square, sqrt(2 / m), at most.
    assert np.std(squares) / np.square(matrix).sum() < math.sqrt(2 / 8)


def test_what_is_exact_is_decided_by_size():
    assert rows_for(2_000, 256, 16, 256) == 256
    assert rows_for(20_000, 512, 16, 512) == 32
    assert rows_for(100_000, 16, 8, 16) == 16
    assert rows_for(100_000, 4_096, 8, 10) == 10


def test_the_way_tells_how_far_it_is_and_can_be_ended():
    gru = gru_of()
    way = StepDerivatives(gru, trace(gru, np.zeros((400, INPUTS)))[0])
    heard = []
    state_flow(way, UNITS, told=heard.append)
    assert heard == sorted(heard) == [0.125 * i for i in range(8)]
    heard.clear()
    answer_flow([[way]], np.ones((1, UNITS)), [INPUTS], 399, told=heard.append)
    assert len(heard) == 8

    def refuse(done):
        raise InterruptedError

    with pytest.raises(InterruptedError):
        state_flow(way, UNITS, told=refuse)


def test_what_does_not_fit_is_refused():
    gru = gru_of()
    way = StepDerivatives(gru, trace(gru, read())[0])
    with pytest.raises(InputError, match="There is no step 7: this trace has 7, counted from 0"):
        state_flow(way, UNITS, 7)
    with pytest.raises(InputError, match="There is no step -1"):
        answer_flow([[way]], np.ones((1, UNITS)), [INPUTS], -1)
    t = trace_baseline(nn.RNN(INPUTS, UNITS, batch_first=True), np.zeros((2, INPUTS)))[0]
    with pytest.raises(ShapeError, match="not one of this LSTM, which has 1 layers of 4 units"):
        BaselineDerivatives(nn.LSTM(INPUTS, UNITS, batch_first=True), t)


def line(*norms):
    with np.errstate(divide="ignore"):
        return np.log10(np.array(norms, float))


def test_rates_of_lines_worked_out_by_hand():
    halving = rate(line(1, 2, 4, 8))
    assert (halving.kind, halving.steps, halving.earliest, halving.cut) == ("vanishing", 3, 0, False)
    assert halving.per_step == pytest.approx(0.5)
    assert halving.exponent == pytest.approx(math.log(0.5))
    assert halving.total == pytest.approx(math.log10(1 / 8))
    # One step at which nearly all is lost does not decide the factor, but it does decide the exponent.
    robust = rate(line(1e-6, 1e-6, 1e-6, 1e-6, 1e-6, 1))
    assert robust.per_step == pytest.approx(1)
    assert robust.exponent == pytest.approx(math.log(1e-6) / 5)
    assert robust.kind == "steady"
    assert rate(line(8, 2, 0.5)).kind == "exploding"
    assert (rate(line(3, 3, 3)).kind, rate(line(3, 3, 3)).per_step) == ("whole", 1.0)
    assert rate(line(1.02, 1.01, 1)).kind == "steady"
    assert rate(np.linspace(0.5, 0, 100)).kind == "exploding"  # 1.2 % a step, but a factor of 3 in all


def test_rates_of_lines_that_end_in_nothing():
    assert rate(line(2)) == rate(np.array([math.log10(2), np.nan]))
    assert (rate(line(2)).kind, rate(line(2)).per_step) == ("single", None)
    only_last = rate(line(0, 0, 2))
    assert (only_last.kind, only_last.per_step, only_last.earliest, only_last.cut) == (
        "nothing",
        0.0,
        2,
        True,
    )
    assert rate(line(0, 0, 0)).earliest is None
    cut = rate(line(0, 1, 2, 4))
    assert (cut.kind, cut.earliest, cut.cut, cut.steps) == ("vanishing", 1, True, 2)
    assert cut.per_step == pytest.approx(0.5)
    backwards = rate(line(4, 2, 1), range(3)[::-1])
    assert (backwards.per_step, backwards.earliest) == (pytest.approx(0.5), 2)
    long = rate(np.linspace(-300, 0, 5_000))
    assert long.per_step == pytest.approx(10 ** (-300 / 4_999))
