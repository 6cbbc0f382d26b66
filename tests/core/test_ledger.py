"""The memory ledger is an identity: its weights sum to 1 and rebuild the state they account for."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from gru_core.analysis import ledger as ledger_module
from gru_core.analysis.ledger import ledger_row, memory_ledger
from gru_core.errors import InputError, LimitError
from tests.support.handmade import handmade_trace, random_trace

DIRECTIONS = ("forward", "backward")
shapes = st.tuples(st.integers(1, 2), st.integers(1, 8), st.integers(1, 4))


@st.composite
def traces(draw, dtype=np.float64):
    """Any gates, exact zeros and ones among them; any candidates and first states."""
    batch, time, units = draw(shapes)
    gate = st.one_of(st.sampled_from([0.0, 1.0]), st.floats(0, 1))
    state = st.floats(-1, 1)
    Z = draw(hnp.arrays(dtype, (batch, time, units), elements=gate))
    H_tilde = draw(hnp.arrays(dtype, (batch, time, units), elements=state))
    H0 = draw(hnp.arrays(dtype, (batch, units), elements=state))
    return handmade_trace(Z, 0.5, H_tilde, H0, draw(st.sampled_from(DIRECTIONS)), dtype)


def rebuilt(A, t):
    """A times the column of H_0 and all candidates, unit by unit: what the ledger says H is."""
    sources = np.concatenate([t.H0[:, None], t.H_tilde], axis=1)
    return np.einsum("btsu,bsu->btu", A, sources)


@given(traces())
def test_weights_sum_to_one_and_rebuild_the_state(t):
    A = memory_ledger(t)
    assert A.shape == (*t.Z.shape[:2], t.steps + 1, t.units)
    assert (A >= 0).all()
    assert (A <= 1).all()
    np.testing.assert_allclose(A.sum(axis=2), 1.0, atol=1e-12)
    np.testing.assert_allclose(rebuilt(A, t), t.H, atol=1e-12)


@given(traces())
def test_one_row_equals_that_row_of_the_whole(t):
    A = memory_ledger(t)
    for step in range(-t.steps, t.steps):
        np.testing.assert_allclose(ledger_row(t, step), A[:, step], rtol=1e-12, atol=1e-300)


@given(traces())
def test_steps_not_yet_read_have_no_weight(t):
    A = memory_ledger(t)
    row, column = np.indices((t.steps, t.steps))
    unread = column > row if t.direction == "forward" else column < row
    assert not A[:, :, 1:].transpose(1, 2, 0, 3)[unread].any()


def test_by_hand():
    # One unit: H_1 = 3/4 H_0 + 1/4 a, H_2 = 1/2 H_1 + 1/2 b = 3/8 H_0 + 1/8 a + 1/2 b.
    t = handmade_trace([[0.75], [0.5]])
    np.testing.assert_array_equal(memory_ledger(t)[0, :, :, 0], [[0.75, 0.25, 0], [0.375, 0.125, 0.5]])


def test_by_hand_for_a_layer_that_reads_backwards():
    # It reads step 1 first: H_1 = 1/2 H_0 + 1/2 b, then H_0th = 3/4 H_1 + 1/4 a = 3/8 H_0 + 1/4 a + 3/8 b.
    t = handmade_trace([[0.75], [0.5]], direction="backward")
    np.testing.assert_array_equal(memory_ledger(t)[0, :, :, 0], [[0.375, 0.25, 0.375], [0.5, 0, 0.5]])


def test_a_state_that_is_copied_is_all_from_the_first_state():
    A = memory_ledger(handmade_trace(np.ones((6, 3))))
    assert (A[:, :, 0] == 1).all()
    assert not A[:, :, 1:].any()


@pytest.mark.parametrize("direction", DIRECTIONS)
def test_a_state_that_is_overwritten_is_all_from_its_own_step(direction):
    A = memory_ledger(handmade_trace(np.zeros((6, 3)), direction=direction))
    np.testing.assert_array_equal(A[0, :, 1:].transpose(2, 0, 1), np.broadcast_to(np.eye(6), (3, 6, 6)))
    assert not A[:, :, 0].any()


def test_a_single_write_is_remembered_exactly():
    """The classroom puzzle: keep everywhere and write at one step; later states are that step's alone."""
    Z = np.ones((9, 1))
    Z[4] = 0.0
    A = memory_ledger(handmade_trace(Z))[0, :, :, 0]
    assert (A[:4, 0] == 1).all()
    assert (A[4:, 5] == 1).all()
    assert A.sum() == 9


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("direction", DIRECTIONS)
def test_number_type_is_that_of_the_trace(dtype, direction):
    t = random_trace(1, batch=2, time=200, units=3, direction=direction, dtype=dtype)
    A = memory_ledger(t)
    assert A.dtype == ledger_row(t, -1).dtype == dtype
    tolerance = 1e-6 if dtype == np.float32 else 1e-12
    np.testing.assert_allclose(A.sum(axis=2), 1.0, atol=tolerance)
    np.testing.assert_allclose(rebuilt(A, t), t.H, atol=tolerance)


def test_too_large_a_ledger_is_refused_before_memory_is_spent(monkeypatch):
    t = random_trace(time=10, units=2)
    monkeypatch.setattr(ledger_module, "MAX_ENTRIES", 219)
    with pytest.raises(LimitError, match=r"may have 219 weights .* would have 220: take fewer steps"):
        memory_ledger(t)
    assert ledger_row(t, 9).shape == (1, 11, 2)


def test_a_long_trace_still_gives_single_rows():
    t = random_trace(time=10_000, units=4)
    with pytest.raises(LimitError):
        memory_ledger(t)
    row = ledger_row(t, -1)
    np.testing.assert_allclose(row.sum(axis=1), 1.0, atol=1e-6)


@pytest.mark.parametrize("step", [12, -13])
def test_a_step_that_does_not_exist_is_refused(step):
    with pytest.raises(InputError, match=rf"no step {step}: this trace has 12 steps, from 0 to 11\."):
        ledger_row(random_trace(), step)
