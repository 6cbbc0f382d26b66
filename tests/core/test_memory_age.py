"""Age and half-life of memory: against the whole ledger, by hand, and what units were given to begin with."""

import numpy as np
import pytest
import torch

from gru_core.analysis import memory_age
from gru_core.analysis.ledger import memory_ledger
from gru_core.analysis.memory_age import mean_age, measured_half_lives
from gru_core.analysis.timescale import half_life
from gru_core.learner import Learner
from gru_core.model import GRU
from gru_core.tasks.catalogue import TaskSpec
from gru_core.trace import trace
from gru_core.training_spec import TrainSpec
from tests.support.handmade import handmade_trace, random_trace

DIRECTIONS = ("forward", "backward")


def by_age(t, unit):
    """(state, age): what a unit's states hold by age, in reading order, out of the whole ledger."""
    A = memory_ledger(t)[0, :, :, unit]
    if t.direction == "backward":
        A = np.column_stack([A[::-1, 0], A[::-1, :0:-1]])
    return np.array(
        [
            [A[step, step + 1 - age] if age <= step + 1 else 0.0 for age in range(t.steps + 1)]
            for step in range(t.steps)
        ]
    )


@pytest.mark.parametrize("direction", DIRECTIONS)
def test_the_mean_age_is_the_ledgers(direction):
    t = random_trace(2, batch=2, time=9, units=4, direction=direction, dtype=np.float64)
    order = range(8, -1, -1) if direction == "backward" else range(9)
    for read, step in enumerate(order):
        ages = np.zeros(10)
        ages[0] = read + 1
        for back in range(read + 1):
            ages[order[read - back] + 1] = back
        wanted = np.einsum("bsu,s->bu", memory_ledger(t)[:, step], ages)
        np.testing.assert_allclose(mean_age(t)[:, step], wanted, atol=1e-12)


def test_ages_at_the_extremes():
    np.testing.assert_array_equal(mean_age(handmade_trace(np.zeros((4, 2)))), 0)
    np.testing.assert_array_equal(mean_age(handmade_trace(np.ones((4, 1))))[0, :, 0], [1, 2, 3, 4])


@pytest.mark.parametrize("direction", DIRECTIONS)
def test_a_half_life_is_the_ledgers(direction):
    """Counted again from the whole ledger: what has an age at one state, and what of it is in the next."""
    rng = np.random.default_rng(4)
    t = handmade_trace(1 / (1 + np.exp(-rng.normal(1, 2, (40, 6)))), direction=direction, dtype=np.float64)
    found = measured_half_lives(t)
    for unit in range(6):
        held = by_age(t, unit)
        # Before the first step there is H_0 alone, of age 0.
        held = np.vstack([np.eye(1, 41), held])
        left, age = 1.0, 0
        while True:
            lasting = held[1:, age + 1].sum() / held[:-1, age].sum()
            if left * lasting <= 0.5:
                break
            left, age = left * lasting, age + 1
        wanted = age + np.log(2 * left) / -np.log(lasting)
        assert found.steps[unit] == pytest.approx(wanted, rel=1e-9)


def test_constant_gates_have_the_half_life_of_the_formula():
    Z = np.broadcast_to([0.0, 0.3, 0.5, 0.9, 0.98, 0.999, 1.0], (60, 7))
    found = measured_half_lives(handmade_trace(Z, dtype=np.float64))
    assert found.steps[0] == 0
    np.testing.assert_allclose(found.steps[1:5], np.log(2) / -np.log(Z[0, 1:5]), rtol=1e-12)
    # 0.999 ** 60 is 0.94: more than half outlives the sequence.
    assert np.isinf(found.steps[5:]).all()
    assert found.seen == 60
    assert found.order == (5, 6, 4, 3, 2, 1, 0)


@pytest.mark.parametrize("direction", DIRECTIONS)
def test_what_is_held_for_five_steps_and_then_overwritten_lasts_five_steps(direction):
    """The mean of Z, 50/61, stands for 3.5 steps; what is written lasts five steps, all of it."""
    Z = np.ones((61, 1))
    Z[::6] = 0.0
    t = handmade_trace(Z, direction=direction)
    assert measured_half_lives(t).steps[0] == 5
    assert half_life(t)[0] == pytest.approx(np.log(2) / -np.log(50 / 61))


def test_in_a_very_large_trace_only_young_content_is_looked_at(monkeypatch):
    monkeypatch.setattr(memory_age, "MOST_WORK", 60 * 2 * 7)
    found = measured_half_lives(handmade_trace(np.broadcast_to([0.5, 0.95], (60, 2)), dtype=np.float64))
    assert found.seen == 7
    np.testing.assert_allclose(found.steps, [1, np.inf])


def test_chrono_biases_alone_give_the_half_lives_they_stand_for():
    """b_z = log c with c in [1, T_max - 1]: where nothing else drives Z it is c / (c + 1)."""
    longest = 40
    c = np.linspace(1, longest - 1, 12)
    gru = GRU(2, 12)
    with torch.no_grad():
        for parameter in gru.parameters():
            parameter.zero_()
        gru.cell(0).bias[12:24] = torch.log(torch.tensor(c))
    t = trace(gru, torch.zeros(1, 200, 2))[0]
    np.testing.assert_allclose(1 / (1 - t.Z[0, -1]), c + 1, rtol=1e-5)
    np.testing.assert_allclose(measured_half_lives(t).steps, np.log(2) / np.log((c + 1) / c), rtol=1e-5)


def test_a_chrono_initialised_model_has_about_the_half_lives_it_was_given():
    """A real first model of a training, its weights and its input at work: each unit within a quarter."""
    task = TaskSpec("remember", length=60).make()
    learner = Learner(task, TrainSpec(hidden_size=64, gate_bias="chrono", seed=1))
    gru = learner.model.gru
    c = np.exp(gru.cell(0).bias[64:128].detach().numpy().astype(np.float64))
    assert c.min() >= 1
    assert c.max() <= task.steps - 1
    given = np.log(2) / np.log((c + 1) / c)
    batch = task.batch(1, torch.Generator().manual_seed(0))
    found = measured_half_lives(trace(gru, batch.x)[0])
    assert np.isfinite(found.steps).all()
    ratio = found.steps / given
    assert np.median(ratio) == pytest.approx(1, abs=0.05)
    assert (ratio > 0.75).all()
    assert (ratio < 1.25).all()
    ranks = [np.argsort(np.argsort(values)) for values in (given, found.steps)]
    assert np.corrcoef(*ranks)[0, 1] > 0.98
