"""What a worker tells of a run."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gru_core.jobs import Parcel
from gru_core.runs.work import CHECKPOINT_SECONDS, job_parcel, train_run
from tests.support.training import SMALL, run_of

FEW = replace(SMALL, steps=40, evaluate_every=10)


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
