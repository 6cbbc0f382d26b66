"""The training that is shipped is what training it again gives."""

import json
from pathlib import Path

import numpy as np
import pytest

from gru_core.runs.example import EXAMPLE, FILE, read_example, write_example
from gru_core.training_spec import TrainSpec


def test_the_example_is_a_whole_training_that_succeeds() -> None:
    view = read_example()
    lane = view.lanes[0]
    assert view.status == "done"
    assert [point["update"] for point in lane.points] == list(TrainSpec().evaluations)
    assert {frame.update for frame in lane.frames} == TrainSpec().snapshot_updates
    assert lane.score is not None
    assert lane.score >= 0.99
    assert lane.frames[-1].unpack("gru").values("Z").shape == (51, 32)


def test_it_is_small_and_holds_no_weights() -> None:
    assert FILE.stat().st_size < 500_000
    assert b'"weights"' not in FILE.read_bytes()


@pytest.mark.slow
def test_training_it_again_gives_the_same(tmp_path: Path) -> None:
    """Other processors round differently, which training magnifies: the first hundred updates tell."""
    write_example(tmp_path / "again.bin")
    again, shipped = read_example(tmp_path / "again.bin"), read_example()
    assert json.dumps(again.spec.to_dict()) == json.dumps(EXAMPLE.to_dict())
    for one, other in zip(again.lanes[0].points[:11], shipped.lanes[0].points, strict=False):
        assert one["loss"] == pytest.approx(other["loss"], abs=1e-3)
    for one, other in zip(again.lanes[0].frames[:11], shipped.lanes[0].frames, strict=False):
        np.testing.assert_allclose(one.unpack("gru").values("H"), other.unpack("gru").values("H"), atol=0.02)
