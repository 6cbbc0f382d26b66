"""What a worker does for a run: trains its lanes and tells what happens, parcel by parcel.

Every parcel's head has "kind" and "lane", and all but the first kind have "update":

    started   "parameters": how many numbers learn
    updated   nothing more: so many updates are done, told where a while passes between measurements
    measured  "values": loss, score, ... as plain numbers
    snapshot  "units", "steps", "answer"; blobs "frame", "weights", now and then "checkpoint"
    ended     "reason", "learned_at", "score", and "wall", seconds since the job began, telling included;
              blobs "weights", "checkpoint"
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any

import torch
from safetensors.torch import save

from gru_core.analysis.answer import verdict
from gru_core.checkpoint import Checkpoint
from gru_core.jobs.parcel import Parcel
from gru_core.learner import learning_parameters
from gru_core.runs.frames import Frame
from gru_core.runs.spec import RunSpec
from gru_core.tasks.base import Task, card_of
from gru_core.training import Ended, Measured, Snapshot, probe_of, race

UPDATED_SECONDS = 0.5
"""How often a lane says how far it is, however long it goes without a measurement."""

CHECKPOINT_SECONDS = 1.0
"""A checkpoint travels with a snapshot when the last one is older than this."""


def job_parcel(
    run: RunSpec,
    lanes: Mapping[int, bytes | None],
    *,
    until: int | None = None,
    seconds: float,
) -> Parcel:
    """The job for `train_run`: which lanes to train, each from its checkpoint or from the start."""
    head = {"run": run.to_dict(), "lanes": list(lanes), "until": until, "seconds": seconds}
    return Parcel(head, {str(lane): data for lane, data in lanes.items() if data is not None})


def train_run(parcel: Parcel, tell: Callable[[Parcel], None], heard: Callable[[], str | None]) -> Parcel:
    """Train the lanes of a run; a command of any kind ends it, and what was learned is told.

    Raises what TaskSpec.make, TrainSpec and Checkpoint.from_bytes raise.
    """
    run = RunSpec.from_dict(parcel.head["run"])
    task = run.task.make()
    numbers = [int(lane) for lane in parcel.head["lanes"]]
    specs = [run.lanes[lane] for lane in numbers]
    checkpoints = [
        Checkpoint.from_bytes(parcel.blobs[str(lane)]) if str(lane) in parcel.blobs else None
        for lane in numbers
    ]
    for lane, spec in zip(numbers, specs, strict=True):
        tell(Parcel({"kind": "started", "lane": lane, "parameters": learning_parameters(task, spec)}))
    told = _Teller(task, tell, dict(zip(numbers, specs, strict=True)))
    events = race(
        task,
        specs,
        resume=checkpoints,
        until=parcel.head["until"],
        should_stop=lambda: heard() is not None,
        on_update=lambda index, update: told.updated(numbers[index], update),
        seconds=float(parcel.head["seconds"]),
    )
    for index, event in events:
        told.event(numbers[index], event)
    return Parcel({"lanes": numbers})


class _Teller:
    """Makes parcels of events."""

    def __init__(self, task: Task, tell: Callable[[Parcel], None], specs: Mapping[int, Any]) -> None:
        self.tell, self.specs = tell, specs
        self.card, self.target = card_of(task, None), probe_of(task)[0].target
        self.began = time.monotonic()
        self.checkpointed = dict.fromkeys(specs, self.began)
        self.said = dict.fromkeys(specs, self.began)

    def event(self, lane: int, event: Measured | Snapshot | Ended) -> None:
        head: dict[str, Any] = {"lane": lane, "update": event.update}
        self.said[lane] = time.monotonic()
        if isinstance(event, Measured):
            values = asdict(event)
            self.tell(Parcel(head | {"kind": "measured", "values": values}))
        elif isinstance(event, Snapshot):
            self.tell(self.snapshot(head, event))
        else:
            head |= {"kind": "ended", "reason": event.reason, "score": event.score}
            head |= {"learned_at": event.learned_at, "wall": time.monotonic() - self.began}
            blobs = {"weights": packed(event.model.state_dict()), "checkpoint": event.checkpoint.to_bytes()}
            self.tell(Parcel(head, blobs))

    def updated(self, lane: int, update: int) -> None:
        """Say how far a lane is, if nothing was said of it for a while."""
        now = time.monotonic()
        if now - self.said[lane] > UPDATED_SECONDS:
            self.said[lane] = now
            self.tell(Parcel({"kind": "updated", "lane": lane, "update": update}))

    def snapshot(self, head: dict[str, Any], event: Snapshot) -> Parcel:
        cell = self.specs[head["lane"]].cell
        frame = Frame.of(cell, event.update, event.traces)
        units, steps = frame.shape
        found = verdict(self.card, event.answers, self.target)
        head |= {"kind": "snapshot", "units": units, "steps": steps}
        head |= {"answer": None if found is None else asdict(found)}
        blobs = {"frame": frame.to_bytes(), "weights": packed(event.weights)}
        now, lane = time.monotonic(), head["lane"]
        # A clock for each lane: with one for all, the same lane would get the checkpoint every time.
        if now - self.checkpointed[lane] > CHECKPOINT_SECONDS:
            self.checkpointed[lane] = now
            blobs["checkpoint"] = event.checkpoint.to_bytes()
        return Parcel(head, blobs)


def packed(weights: Mapping[str, torch.Tensor]) -> bytes:
    """Weights as a block of bytes in the safetensors format."""
    return save({name: tensor.detach().contiguous() for name, tensor in weights.items()})
