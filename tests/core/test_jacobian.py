"""Jacobians in closed form, held against torch's autograd through the equations, and against products."""

import tracemalloc

import numpy as np
import pytest
import torch

from gru_core.analysis.jacobian import ROUTES, StepDerivatives, frobenius, influence
from gru_core.equations import GATE_ACTIVATIONS, candidate, hidden_state
from gru_core.errors import InputError, ShapeError
from gru_core.model import GRU
from gru_core.overrides import EXTREMES, GateOverride, compile_overrides
from gru_core.trace import trace

STEPS, UNITS, INPUTS, BATCH = 6, 5, 3, 2
SETTINGS = {
    **EXTREMES,
    "held in part": (
        GateOverride("Z", 0.3, steps=(1, 2), units=(0, 3)),
        GateOverride("R", 0.9, blend=0.4),
        GateOverride("Z", 0.8, blend=0.25, steps=slice(2, None)),
        GateOverride("R", 0.0, steps=4),
    ),
}


def model(reset_mode="before", activation="sigmoid", seed=0, **shape):
    """A GRU in float64 whose gates are well away from one half."""
    torch.manual_seed(seed)
    gru = GRU(INPUTS, UNITS, reset_mode=reset_mode, gate_activation=activation, **shape).double()
    with torch.no_grad():
        for parameter in gru.parameters():
            parameter.mul_(2.0)
    return gru


def inputs(seed=1):
    generator = torch.Generator().manual_seed(seed)
    x = torch.randn(BATCH, STEPS, INPUTS, generator=generator, dtype=torch.float64)
    return x, 0.7 * torch.randn(BATCH, UNITS, generator=generator, dtype=torch.float64)


def one_step(gru, overrides, step, index=0, direction="forward"):
    """The step as a function of (X_t, H_prev), one sequence, written out from the equations."""
    cell = gru.cell(index)
    forced = compile_overrides(overrides, steps=STEPS, units=UNITS, direction=direction)
    activate = GATE_ACTIVATIONS[gru.gate_activation]

    def held(gate, proposed):
        keep = None if forced is None else getattr(forced, f"keep_{gate}")
        if keep is None:
            return proposed
        row = forced.rows[step]
        return torch.tensor(keep[row]) * proposed + torch.tensor(getattr(forced, f"force_{gate}")[row])

    def run(X, H_prev):
        X, H_prev = X[None], H_prev[None]
        R = held("r", activate(X @ cell.W_xr + H_prev @ cell.W_hr + cell.b_r))
        Z = held("z", activate(X @ cell.W_xz + H_prev @ cell.W_hz + cell.b_z))
        return hidden_state(H_prev, Z, candidate(X, H_prev, R, cell, gru.reset_mode))[0]

    return run


@pytest.mark.parametrize("reset_mode", ["before", "after"])
@pytest.mark.parametrize("activation", list(GATE_ACTIVATIONS))
@pytest.mark.parametrize("setting", list(SETTINGS))
def test_a_step_equals_autograd(reset_mode, activation, setting):
    gru, (x, h0) = model(reset_mode, activation), inputs()
    overrides = SETTINGS[setting]
    t = trace(gru, x, h0[None], overrides)[0]
    derivatives = StepDerivatives(gru, t, overrides)
    for step in range(STEPS):
        found = derivatives.jacobian(step)
        run = one_step(gru, overrides, step)
        for b in range(BATCH):
            point = (torch.tensor(t.X[b, step]), torch.tensor(t.H_prev[b, step]))
            to_input, to_state = torch.autograd.functional.jacobian(run, point)
            np.testing.assert_allclose(found.state.total[b], to_state, rtol=0, atol=1e-10)
            np.testing.assert_allclose(found.input.total[b], to_input, rtol=0, atol=1e-10)


@pytest.mark.parametrize("reset_mode", ["before", "after"])
@pytest.mark.parametrize("setting", list(SETTINGS))
@pytest.mark.parametrize("backwards", [False, True])
def test_products_equal_autograd_through_the_whole_run(reset_mode, setting, backwards):
    """torch differentiates the fast scan by its own hand-written rule; that shares no code with this."""
    gru, (x, h0) = model(reset_mode, backwards=backwards), inputs()
    overrides = SETTINGS[setting]
    t = trace(gru, x, h0[None], overrides)[0]
    last = 0 if backwards else STEPS - 1

    def final(x, h0):
        return gru(x[None], h0[None, None], overrides)[0][0, last]

    found = list(StepDerivatives(gru, t, overrides).back())
    assert [reached.step for reached in found][:: -1 if not backwards else 1] == list(range(STEPS))
    for b in range(BATCH):
        to_x, to_h0 = torch.autograd.functional.jacobian(final, (x[b], h0[b]))
        for reached in found:
            np.testing.assert_allclose(
                reached.pulled.input.total[b], to_x[:, reached.step], rtol=0, atol=1e-10
            )
        np.testing.assert_allclose(found[-1].pulled.state.total[b], to_h0, rtol=0, atol=1e-10)


@pytest.mark.parametrize("reset_mode", ["before", "after"])
def test_each_way_is_what_is_left_when_the_others_are_cut(reset_mode):
    """Cutting a way means to detach in autograd what travels on it."""
    gru, (x, h0) = model(reset_mode), inputs()
    t = trace(gru, x, h0[None])[0]
    cell, step, b = gru.cell(0), 3, 1
    X, start = torch.tensor(t.X[b : b + 1, step]), torch.tensor(t.H_prev[b, step])

    def only(way):
        def run(H_prev):
            H_prev = H_prev[None]
            old = H_prev.detach()
            by = {name: H_prev if name == way else old for name in ROUTES}
            R = torch.sigmoid(X @ cell.W_xr + by["reset"] @ cell.W_hr + cell.b_r)
            Z = torch.sigmoid(X @ cell.W_xz + by["update"] @ cell.W_hz + cell.b_z)
            N = candidate(X, by["candidate"], R, cell, reset_mode)
            return (Z * by["copy"] + (1 - Z) * N)[0]

        return torch.autograd.functional.jacobian(run, start)

    found = StepDerivatives(gru, t).jacobian(step).state
    for way in ROUTES:
        np.testing.assert_allclose(getattr(found, way)[b], only(way), rtol=0, atol=1e-12)
    assert set(found.norms) == {*ROUTES, "total"}
    np.testing.assert_allclose(found.norms["update"], frobenius(found.update))


def test_the_extremes_are_what_algebra_says():
    gru, (x, h0) = model(), inputs()
    for name, overrides in EXTREMES.items():
        t = trace(gru, x, h0[None], overrides)[0]
        found = StepDerivatives(gru, t, overrides).jacobian(2)
        if name == "copy":
            np.testing.assert_array_equal(
                found.state.total, np.broadcast_to(np.eye(UNITS), (2, UNITS, UNITS))
            )
            assert not found.input.total.any()
        if name == "input_only":
            assert not found.state.total.any()
        if name == "rnn":
            slope = 1 - t.H[:, 2] ** 2
            expected = slope[:, :, None] * gru.cell(0).W_hh.detach().numpy().T
            np.testing.assert_allclose(found.state.total, expected, atol=1e-14)


def test_a_stack_in_both_directions_has_a_jacobian_for_each_of_its_layers():
    gru, (x, _) = model(num_layers=2, bidirectional=True), inputs()
    overrides = (GateOverride("Z", 0.5, layers=(1,), direction="backward", blend=0.5),)
    traces = trace(gru, x, overrides=overrides)
    for index, t in enumerate(traces):
        cell_overrides = overrides if index == 3 else ()
        run = one_step(gru, cell_overrides and (GateOverride("Z", 0.5, blend=0.5),), 1, index)
        point = (torch.tensor(t.X[0, 1]), torch.tensor(t.H_prev[0, 1]))
        to_input, to_state = torch.autograd.functional.jacobian(run, point)
        found = StepDerivatives(gru, t, overrides).jacobian(1)
        np.testing.assert_allclose(found.state.total[0], to_state, rtol=0, atol=1e-10)
        np.testing.assert_allclose(found.input.total[0], to_input, rtol=0, atol=1e-10)


def test_seeds_of_several_steps_add_up():
    """What a loss over many answered steps gives each input: autograd of the sum."""
    gru, (x, h0) = model("after"), inputs()
    t = trace(gru, x, h0[None])[0]
    weights = np.random.default_rng(3).normal(size=(STEPS, BATCH, 1, UNITS))
    wanted = {1: weights[1], 3: weights[3], -1: weights[5]}
    read = x.clone().requires_grad_()
    H = gru(read, h0[None])[0]
    sum((H[:, step] * torch.tensor(rows[:, 0])).sum() for step, rows in wanted.items()).backward()
    for reached in StepDerivatives(gru, t).back(wanted):
        np.testing.assert_allclose(
            reached.pulled.input.total[:, 0], read.grad[:, reached.step], rtol=0, atol=1e-10
        )


def test_influence_is_the_norm_of_the_products():
    gru, (x, h0) = model(), inputs()
    derivatives = StepDerivatives(gru, trace(gru, x, h0[None])[0])
    found = influence(derivatives, 3)
    jacobians = [derivatives.jacobian(step) for step in range(STEPS)]
    product = jacobians[3].state.total @ jacobians[2].state.total
    np.testing.assert_allclose(found.state[:, 1], frobenius(product))
    np.testing.assert_allclose(found.input[:, 1], frobenius(product @ jacobians[1].input.total))
    np.testing.assert_allclose(
        found.start, frobenius(product @ jacobians[1].state.total @ jacobians[0].state.total)
    )
    assert not found.state[:, 4:].any()
    assert not found.input[:, 4:].any()
    np.testing.assert_allclose(found.state[:, 3], np.sqrt(UNITS))


def test_long_and_wide_runs_keep_one_product_in_memory():
    """600 steps of 64 units: all Jacobians at once would be 20 MB, with their parts several times that."""
    gru = GRU(2, 64)
    x = np.random.default_rng(0).normal(size=(600, 2))
    derivatives = StepDerivatives(gru, trace(gru, x)[0])
    tracemalloc.start()
    found = influence(derivatives)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert found.input.shape == (1, 600)
    assert most < 3_000_000


def test_what_does_not_fit_is_refused():
    gru, (x, h0) = model(), inputs()
    t = trace(gru, x, h0[None], EXTREMES["rnn"])[0]
    with pytest.raises(InputError, match="not those of the trace: its R is up to 0"):
        StepDerivatives(gru, t)
    with pytest.raises(InputError, match="There is no step 6: this trace has 6 steps"):
        StepDerivatives(gru, t, EXTREMES["rnn"]).jacobian(6)
    with pytest.raises(ShapeError, match="layer 0 forward with 5 units is not one of this GRU"):
        StepDerivatives(GRU(INPUTS, 4), t, EXTREMES["rnn"])
    with pytest.raises(ShapeError, match="read 3 inputs per step, this GRU reads 2"):
        StepDerivatives(GRU(2, UNITS), t, EXTREMES["rnn"])
