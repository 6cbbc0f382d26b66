"""The training and the race that are shipped are what the pages would make."""

import json
from pathlib import Path
from statistics import median

import numpy as np
import pytest

from gru_core.runs.example import EXAMPLES, FOLDER, read_example, write_example
from gru_core.training_spec import TrainSpec


def test_the_example_is_a_whole_training_that_succeeds() -> None:
    view = read_example("remember")
    lane = view.lanes[0]
    assert view.status == "done"
    assert [point["update"] for point in lane.points] == list(TrainSpec().evaluations)
    assert {frame.update for frame in lane.frames} == TrainSpec().snapshot_updates
    assert lane.score is not None
    assert lane.score >= 0.99
    assert lane.frames[-1].unpack("gru").values("Z").shape == (51, 32)


def test_the_example_of_a_race_has_a_loser() -> None:
    view = read_example("race")
    gru, rnn, lstm = view.lanes
    for lane in view.lanes:
        assert lane.points[-1]["update"] == 1_000
        assert lane.reason == "finished"
    assert gru.learned_at is not None
    assert lstm.learned_at is not None
    assert rnn.learned_at is None
    late = [median(p["first_step_gradient"] for p in lane.points[-15:]) for lane in view.lanes]
    assert late[1] < 1e-6 * min(late[0], late[2])


@pytest.mark.parametrize("name", EXAMPLES)
def test_it_is_small_and_holds_no_weights(name: str) -> None:
    content = (FOLDER / f"{name}.bin").read_bytes()
    assert len(content) < 500_000
    assert b'"weights"' not in content


@pytest.mark.slow
def test_training_it_again_gives_the_same(tmp_path: Path) -> None:
    """Other processors round differently, which training magnifies: the first hundred updates tell."""
    write_example("remember", tmp_path)
    again, shipped = read_example("remember", tmp_path), read_example("remember")
    assert json.dumps(again.spec.to_dict()) == json.dumps(EXAMPLES["remember"].spec.to_dict())
    for one, other in zip(again.lanes[0].points[:11], shipped.lanes[0].points, strict=False):
        assert one["loss"] == pytest.approx(other["loss"], abs=1e-3)
    for one, other in zip(again.lanes[0].frames[:11], shipped.lanes[0].frames, strict=False):
        np.testing.assert_allclose(one.unpack("gru").values("H"), other.unpack("gru").values("H"), atol=0.02)
