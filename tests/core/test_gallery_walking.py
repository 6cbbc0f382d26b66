"""The walking model against Keras, and against the right phase where its recordings have it."""

from __future__ import annotations

import numpy as np
import pytest

from gru_core import EXTREMES, trace
from gru_core.errors import ModelFileError
from gru_core.gallery.walking import AHEAD, RECORDINGS, Walker, read_scaling, window
from gru_core.sequences import Sequence
from tests.support.gallery import TOLERANCE, agree, apart, model, reference, swapped


@pytest.mark.parametrize("which", ["w0", "w1"])
def test_the_walking_model_says_what_keras_says(which: str) -> None:
    case, walker = reference("ao_walking"), model("walking")
    assert isinstance(walker, Walker)
    given = Sequence(case[f"{which}/raw"], ("",) * 200, ("angle", "speed"))
    run = walker.run(given)
    (t,) = run.parts[0].traces
    assert apart(t.H[0], case[f"{which}/H"]) < TOLERANCE
    sine, cosine = case[f"{which}/sin_cos"].T
    steps = run.parts[0].steps
    assert steps is not None
    wanted = (np.arctan2(sine, cosine) + np.pi) / (2 * np.pi) * 100
    assert apart(steps.values[:, 0], wanted) < 2e-3
    assert run.said[0].value == pytest.approx(wanted[-1], abs=2e-3)


def test_the_gates_of_the_walking_model_are_those_of_keras() -> None:
    case, walker = reference("ao_walking"), model("walking")
    assert isinstance(walker, Walker)
    recording = walker.recording("H_3km")
    start = int(case["w0/start"])
    np.testing.assert_allclose(recording.values[start : start + 200, :2], case["w0/raw"], atol=1e-6)
    (t,) = walker.run(window(recording, start, 200)).parts[0].traces
    agree(t, {name: case[f"w0/{name}"] for name in ("X", "R", "Z", "H_tilde", "H")})
    assert apart(trace(swapped(walker.gru), t.X)[0].H[0], case["w0/H"]) > 0.1


def test_its_scaling_is_that_of_the_recordings_it_was_trained_on() -> None:
    case, walker = reference("ao_walking"), model("walking")
    assert isinstance(walker, Walker)
    np.testing.assert_allclose(walker.centre, case["centre"], rtol=1e-12)
    np.testing.assert_allclose(walker.scale, case["scale"], rtol=1e-12)


def test_the_phase_is_right_within_a_few_per_cent_where_it_was_not_trained() -> None:
    """Over five minutes in windows of four seconds, and far worse when the gates are held."""
    walker = model("walking")
    assert isinstance(walker, Walker)
    recording = walker.recording("H_3km")
    windows = [window(recording, start, 400) for start in range(600, 30_000, 1_000)]
    errors = {
        name: np.mean([walker.run(part, EXTREMES[name]).facts["error"] for part in windows])
        for name in EXTREMES
    }
    assert errors["learned"] < 3.5
    assert min(errors[name] for name in ("rnn", "input_only", "copy")) > 2 * errors["learned"]


@pytest.mark.parametrize("name", RECORDINGS)
def test_every_recording_can_be_read(name: str) -> None:
    walker = model("walking")
    assert isinstance(walker, Walker)
    recording = walker.recording(name)
    assert len(recording) > 5_000
    assert ("phase" in recording.names) == (name != "test")
    run = walker.run(window(recording, 1_000, 400))
    assert ("error" in run.facts) == (name != "test")
    assert AHEAD == 20


def test_without_the_right_phase_there_is_no_error() -> None:
    walker = model("walking")
    given = Sequence(np.zeros((60, 2)), ("",) * 60, ("a", "b"))
    assert walker.run(given).facts == {}


def test_a_scaler_that_is_not_understood_is_refused() -> None:
    with pytest.raises(ModelFileError, match=r"cannot be read from its scaler\.pkl"):
        read_scaling(b"center_ub\x01\xff123")
