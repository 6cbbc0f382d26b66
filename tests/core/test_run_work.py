"""What a worker tells of a run."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gru_core.jobs import Parcel
from gru_core.runs.live import LiveRun
from gru_core.runs.work import CHECKPOINT_SECONDS, job_parcel, train_run
from tests.support.training import SMALL, run_of

FEW = replace(SMALL, steps=40, evaluate_every=10)


def test_a_model_says_how_far_it_is_between_measurements_that_are_far_apart(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = iter(range(10**6))
    monkeypatch.setattr("gru_core.runs.work.time.monotonic", lambda: next(now) * 0.2)
    told: list[Parcel] = []
    run = run_of(
        replace(FEW, steps=40, evaluate_every=40), replace(FEW, steps=40, evaluate_every=40, cell="rnn")
    )
    train_run(job_parcel(run, {0: None, 1: None}, seconds=60), told.append, lambda: None)
    for lane in (0, 1):
        updates = [p.head["update"] for p in told if (p.head["kind"], p.head["lane"]) == ("updated", lane)]
        assert updates == sorted(set(updates))
        assert len(updates) > 8
        assert set(updates) <= set(range(1, 41))

    live = LiveRun("key", "ann", "letters", run, 0.0)
    between = next(parcel for parcel in told if parcel.head["kind"] == "updated")
    live.take_in(between)
    view = live.view("ann", None)
    assert view.lanes[between.head["lane"]].update == between.head["update"]
    assert not any(lane.points or lane.frames for lane in view.lanes)


def test_each_model_of_a_race_gets_its_checkpoints(monkeypatch: pytest.MonkeyPatch) -> None:
    """Turns that take 0.6 s each: the first model's would always fall between two of the second's."""
    now = iter(range(10**6))
    monkeypatch.setattr("gru_core.runs.work.time.monotonic", lambda: next(now) * 0.6 * CHECKPOINT_SECONDS)
    sent: dict[int, int] = {0: 0, 1: 0}

    def tell(parcel: Parcel) -> None:
        if parcel.head["kind"] == "snapshot" and "checkpoint" in parcel.blobs:
            sent[parcel.head["lane"]] += 1

    race = run_of(FEW, replace(FEW, cell="rnn"))
    train_run(job_parcel(race, {0: None, 1: None}, seconds=60), tell, lambda: None)
    assert min(sent.values()) >= 1
    assert abs(sent[0] - sent[1]) <= 1
