"""Sentences of the ledger: numbers worked out by hand, and what each extreme has become."""

import numpy as np
import pytest

from gru_core.analysis.ledger import memory_ledger
from gru_core.analysis.ledger_facts import LEDGER_TEXTS, ledger_facts
from gru_core.analysis.ledger_map import mean_row, row_age
from gru_core.analysis.memory_age import mean_age
from tests.support.handmade import handmade_trace, random_trace


def said(*given, **named):
    return [str(fact) for fact in ledger_facts(*given, **named)]


def test_a_state_by_hand():
    # H_0 3/8, a 1/8, b 1/2: on average 3/8 * 2 + 1/8 * 1 = 7/8 of a step old.
    t = handmade_trace([[0.75], [0.5]], H_tilde=[[[0.4], [-0.8]]], H0=[[1.0]])
    assert said(t, 1, labels=("a", "b"), quantity="content") == [
        "In unit 0 the largest part of the state at step 1 ('b') was written at that step itself: 50% of it.",
        "What it holds was written 0.875 steps earlier on average (H₀ counts as 2 steps earlier); 38% of it "
        "is H₀.",
        # 3/8 * 1 + 1/8 * 0.4 - 1/2 * 0.8
        "Weight times what was written adds up to the state, +0.02; the largest part comes from step 1 ('b'):"
        " -0.40.",
        # After one step 3/4 + 1/8 of 1 + 1/4 are left, 0.7; after another half of that: 1 + log2 1.4.
        "Half of what the one unit writes is gone after 1.49 steps.",
    ]


def test_where_the_first_state_is_most_and_where_another_step_is():
    t = handmade_trace(np.broadcast_to([[0.9], [0.2], [0.9]], (3, 1)))
    assert said(t, 0)[0] == (
        "In unit 0 the largest part of the state at step 0 is still H₀, the state before the first step: 90% "
        "of it."
    )
    assert "the state at step 2 was written at step 1: 72% of it" in said(t, 2)[0]


@pytest.mark.parametrize(
    ("Z", "R", "key"), [(1.0, 0.5, "copy"), (0.0, 1.0, "overwrite"), (0.0, 0.0, "input_only")]
)
def test_the_extremes_say_what_they_have_become(Z, R, key):
    found = ledger_facts(handmade_trace(np.full((7, 3), Z), R), 6)
    assert [fact.key for fact in found] == [key, "lives_all" if Z else "lives_none"]
    assert found[0].text == LEDGER_TEXTS[key]


def test_units_that_are_at_an_extreme_alone_are_said_to_be():
    t = handmade_trace(np.broadcast_to([1.0, 0.5, 0.0], (20, 3)))
    assert ledger_facts(t, 3, (0,))[0].key == "copy"
    assert ledger_facts(t, 3, (2,))[0].key == "overwrite"
    both = said(t, 3, (0, 2))
    assert both[0] == (
        "On average over 2 chosen units the largest part of the state at step 3 was written at that step "
        "itself: 50% of it."
    )
    assert both[2] == (
        "1 of 3 units keeps more than half of what is written for longer than the 20 steps seen; shortest is "
        "unit 2: half of what it writes is gone after 0 steps."
    )


def test_a_layer_that_reads_backwards_says_so():
    t = handmade_trace(np.broadcast_to([0.5, 0.9], (30, 2)), direction="backward")
    found = said(t, 0)
    assert "step 0 was written at that step itself: 30% of it" in found[0]
    assert "reads from the last step to the first" in found[1]
    assert "(H₀ counts as 30 steps)" in found[1]
    assert found[2] == (
        "Unit 1 keeps longest: half of what it writes is gone after 6.58 steps; shortest is unit 0, after 1 "
        "step."
    )


@pytest.mark.parametrize("direction", ["forward", "backward"])
def test_the_age_of_a_row_is_the_mean_age_of_its_units(direction):
    t = random_trace(3, time=11, units=4, direction=direction, dtype=np.float64)
    for step in range(11):
        age = row_age(mean_row(t, step), step, direction)
        assert age == pytest.approx(mean_age(t)[0, step].mean(), abs=1e-12)


def test_a_single_step_is_one_step():
    found = said(handmade_trace([[0.75]]), 0)
    assert "(H₀ counts as 1 step earlier); 75% of it is H₀." in found[1]
    assert found[2] == "In every unit more than half of what it holds outlasts the 1 step seen."


def test_every_trace_is_told():
    """One step, one unit, any gates: shares are those of the whole ledger."""
    for seed in range(12):
        t = random_trace(seed, time=1 + seed % 4, units=1 + seed % 3)
        whole = memory_ledger(t)[0].mean(axis=-1)
        for step in range(t.steps):
            values = dict(ledger_facts(t, step)[0].values)
            assert values["share"] == pytest.approx(float(whole[step].max()), abs=1e-6)
