"""A run as it stands at one moment: what pages show. Nothing here changes while it is looked at."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from gru_core.runs.frames import Frame
from gru_core.runs.records import ACTIVE, Status
from gru_core.runs.spec import RunSpec
from gru_core.training_spec import TrainSpec


@dataclass(frozen=True, eq=False)
class KeptFrame:
    """One frame of the film, still packed, and how the probe was answered then (a Verdict, as a dict)."""

    update: int
    units: int
    steps: int
    answer: Mapping[str, Any] | None
    data: bytes = field(repr=False)

    def unpack(self, cell: str) -> Frame:
        """The frame, its arrays ready to be shown."""
        return Frame.from_bytes(self.data, cell, self.update, self.units, self.steps)


@dataclass(frozen=True, eq=False)
class LaneView:
    """One model of a run.

    parameters  how many numbers learn; None before its worker said so
    points      what was measured, in the order of updates: the fields of training.Measured by name
    frames      in the order of updates
    update      updates done
    reason      why it ended (training.Reason); None while it has not
    score       the last held-out score
    """

    spec: TrainSpec
    parameters: int | None
    points: tuple[Mapping[str, Any], ...]
    frames: tuple[KeptFrame, ...]
    update: int
    reason: str | None
    score: float | None

    @property
    def learned_at(self) -> int | None:
        """The first measured update at which the task counted as learned."""
        return self.points[-1]["learned_at"] if self.points else None

    @property
    def seconds_per_update(self) -> float | None:
        """Mean computing time of an update; None before the first."""
        last = self.points[-1] if self.points else None
        return last["update_seconds"] / last["update"] if last and last["update"] else None

    @property
    def seconds_left(self) -> float | None:
        """Computing time that the rest will take at the speed so far, measuring included."""
        last = self.points[-1] if self.points else None
        if last is None or not last["update"]:
            return None
        return last["seconds"] / last["update"] * max(self.spec.steps - self.update, 0)


@dataclass(frozen=True)
class RunLine:
    """One run in a list; `scores` has the last held-out score of each model, None where there is none yet."""

    key: str
    title: str
    status: Status
    created: float
    scores: tuple[float | None, ...]

    @property
    def is_race(self) -> bool:
        """Whether several models are trained beside each other."""
        return len(self.scores) > 1

    @property
    def is_live(self) -> bool:
        """Whether something may still happen by itself."""
        return self.status in ACTIVE


@dataclass(frozen=True, eq=False)
class RunView:
    """One run.

    position  place in the queue: 0 goes next; None when it does not wait
    message   what a person must know: why it failed, that a worker was lost, that it is not stored
    mine      whether who looks may pause, stop and delete it
    generation  how often it went back to a checkpoint: frames of another generation may be others
    """

    key: str
    title: str
    spec: RunSpec
    status: Status
    message: str
    position: int | None
    created: float
    mine: bool
    generation: int
    lanes: tuple[LaneView, ...]

    @property
    def is_live(self) -> bool:
        """Whether something may still happen by itself."""
        return self.status in ACTIVE

    @property
    def can_go_on(self) -> bool:
        """Whether it can be resumed from where it stands."""
        return self.status in ("paused", "stopped", "interrupted") and any(
            lane.update < lane.spec.steps for lane in self.lanes
        )

    @property
    def seconds_left(self) -> float | None:
        """Computing time that all lanes together still need; None before anything is known."""
        known = [lane.seconds_left for lane in self.lanes if lane.reason is None]
        return None if not known or None in known else sum(s for s in known if s is not None)
