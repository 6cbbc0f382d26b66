"""A run in memory: takes in what workers tell, gives views of it, and knows what is not stored yet."""

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from gru_core.jobs.parcel import Parcel
from gru_core.runs.records import ACTIVE, RunRecord, Status
from gru_core.runs.spec import RunSpec
from gru_core.runs.view import KeptFrame, LaneView, RunLine, RunView
from gru_core.training_spec import TrainSpec

ROOM = 10_000_000
"""Bytes that a run takes at most beside frames, weights and checkpoints: its data, and what was measured."""

UNWRITTEN_WEIGHTS = 100_000_000
"""Bytes of weights that a run keeps for a store that cannot be written: above it, the oldest go."""


@dataclass
class Lane:
    """One model of a run. Points and frames are kept by update; `checkpoint` is (update, bytes).

    `weights` are those that the store does not have; `wall` is how long its last job took, telling included.
    """

    spec: TrainSpec
    parameters: int | None = None
    points: dict[int, Mapping[str, Any]] = field(default_factory=dict)
    frames: dict[int, KeptFrame] = field(default_factory=dict)
    weights: dict[int, bytes] = field(default_factory=dict)
    checkpoint: tuple[int, bytes] | None = None
    update: int = 0
    reason: str | None = None
    wall: float | None = None

    def view(self) -> LaneView:
        """The lane as it stands."""
        points = tuple(self.points[at] for at in sorted(self.points))
        frames = tuple(self.frames[at] for at in sorted(self.frames))
        return LaneView(self.spec, self.parameters, points, frames, self.update, self.reason, self.score)

    @property
    def score(self) -> float | None:
        """The last held-out score."""
        return self.points[max(self.points)]["score"] if self.points else None


@dataclass
class Pending:
    """What the store does not have yet, by lane."""

    points: list[tuple[int, int]] = field(default_factory=list)
    frames: list[tuple[int, int]] = field(default_factory=list)
    checkpoints: set[int] = field(default_factory=set)
    forget_after: dict[int, int] = field(default_factory=dict)
    record: bool = False

    def __bool__(self) -> bool:
        return bool(self.points or self.frames or self.checkpoints or self.forget_after or self.record)


class LiveRun:
    """One run. Thread-safe: workers tell, pages look, the scribe writes.

    trouble       why it is not stored, for as long as that is so
    lost_workers  how many workers ended under it
    is_stored     the store has its record; `writing` is held while it is written or deleted
    record        as it was read from the store, before this server took it up; None if it began here
    is_elsewhere  it was read from the store while another server is at it, so it must be read again
    """

    def __init__(self, key: str, owner: str, title: str, spec: RunSpec, created: float) -> None:
        self.key, self.owner, self.title, self.spec, self.created = key, owner, title, spec, created
        self.lanes = [Lane(lane) for lane in spec.lanes]
        self.status: Status = "queued"
        self.message = ""
        self.trouble = ""
        self.lost_workers = self.generation = 0
        self.is_elsewhere = self.is_stored = self.is_deleted = False
        self.pending = Pending()
        self.record: RunRecord | None = None
        self.lock = threading.RLock()
        self.writing = threading.Lock()

    def view(self, owner: str, position: int | None) -> RunView:
        """The run as it stands, for who looks."""
        with self.lock:
            lanes = tuple(lane.view() for lane in self.lanes)
            message = " ".join(text for text in (self.message, self.trouble) if text)
            mine = owner == self.owner
            return RunView(
                self.key,
                self.title,
                self.spec,
                self.status,
                message,
                position,
                self.created,
                mine,
                self.generation,
                lanes,
            )

    def line(self) -> RunLine:
        """The run in a list."""
        with self.lock:
            scores = tuple(lane.score for lane in self.lanes)
            return RunLine(self.key, self.title, self.status, self.created, scores)

    def put(self, status: Status, message: str = "") -> None:
        """Another status, with what a person must know of it."""
        with self.lock:
            self.status, self.message = status, message
            self.pending.record = True

    def take_in(self, parcel: Parcel) -> None:
        """What a worker told (see work.py)."""
        head = parcel.head
        with self.lock:
            if self.status == "queued":
                self.put("running", self.message)
            number = int(head["lane"])
            lane = self.lanes[number]
            if head["kind"] == "started":
                lane.parameters, lane.reason = int(head["parameters"]), None
                self.pending.record = True
                return
            at = lane.update = int(head["update"])
            if head["kind"] == "updated":
                return
            if head["kind"] == "measured":
                lane.points[at] = head["values"]
                self.pending.points.append((number, at))
            elif head["kind"] == "snapshot":
                sizes = int(head["units"]), int(head["steps"])
                lane.frames[at] = KeptFrame(at, *sizes, head["answer"], parcel.blobs["frame"])
                lane.weights[at] = parcel.blobs["weights"]
                self.pending.frames.append((number, at))
                self._bound_weights()
            else:
                lane.reason, lane.wall = str(head["reason"]), float(head["wall"])
                lane.weights[at] = parcel.blobs["weights"]
                self.pending.record = True
            if "checkpoint" in parcel.blobs:
                lane.checkpoint = (at, parcel.blobs["checkpoint"])
                self.pending.checkpoints.add(number)

    def _bound_weights(self) -> None:
        """Without its weights a frame can be watched, and is not stored; each lane keeps its newest."""
        kept = sum(len(weights) for lane in self.lanes for weights in lane.weights.values())
        older = [(at, lane) for lane in self.lanes for at in sorted(lane.weights)[:-1]]
        for at, lane in sorted(older, key=lambda entry: entry[0]):
            if kept <= UNWRITTEN_WEIGHTS:
                return
            kept -= len(lane.weights.pop(at))

    def go_back(self) -> None:
        """Forget what came after the checkpoints, because the training goes on from there."""
        with self.lock:
            self.generation += 1
            for number, lane in enumerate(self.lanes):
                if lane.reason in FINAL:
                    continue
                at = -1 if lane.checkpoint is None else lane.checkpoint[0]
                kept: tuple[dict[int, Any], ...] = (lane.points, lane.frames, lane.weights)
                for entries in kept:
                    for later in [update for update in entries if update > at]:
                        del entries[later]
                self.pending.points = [p for p in self.pending.points if p[0] != number or p[1] <= at]
                self.pending.frames = [p for p in self.pending.frames if p[0] != number or p[1] <= at]
                self.pending.forget_after[number] = at
                lane.update = max(at, 0)

    def room(self) -> int:
        """Bytes that it takes in memory, not less than it does."""
        with self.lock:
            kept = sum(len(f.data) for lane in self.lanes for f in lane.frames.values())
            kept += sum(len(weights) for lane in self.lanes for weights in lane.weights.values())
            return ROOM + kept + sum(len(lane.checkpoint[1]) for lane in self.lanes if lane.checkpoint)

    @property
    def is_live(self) -> bool:
        """Whether something may still happen by itself."""
        return self.status in ACTIVE

    @property
    def unfinished(self) -> dict[int, bytes | None]:
        """The lanes that are not through, each with its checkpoint."""
        with self.lock:
            return {
                number: lane.checkpoint[1] if lane.checkpoint else None
                for number, lane in enumerate(self.lanes)
                if lane.reason not in FINAL
            }

    def take_pending(self) -> Pending:
        """What is to be written; from now on it counts as written."""
        with self.lock:
            pending, self.pending = self.pending, Pending()
            return pending

    def give_back(self, pending: Pending) -> None:
        """What could not be written, to be tried again."""
        with self.lock:
            newer = self.pending
            self.pending = Pending(
                pending.points + newer.points,
                pending.frames + newer.frames,
                pending.checkpoints | newer.checkpoints,
                pending.forget_after | newer.forget_after,
                pending.record or newer.record,
            )


FINAL = ("finished", "reached", "diverged")
"""Reasons after which a lane does not go on."""
