"""Small trainings for tests, and waiting for them."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

import torch

from gru_core.runs.service import RunService
from gru_core.runs.spec import RunSpec
from gru_core.runs.view import RunView
from gru_core.tasks.catalogue import TaskSpec
from gru_core.training import Ended, train
from gru_core.training_spec import TrainSpec

SECONDS = 90.0
SMALL = TrainSpec(hidden_size=8, steps=120, evaluate_every=20, batch_size=16)
LONG = TrainSpec(hidden_size=8, steps=1_200, evaluate_every=50, batch_size=16)
LONGER = replace(LONG, hidden_size=16, steps=6_000, evaluate_every=100)
ENDLESS = TrainSpec(hidden_size=16, steps=20_000, evaluate_every=20)


def run_of(*lanes: TrainSpec, length: int = 5) -> RunSpec:
    """A run on remembering the first of `length` + 1 letters."""
    return RunSpec(TaskSpec("remember", length), lanes or (SMALL,))


def wait_for(service: RunService, key: str, holds: Callable[[RunView], bool], owner: str = "") -> RunView:
    """The run once `holds` of it.

    Raises:
        TimeoutError: it did not come to that.
    """
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        view = service.look(key, owner)
        if holds(view):
            return view
        time.sleep(0.01)
    raise TimeoutError(f"{view.status} at update {view.lanes[0].update}: {view.message}")


def wait_until_over(service: RunService, key: str, owner: str = "") -> RunView:
    """The run once nothing happens by itself any more."""
    return wait_for(service, key, lambda view: not view.is_live, owner)


def weights_alone(run: RunSpec, lane: int = 0) -> dict[str, torch.Tensor]:
    """The weights of an uninterrupted training in this process, without service, worker or store."""
    *_, last = train(run.task.make(), run.lanes[lane])
    assert isinstance(last, Ended)
    return last.model.state_dict()


def assert_same_weights(service: RunService, key: str, run: RunSpec, lane: int = 0) -> None:
    """The run's model has exactly the weights of an uninterrupted training."""
    found = service.model(key, lane).state_dict()
    for name, expected in weights_alone(run, lane).items():
        assert torch.equal(found[name], expected), name
