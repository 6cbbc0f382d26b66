"""The phase portrait against algebra, autograd, a scalar solver, brute force and the published behaviours."""

import itertools
import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest
import torch

from gru_core.analysis.contour import joined, zero_lines
from gru_core.analysis.landscape import Landscape
from gru_core.analysis.portrait import FixedPoint, fixed_points, portrait, square
from gru_core.demos import demo_path
from gru_core.equations import gru_step
from gru_core.errors import InputError, ShapeError
from gru_core.formats import load_model
from gru_core.model import GRU
from gru_core.overrides import EXTREMES, GateOverride
from gru_core.trace import trace

MODES = ("before", "after")
ACTIVATIONS = ("sigmoid", "hard_sigmoid_fifth", "hard_sigmoid_sixth")
OPEN = (GateOverride("R", 1.0),)


def drawn(seed: int, spread: float = 3.0, inputs: int = 3, **how: Any) -> GRU:
    """A GRU of two units with weights drawn anew, in float64."""
    torch.manual_seed(seed)
    gru = GRU(inputs, 2, **how).double()
    with torch.no_grad():
        for parameter in gru.parameters():
            parameter.copy_(spread * torch.randn_like(parameter) / 2)
    return gru


def set_by_hand(
    W_hh: Sequence[Sequence[float]], b_h: Sequence[float] = (0.0, 0.0), mode: Any = "before"
) -> GRU:
    """Two units with the candidate tanh((R h) W_hh + b_h); all else is 0, so R and Z propose one half."""
    gru = GRU(1, 2, reset_mode=mode).double()
    cell = gru.cell(0)
    with torch.no_grad():
        for parameter in gru.parameters():
            parameter.zero_()
        cell.W_hh.copy_(torch.tensor(W_hh, dtype=torch.float64))
        cell.b_h.copy_(torch.tensor(b_h, dtype=torch.float64))
    return gru


def at_zero(gru: GRU, overrides: Sequence[GateOverride] = ()) -> Landscape:
    return Landscape.of(gru, np.zeros(gru.input_size), overrides=overrides)


def roots(function: Callable[[float], float]) -> list[float]:
    """Every zero of a scalar function in [-1, 1], by its changes of sign and bisection."""
    found = []
    line = np.linspace(-1.00013, 1.00007, 4001)
    for low, high in itertools.pairwise(line.tolist()):
        if (function(low) > 0) == (function(high) > 0):
            continue
        for _ in range(200):
            middle = (low + high) / 2
            low, high = (middle, high) if (function(middle) > 0) == (function(low) > 0) else (low, middle)
        found.append(float(low))
    return found


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_a_step_is_that_of_the_equations_and_its_derivative_that_of_autograd(
    mode: Any, activation: Any
) -> None:
    gru = drawn(1, reset_mode=mode, gate_activation=activation)
    x = torch.tensor([0.3, -1.0, 0.7], dtype=torch.float64)
    land = Landscape.of(gru, x.numpy())
    states = torch.tensor(np.random.default_rng(2).uniform(-1, 1, (20, 2)))

    def stepped(h: torch.Tensor) -> torch.Tensor:
        return gru_step(x[None], h[None], gru.cell(0), mode, activation)[3][0]

    expected = torch.stack([stepped(h) for h in states]).detach().numpy()
    assert land.step(states.numpy()) == pytest.approx(expected, abs=1e-12)
    jacobians = [torch.autograd.functional.jacobian(stepped, h).numpy() for h in states]
    assert land.jacobian(states.numpy()) == pytest.approx(np.stack(jacobians), abs=1e-12)


def test_it_follows_the_gates_of_the_step_that_it_is_asked_about_in_either_direction() -> None:
    torch.manual_seed(3)
    gru = GRU(2, 2, num_layers=2, bidirectional=True).double()
    x = np.random.default_rng(4).normal(size=(6, 2))
    overrides = (
        GateOverride("Z", 0.3, units=(1,), steps=slice(2, 4), blend=0.4),
        GateOverride("R", 0.9, steps=3),
    )
    for index, t in enumerate(trace(gru, x, overrides=overrides)):
        for step in range(6):
            land = Landscape.of(gru, t.X[0, step], index, overrides, step, 6)
            assert land.step(t.H_prev[0, step]) == pytest.approx(t.H[0, step], abs=1e-12)
    with pytest.raises(InputError, match="There is no layer 0 forward with a step 6 here"):
        Landscape.of(gru, x[0], 0, (), 6, 6)


@pytest.mark.parametrize(("w", "v"), [(2.0, 3.0), (1.3, 0.7), (-2.5, 1.01), (8.0, 8.0)])
def test_units_that_do_not_see_each_other_rest_where_a_scalar_equation_says(w: float, v: float) -> None:
    """h = tanh(w h + b) of each unit: all pairs of its roots, no more and no fewer."""
    b, c = 0.11, -0.03
    points = fixed_points(at_zero(set_by_hand([[w, 0], [0, v]], [b, c]), OPEN))
    first = roots(lambda h: math.tanh(w * h + b) - h)
    second = roots(lambda h: math.tanh(v * h + c) - h)
    expected = sorted((a, e) for a in first for e in second)
    assert np.array([point.h for point in points]) == pytest.approx(np.array(expected), abs=1e-9)
    for point in points:
        # Z is one half: each eigenvalue is 1/2 + 1/2 w (1 - h²).
        slopes = 0.5 + 0.5 * np.array([w, v]) * (1 - point.h**2)
        assert sorted(point.eigenvalues.real) == pytest.approx(sorted(slopes), abs=1e-8)


def test_two_bits_are_four_stable_points_four_saddles_and_a_source() -> None:
    """Jordan, Sokol & Park 2021: up to four stable points in a plane; here those of two latches."""
    found = portrait(at_zero(set_by_hand([[3, 0], [0, 3]]), OPEN))
    assert [len(found.of_kind(kind)) for kind in ("stable", "saddle", "unstable")] == [4, 4, 1]
    assert found.adds_up


@pytest.mark.parametrize("mode", MODES)
def test_closing_the_reset_gate_takes_the_memory_away_where_r_times_w_is_one(mode: Any) -> None:
    """h = tanh(r w h) has three roots for r w > 1 and one below: a pitchfork, by hand."""
    gru = set_by_hand([[2.5, 0], [0, 0.5]], mode=mode)
    for r, count in ((1.0, 3), (0.42, 3), (0.401, 3), (0.399, 1), (0.2, 1), (0.0, 1)):
        points = fixed_points(at_zero(gru, (GateOverride("R", r),)))
        assert len(points) == count, r
        expected = roots(lambda h, r=r: math.tanh(r * 2.5 * h) - h)
        assert [point.h[0] for point in points] == pytest.approx(expected, abs=1e-7)


def test_two_fixed_points_meet_and_vanish_where_the_line_touches() -> None:
    """A saddle-node: tanh(w h + b) touches h where w (1 - h²) = 1, so at b = artanh(h) - w h."""
    w = 2.0
    h = math.sqrt(1 - 1 / w)
    b = math.atanh(-h) + w * h
    for offset, count in ((-1e-4, 3), (1e-4, 1)):
        points = fixed_points(at_zero(set_by_hand([[w, 0], [0, 0]], [b + offset, 0]), OPEN))
        assert len(points) == count
    near = fixed_points(at_zero(set_by_hand([[w, 0], [0, 0]], [b - 1e-4, 0]), OPEN))
    assert near[0].h[0] == pytest.approx(-h, abs=0.02)
    assert [point.stability for point in near] == ["stable", "saddle", "stable"]


@pytest.mark.parametrize("u", [0.0, 0.1, 0.168, 0.171, 1.0])
def test_the_latch_that_is_shipped_rests_where_algebra_puts_it(u: float) -> None:
    """h = tanh(r 2 h + 3 u) and h = tanh(r h / 2 + u), r = sigmoid(4); two of three vanish at u = 0.169."""
    gru = load_model(demo_path("bistable")).gru
    found = portrait(Landscape.of(gru, np.array([u])))
    r = 1 / (1 + math.exp(-4))
    first = roots(lambda h: math.tanh(2 * r * h + 3 * u) - h)
    (second,) = roots(lambda h: math.tanh(r * h / 2 + u) - h)
    assert len(first) == (3 if u < 0.17 else 1)
    expected = np.array([(h, second) for h in first])
    assert np.array([point.h for point in found.points]) == pytest.approx(expected, abs=1e-6)
    kinds = [point.stability for point in found.points]
    assert kinds == (["stable", "saddle", "stable"] if u < 0.17 else ["stable"])
    touch = math.sqrt(1 - 1 / (2 * r))
    assert (2 * r * touch - math.atanh(touch)) / 3 == pytest.approx(0.1692, abs=1e-4)
    stable = found.of_kind("stable")[-1]
    # Z is 1/4 and 3/4: the eigenvalues are Z + (1 - Z) times the slope of each tanh.
    slopes = [0.25 + 0.75 * 2 * r * (1 - stable.h[0] ** 2), 0.75 + 0.25 * r / 2 * (1 - stable.h[1] ** 2)]
    assert sorted(stable.eigenvalues.real) == pytest.approx(sorted(slopes), abs=1e-5)


def test_the_two_units_that_learned_a_flip_flop_found_a_latch_too() -> None:
    """Silence leaves two states at rest; a pulse leaves one, on the side of the state that it writes."""
    gru = load_model(demo_path("two_units")).gru
    silent = portrait(Landscape.of(gru, np.array([0.0])))
    assert [point.stability for point in silent.points] == ["stable", "saddle", "stable"]
    kept = []
    for u in (-1.0, 1.0):
        pulse = Landscape.of(gru, np.array([u]))
        (only,) = portrait(pulse).points
        assert only.stability == "stable"
        kept.append(Landscape.of(gru, np.array([0.0])).run(pulse.step(np.zeros(2)), 200)[-1])
    found = sorted((point.h for point in silent.of_kind("stable")), key=lambda h: float(h[0]))
    assert np.array(sorted(kept, key=lambda h: float(h[0]))) == pytest.approx(np.array(found), abs=1e-6)


@pytest.mark.parametrize("z", [0.0, 0.5, 0.9])
def test_a_rotation_has_a_focus_with_eigenvalues_in_closed_form(z: float) -> None:
    """At 0 dF/dh = z + (1 - z) r W, so the eigenvalues are z + (1 - z) r s (cos ± i sin)."""
    turn, s, r = 0.6, 1.8, 0.7
    W = s * np.array([[math.cos(turn), math.sin(turn)], [-math.sin(turn), math.cos(turn)]])
    gru = set_by_hand(W.tolist())
    (point,) = fixed_points(at_zero(gru, (GateOverride("Z", z), GateOverride("R", r))))
    expected = z + (1 - z) * r * s * np.exp([1j * turn, -1j * turn])
    assert np.allclose(point.eigenvalues, expected, atol=1e-9)
    assert point.turns
    assert point.stability == ("unstable" if abs(expected[0]) > 1 else "stable")


def test_states_go_round_a_ring_where_the_only_fixed_point_pushes_them_away() -> None:
    """A stable limit cycle, as in Jordan, Sokol & Park 2021: from inside and outside they end on one ring."""
    turn, s = 0.6, 2.5
    W = s * np.array([[math.cos(turn), math.sin(turn)], [-math.sin(turn), math.cos(turn)]])
    land = at_zero(set_by_hand(W.tolist()), (*OPEN, GateOverride("Z", 0.95)))
    (point,) = portrait(land).points
    assert (point.stability, point.turns) == ("unstable", True)
    ends = land.run(np.array([[0.01, 0.0], [1.0, 1.0], [-0.3, 0.6]]), 3000)[-400:]
    sizes = np.linalg.norm(ends, axis=-1)
    assert sizes.min() > 0.3
    assert np.ptp(sizes.min(axis=0)) < 0.01
    assert np.ptp(sizes.max(axis=0)) < 0.01
    angles = np.unwrap(np.arctan2(ends[..., 1], ends[..., 0]), axis=0)
    assert (np.abs(np.diff(angles, axis=0)) > 0).all()
    assert np.abs(angles[-1] - angles[0]).min() > 2 * math.pi


@pytest.mark.parametrize("mode", MODES)
def test_z_changes_how_far_arrows_go_and_r_where_to(mode: Any) -> None:
    """H_t - H_{t-1} = (1 - Z)(H~ - H_{t-1}), on the grid, for one Z and for one of each unit."""
    gru = drawn(7, reset_mode=mode)
    starts = square(15)
    free = at_zero(gru)
    pull = free.candidate(starts) - starts
    assert free.change(starts) == pytest.approx((1 - free.update_gate(starts)) * pull, abs=1e-15)
    one = [at_zero(gru, (GateOverride("Z", z),)).change(starts) for z in (0.0, 0.6, 0.95)]
    for arrows, z in zip(one, (0.0, 0.6, 0.95), strict=True):
        assert arrows == pytest.approx((1 - z) * one[0], abs=1e-14)
    apart = at_zero(gru, (GateOverride("Z", 0.2, units=(0,)), GateOverride("Z", 0.9, units=(1,)))).change(
        starts
    )
    assert apart == pytest.approx(one[0] * [0.8, 0.1], abs=1e-14)
    # Where it rests does not depend on Z < 1, whoever sets it; it does on R.
    at_rest = [point.h for point in fixed_points(free)]
    for overrides in ((GateOverride("Z", 0.95),), (GateOverride("Z", 0.0, units=(1,)),)):
        again = portrait(at_zero(gru, overrides))
        assert np.array([point.h for point in again.points]) == pytest.approx(np.array(at_rest), abs=1e-9)
        assert all(map(np.array_equal, again.nullclines[0], portrait(free).nullclines[0]))
    closed = at_zero(gru, (GateOverride("Z", 0.0), GateOverride("R", 0.0))).change(starts)
    cosines = (
        (closed * one[0]).sum(axis=-1) / np.linalg.norm(closed, axis=-1) / np.linalg.norm(one[0], axis=-1)
    )
    assert cosines.min() < 0.9


def test_every_fixed_point_is_found() -> None:
    """Indices sum to +1, and wherever both numbers change sign in a fine cell there is one of those found."""
    for seed in range(60):
        gru = drawn(
            seed, (1, 3, 6, 12)[seed % 4], reset_mode=MODES[seed % 2], gate_activation=ACTIVATIONS[seed % 3]
        )
        land = at_zero(gru)
        points = fixed_points(land)
        assert sum(point.index for point in points) == 1, seed
        for point in points:
            assert land.step(point.h) == pytest.approx(point.h, abs=1e-10)
        if seed < 16:
            assert brute_force(land) <= len(points), seed


def brute_force(land: Landscape) -> int:
    """How many fixed points a grid of 400 x 400 cells shows: Newton's method by finite differences from each
    cell in which both parts of the arrow change sign."""
    grid = square(401)
    positive = land.pull(grid) > 0
    corners = np.stack([positive[:-1, :-1], positive[1:, :-1], positive[1:, 1:], positive[:-1, 1:]])
    mixed = (corners.any(axis=0) & ~corners.all(axis=0)).all(axis=-1)
    found: list[np.ndarray] = []
    for h in grid[:-1, :-1][mixed] + 1 / 400:
        place = h
        for _ in range(30):
            columns = [(land.pull(place + e) - land.pull(place - e)) / 2e-6 for e in 1e-6 * np.eye(2)]
            place = np.clip(place - np.linalg.lstsq(np.stack(columns, 1), land.pull(place))[0], -1, 1)
        if np.abs(land.pull(place)).max() < 1e-9 and all(np.abs(place - f).max() > 1e-4 for f in found):
            found.append(place)
    return len(found)


def test_what_each_extreme_makes_of_the_plane() -> None:
    gru = drawn(5)
    x = np.array([0.5, -0.2, 0.1])
    starts = square(9)
    frozen = portrait(Landscape.of(gru, x, overrides=EXTREMES["copy"]))
    assert frozen.kept == (True, True)
    assert frozen.points == ()
    assert not frozen.arrows.any()
    blind = portrait(Landscape.of(gru, x, overrides=EXTREMES["input_only"]), arrows=9)
    cell = gru.cell(0)
    target = np.tanh(x @ cell.W_xh.detach().numpy() + cell.b_h.detach().numpy())
    assert starts + blind.arrows == pytest.approx(np.broadcast_to(target, starts.shape), abs=1e-12)
    assert [point.h for point in blind.points] == [pytest.approx(target, abs=1e-10)]
    assert np.abs(blind.points[0].eigenvalues).max() < 1e-12
    torch_rnn = torch.nn.RNN(3, 2, batch_first=True).double()
    with torch.no_grad():
        torch_rnn.weight_ih_l0.copy_(cell.W_xh.T)
        torch_rnn.weight_hh_l0.copy_(cell.W_hh.T)
        torch_rnn.bias_ih_l0.copy_(cell.b_h)
        torch_rnn.bias_hh_l0.zero_()
        flat = torch.tensor(starts.reshape(1, -1, 2))
        ends = torch_rnn(torch.tensor(x).expand(81, 1, 3), flat)[0][:, 0]
    plain = portrait(Landscape.of(gru, x, overrides=EXTREMES["rnn"]), arrows=9)
    assert (starts + plain.arrows).reshape(-1, 2) == pytest.approx(ends.numpy(), abs=1e-12)


def test_a_unit_that_is_kept_rests_nowhere_in_particular() -> None:
    half = portrait(at_zero(drawn(5), (GateOverride("Z", 1.0, units=(1,)),)))
    assert half.kept == (False, True)
    assert half.points == ()
    assert len(half.nullclines[0]) > 0
    assert len(half.nullclines[1]) == 0
    assert not half.arrows[..., 1].any()
    assert half.arrows[..., 0].any()


def test_nullclines_lie_where_one_unit_rests() -> None:
    land = at_zero(drawn(11))
    found = portrait(land)
    for unit, lines in enumerate(found.nullclines):
        places = np.concatenate(lines)
        assert len(places) > 50
        assert np.abs(land.pull(places)[:, unit]).max() < 4e-3
        for line in lines:
            # No holes: it goes on from cell to cell, and is a ring or ends at the rim.
            assert np.linalg.norm(np.diff(line, axis=0), axis=1).max() < 1.5 * 2 / 96
            ring = np.allclose(line[0], line[-1])
            assert ring or np.abs(line[[0, -1]]).max(axis=1) == pytest.approx([1, 1], abs=1e-9)
        for point in found.points:
            assert np.abs(places - point.h).max(axis=1).min() < 2 / 96


def test_zero_lines_of_a_circle_and_of_a_saddle() -> None:
    places = square(101)
    pieces = zero_lines(np.linalg.norm(places, axis=-1) - 0.617)
    lengths = np.linalg.norm(pieces[:, 0] - pieces[:, 1], axis=-1)
    assert lengths.sum() == pytest.approx(2 * math.pi * 0.617, rel=1e-3)
    assert np.linalg.norm(pieces, axis=-1) == pytest.approx(np.full((len(pieces), 2), 0.617), abs=1e-3)
    # x y = c: two branches that never cross, though between them a cell has its corners crosswise.
    for c in (0.0001, -0.0001):
        branches = zero_lines(square(8)[..., 0] * square(8)[..., 1] - c)
        products = branches[..., 0] * branches[..., 1]
        assert (np.sign(products) == np.sign(c)).mean() > 0.9
        middle = branches[np.abs(branches).max(axis=(1, 2)) < 0.2]
        assert len(middle) == 2
        assert (np.sign(middle.mean(axis=1).prod(axis=-1)) == np.sign(c)).all()
    assert zero_lines(np.ones((5, 5))).shape == (0, 2, 2)
    (ring,) = joined(pieces)
    assert np.array_equal(ring[0], ring[-1])
    assert len(ring) == len(pieces) + 1
    assert len(joined(branches)) == 2


def test_a_fixed_point_says_how_long_what_is_near_takes() -> None:
    def point(*eigenvalues: complex) -> FixedPoint:
        return FixedPoint(np.zeros(2), np.array(eigenvalues, dtype=complex), 1)

    assert point(0.5, 0.1).steps_to_third == pytest.approx(1 / math.log(2))
    assert point(0, 0).steps_to_third == 0
    assert point(1.2, 0.5).steps_to_third == math.inf
    assert (point(1.2, 0.5).stability, point(1.2, 1.1).stability) == ("saddle", "unstable")
    assert (point(1.0, 0.5).stability, point(-0.7, 0.5).stability) == ("neutral", "stable")
    assert (point(-0.7, 0.5).flips, point(0.7, 0.5).flips) == (True, False)
    assert (point(0.5j, -0.5j).turns, point(-0.7, 0.5).turns) == (True, False)


def test_other_numbers_of_units_and_inputs_are_refused_in_one_sentence() -> None:
    with pytest.raises(
        ShapeError, match="needs exactly 2 units, one for each direction of the plane; this GRU has 3"
    ):
        Landscape.of(GRU(1, 3), np.zeros(1))
    with pytest.raises(ShapeError, match=r"An input that is held has 4 numbers here"):
        Landscape.of(GRU(4, 2), np.zeros(3))
