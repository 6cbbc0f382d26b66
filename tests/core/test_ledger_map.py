"""The map of the ledger: means of the whole ledger over units, rows that sum to 1 and rebuild the state."""

import numpy as np
import pytest

from gru_core.analysis.ledger import memory_ledger
from gru_core.analysis.ledger_map import ledger_map, mean_row
from gru_core.errors import InputError
from tests.support.handmade import handmade_trace, random_trace

DIRECTIONS = ("forward", "backward")


def in_stretches(values, bin_of, steps):
    """The whole (time, time + 1) by hand: columns of a stretch added up, rows of a stretch averaged."""
    groups = [list(range(first, min(first + bin_of, steps))) for first in range(0, steps, bin_of)]
    rows = np.array([values[group].mean(axis=0) for group in groups])
    sums = [rows[:, [step + 1 for step in group]].sum(axis=1) for group in groups]
    return np.column_stack([rows[:, 0], *sums])


@pytest.mark.parametrize("direction", DIRECTIONS)
@pytest.mark.parametrize("units", [(), (2,), (4, 0, 4)])
@pytest.mark.parametrize("side", [400, 12, 5, 1])
def test_a_map_is_the_mean_of_the_whole_ledger(direction, units, side):
    t = random_trace(3, time=12, units=5, direction=direction, dtype=np.float64)
    chosen = sorted(set(units)) or list(range(5))
    whole = memory_ledger(t)[0][:, :, chosen]
    sources = np.concatenate([t.H0[0][None], t.H_tilde[0]])[:, chosen]
    found = ledger_map(t, units, side=side)
    assert found.units == tuple(chosen)
    assert found.rows <= side
    np.testing.assert_allclose(found.values, in_stretches(whole.mean(axis=2), found.bin, 12), atol=1e-14)
    content = ledger_map(t, units, "content", side=side).values
    by_hand = in_stretches((whole * sources).mean(axis=2), found.bin, 12)
    np.testing.assert_allclose(content, by_hand, atol=1e-14)


@pytest.mark.parametrize("direction", DIRECTIONS)
def test_rows_sum_to_one_and_rebuild_the_mean_state(direction):
    t = random_trace(1, time=500, units=7, direction=direction)
    shares, content = ledger_map(t), ledger_map(t, (), "content")
    assert (shares.bin, shares.rows, shares.stretch(249)) == (2, 250, (498, 499))
    np.testing.assert_allclose(shares.values.sum(axis=1), 1.0, atol=1e-12)
    states = t.H[0].mean(axis=1).reshape(250, 2).mean(axis=1)
    np.testing.assert_allclose(content.values.sum(axis=1), states, atol=1e-6)


@pytest.mark.parametrize("direction", DIRECTIONS)
@pytest.mark.parametrize("quantity", ["share", "content"])
def test_single_rows_are_exact_however_long_the_trace(direction, quantity):
    t = random_trace(5, time=900, units=3, direction=direction, dtype=np.float64)
    whole = ledger_map(t, (0, 2), quantity, side=900).values
    for step in (0, 1, 450, 899):
        np.testing.assert_allclose(mean_row(t, step, (0, 2), quantity), whole[step], atol=1e-14)


@pytest.mark.parametrize("direction", DIRECTIONS)
def test_extremes_are_a_diagonal_and_a_first_column(direction):
    overwritten = ledger_map(handmade_trace(np.zeros((6, 3)), direction=direction)).values
    np.testing.assert_array_equal(overwritten, np.eye(6, 7, 1))
    kept = ledger_map(handmade_trace(np.ones((6, 3)), direction=direction)).values
    np.testing.assert_array_equal(kept[:, 0], 1.0)
    assert not kept[:, 1:].any()


def test_a_trace_of_one_step():
    assert ledger_map(handmade_trace([[0.25]])).values.tolist() == [[0.25, 0.75]]


def test_what_is_read_is_told():
    told = []
    ledger_map(random_trace(time=600), done=told.append)
    assert told == [256 / 600, 512 / 600]


@pytest.mark.parametrize("unit", [5, -1])
def test_a_unit_that_does_not_exist_is_refused(unit):
    with pytest.raises(InputError, match=rf"no unit {unit}: this trace has 5 units, from 0 to 4\."):
        ledger_map(random_trace(units=5), (unit,))


@pytest.mark.parametrize("step", [12, -1])
def test_a_step_that_does_not_exist_is_refused(step):
    with pytest.raises(InputError, match=rf"no step {step}: this trace has 12 steps, from 0 to 11\."):
        mean_row(random_trace(time=12), step)
