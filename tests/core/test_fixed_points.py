"""Fixed points where algebra puts them, their derivatives by autograd, and what becomes of a small push."""

from collections import Counter, defaultdict
from itertools import combinations

import numpy as np
import pytest
import torch

from gru_core.analysis.fixed_points import (
    FixedPoints,
    HeldStep,
    find_fixed_points,
    held_step,
    starting_states,
    starts_for,
)
from gru_core.analysis.fixed_points.found import time_constants
from gru_core.analysis.pca import fit_basis
from gru_core.demos import demo_path
from gru_core.equations import RESET_MODES, ResetMode, gru_step, hidden_state
from gru_core.errors import InputError, ShapeError
from gru_core.formats import load_model
from gru_core.model import GRU
from gru_core.overrides import EXTREMES, GateOverride
from gru_core.sequences.encoders import symbols_of
from gru_core.sequences.examples import demo_sequence
from gru_core.tasks.flipflop import FlipFlop
from gru_core.trace import trace

OPEN = GateOverride("R", 1.0)


def by_hand(units: int, strength: float, bias: float = 0.0) -> GRU:
    """With R held at 1: each unit by itself, N = tanh(strength h + bias), and Z = 1/2 whatever happens."""
    gru = GRU(1, units).double()
    with torch.no_grad():
        for parameter in gru.parameters():
            parameter.zero_()
        gru.cell(0).weight_h[2 * units :] = strength * torch.eye(units)
        gru.cell(0).bias[2 * units :] = bias
    return gru


def random_gru(units: int, mode: ResetMode, seed: int = 0, activation: str = "sigmoid") -> GRU:
    torch.manual_seed(seed)
    gru = GRU(2, units, reset_mode=mode, gate_activation=activation).double()
    with torch.no_grad():
        for parameter in gru.parameters():
            parameter.mul_(3)
    return gru


def search(
    gru: GRU, overrides: tuple[GateOverride, ...] = (), x: float = 0.0, count: int = 200
) -> FixedPoints:
    generator = np.random.default_rng(1)
    starts = generator.uniform(-1, 1, (count, gru.hidden_size))
    return find_fixed_points(held_step(gru, np.full(gru.input_size, x), overrides), starts)


def bisect(strength: float) -> float:
    """The positive solution of h = tanh(strength h)."""
    low, high = 1e-3, 1.0
    for _ in range(200):
        middle = (low + high) / 2
        low, high = (middle, high) if np.tanh(strength * middle) > middle else (low, middle)
    return low


def test_one_unit_that_excites_itself_has_the_three_points_of_the_textbook() -> None:
    found = search(by_hand(1, 2.0), (OPEN,))
    high = bisect(2.0)
    assert high == pytest.approx(0.9575040240772687, abs=1e-12)
    assert sorted(found.states[:, 0]) == pytest.approx([-high, 0, high], abs=1e-10)
    assert [point.kind for point in found.points] == ["stable", "stable", "unstable"]
    # dF/dh = Z + (1 - Z) strength (1 - h²), with Z = 1/2.
    assert found.points[-1].eigenvalues[0] == pytest.approx(1.5, abs=1e-10)
    assert found.points[0].eigenvalues[0] == pytest.approx(0.5 + 1 - high**2, abs=1e-10)
    assert found.points[-1].time_constants == pytest.approx([1 / np.log(1.5)])
    assert (found.lost, len(found.slow)) == (0, 0)
    assert sum(point.arrivals for point in found.points) == found.starts == 200


def test_one_that_inhibits_itself_has_a_single_point() -> None:
    found = search(by_hand(1, -2.0), (OPEN,))
    assert [(point.kind, point.state[0]) for point in found.points] == [
        ("stable", pytest.approx(0, abs=1e-12))
    ]
    assert found.points[0].eigenvalues[0] == pytest.approx(0.5 + 0.5 * -2)


def test_two_units_of_that_kind_have_nine_points() -> None:
    found = search(by_hand(2, 2.0), (OPEN,))
    high = bisect(2.0)
    grid = {(a, b) for a in (-high, 0.0, high) for b in (-high, 0.0, high)}
    assert len(found.points) == 9
    for place in grid:
        (point,) = [p for p in found.points if np.abs(p.state - place).max() < 1e-10]
        assert point.kind == ("stable", "saddle", "unstable")[place.count(0.0)]


def test_where_points_lie_does_not_depend_on_Z_but_how_fast_pushes_fade_does() -> None:
    """lambda = Z + (1 - Z) mu, with mu the eigenvalues at Z = 0."""
    gru = random_gru(5, "before", seed=3)
    plain = search(gru, (GateOverride("Z", 0.0),))
    assert len(plain.points) >= 1
    for Z in (0.3, 0.99):
        slowed = search(gru, (GateOverride("Z", Z),))
        for point in plain.points:
            (same,) = [p for p in slowed.points if np.abs(p.state - point.state).max() < 1e-9]
            expected = Z + (1 - Z) * point.eigenvalues
            for value in same.eigenvalues:
                assert np.abs(expected - value).min() < 1e-9
    learned = search(gru)
    assert len(learned.points) == len(plain.points)
    for point in learned.points:
        assert min(np.abs(point.state - other.state).max() for other in plain.points) < 1e-9


@pytest.mark.parametrize("mode", RESET_MODES)
@pytest.mark.parametrize("activation", ["sigmoid", "hard_sigmoid_fifth"])
@pytest.mark.parametrize(
    "overrides",
    [
        (),
        (OPEN,),
        (GateOverride("Z", 0.7, units=(1,), blend=0.5), GateOverride("R", 0.2, units=(0, 2))),
        EXTREMES["input_only"],
        EXTREMES["copy"],
    ],
    ids=["learned", "open", "mixed", "input_only", "copy"],
)
def test_the_derivative_is_that_of_autograd(
    mode: ResetMode, activation: str, overrides: tuple[GateOverride, ...]
) -> None:
    gru = random_gru(4, mode, activation=activation)
    x = torch.tensor([0.4, -0.3], dtype=torch.float64)
    step = held_step(gru, x.numpy(), overrides)
    states = torch.tensor(np.random.default_rng(0).uniform(-1, 1, (6, 4)))

    def F(h: torch.Tensor) -> torch.Tensor:
        R, Z, _, _ = gru_step(x[None], h[None], gru.cell(0), mode, activation)
        for override in overrides:
            units = range(4) if override.units is None else override.units
            gate = R if override.gate == "R" else Z
            mixed = [
                (1 - override.blend) * gate[0, u] + override.blend * override.value
                if u in units
                else gate[0, u]
                for u in range(4)
            ]
            gate = torch.stack([torch.as_tensor(value, dtype=torch.float64) for value in mixed])[None]
            R, Z = (gate, Z) if override.gate == "R" else (R, gate)
        cell = gru.cell(0)
        if mode == "before":
            N = torch.tanh(x @ cell.W_xh + (R * h) @ cell.W_hh + cell.b_h)
        else:
            N = torch.tanh(x @ cell.W_xh + cell.b_h + R * (h @ cell.W_hh + cell.b_hh))
        return hidden_state(h[None], Z, N)[0]

    expected = torch.stack([F(h) for h in states])
    assert np.abs(step(states.numpy()) - expected.detach().numpy()).max() < 1e-12
    slopes = step.slope(states.numpy())
    for h, slope in zip(states, slopes, strict=True):
        by_autograd = torch.autograd.functional.jacobian(F, h)
        assert np.abs(slope - by_autograd.numpy()).max() < 1e-10


@pytest.mark.parametrize("mode", RESET_MODES)
def test_every_point_that_is_found_stays_where_it_is(mode: ResetMode) -> None:
    for seed in range(3):
        gru = random_gru(6, mode, seed)
        found = search(gru, x=0.5)
        assert found.points
        x = torch.full((len(found.points), 2), 0.5, dtype=torch.float64)
        moved = gru_step(x, torch.tensor(found.states), gru.cell(0), mode)[3].detach().numpy()
        assert np.abs(moved - found.states).max() < 1e-10
        assert all(point.error < 1e-10 and point.speed < 1e-19 for point in found.points)
        # Every one once.
        apart = np.abs(found.states[:, None] - found.states).max(axis=-1)
        assert (apart[~np.eye(len(apart), dtype=bool)] > 1e-4).all()


def test_a_state_that_nothing_moves_is_everywhere_when_Z_is_1() -> None:
    found = search(random_gru(3, "before"), EXTREMES["copy"])
    assert (found.everything, found.points, found.lost) == (True, (), 0)


def test_without_memory_there_is_one_point_and_a_push_is_gone_at_once() -> None:
    gru = random_gru(3, "after")
    found = search(gru, EXTREMES["input_only"], x=0.7)
    cell = gru.cell(0)
    expected = torch.tanh(torch.full((2,), 0.7, dtype=torch.float64) @ cell.W_xh + cell.b_h).detach().numpy()
    (point,) = found.points
    assert point.state == pytest.approx(expected, abs=1e-12)
    assert point.sizes.tolist() == [0, 0, 0]
    assert point.time_constants.tolist() == [0, 0, 0]


def test_units_that_are_held_stay_and_the_others_settle_around_them() -> None:
    """The second unit is held at 0.4; the first then solves h = tanh(2 h) by itself, as it was built."""
    gru = by_hand(2, 2.0)
    step = held_step(gru, np.zeros(1), (OPEN, GateOverride("Z", 1.0, units=(1,))))
    starts = np.random.default_rng(0).uniform(-1, 1, (50, 2))
    found = find_fixed_points(step, starts, held_at=np.array([0.0, 0.4]))
    assert found.frozen.tolist() == [False, True]
    assert sorted(found.states[:, 0]) == pytest.approx([-bisect(2.0), 0, bisect(2.0)], abs=1e-10)
    assert found.states[:, 1].tolist() == [0.4] * 3
    assert [point.kind for point in found.points] == ["stable", "stable", "unstable"]


def test_just_past_a_fold_the_point_that_was_there_is_slow() -> None:
    """h = tanh(2 h + b) loses two of its three solutions where they meet, at h = -sqrt(1/2)."""
    fold = -np.sqrt(0.5)
    bias = np.arctanh(fold) - 2 * fold
    before, after = (search(by_hand(1, 2.0, bias + shift), (OPEN,)) for shift in (-1e-4, 1e-4))
    assert len(before.points) == 3
    assert len(before.slow) == 0
    assert [point.kind for point in after.points] == ["stable"]
    assert after.slow[:, 0] == pytest.approx([fold], abs=0.01)
    # There the step is (1 - Z) (N - h) = 1e-4 (1 - h²) / 2.
    assert after.slow_speed == pytest.approx([(1e-4 * 0.5 / 2) ** 2 / 2], rel=0.01)


def test_a_push_dies_at_a_stable_point_and_grows_along_the_saddles_growing_direction() -> None:
    model = load_model(demo_path("flipflop"))
    step, found = of_demo("flipflop")
    assert model.gru.hidden_size == step.units
    for point in found.points:
        if point.kind == "stable":
            push = 1e-3 * np.random.default_rng(0).standard_normal(step.units)
            grows = False
        else:
            values, vectors = np.linalg.eig(step.slope(point.state[None])[0])
            push = 1e-6 * vectors[:, np.abs(values).argmax()].real
            grows = True
        state = (point.state + push)[None]
        for _ in range(60):
            state = step(state)
        apart = np.abs(state[0] - point.state).max()
        assert apart > 0.1 if grows else apart < 1e-10


def of_demo(name: str, setting: str = "learned", example: int = 0) -> tuple[HeldStep, FixedPoints]:
    model = load_model(demo_path(name))
    x = model.encoder.encode(demo_sequence(model, example))
    t = trace(model.gru, x, overrides=EXTREMES[setting])[0]
    step = held_step(model.gru, np.zeros(model.gru.input_size), EXTREMES[setting])
    starts = starting_states(t.H[0], starts_for(step.units))
    return step, find_fixed_points(step, starts)


def test_the_flip_flop_rests_at_the_corners_of_a_cube_as_published() -> None:
    """Sussillo and Barak 2013, fig. 2: 2^3 stable points, one per memory, and saddles between them."""
    model = load_model(demo_path("flipflop"))
    _, found = of_demo("flipflop")
    stable = found.of_kind("stable")
    logits = model.readout(torch.tensor(np.array([p.state for p in stable]), dtype=torch.float32))
    answers = [model.card.outputs[i] for i in logits.argmax(dim=-1)]
    assert sorted(answers) == sorted(model.card.outputs)
    assert len(found.points) > 12
    assert {point.growing for point in found.points} == {0, 1, 2, 3}
    # A stable point is where the model says nothing new: every memory lasts for as long as one likes.
    assert all(point.sizes[0] < 0.6 for point in stable)


def test_all_its_points_are_the_corners_edges_faces_and_the_middle_of_that_cube() -> None:
    """Searched from many sequences: 8 + 12 + 6 + 1 points, at distances of 1, the roots of 2 and of 3.

    A saddle of one growing direction stands between two memories that differ in one bit: pushed to one side
    and to the other, the state settles at the one and at the other.
    """
    model = load_model(demo_path("flipflop"))
    x = FlipFlop(200, 200).batch(20, torch.Generator().manual_seed(1)).x
    states = trace(model.gru, x)[0].H
    step = held_step(model.gru, np.zeros(3))
    found = find_fixed_points(step, starting_states(states.reshape(-1, 24), 3000))
    assert Counter(point.growing for point in found.points) == {0: 8, 1: 12, 2: 6, 3: 1}
    assert found.lost == 0
    basis = fit_basis(list(states))
    assert basis.shares.sum() > 0.95
    assert basis.shares.max() < 0.4
    corners = np.array([point.state for point in found.of_kind("stable")])
    logits = model.readout(torch.tensor(corners, dtype=torch.float32))
    memories = [model.card.outputs[i] for i in logits.argmax(dim=-1)]
    places, by_bits = basis.project(corners), defaultdict(list)
    for one, other in combinations(range(8), 2):
        bits = sum(a != b for a, b in zip(memories[one], memories[other], strict=True))
        by_bits[bits].append(np.linalg.norm(places[one] - places[other]))
    edge = np.mean(by_bits[1])
    assert np.mean(by_bits[2]) / edge == pytest.approx(np.sqrt(2), rel=0.02)
    assert np.mean(by_bits[3]) / edge == pytest.approx(np.sqrt(3), rel=0.02)
    joined = set()
    for point in (point for point in found.points if point.growing == 1):
        values, vectors = np.linalg.eig(step.slope(point.state[None])[0])
        push = 1e-3 * vectors[:, np.abs(values).argmax()].real
        settled = np.array([point.state - push, point.state + push])
        for _ in range(200):
            settled = step(settled)
        ends = [int(np.abs(corners - end).max(axis=1).argmin()) for end in settled]
        assert np.abs(corners[ends] - settled).max() < 1e-6
        assert sum(a != b for a, b in zip(memories[ends[0]], memories[ends[1]], strict=True)) == 1
        joined.add(frozenset(ends))
    assert len(joined) == 12


def held_symbol(name: str, symbol: str) -> FixedPoints:
    """The points of a demo model while it reads one symbol again and again."""
    model = load_model(demo_path(name))
    t = trace(model.gru, model.encoder.encode(demo_sequence(model, 0)))[0]
    x = np.eye(model.gru.input_size)[symbols_of(model.encoder).index(symbol)]
    starts = starting_states(np.concatenate([t.H0, t.H[0]]), starts_for(t.units))
    return find_fixed_points(held_step(model.gru, x), starts)


def test_a_letter_is_remembered_at_slow_places_and_a_bit_flips_at_a_saddle() -> None:
    for letter in "AC":
        found = held_symbol("remember", letter)
        assert [point.kind for point in found.points] == ["stable"]
        assert len(found.slow) > 5
        assert found.slow_move.max() < 0.001
    kept, flipped = held_symbol("parity", "0"), held_symbol("parity", "1")
    assert [point.kind for point in kept.points] == ["stable"]
    assert len(kept.slow) == 2
    (saddle,) = flipped.points
    assert (saddle.kind, saddle.growing) == ("saddle", 1)
    assert saddle.eigenvalues[0] == pytest.approx(-2.33, abs=0.01)


def test_a_search_says_how_far_it_is_and_ends_when_it_is_told_to() -> None:
    step = held_step(random_gru(4, "before"), np.zeros(2))
    starts = np.random.default_rng(0).uniform(-1, 1, (30, 4))
    told: list[float] = []
    find_fixed_points(step, starts, tell=lambda done: told.append(done) is not None)
    assert told == sorted(told)
    assert (min(told), max(told) < 1, max(told) > 0.5) == (0, True, True)
    stopped = find_fixed_points(step, starts, tell=lambda done: True)
    assert stopped.lost == 30


def test_starts_come_from_what_was_visited() -> None:
    visited = np.array([[0.0, 0.0], [0.8, 0.8]])
    starts = starting_states(visited, 40)
    assert starts.shape == (40, 2)
    assert {tuple(row) for row in starts[:10]} == {(0.0, 0.0), (0.8, 0.8)}
    assert (np.abs(starts) <= 1).all()
    between = starts[20:30]
    assert between[:, 0] == pytest.approx(between[:, 1])
    assert np.array_equal(starts, starting_states(visited, 40))
    assert starts_for(4) > starts_for(256) >= 24
    with pytest.raises(InputError, match="A search needs the states that were visited"):
        starting_states(np.empty((0, 2)), 9)


def test_time_constants() -> None:
    assert time_constants(np.array([np.exp(-0.5), np.e, 1.0, 0.0])) == pytest.approx([2, 1, np.inf, 0])


def test_what_cannot_be_held_is_refused() -> None:
    gru = random_gru(2, "before")
    with pytest.raises(ShapeError, match="An input that is held has 2 numbers here"):
        held_step(gru, np.zeros(3))
    for wrong in ({"layer": 1}, {"direction": "backward"}, {"step": 3, "steps": 3}):
        with pytest.raises(InputError, match="There is no layer"):
            held_step(gru, np.zeros(2), **wrong)
