"""How a training ends: what is kept, when it was stopped, out of time, done early, or came apart."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
import torch

from gru_core.checkpoint import Checkpoint
from gru_core.training import DIVERGED, Ended, Measured, Snapshot, train
from gru_core.training_spec import TrainSpec
from tests.support.plain import plain
from tests.support.small_task import Breaking, FirstOfThree, MeanOfThree

SMALL: dict[str, Any] = {"hidden_size": 5, "batch_size": 9, "steps": 30, "evaluate_every": 4}


def small(**changed: Any) -> TrainSpec:
    return TrainSpec(**SMALL | changed)


def weights_after(updates: int, **changed: Any) -> Any:
    """Of a training that was asked for so many updates only."""
    return plain(list(train(FirstOfThree(), small(**changed | {"steps": updates})))[-1].model.state_dict())


def stop_after(updates: int) -> Any:
    """Says stop when asked before the update after that."""
    asked = iter(range(10_000))
    return lambda: next(asked) >= updates


@pytest.mark.parametrize("updates", [0, 1, 7, 8])
def test_stopping_keeps_exactly_the_updates_that_were_done(updates: int) -> None:
    events = list(train(FirstOfThree(), small(), should_stop=stop_after(updates)))
    ended = events[-1]
    assert (ended.reason, ended.update) == ("stopped", updates)
    if updates:
        assert plain(ended.model.state_dict()) == weights_after(updates)
    assert plain(ended.checkpoint.tensors)["model.readout.bias"] == plain(ended.model.readout.bias)
    # Measured and snapped where it ended, once.
    for kind in (Measured, Snapshot):
        assert [event.update for event in events if isinstance(event, kind)].count(updates) == 1


def test_what_is_measured_where_it_ended_is_of_the_updates_since() -> None:
    events = list(train(FirstOfThree(), small(), should_stop=stop_after(6)))
    every = list(train(FirstOfThree(), small(evaluate_every=1), until=6))
    measured = {event.update: event for event in every if isinstance(event, Measured)}
    last = [event for event in events if isinstance(event, Measured)][-1]
    assert last.train_loss == pytest.approx((measured[5].train_loss + measured[6].train_loss) / 2)
    for name in ("train_score", "loss", "score", "first_step_gradient", "gates"):
        assert plain(getattr(last, name)) == plain(getattr(measured[6], name)), name
    assert events[-1].score == last.score


def test_no_time_at_all_shows_the_untrained_model() -> None:
    events = list(train(FirstOfThree(), small(), seconds=0))
    assert [type(event) for event in events] == [Measured, Snapshot, Ended]
    assert (events[-1].reason, events[-1].update) == ("time", 0)


def test_time_is_by_the_clock_on_the_wall(monkeypatch: pytest.MonkeyPatch) -> None:
    """Waiting between updates counts against the time allowed, and not as time computed."""
    now = 0.0

    def waits() -> bool:
        nonlocal now
        now += 0.05
        return False

    monkeypatch.setattr("gru_core.training.time.perf_counter", lambda: now)
    events = list(train(FirstOfThree(), small(), should_stop=waits, seconds=0.33))
    assert (events[-1].reason, events[-1].update) == ("time", 6)
    assert events[-1].checkpoint.progress.seconds == 0


def test_a_score_reached_twice_in_a_row_ends_it() -> None:
    spec = small(steps=400, evaluate_every=5, batch_size=32, stop_at=0.9, hidden_size=8)
    events = list(train(FirstOfThree(), spec))
    ended = events[-1]
    scores = [(event.update, event.score >= 0.9) for event in events if isinstance(event, Measured)]
    assert ended.reason == "reached"
    assert ended.update == scores[-1][0] < 400
    reached = [good for _, good in scores]
    assert reached[-2:] == [True, True]
    assert not any(one and other for one, other in pairwise(reached[:-1]))
    # The same training without an early end had the same numbers so far.
    whole = train(FirstOfThree(), small(steps=400, evaluate_every=5, batch_size=32, hidden_size=8))
    same = [plain(event) for event in whole if isinstance(event, Measured)][: len(scores)]
    assert same == [plain(event) for event in events if isinstance(event, Measured)]


@pytest.mark.parametrize("pause", [1, 5])
def test_the_first_of_two_measurements_in_a_row_may_be_before_a_pause(pause: int) -> None:
    """Any score is reached at once: at update 0 and at update 5."""
    task, spec = FirstOfThree(), small(evaluate_every=5, stop_at=0.01)
    paused = list(train(task, spec, until=pause))[-1]
    if paused.reason == "paused":
        paused = list(train(task, spec, resume=paused.checkpoint))[-1]
    assert (paused.reason, paused.update) == ("reached", 5)


def test_learned_is_when_the_tasks_own_score_was_first_measured() -> None:
    spec = small(steps=200, evaluate_every=5, batch_size=32, hidden_size=12, learning_rate=0.02)
    events = list(train(FirstOfThree(), spec))
    measured = [event for event in events if isinstance(event, Measured)]
    first = next(event.update for event in measured if event.score >= 0.99)
    assert [event.learned_at for event in measured] == [
        first if event.update >= first else None for event in measured
    ]
    assert events[-1].learned_at == first > 0
    # A task without such a score is never learned, however well it goes.
    number = list(train(MeanOfThree(), small(steps=200, evaluate_every=50)))
    assert number[-1].score > 0.5
    assert number[-1].learned_at is None


@pytest.mark.parametrize(
    ("at", "value", "cell"),
    [
        (1, math.nan, "gru"),
        (6, math.nan, "gru"),
        (8, math.inf, "gru"),
        (9, math.nan, "lstm"),
        (1, math.inf, "rnn"),
    ],
)
def test_a_training_that_breaks_ends_where_it_was_last_measured_well(
    at: int, value: float, cell: str
) -> None:
    spec = small(cell=cell)
    events = list(train(Breaking(at=at, value=value), spec))
    ended, good = events[-1], (at - 1) // 4 * 4
    assert (ended.reason, ended.update) == ("diverged", good)
    # Up to there it is the training that did not break.
    intact = [plain(event) for event in train(FirstOfThree(), spec) if event.update <= good]
    assert [plain(event) for event in events[:-1]] == intact
    snapshot = next(event for event in events if isinstance(event, Snapshot) and event.update == good)
    assert plain(ended.model.state_dict()) == plain(snapshot.weights)
    assert all(bool(tensor.isfinite().all()) for tensor in ended.model.state_dict().values())
    measured = [event for event in events if isinstance(event, Measured)][-1]
    assert ended.score == measured.score
    assert math.isfinite(ended.score)
    # Going on from there is going on from before it broke.
    later = train(FirstOfThree(), spec, resume=ended.checkpoint)
    expected = (event for event in train(FirstOfThree(), spec) if event.update > good)
    assert [plain(event) for event in later] == [plain(event) for event in expected]


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_steps_that_are_far_too_long_are_noticed(seed: int) -> None:
    spec = small(learning_rate=10, seed=seed, evaluate_every=1)
    events = list(train(MeanOfThree(), spec))
    assert events[-1].reason == "diverged"
    measured = [event for event in events if isinstance(event, Measured)]
    assert all(event.loss <= DIVERGED * max(measured[0].loss, 1) for event in measured)
    assert events[-1].update == measured[-1].update
    assert events[-1].score == measured[-1].score


def test_after_a_pause_a_break_ends_where_the_pause_was() -> None:
    spec = small()
    paused = list(train(FirstOfThree(), spec, until=6))[-1]
    resumed = Checkpoint.from_bytes(paused.checkpoint.to_bytes())
    events = list(train(Breaking(at=1), spec, resume=resumed))
    assert [type(event) for event in events] == [Snapshot, Ended]
    assert (events[-1].reason, events[-1].update) == ("diverged", 6)
    assert plain(events[-1].model.state_dict()) == plain(paused.model.state_dict())
    assert torch.equal(events[-1].checkpoint.tensors["generator"], resumed.tensors["generator"])


def test_going_on_and_stopping_at_once_measures_nothing_again() -> None:
    paused = list(train(FirstOfThree(), small(), until=6))[-1]
    events = list(train(FirstOfThree(), small(), resume=paused.checkpoint, should_stop=lambda: True))
    assert [type(event) for event in events] == [Snapshot, Ended]
    assert plain(events[-1]) == plain(replace(paused, reason="stopped"))
