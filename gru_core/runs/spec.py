"""What a run is asked for: a task, and the one model or the several that learn it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gru_core.errors import InputError, LimitError
from gru_core.tasks.catalogue import TaskSpec
from gru_core.training_spec import TrainSpec

MOST_LANES = 6
"""Models in one race."""


@dataclass(frozen=True)
class RunSpec:
    """One lane is a training; several are a race, trained in turns on the same data.

    Raises InputError without a lane, LimitError for more than MOST_LANES.
    """

    task: TaskSpec
    lanes: tuple[TrainSpec, ...]

    def __post_init__(self) -> None:
        if not self.lanes:
            raise InputError("A run needs at least one model to train.")
        if len(self.lanes) > MOST_LANES:
            raise LimitError(f"A race may have at most {MOST_LANES} models, got {len(self.lanes)}.")

    @property
    def is_race(self) -> bool:
        """Whether several models are trained beside each other."""
        return len(self.lanes) > 1

    def to_dict(self) -> dict[str, Any]:
        """Plain values that JSON can hold; `from_dict` gives the same spec back."""
        return {"task": self.task.to_dict(), "lanes": [lane.to_dict() for lane in self.lanes]}

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> "RunSpec":
        """The spec that `to_dict` wrote. Raises InputError for what is not one."""
        try:
            task, lanes = plain["task"], plain["lanes"]
        except (KeyError, TypeError) as error:
            raise InputError("A run is described by a task and its lanes.") from error
        return cls(TaskSpec.from_dict(task), tuple(TrainSpec.from_dict(lane) for lane in lanes))
