"""How long units remember, by numbers one can work out on paper, and the orders of units."""

import time as clock
from itertools import pairwise

import numpy as np
import pytest

from gru_core.analysis.timescale import (
    SIMILARITY_STEPS,
    half_life,
    longest_hold,
    mean_keep,
    time_scale,
    unit_orders,
)
from gru_core.overrides import Direction
from tests.support.handmade import handmade_trace, random_trace


def test_time_scale_and_half_life_of_constant_gates():
    t = handmade_trace(np.tile([0.0, 0.5, 0.75, 0.9375, 1.0], (7, 1)))
    np.testing.assert_array_equal(mean_keep(t), [0, 0.5, 0.75, 0.9375, 1])
    np.testing.assert_array_equal(time_scale(t), [1, 2, 4, 16, np.inf])
    np.testing.assert_allclose(
        half_life(t), [0, 1, np.log(0.5) / np.log(0.75), np.log(0.5) / np.log(0.9375), np.inf]
    )


def test_half_life_is_when_half_is_left():
    """Carry a content of 1 through steps that keep 0.9: it passes 1/2 between the whole steps around "
    "the half-life."""
    life = half_life(handmade_trace(np.full((20, 1), 0.9, np.float64), dtype=np.float64))[0]
    assert 0.9 ** np.floor(life) > 0.5 > 0.9 ** np.ceil(life)
    assert 0.9**life == pytest.approx(0.5, abs=1e-12)


def test_one_step_of_keeping_does_not_make_a_unit_immortal():
    t = handmade_trace([[1.0], [0.5], [0.0], [0.5]])
    assert time_scale(t)[0] == 2.0


@pytest.mark.parametrize("time", [1, 255, 256, 257, 1000])
def test_mean_equals_a_mean_in_double_precision(time):
    t = random_trace(3, batch=2, time=time, units=7)
    np.testing.assert_allclose(mean_keep(t), t.Z.astype(np.float64).mean(axis=(0, 1)), atol=1e-7)


@pytest.mark.parametrize("direction", ["forward", "backward"])
def test_orders_are_permutations_and_repeatable(direction):
    t = random_trace(4, time=30, units=17, direction=direction)
    orders = unit_orders(t)
    assert set(orders) == {"index", "time scale", "similarity"}
    for order in orders.values():
        assert sorted(order) == list(range(17))
        assert all(type(unit) is int for unit in order)
    assert orders == unit_orders(t)
    assert orders["index"] == tuple(range(17))


def test_longest_memory_comes_first_and_equals_stay_by_index():
    t = handmade_trace(np.tile([0.2, 0.9, 0.5, 1.0, 0.9], (4, 1)))
    assert unit_orders(t)["time scale"] == (3, 1, 4, 2, 0)


def test_units_that_behave_alike_become_neighbours():
    """Three kinds of units, dealt out at random: each kind must come out as one block."""
    rng = np.random.default_rng(0)
    kinds = rng.uniform(-1, 1, (40, 3))
    dealt = np.array([0, 1, 2, 0, 2, 1, 1, 0, 2, 0, 1, 2])
    states = np.clip(kinds[:, dealt] * rng.uniform(0.5, 1, 12) + 0.01 * rng.standard_normal((40, 12)), -1, 1)
    order = unit_orders(handmade_trace(np.zeros((40, 12)), H_tilde=states))["similarity"]
    assert sum(a != b for a, b in pairwise(dealt[list(order)])) == 2


def test_neighbours_are_more_alike_than_by_index():
    t = random_trace(8, time=60, units=24)
    likeness = np.corrcoef(t.H[0].T)
    order = list(unit_orders(t)["similarity"])
    path = sum(likeness[a, b] for a, b in pairwise(order))
    assert path > sum(likeness[u, u + 1] for u in range(23)) + 2


def test_units_that_never_change_come_last():
    t = handmade_trace([[1.0, 0.5, 1.0, 0.2]] * 5, H_tilde=np.linspace(-1, 1, 5)[:, None], H0=0.3)
    assert set(unit_orders(t)["similarity"][:2]) == {1, 3}
    assert unit_orders(t)["similarity"][2:] == (0, 2)
    frozen = handmade_trace(np.ones((5, 4)))
    assert unit_orders(frozen)["similarity"] == (0, 1, 2, 3)


def test_one_unit_and_one_step():
    assert unit_orders(handmade_trace([[0.5]]))["similarity"] == (0,)


def test_large_traces_are_ordered_at_once():
    rng = np.random.default_rng(0)
    time, units = 10_000, 512
    assert time > SIMILARITY_STEPS
    t = random_trace(5, time=2, units=units)
    Z = rng.random((1, time, units), dtype=np.float32)
    states = rng.standard_normal((1, time, units), dtype=np.float32)
    for name, array in (("Z", Z), ("H", states)):
        object.__setattr__(t, name, array)
    object.__setattr__(t, "R", Z)
    taken = []
    for _ in range(5):
        start = clock.process_time()
        orders = unit_orders(t)
        taken.append(clock.process_time() - start)
    assert sorted(orders["similarity"]) == list(range(units))
    assert min(taken) < 0.25  # of the processor's time, whatever else runs; measured: 0.025 s


@pytest.mark.parametrize("direction", ["forward", "backward"])
@pytest.mark.parametrize("seed", range(20))
def test_the_longest_hold_is_what_following_every_step_finds(seed: int, direction: Direction) -> None:
    rng = np.random.default_rng(seed)
    Z = rng.choice([0.0, 0.3, 0.9, 0.97, 1.0], size=(25, 4), p=[0.05, 0.15, 0.3, 0.3, 0.2])
    t = handmade_trace(Z, H_tilde=rng.uniform(-1, 1, (25, 4)), direction=direction, dtype=np.float64)
    order = range(25) if direction == "forward" else range(24, -1, -1)
    found = []
    for unit in range(4):
        for at, step in enumerate(order):
            if Z[step, unit] > 0.5 or abs(t.H[0, step, unit]) < 0.1:
                continue
            left, steps = 1.0, 0
            for later in list(order)[at + 1 :]:
                if left * Z[later, unit] < 0.5:
                    break
                left, steps = left * Z[later, unit], steps + 1
            found.append((steps, left, -unit, -at, step))
    steps, left, minus_unit, _, step = max(found, key=lambda one: (one[0], round(one[1], 9), *one[2:4]))
    hold = longest_hold(t)
    assert hold is not None
    assert (hold.unit, hold.step, hold.steps) == (-minus_unit, step, steps)
    assert hold.left == pytest.approx(left, abs=1e-9)


def test_nothing_held_is_no_hold() -> None:
    assert longest_hold(handmade_trace(np.full((5, 2), 0.99), H_tilde=0.5)) is None
    assert longest_hold(handmade_trace(np.full((5, 2), 0.3), H_tilde=0.5)) is None
    assert longest_hold(handmade_trace(np.tile([[0.0], [1.0]], (3, 2)), H_tilde=0.05)) is None
