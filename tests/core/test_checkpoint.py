"""A training that goes on from a checkpoint is the one that was never interrupted, to the last bit."""

from __future__ import annotations

from functools import cache
from hashlib import sha256
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.torch import save

from gru_core.checkpoint import Checkpoint, Progress
from gru_core.errors import InputError
from gru_core.tasks.remember import RememberFirst
from gru_core.training import Ended, Measured, Snapshot, train
from gru_core.training_spec import TrainSpec
from tests.support.plain import plain
from tests.support.small_task import FirstOfThree, MeanOfThree

SMALL: dict[str, Any] = {"hidden_size": 5, "batch_size": 9, "steps": 14, "evaluate_every": 4, "snapshots": 3}
CELLS: dict[str, TrainSpec] = {
    "gru": TrainSpec(**SMALL, num_layers=2),
    "after": TrainSpec(**SMALL, reset_mode="after", frozen_r=0.7),
    "rnn": TrainSpec(**SMALL, cell="rnn", num_layers=2),
    "lstm": TrainSpec(**SMALL, cell="lstm", num_layers=2),
}
TASKS: dict[str, Any] = {task.name: task for task in (FirstOfThree(), MeanOfThree())}


@cache
def whole(cell: str, task: str) -> tuple[Any, ...]:
    return tuple(train(TASKS[task], CELLS[cell]))


def through_bytes(checkpoint: Checkpoint) -> Checkpoint:
    return Checkpoint.from_bytes(checkpoint.to_bytes())


@settings(max_examples=25)
@given(st.sampled_from(list(CELLS)), st.sampled_from(list(TASKS)), st.sets(st.integers(0, 14), max_size=3))
def test_whatever_the_pauses_the_rest_is_the_same(cell: str, task: str, pauses: set[int]) -> None:
    checkpoint, expected = None, whole(cell, task)
    for pause in sorted(pauses):
        part = list(train(TASKS[task], CELLS[cell], resume=checkpoint, until=pause))
        assert part[-1].reason == ("finished" if pause == 14 else "paused")
        assert part[-1].update == pause
        checkpoint = through_bytes(part[-1].checkpoint)
    rest = list(train(TASKS[task], CELLS[cell], resume=checkpoint))
    later = [event for event in expected if event.update > max(pauses, default=-1)]
    assert plain(rest[-1]) == plain(expected[-1])
    assert plain(rest) == plain(later or expected[-1:])


@pytest.mark.parametrize("cell", CELLS)
def test_one_update_at_a_time_is_the_same_training(cell: str) -> None:
    task, spec = FirstOfThree(), CELLS[cell]
    events, checkpoint = [], None
    for update in range(15):
        part = list(train(task, spec, resume=checkpoint, until=update))
        assert [type(event) for event in part][-1] is Ended
        # Every step is seen: a measurement and a picture.
        assert [(type(event), event.update) for event in part if isinstance(event, Measured)] == [
            (Measured, update)
        ]
        assert {event.update for event in part if isinstance(event, Snapshot)} == {update}
        events += part
        checkpoint = through_bytes(part[-1].checkpoint)
    for kind in (Measured, Snapshot):
        planned = [event for event in whole(cell, task.name) if isinstance(event, kind)]
        at = {event.update for event in planned}
        stepped = [event for event in events if isinstance(event, kind) and event.update in at]
        assert plain(stepped) == plain(planned)
    assert plain(events[-1]) == plain(whole(cell, task.name)[-1])


def test_what_is_seen_at_a_pause_decides_nothing() -> None:
    """Score and loss are measured there too, but when it counts as learned, and ends early, is as planned."""
    spec = TrainSpec(hidden_size=12, batch_size=32, learning_rate=0.02, evaluate_every=10, stop_at=0.99)
    expected = list(train(FirstOfThree(), spec))[-1]
    assert expected.reason == "reached"
    assert expected.update == expected.learned_at + 10
    ended = list(train(FirstOfThree(), spec, until=1))[-1]
    seen = []
    while ended.reason == "paused":
        events = list(
            train(FirstOfThree(), spec, resume=through_bytes(ended.checkpoint), until=ended.update + 1)
        )
        ended = events[-1]
        seen.append(ended.score)
    assert plain(ended) == plain(expected)
    assert sum(score >= 0.99 for score in seen) > 11


@pytest.mark.parametrize("cell", CELLS)
def test_every_frame_has_a_checkpoint_to_go_on_from(cell: str) -> None:
    """A worker that is lost has told frames before: the training goes on from the last of them."""
    expected = whole(cell, "first of three")
    for snapshot in (event for event in expected if isinstance(event, Snapshot)):
        rest = list(train(FirstOfThree(), CELLS[cell], resume=through_bytes(snapshot.checkpoint)))
        later = [event for event in expected if event.update > snapshot.update]
        assert plain(rest) == plain(later or expected[-1:])


def test_a_stop_is_a_pause_and_more_updates_may_be_asked_for_afterwards() -> None:
    task, spec = FirstOfThree(), CELLS["gru"]
    asked = iter([False] * 5 + [True])
    stopped = list(train(task, spec, should_stop=lambda: next(asked)))[-1]
    rest = list(train(task, spec, resume=stopped.checkpoint))
    assert plain(rest) == plain([event for event in whole("gru", task.name) if event.update > 5])
    longer = TrainSpec(**SMALL | {"steps": 20}, num_layers=2)
    at_end = list(train(task, longer, resume=rest[-1].checkpoint))[-1]
    assert plain(at_end.model.state_dict()) == plain(list(train(task, longer))[-1].model.state_dict())


def test_later_updates_leave_a_checkpoint_as_it_was() -> None:
    events = train(FirstOfThree(), CELLS["lstm"])
    snapshot = next(event for event in events if isinstance(event, Snapshot))
    before = plain(snapshot.checkpoint)
    checkpoints = [event.checkpoint for event in events if isinstance(event, Snapshot | Ended)]
    list(train(FirstOfThree(), CELLS["lstm"], resume=snapshot.checkpoint))
    assert plain(snapshot.checkpoint) == before
    assert plain(checkpoints[-1]) != before


def test_a_checkpoint_comes_back_out_of_its_bytes() -> None:
    for event in whole("gru", "first of three"):
        if isinstance(event, Snapshot | Ended):
            back = through_bytes(event.checkpoint)
            assert back.progress == event.checkpoint.progress
            assert plain(back) == plain(event.checkpoint)
            assert set(back.tensors) == set(event.checkpoint.tensors)
    progress = Progress(7, 0.1, 0.2, 1 / 3, 3, 2.0, 1, 5)
    assert through_bytes(Checkpoint(progress, {"generator": torch.zeros(3)})).progress == progress


def checkpoint_of_small() -> bytes:
    return next(
        event.checkpoint.to_bytes() for event in whole("rnn", "first of three") if isinstance(event, Ended)
    )


DAMAGED = r"^This training's checkpoint is damaged: start it again\.$"


@given(st.data())
def test_any_damage_is_told(data: Any) -> None:
    good = checkpoint_of_small()
    at = data.draw(st.one_of(st.integers(0, 1500), st.integers(0, len(good) - 1)))
    wrong = bytes([good[at] ^ data.draw(st.integers(1, 255))])
    for bad in (good[:at] + wrong + good[at + 1 :], good[:at], good[:at] + good[at + 1 :], good + wrong):
        with pytest.raises(InputError, match=DAMAGED):
            Checkpoint.from_bytes(bad)


@pytest.mark.parametrize(
    "bad",
    [b"", b"\0" * 8, b"\xff" * 100, b"PK\x03\x04", b'{"update": 3}' * 20, save({"generator": torch.ones(3)})],
)
def test_what_is_no_checkpoint_is_told(bad: bytes) -> None:
    for data in (bad, sha256(bad).digest() + bad):
        with pytest.raises(InputError, match=DAMAGED):
            Checkpoint.from_bytes(data)


@pytest.mark.parametrize(
    "changed",
    [
        {"hidden_size": 6},
        {"num_layers": 1},
        {"num_layers": 3},
        {"reset_mode": "after"},
        {"cell": "rnn"},
        {"cell": "lstm"},
    ],
)
def test_a_checkpoint_of_another_model_is_refused(changed: dict[str, Any]) -> None:
    checkpoint = whole("gru", "first of three")[-1].checkpoint
    spec = TrainSpec(**SMALL | {"num_layers": 2} | changed)
    with pytest.raises(InputError, match=r"^This checkpoint belongs to a training of other sizes: start it"):
        train(FirstOfThree(), spec, resume=checkpoint)


def test_a_checkpoint_of_another_task_is_refused() -> None:
    checkpoint = whole("gru", "first of three")[-1].checkpoint
    with pytest.raises(InputError, match="other sizes"):
        train(MeanOfThree(), CELLS["gru"], resume=checkpoint)


@pytest.mark.parametrize("missing", ["generator", "model.readout.bias"])
def test_a_checkpoint_without_one_of_its_parts_is_refused(missing: str) -> None:
    checkpoint = whole("gru", "first of three")[-1].checkpoint
    rest = {name: tensor for name, tensor in checkpoint.tensors.items() if not name.startswith(missing)}
    with pytest.raises(InputError, match="other sizes"):
        train(FirstOfThree(), CELLS["gru"], resume=Checkpoint(checkpoint.progress, rest))


@pytest.mark.slow
@pytest.mark.parametrize("pause", [137, 400])
def test_the_default_training_goes_on_as_if_nothing_had_been(pause: int) -> None:
    task, spec = RememberFirst(21, 21, "last step"), TrainSpec(steps=450)
    expected = [plain(event) for event in train(task, spec) if event.update > pause]
    paused = list(train(task, spec, until=pause))[-1]
    rest = train(task, spec, resume=through_bytes(paused.checkpoint))
    assert [plain(event) for event in rest] == expected
