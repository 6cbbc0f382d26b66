"""Computed sentences, from traces whose facts one can work out on paper."""

import re
import string
from dataclasses import dataclass

import numpy as np
import pytest

from gru_core.analysis.fact import Piece, quoted
from gru_core.analysis.facts import TEMPLATES, facts
from gru_core.errors import ShapeError
from tests.support.handmade import handmade_trace, random_trace


@dataclass
class Card:
    """What `facts` reads of a model card."""

    answer: str = "class"
    outputs: tuple[str, ...] = ("no", "yes")


def said(*args, **kwargs):
    return {fact.key: fact.text for fact in facts(*args, **kwargs)}


def test_where_it_writes_and_who_remembers():
    # Unit 0 keeps 0.95 at each step but the second; unit 1 keeps half. Writing: 0.275 on average,
    # and at step 1 (1 - 0.16 + 1 - 0.5) / 2 = 0.67; over four steps (3 * 0.275 + 0.67) / 4 = 0.374.
    Z = [[0.95, 0.5], [0.16, 0.5], [0.95, 0.5], [0.95, 0.5]]
    text = said(handmade_trace(Z, R=[[0.2], [0.4], [0.6], [0.8]]), ["a", "b", "a", ""])
    assert text["writes_most"] == (
        "The state is rewritten most at step 1 ('b'): there Z is lowest, and an average unit replaces "
        "67% of what it "
        "holds (37% at an average step)."
    )
    # Unit 0 keeps (3 * 0.95 + 0.16) / 4 = 0.7525 on average: ln 2 / -ln 0.7525 = 2.438 steps.
    assert text["memory"] == (
        "0 of 2 units keep more than 90% per step on average; unit 0 remembers longest: at its "
        "average Z, half of its content is left after 2.44 steps."
    )
    assert text["reset"] == (
        "R shows the candidate 50% of the old state on average; it shuts most at step 0 ('a') (20%) "
        "and opens most "
        "at step 3 (80%)."
    )
    assert list(text) == ["writes_most", "memory", "reset"]


def test_counts_and_half_lives():
    t = handmade_trace(np.tile([0.95, 0.99, 0.9, 0.1], (5, 1)))
    by_key = {fact.key: dict(fact.values) for fact in facts(t)}
    assert dict(by_key["memory"]["keepers"].values) == {"count": 2, "units": 4}
    assert by_key["memory"]["unit"] == 1
    assert by_key["memory"]["half_life"] == 69.0  # ln 2 / -ln 0.99 = 68.97
    assert by_key["writes_evenly"]["average"] == pytest.approx(1 - 2.94 / 4, abs=1e-6)
    assert by_key["reset_even"]["average"] == 0.5


def test_one_keeper_reads_as_one():
    assert said(handmade_trace(np.tile([0.95, 0.2], (3, 1))))["memory"].startswith(
        "1 of 2 units keeps more than 90%"
    )


def test_short_memories_and_frozen_units_are_told_apart():
    short = said(handmade_trace(np.tile([0.3, 0.25], (3, 1))))
    assert short["memory_short"].endswith(
        "even unit 0, which remembers longest, loses more than half of its content at each step (it "
        "keeps 30%)."
    )
    frozen = said(handmade_trace(np.tile([0.3, 1.0, 1.0], (3, 1))))
    assert frozen["memory_frozen"].startswith(
        "2 of 3 units keep more than 90% per step on average; for 2 of them Z is 1"
    )
    assert "the first is unit 1" in frozen["memory_frozen"]


def test_a_frozen_state_is_said_to_be_frozen():
    text = said(handmade_trace(np.ones((4, 3)), H0=0.5), override_name="copy")
    assert text["copy"].startswith("Z is 1 at every step, so the state never changes")
    assert text["still"] == "From the first step to the last no unit moves at all."
    assert list(text) == ["copy", "still"]


@pytest.mark.parametrize(
    ("R", "key", "keys"),
    [
        (1.0, "rnn", ["rnn", "moves"]),
        (0.0, "input_only", ["input_only", "moves"]),
        (0.5, "overwrite", ["overwrite", "moves", "reset_even"]),
    ],
)
def test_gates_that_overwrite_everything(R, key, keys):
    # The state is the candidate: 0 -> 0.5 -> -0.25 -> -0.25 moves by 0.5, 0.75, 0; the mean is 0.4167.
    t = handmade_trace(np.zeros((3, 2)), R=R, H_tilde=[[0.5], [-0.25], [-0.25]])
    text = said(t, "abc", override_name=key)
    assert list(text) == keys
    assert text["moves"] == (
        "An average unit moves by 0.42 per step on the scale from -1 to 1, most at step 1 ('b') (0.75)."
    )


@pytest.mark.parametrize(("R", "key"), [(1.0, "reset_open"), (0.0, "reset_closed")])
def test_a_reset_gate_at_its_end(R, key):
    assert list(said(handmade_trace([[0.2], [0.7]], R=R))) == [key, "writes_most", "memory_short"]


def test_an_extreme_is_what_the_gates_do_and_not_what_the_setting_is_called():
    assert "copy" not in said(random_trace(), override_name="copy")
    assert "copy" in said(handmade_trace(np.ones((2, 2))), override_name="learned")


@pytest.mark.parametrize(
    ("name", "words"),
    [
        (None, "With its gates as learned"),
        ("learned", "With its gates as learned"),
        ("rnn", "As a plain RNN"),
        ("my sliders", "With the gates set like this"),
    ],
)
def test_answers_of_a_classifier(name, words):
    answers = np.array([[0.5, 0.5], [0.9, 0.1], [0.07, 0.93]])
    t = random_trace(time=3)
    for given in (answers, answers[None]):
        text = said(t, ["a", "b", "c"], given, Card(), name)
        assert (
            text["answer_class"]
            == f"{words} the model answers 'yes' at step 2 ('c'), with a probability of 93%."
        )


@pytest.mark.parametrize(
    ("value", "words"), [(0.12345, "0.123"), (1234.5, "1,234"), (-3.14159, "-3.14"), (98765.4, "98,765")]
)
def test_answers_in_numbers(value, words):
    text = said(random_trace(time=2), None, np.array([[0.0], [value]]), Card("number", ("sunspots",)))
    assert (
        text["answer_number"] == f"With its gates as learned the model answers sunspots = {words} at step 1."
    )


def test_a_model_without_answers_is_given_none():
    assert len(facts(random_trace(time=2), None, np.zeros((2, 2)), Card("none"))) == 3
    assert len(facts(random_trace(time=2), None, None, Card())) == 3


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("direction", ["forward", "backward"])
def test_two_to_four_sentences_of_any_trace(seed, direction):
    t = random_trace(seed, time=1 + seed, units=1 + seed % 3, direction=direction)
    found = facts(t, None, np.full((t.steps, 2), 0.5), Card())
    assert 2 <= len(found) <= 4
    for fact in found:
        assert fact.text[0].isupper() or fact.text[0].isdigit()
        assert fact.text.endswith(".")
        assert str(fact) == fact.text
        assert not re.search(r"nan|inf|[{}]", fact.text)
        assert hash(fact) == hash(fact)


def test_only_the_first_sequence_of_a_batch_is_described():
    both = random_trace(3, batch=2)
    first = handmade_trace(both.Z[:1], both.R[:1], both.H_tilde[:1], both.H0[:1])
    assert facts(both) == facts(first)


def test_another_language_needs_only_another_table():
    """A table that says each key's values bare: every number and label reaches it, pieces included."""
    other = {
        key: key + "".join(f"|{name}={{{name}}}" for _, name, _, _ in string.Formatter().parse(text) if name)
        for key, text in TEMPLATES.items()
    }
    (written, *_) = facts(handmade_trace([[0.75], [0.25]]), ["x", "y"])
    assert written.said_by(other) == "writes_most|step=step_labelled|index=1|label='y'|share=0.75|average=0.5"
    assert Piece("setting_rnn").said_by(other) == "setting_rnn"


def test_labels_are_shown_in_quotes_and_short():
    assert quoted("<b>x</b>") == "'<b>x</b>'"
    assert quoted("a\nb\tc") == "'a⏎b⇥c'"
    assert quoted(" ") == "'␣'"
    assert quoted("x" * 50) == "'" + "x" * 19 + "…'"


def test_what_does_not_fit_is_refused():
    with pytest.raises(ShapeError, match="A trace of 12 steps needs as many labels, got 2"):
        facts(random_trace(), ["a", "b"])
    with pytest.raises(ShapeError, match=r"must be \(12, 2\), got \(3, 2\)"):
        facts(random_trace(), None, np.zeros((3, 2)), Card())


def test_the_longest_memory_is_of_something_that_was_written():
    # Unit 0 writes at step 1 and loses 0.1 per step; unit 1 keeps almost all of its empty state throughout.
    Z = [[0.9, 0.999], [0.0, 0.999], [0.9, 0.999], [0.9, 0.999], [0.9, 0.999]]
    text = said(handmade_trace(Z, H_tilde=[0.8, 0.5]), ["a", "b", "c", "d", "e"])
    assert text["memory_held"] == (
        "1 of 2 units keeps more than 90% per step on average; unit 0 remembers longest: 73% of what it held "
        "at step 1 ('b') is still there after 3 more steps."
    )
    backward = handmade_trace(Z[::-1], H_tilde=[0.8, 0.5], direction="backward")
    assert "at step 3 ('d') is still there after 3 more steps" in said(backward, list("abcde"))["memory_held"]


def test_a_little_loss_is_not_called_none():
    kept = said(handmade_trace([[0.0], [0.999]], H_tilde=0.8))["memory_held"]
    assert kept.endswith("99% of what it held at step 0 is still there after 1 more step.")
    whole = said(handmade_trace([[0.0], [1.0]], H_tilde=0.8))["memory_held"]
    assert whole.endswith("100% of what it held at step 0 is still there after 1 more step.")
