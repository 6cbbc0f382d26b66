"""The grader is held against changes made by hand: change an input and see whether the last state moves."""

import copy

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from gru_core.demos import demo_path
from gru_core.errors import InputError, OverrideError
from gru_core.formats import load_model
from gru_core.model import GRU
from gru_core.painting import Painting
from gru_core.puzzles import PUZZLES, Each, Reach, grade, run_puzzle
from gru_core.puzzles.look import look
from gru_core.trace import trace

STEPS, UNITS, INPUTS = 5, 4, 3


def random_model(reset_mode, seed=0):
    torch.manual_seed(seed)
    gru = GRU(INPUTS, UNITS, reset_mode=reset_mode).double()
    with torch.no_grad():
        for parameter in gru.parameters():
            parameter.mul_(1.5)
    return gru


MODELS = {mode: random_model(mode) for mode in ("before", "after")}
X = np.random.default_rng(5).normal(size=(STEPS, INPUTS))
H0 = 0.5 * np.random.default_rng(6).normal(size=(1, 1, UNITS))
GATES = st.sampled_from([None, 0.0, 0.0, 0.5, 1.0, 1.0])
ROWS = st.tuples(*[GATES] * STEPS)


def last_state(gru, x, h0, painting):
    return trace(gru, x, h0, painting.overrides)[0].H[0, -1]


def moves(gru, painting):
    """For each step and for the start: whether the last state moves at all when that is changed."""
    before = last_state(gru, X, H0, painting)
    found = []
    for step in range(STEPS):
        changed = X.copy()
        changed[step] += (0.3, -0.2, 0.4)
        found.append(np.abs(last_state(gru, changed, H0, painting) - before).max() > 1e-14)
    return found, np.abs(last_state(gru, X, H0 + 0.1, painting) - before).max() > 1e-14


@settings(max_examples=80, deadline=None)
@given(ROWS, ROWS, st.sampled_from(["before", "after"]), st.data())
def test_right_is_what_changing_the_inputs_says(R, Z, mode, data):
    painting, gru = Painting(R, Z), MODELS[mode]
    inputs, start = moves(gru, painting)
    does = tuple(np.flatnonzero(inputs).tolist())
    seen = look(gru, X, painting, H0)
    assert seen.reached == does
    # The goal that it meets where it meets any, or another one.
    uses = data.draw(st.sampled_from([does, (0,), (2,), (2, 3, 4), (0, 1, 3, 4)]).filter(bool))
    for may_start in (False, True):
        right = does == uses and (may_start or not start)
        assert grade(Reach(uses, may_start), seen).solved == right


@settings(max_examples=50, deadline=None)
@given(
    st.sampled_from([(0.0, 1.0), (0.0, 0.0), (0.5, 0.0)]),
    ROWS,
    ROWS,
    st.booleans(),
    st.sampled_from(["before", "after"]),
)
def test_imitating_is_what_a_net_of_torch_does(corner, R, Z, exact, mode):
    """A painting imitates if the state follows torch's layer, or a sum by hand, also from another start."""
    gru = MODELS[mode]
    painting = Painting((corner[1],) * STEPS, (corner[0],) * STEPS) if exact else Painting(R, Z)
    cell = gru.cell(0)
    for like, by in (("rnn", rnn), ("input_only", feed_forward), ("average", average)):
        same = all(
            np.allclose(trace(gru, x, h0, painting.overrides)[0].H[0], by(cell, x, h0[0, 0]), atol=1e-12)
            for x, h0 in ((X, H0), (X + 0.3, H0 - 0.4))
        )
        assert grade(Each(like), look(gru, X, painting, H0)).solved == same


def rnn(cell, x, h0):
    net = torch.nn.RNN(INPUTS, UNITS, batch_first=True).double()
    with torch.no_grad():
        net.weight_ih_l0.copy_(cell.W_xh.T)
        net.weight_hh_l0.copy_(cell.W_hh.T)
        net.bias_ih_l0.copy_(cell.b_h + cell.b_hh)
        net.bias_hh_l0.zero_()
        return net(torch.tensor(x)[None], torch.tensor(h0)[None, None])[0][0].numpy()


def feed_forward(cell, x, h0):
    with torch.no_grad():
        return torch.tanh(torch.tensor(x) @ cell.W_xh + cell.b_h).numpy()


def average(cell, x, h0):
    states, state = [], h0
    for candidate in feed_forward(cell, x, h0):
        state = 0.5 * state + 0.5 * candidate
        states.append(state)
    return np.array(states)


@pytest.fixture(scope="module")
def remember():
    return load_model(demo_path("remember"))


def judged(name, model, R="", Z=""):
    seen = run_puzzle(PUZZLES[name], model, Painting.of(R, Z))
    return {finding.kind: finding for finding in grade(PUZZLES[name].goal, seen).findings}


@pytest.mark.parametrize("name", list(PUZZLES))
def test_the_answer_that_is_shown_is_right_and_doing_nothing_is_not(name, remember):
    puzzle = PUZZLES[name]
    assert judged(name, remember, *puzzle.answer.texts) == {}
    assert judged(name, remember)
    assert puzzle.answer.steps <= puzzle.steps
    assert all(0 <= step < puzzle.steps for step in puzzle.marked)


@pytest.mark.parametrize(
    ("name", "R", "Z"),
    [
        # Before the step in use everything is free: what came in is thrown away there.
        ("only_one", "lx3_0", "lx3_0_1x5"),
        ("only_one", "0.3x3_0_1x5", "0x4_1x5"),
        # Behind it R is free, for where Z is 1 the candidate is not written.
        ("only_one", "0x9", "1x3_0_1x5"),
        ("skip", "", "lx5_1"),
        ("skip", "1x9", "0.5x5_1_0.9x3"),
        ("chapter", "0.5x4_0_1x3", "1x4_0_0.5x3"),
        ("last_two", "lx6_0", "lx6_0"),
        ("last_two", "lx6_0_0", "1x6_0_0.7"),
    ],
)
def test_other_paintings_that_do_the_same_are_right_too(name, R, Z, remember):
    assert judged(name, remember, R, Z) == {}


def test_the_published_answer_of_all_zeros_is_told_what_it_loses_and_what_it_uses_instead(remember):
    found = judged("only_one", remember, "0x9", "0x9")
    assert set(found) == {"input_leaks", "writes", "input_lost", "erased"}
    # Only the last input is left, and it is all of the influence.
    assert (found["input_leaks"].step, found["input_leaks"].share) == (8, 1.0)
    assert (found["writes"].step, found["writes"].share) == (8, 1.0)
    assert (found["input_lost"].step, found["erased"].step) == (3, 4)


def test_the_published_answer_of_keeping_always_is_told_that_nothing_is_ever_read(remember):
    found = judged("only_one", remember, "", "1x9")
    assert set(found) == {"start_leaks", "stop_keeps", "input_lost", "never_written"}
    assert found["start_leaks"].share == 1.0
    # d H_T / d H_0 is the identity of 16 units.
    assert found["start_leaks"].size == pytest.approx(4.0, abs=1e-12)
    assert (found["stop_keeps"].step, found["stop_keeps"].value) == (3, 1.0)
    assert found["never_written"].step == 3


def test_a_reset_gate_left_open_is_named_with_its_size(remember):
    found = judged("only_one", remember, "lx3_1", "1x3_0_1x5")
    assert set(found) == {"start_leaks", "stop_reads"}
    assert (found["stop_reads"].step, found["stop_reads"].value) == (3, 1.0)
    # Step 3 starts from H_0 = 0, so the way through the candidate is diag(1 - N^2) W_hh^T, here by hand.
    gru = copy.deepcopy(remember.gru).double()
    cell, x = gru.cell(0), torch.eye(8, dtype=torch.float64)[4]
    with torch.no_grad():
        N = torch.tanh(x @ cell.W_xh + cell.b_h)
        size = ((1 - N**2)[:, None] * cell.W_hh.T).norm().item()
        read = ((1 - N**2)[:, None] * cell.W_xh.T).norm().item()
    assert found["stop_reads"].size == pytest.approx(size, rel=1e-12)
    assert found["start_leaks"].share == pytest.approx(size / (size + read), rel=1e-12)


def test_gates_left_as_learned_are_named_by_the_ways_they_open(remember):
    found = judged("chapter", remember)
    assert {"inputs_leak", "start_leaks", "stop_keeps_learned", "stop_reads_learned"} <= set(found)
    assert {"stop_z_depends", "stop_r_depends"} <= set(found)
    assert 0 < found["inputs_leak"].value < found["inputs_leak"].share < 1
    shut = judged("chapter", remember, "lx4_0", "")
    assert not {"stop_reads_learned", "stop_r_depends"} & set(shut)
    half = judged("plain_rnn", remember, "1x8", "0x3_0.5_0x4")
    assert (half["steps_differ"].count, half["step_keeps"].step, half["step_keeps"].value) == (1, 3, 0.5)
    blind = judged("plain_rnn", remember, "1x3_0_1x4", "0x8")
    assert set(blind) == {"steps_differ", "step_sees"}
    assert (blind["step_sees"].step, blind["step_sees"].value, blind["step_sees"].wanted) == (3, 0.0, 1.0)
    later = judged("skip", remember)
    assert later["input_leaks"].step == later["writes_learned"].step == 5


def test_what_cannot_be_played_is_refused(remember):
    with pytest.raises(InputError, match="one layer that reads forward; this GRU has 2 layers"):
        look(GRU(2, 3, num_layers=2), np.zeros((4, 2)), Painting())
    with pytest.raises(OverrideError, match="There is no step 7: this trace has 7 steps"):
        run_puzzle(PUZZLES["feed_forward"], remember, Painting.of("", "1x8"))
    with pytest.raises(InputError, match="each once and in order"):
        Reach((3, 1))
