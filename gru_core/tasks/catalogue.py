"""Every task a person can train a model on, in the order of the menu, and a plain value that names one.

TaskSpec("remember", length=100).make()      # the Task, the same in every process
"""

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from types import MappingProxyType
from typing import Any, Literal

from gru_core.errors import InputError, LimitError
from gru_core.limits import MAX_FORECAST_COLUMNS, MAX_FORECAST_STEPS
from gru_core.sequences.sequence import Sequence
from gru_core.tasks.adding import Adding
from gru_core.tasks.base import Task
from gru_core.tasks.brackets import Brackets
from gru_core.tasks.copying import Copying
from gru_core.tasks.counting import Counting
from gru_core.tasks.digits import Digits
from gru_core.tasks.elnino import ElNino
from gru_core.tasks.flipflop import FlipFlop
from gru_core.tasks.forecast import Forecast
from gru_core.tasks.majority import Majority
from gru_core.tasks.parity import Parity
from gru_core.tasks.remember import RememberFirst
from gru_core.tasks.sentiment import Sentiment
from gru_core.tasks.text import Text


@dataclass(frozen=True)
class Length:
    """The length of a made-up task that a person may choose: from `least` to `most` of `what`."""

    least: int
    most: int
    default: int
    what: str


@dataclass(frozen=True)
class TaskEntry:
    """What the menu knows of a task before it is made.

    kind    "made": sequences made up as they are needed; "real": data that come with the app; "own": a
            person's own data
    title, task, remember   as on the Task
    length  None where there is none to choose
    make    from a spec to the Task
    updates, hidden, learning_rate  settings that learn it in seconds, with batches of 64 and chrono biases
    """

    name: str
    kind: Literal["made", "real", "own"]
    title: str
    task: str
    remember: str
    length: Length | None
    make: Callable[["TaskSpec"], Task]
    updates: int
    hidden: int
    learning_rate: float


@dataclass(frozen=True)
class TaskSpec:
    """Which task, and all that is needed to make it in another process: hashes, and travels as plain JSON.

    name    a key of TASKS
    length  of a made-up task, in the entry's own measure; its default where None is given
    text    the text of "text"
    values  the series of "forecast", one row per step; the first column is forecast
    names   its columns' names

    Raises InputError for a name that is not known or a part that does not belong to the task, LimitError
    for a length out of range. What the text or the series itself must be is checked by `make`.
    """

    name: str
    length: int | None = None
    text: str = ""
    values: tuple[tuple[float, ...], ...] = ()
    names: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.name not in TASKS:
            raise InputError(f"There is no task {self.name!r}: choose one of {', '.join(TASKS)}.")
        object.__setattr__(self, "length", _checked_length(TASKS[self.name], self.length))
        for what, owner in (("text", "text"), ("values", "forecast"), ("names", "forecast")):
            if getattr(self, what) and self.name != owner:
                raise InputError(
                    f"The task {self.name!r} takes no {what}: leave them out, or choose {owner!r}."
                )

    @classmethod
    def of_series(cls, sequence: Sequence) -> "TaskSpec":
        """The forecast of a sequence's first column, with all its columns read.

        Raises InputError for a sequence of symbols, LimitError for one that is too long or too wide.
        """
        if sequence.symbolic:
            raise InputError(
                "A forecast needs numbers, and this sequence is symbols: choose the task 'text' for it."
            )
        steps, columns = sequence.values.shape
        if steps > MAX_FORECAST_STEPS or columns > MAX_FORECAST_COLUMNS:
            raise LimitError(
                f"A series to learn from may have at most {MAX_FORECAST_STEPS:,} steps and "
                f"{MAX_FORECAST_COLUMNS} columns, and this one has {steps:,} and {columns:,}: cut it, or "
                "choose some of its columns."
            )
        values = tuple(tuple(row) for row in sequence.values.tolist())
        return cls("forecast", values=values, names=sequence.names)

    def make(self) -> Task:
        """The task. Raises InputError or LimitError when its text or series cannot be learned from."""
        return TASKS[self.name].make(self)

    def to_dict(self) -> dict[str, Any]:
        """Plain values that JSON can hold; `from_dict` gives the same spec back."""
        plain: dict[str, Any] = {"name": self.name}
        if self.length is not None:
            plain["length"] = self.length
        if self.text:
            plain["text"] = self.text
        if self.values:
            plain["values"] = [list(row) for row in self.values]
        if self.names:
            plain["names"] = list(self.names)
        return plain

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> "TaskSpec":
        """The spec that `to_dict` wrote. Raises InputError for an unknown entry or a wrong kind of value."""
        if not isinstance(plain, Mapping):
            raise InputError(f"A task is described by named settings, got {str(plain)[:40]!r}.")
        unknown = sorted(set(plain) - {entry.name for entry in fields(cls)})
        if unknown:
            raise InputError(f"A task has no setting {unknown[0]!r}.")
        if "name" not in plain:
            raise InputError("A task needs a name.")
        for name, (rule, holds) in _KINDS.items():
            if name in plain and not holds(plain[name]):
                raise InputError(
                    f"The setting {name!r} of a task must be {rule}, got {str(plain[name])[:40]!r}."
                )
        return cls(
            name=plain["name"],
            length=plain.get("length"),
            text=plain.get("text", ""),
            values=tuple(tuple(map(float, row)) for row in plain.get("values", ())),
            names=tuple(plain.get("names", ())),
        )


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _is_texts(value: object) -> bool:
    return isinstance(value, list | tuple) and all(map(_is_text, value))


def _is_rows(value: object) -> bool:
    return isinstance(value, list | tuple) and all(
        isinstance(row, list | tuple) and all(map(_is_number, row)) for row in value
    )


def _is_number(value: object) -> bool:
    """Whole numbers in JSON have no end; those that no float holds are none here."""
    return isinstance(value, float) or (isinstance(value, int) and abs(value) <= sys.float_info.max)


_KINDS: Mapping[str, tuple[str, Callable[[object], bool]]] = {
    "name": ("text", _is_text),
    "text": ("text", _is_text),
    "names": ("a list of texts", _is_texts),
    "values": ("a list of rows of numbers", _is_rows),
}


def _checked_length(entry: TaskEntry, length: object) -> int | None:
    if entry.length is None:
        if length is not None:
            raise InputError(f"The task {entry.name!r} has no length to choose: leave it out.")
        return None
    if length is None:
        return entry.length.default
    least, most, what = entry.length.least, entry.length.most, entry.length.what
    if isinstance(length, bool) or not isinstance(length, int):
        raise InputError(f"The length of {entry.name!r} must be a whole number, got {length!r}.")
    if not least <= length <= most:
        raise LimitError(
            f"{entry.name!r} may have {least} to {most} {what}, got {length:,}: choose one in between."
        )
    return length


def _entries() -> Mapping[str, TaskEntry]:
    """Made-up tasks are of one length where the delay is the lesson, and of mixed lengths elsewhere."""

    def chosen(spec: TaskSpec) -> int:
        assert spec.length is not None
        return spec.length

    def remember(spec: TaskSpec) -> Task:
        steps = chosen(spec) + 1
        return RememberFirst(steps, steps, "last step")

    found = (
        _entry(
            RememberFirst(51, 51, "last step"),
            "made",
            Length(5, 200, 50, "letters between the first and the question"),
            remember,
        ),
        _entry(
            Copying,
            "made",
            Length(5, 100, 20, "blanks between the letters and the question"),
            lambda spec: Copying(blanks=chosen(spec)),
            updates=1500,
            hidden=64,
        ),
        _entry(
            Adding,
            "made",
            Length(10, 200, 40, "numbers"),
            lambda spec: Adding(chosen(spec), chosen(spec)),
        ),
        _entry(
            Parity,
            "made",
            Length(4, 100, 20, "bits at most"),
            lambda spec: Parity(longest=chosen(spec)),
        ),
        _entry(
            Majority,
            "made",
            Length(5, 200, 30, "bits at most"),
            lambda spec: Majority(longest=chosen(spec)),
            updates=400,
        ),
        _entry(
            Brackets,
            "made",
            Length(10, 200, 60, "symbols at most"),
            lambda spec: Brackets(longest=chosen(spec)),
            updates=1000,
            learning_rate=0.005,
        ),
        _entry(
            Counting,
            "made",
            Length(10, 200, 60, "symbols at most"),
            lambda spec: Counting(longest=chosen(spec)),
        ),
        _entry(
            FlipFlop(),
            "made",
            Length(10, 200, 60, "steps at most"),
            lambda spec: FlipFlop(longest=chosen(spec)),
        ),
        _entry(ElNino, "real", None, lambda spec: ElNino(), updates=300, hidden=16, learning_rate=0.005),
        _entry(Sentiment, "real", None, lambda spec: Sentiment(), updates=500, hidden=16),
        _entry(Digits, "real", None, lambda spec: Digits(), hidden=64),
        _entry(Text, "own", None, lambda spec: Text(spec.text)),
        _entry(Forecast, "own", None, lambda spec: Forecast(spec.values, spec.names), updates=300),
    )
    return MappingProxyType({entry.name: entry for entry in found})


def _entry(
    task: Any,
    kind: Literal["made", "real", "own"],
    length: Length | None,
    make: Callable[[TaskSpec], Task],
    updates: int = 600,
    hidden: int = 32,
    learning_rate: float = 0.01,
) -> TaskEntry:
    """`task` is a Task, or the class of one whose title and sentences are the same for all."""
    return TaskEntry(
        name=task.name,
        kind=kind,
        title=task.title,
        task=task.task,
        remember=task.remember,
        length=length,
        make=make,
        updates=updates,
        hidden=hidden,
        learning_rate=learning_rate,
    )


TASKS: Mapping[str, TaskEntry] = _entries()
