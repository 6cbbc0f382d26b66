"""Scores with frozen gates: every place is what the ordinary evaluation gives with gates overridden."""

from itertools import pairwise

import numpy as np
import pytest
import torch
from torch import nn

from gru_core import GRU, GateOverride, trace
from gru_core.analysis import frozen
from gru_core.analysis.frozen import (
    demo_task,
    frozen_parcel,
    frozen_readouts,
    frozen_scores,
    held_out,
    read_scores,
    score_places,
)
from gru_core.demos import DEMOS, demo_path
from gru_core.errors import InputError
from gru_core.formats import load_model
from gru_core.model import SequenceModel
from gru_core.tasks.base import card_of
from gru_core.tasks.catalogue import TaskSpec
from gru_core.tasks.elnino import ElNino
from gru_core.tasks.evaluation import held_out_score
from gru_core.tasks.parity import Parity
from gru_core.trace import last_output

GRUS = {
    "before": {"reset_mode": "before"},
    "after": {"reset_mode": "after"},
    "both ways, two layers": {"reset_mode": "after", "bidirectional": True, "num_layers": 2},
    "backwards, a hard gate": {"backwards": True, "gate_activation": "hard_sigmoid_sixth"},
}


def model_of(**options):
    torch.manual_seed(0)
    task = Parity(shortest=6, longest=9)
    gru = GRU(2, 5, **options).double()
    gru.set_initial_state(torch.randn(len(gru.cells), 5).double())
    readout = nn.Linear(5 * gru.num_directions, 2).double()
    return SequenceModel(task.encoder, gru, readout, card_of(task, None)), task


@pytest.mark.parametrize("units", [None, (1, 3)])
@pytest.mark.parametrize("kind", GRUS)
def test_a_place_is_the_scan_with_its_gates_overridden(kind, units):
    model, _ = model_of(**GRUS[kind])
    x = torch.randn(3, 7, 2, generator=torch.Generator().manual_seed(1)).double()
    R, Z = np.array([0.0, 1.0, 0.3, 0.6]), np.array([0.0, 0.0, 0.8, 1.0])
    found = frozen_readouts(model, x, R, Z, units)
    for place in range(len(R)):
        held = (GateOverride("R", R[place], units=units), GateOverride("Z", Z[place], units=units))
        states = last_output(trace(model.gru, x, overrides=held))
        expected = model.readout(torch.tensor(states)).detach()
        torch.testing.assert_close(found[place], expected, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("units", [None, (0, 2)])
def test_every_score_is_that_of_the_ordinary_evaluation(units, monkeypatch):
    """Of a trained model, in pieces smaller than the grid."""
    model, task = load_model(demo_path("parity")), demo_task("parity")
    monkeypatch.setattr(frozen, "PIECE", 3_000)
    told = []
    found = frozen_scores(
        model, task, units, grid=3, batches=2, size=16, on_progress=lambda done: told.append(done) or True
    )
    for z, r in np.ndindex(3, 3):
        held = (GateOverride("Z", z / 2, units=units), GateOverride("R", r / 2, units=units))
        expected = held_out_score(model, task, held, batches=2, size=16)
        assert found.scores[z, r] == pytest.approx(expected, abs=1e-9), (r, z)
    assert found.learned == held_out_score(model, task, batches=2, size=16) == pytest.approx(1.0)
    assert (found.sequences, found.chance) == (32, 0.5)
    assert told[-1] == 1.0
    assert len(told) > 4
    assert all(one < other for one, other in pairwise(told))
    if units is None:
        # A state that is only carried along knows nothing of the bits, whatever R is.
        assert len(set(found.scores[2])) == 1
    best, r, z = found.best
    assert best == found.scores.max() == found.scores[round(z * 2), round(r * 2)]


def test_a_task_with_the_same_held_out_data_every_time_is_scored_once():
    task = ElNino()
    assert len(held_out(task, 4, 32)) == 1
    assert len(held_out(Parity(), 4, 32)) == 4
    model = load_model(demo_path("elnino"))
    found = frozen_scores(model, task, grid=2)
    assert found.learned == pytest.approx(held_out_score(model, task, batches=1))
    held = (GateOverride("Z", 0.0), GateOverride("R", 1.0))
    assert found.scores[0, 1] == pytest.approx(held_out_score(model, task, held, batches=1), abs=1e-6)


def test_the_worker_sends_what_was_computed_and_ends_when_told():
    model = load_model(demo_path("adding"))
    told = []
    small = {"grid": 2, "batches": 1}
    sent = score_places(frozen_parcel(model, "adding", (0, 1), **small), told.append, lambda: None)
    found, direct = read_scores(sent), frozen_scores(model, demo_task("adding"), (0, 1), **small)
    assert (found.scores == direct.scores).all()
    assert found.values.tolist() == [0.0, 1.0]
    assert (found.learned, found.chance, found.sequences) == (direct.learned, direct.chance, direct.sequences)
    assert told[-1].head == {"done": 1.0}
    assert not score_places(frozen_parcel(model, "adding", **small), told.append, lambda: "stop").blobs
    by_spec = score_places(frozen_parcel(model, TaskSpec("adding", 12), **small), told.append, lambda: None)
    assert read_scores(by_spec).sequences == 32


def test_every_demo_has_its_task_and_a_model_without_answers_is_refused():
    for name in DEMOS:
        assert load_model(demo_path(name)).card.title == demo_task(name).title
    with pytest.raises(InputError, match="nothing"):
        demo_task("nothing")
    model, task = model_of()
    model.readout = None
    with pytest.raises(InputError, match="no readout"):
        frozen_scores(model, task)
