"""What a training is asked for: every field is checked, does something, and survives JSON."""

from __future__ import annotations

import json
from dataclasses import fields
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gru_core import limits
from gru_core.errors import GateScopeError, InputError, LimitError
from gru_core.overrides import EXTREMES, GateOverride
from gru_core.training import Snapshot, train
from gru_core.training_spec import TrainSpec
from tests.support.plain import plain
from tests.support.small_task import FirstOfThree

BASE: dict[str, Any] = {
    "hidden_size": 3,
    "batch_size": 5,
    "steps": 8,
    "evaluate_every": 2,
    "snapshots": 3,
    "clip": 0.1,
}
CHANGES: dict[str, Any] = {
    "cell": "lstm",
    "hidden_size": 4,
    "num_layers": 2,
    "reset_mode": "after",
    "learning_rate": 0.02,
    "batch_size": 6,
    "steps": 7,
    "clip": 0.05,
    "gate_bias": "standard",
    "frozen_z": 0.5,
    "frozen_r": 0.5,
    "stop_at": 0.01,
    "seed": 1,
    "evaluate_every": 3,
    "snapshots": 4,
}


def outcome(spec: TrainSpec) -> Any:
    """All that a training tells, and the sizes of what it leaves."""
    events = list(train(FirstOfThree(), spec))
    return [(type(event).__name__, event.update) for event in events], plain(events)


def test_every_field_is_in_the_table() -> None:
    assert list(CHANGES) == [entry.name for entry in fields(TrainSpec)]


@pytest.mark.parametrize("name", CHANGES)
def test_every_field_has_an_effect(name: str) -> None:
    base, changed = TrainSpec(**BASE), TrainSpec(**BASE | {name: CHANGES[name]})
    before, after = outcome(base), outcome(changed)
    assert before[1] != after[1]
    when = {"steps", "stop_at", "evaluate_every", "snapshots"}
    assert (before[0] != after[0]) == (name in when)
    assert (base == changed, hash(base) == hash(changed)) == (False, False)
    if name == "stop_at":
        assert (after[1][-1][1]["reason"], after[1][-1][1]["update"]) == ("reached", 2)
    if name == "snapshots":
        same = [kind for kind in after[0] if kind[0] != "Snapshot"]
        assert [kind for kind in before[0] if kind[0] != "Snapshot"] == same


@pytest.mark.parametrize("cell", ["rnn", "lstm"])
def test_an_rnn_and_an_lstm_read_no_reset_mode(cell: str) -> None:
    before, after = (outcome(TrainSpec(**BASE, cell=cell, reset_mode=mode)) for mode in ("before", "after"))
    assert before == after


MOST = {
    "hidden_size": limits.MAX_TRAIN_UNITS,
    "num_layers": limits.MAX_TRAIN_LAYERS,
    "batch_size": limits.MAX_TRAIN_BATCH,
    "steps": limits.MAX_TRAIN_UPDATES,
    "seed": 2_147_483_647,
    "evaluate_every": limits.MAX_TRAIN_UPDATES,
    "snapshots": limits.MAX_SNAPSHOTS,
}
WHOLE = "must be a whole number of at least"
SENTENCES: list[tuple[dict[str, Any], str]] = [
    ({"cell": "transformer"}, "cell must be one of gru, rnn, lstm, got 'transformer'."),
    ({"reset_mode": "during"}, "reset_mode must be one of before, after, got 'during'."),
    ({"gate_bias": "chronos"}, "gate_bias must be one of standard, chrono, got 'chronos'."),
    ({"hidden_size": 0}, f"hidden_size {WHOLE} 1, got 0."),
    ({"hidden_size": 8.0}, f"hidden_size {WHOLE} 1, got 8.0."),
    ({"hidden_size": True}, f"hidden_size {WHOLE} 1, got True."),
    ({"num_layers": -1}, f"num_layers {WHOLE} 1, got -1."),
    ({"batch_size": "64"}, f"batch_size {WHOLE} 1, got '64'."),
    ({"steps": 0}, f"steps {WHOLE} 1, got 0."),
    *(
        ({name: most + 1}, f"{name} may be at most {most:,} here, got {most + 1:,}.")
        for name, most in MOST.items()
    ),
    ({"seed": -1}, f"seed {WHOLE} 0, got -1."),
    ({"seed": None}, f"seed {WHOLE} 0, got None."),
    ({"evaluate_every": 0}, f"evaluate_every {WHOLE} 1, got 0."),
    ({"snapshots": 1}, f"snapshots {WHOLE} 2, got 1."),
    ({"learning_rate": 0}, "learning_rate must be a number above 0 and at most 10, got 0."),
    ({"learning_rate": 10.5}, "learning_rate must be a number above 0 and at most 10, got 10.5."),
    ({"learning_rate": float("nan")}, "learning_rate must be a number above 0 and at most 10, got nan."),
    ({"learning_rate": "0.1"}, "learning_rate must be a number above 0 and at most 10, got '0.1'."),
    ({"learning_rate": True}, "learning_rate must be a number above 0 and at most 10, got True."),
    ({"clip": 0.0}, "clip must be a number above 0 and at most 1000, got 0.0."),
    ({"clip": float("inf")}, "clip must be a number above 0 and at most 1000, got inf."),
    ({"clip": 10**400}, f"clip must be a number above 0 and at most 1000, got {10**400}."),
    ({"frozen_z": -0.1}, "frozen_z must be a number in [0, 1], got -0.1."),
    ({"frozen_r": 1.01}, "frozen_r must be a number in [0, 1], got 1.01."),
    ({"frozen_r": "1"}, "frozen_r must be a number in [0, 1], got '1'."),
    (
        {"frozen_z": 0.5, "cell": "lstm"},
        "frozen_z holds a gate of a GRU, and the cell is 'lstm': leave it out.",
    ),
    ({"frozen_r": 0, "cell": "rnn"}, "frozen_r holds a gate of a GRU, and the cell is 'rnn': leave it out."),
    ({"stop_at": 0.0}, "stop_at must be a number above 0 and at most 1, got 0.0."),
    ({"stop_at": 1.5}, "stop_at must be a number above 0 and at most 1, got 1.5."),
]


@pytest.mark.parametrize(("changed", "sentence"), SENTENCES, ids=lambda value: str(value)[:40])
def test_a_value_outside_its_rule_is_refused_in_one_sentence(changed: dict[str, Any], sentence: str) -> None:
    with pytest.raises(GateScopeError) as refused:
        TrainSpec(**changed)
    assert str(refused.value) == sentence
    assert type(refused.value) is (LimitError if "may be at most" in sentence else InputError)


def test_every_field_has_a_rule() -> None:
    assert {name for changed, _ in SENTENCES for name in changed} == set(CHANGES)


@pytest.mark.parametrize(
    "edge",
    [
        MOST,
        {"hidden_size": 1, "num_layers": 1, "steps": 1, "batch_size": 1, "snapshots": 2, "evaluate_every": 1},
        {"learning_rate": 10, "clip": 1000, "stop_at": 1, "seed": 0},
        {"frozen_z": 0, "frozen_r": 1},
    ],
)
def test_the_edges_are_inside(edge: dict[str, Any]) -> None:
    spec = TrainSpec(**edge)
    assert {name: getattr(spec, name) for name in edge} == edge


@pytest.mark.parametrize(
    ("z", "r", "extreme"),
    [(None, None, "learned"), (0, 1, "rnn"), (0.0, 0.0, "input_only"), (1, None, "copy")],
)
def test_the_extremes_are_called_by_their_name(z: Any, r: Any, extreme: str) -> None:
    assert TrainSpec(frozen_z=z, frozen_r=r).overrides is EXTREMES[extreme]


def test_other_frozen_gates_are_overrides_too() -> None:
    assert TrainSpec(frozen_r=0.25).overrides == (GateOverride("R", 0.25),)
    assert TrainSpec(frozen_z=0.5, frozen_r=1).overrides == (GateOverride("Z", 0.5), GateOverride("R", 1.0))


share = st.one_of(st.none(), st.floats(0, 1))
specs = st.builds(
    TrainSpec,
    hidden_size=st.integers(1, MOST["hidden_size"]),
    num_layers=st.integers(1, MOST["num_layers"]),
    reset_mode=st.sampled_from(["before", "after"]),
    learning_rate=st.floats(0, 10, exclude_min=True),
    batch_size=st.integers(1, MOST["batch_size"]),
    steps=st.integers(1, MOST["steps"]),
    clip=st.floats(0, 1000, exclude_min=True),
    gate_bias=st.sampled_from(["standard", "chrono"]),
    frozen_z=share,
    frozen_r=share,
    stop_at=st.one_of(st.none(), st.floats(0, 1, exclude_min=True)),
    seed=st.integers(0, MOST["seed"]),
    evaluate_every=st.integers(1, MOST["evaluate_every"]),
    snapshots=st.integers(2, MOST["snapshots"]),
)


@given(specs)
def test_a_spec_comes_back_out_of_json(spec: TrainSpec) -> None:
    back = TrainSpec.from_dict(json.loads(json.dumps(spec.to_dict())))
    assert back == spec
    assert hash(back) == hash(spec)


@given(specs)
def test_measurements_and_frames_cover_the_training(spec: TrainSpec) -> None:
    at = spec.evaluations
    assert (at[0], at[-1]) == (0, spec.steps)
    gaps = np.diff(at)
    assert (gaps[:-1] == spec.evaluate_every).all()
    assert 0 < gaps[-1] <= spec.evaluate_every
    frames = spec.snapshot_updates
    assert {0, spec.steps} <= frames <= set(at)
    assert len(frames) == min(spec.snapshots, len(at))
    # Evenly: between any two frames lie as many measurements, give or take one.
    places = np.diff([place for place, update in enumerate(at) if update in frames])
    assert places.max() - places.min() <= 1


def test_the_frames_that_are_planned_are_those_that_come() -> None:
    spec = TrainSpec(**BASE | {"steps": 13, "evaluate_every": 2, "snapshots": 4})
    frames = [event.update for event in train(FirstOfThree(), spec) if isinstance(event, Snapshot)]
    assert frames == sorted(spec.snapshot_updates)


def test_settings_that_were_left_out_have_their_default_and_unknown_ones_are_named() -> None:
    assert TrainSpec.from_dict({}) == TrainSpec()
    assert TrainSpec.from_dict({"seed": 3}) == TrainSpec(seed=3)
    with pytest.raises(InputError, match=r"^A training has no setting 'momentum'\.$"):
        TrainSpec.from_dict({"momentum": 0.9, "seed": 1, "wings": 2})
    with pytest.raises(InputError, match="seed must be a whole number"):
        TrainSpec.from_dict({"seed": "1"})
