"""A person's own numbers: at every step, forecast the next one."""

import math
from dataclasses import dataclass, field
from functools import cached_property
from typing import ClassVar, Literal

import torch
from torch import Tensor

from gru_core.errors import InputError, LimitError, ShapeError
from gru_core.limits import MAX_FORECAST_COLUMNS, MAX_FORECAST_STEPS
from gru_core.model import Example
from gru_core.sequences.encoders import NumberEncoder
from gru_core.tasks.base import Batch, NumberTask
from gru_core.tasks.showing import beginning

SHORTEST = 40
"""Steps a series needs at least: 32 to learn from and 8 to be tested on."""

LARGEST = 1e30
"""Numbers beyond this cannot be computed with in 32 bits."""

FARTHEST = 1e6
"""Standard deviations from the mean; what is learned from never lies farther than the root of its length."""

LONGEST_SHOWN = 400
"""Steps of an example."""


@dataclass(frozen=True)
class Forecast(NumberTask):
    """Reads all columns and forecasts the first: its value at the step that follows.

    One column is forecast, because one answer per step can be read off a picture and be right or wrong;
    the others are read along where they help. Put the column that matters first.

    The last 20 of 100 steps are held out. Every column is standardised by what is learned from. In training
    the first steps of a stretch are not asked: what went before is not known there.

    values  one row per step, one number per column
    names   one per column; "column 1", ... where none are given

    Raises InputError for numbers that cannot be learned from, LimitError for too many of them.
    """

    values: tuple[tuple[float, ...], ...] = field(repr=False)
    names: tuple[str, ...] = ()

    name = "forecast"
    title = "The next value of your series"
    task = "Your series goes by, step by step; at each one, forecast the first column's next value."
    remember = (
        "What the next value depends on and the present one does not say: trend, season, what came before."
    )
    when: ClassVar[Literal["every step", "last step"]] = "every step"
    guess = "the same as now"
    learned = None
    source = "Your own series."

    def __post_init__(self) -> None:
        _check(self.values, self.names)
        names = self.names or tuple(f"column {i + 1}" for i in range(len(self.values[0])))
        object.__setattr__(self, "names", names)
        _check_spread(self._numbers[: self.first_held_out], names)
        _check_tail(self._standardised[self.first_held_out :], self.values[self.first_held_out :], names)

    @property
    def first_held_out(self) -> int:
        """Index of the first step of the tail."""
        return len(self.values) - len(self.values) // 5

    @property
    def steps(self) -> int:
        """Steps of a stretch that is learned from: 100, or half of what there is."""
        return min(100, self.first_held_out // 2)

    @property
    def outputs(self) -> tuple[str, ...]:
        """What is forecast."""
        return (f"next {self.names[0]}",)

    @property
    def encoder(self) -> NumberEncoder:
        """Every column, standardised by what is learned from."""
        mean, std = self._scale
        return NumberEncoder(self.names, tuple(mean.tolist()), tuple(std.tolist()))

    @property
    def output_mean(self) -> float:
        """Mean of the first column in what is learned from."""
        return float(self._scale[0][0])

    @property
    def output_std(self) -> float:
        """Standard deviation of the first column in what is learned from."""
        return float(self._scale[1][0])

    @cached_property
    def chance(self) -> float:
        """R² of saying that the next value is the present one, on the tail."""
        batch = self.held_out(1, torch.Generator())
        return self.score(batch.x[..., :1], batch.target, batch.mask)

    def batch(self, size: int, generator: torch.Generator) -> Batch:
        """`size` stretches that end, next value included, before the tail."""
        starts = torch.randint(self.first_held_out - self.steps, (size, 1), generator=generator)
        found = self._standardised[starts + torch.arange(self.steps + 1)]
        asked = torch.arange(self.steps) >= self.steps // 10
        return Batch(found[:, :-1], found[:, 1:, :1], asked.expand(size, -1))

    def held_out(self, size: int, generator: torch.Generator) -> Batch:
        """The tail once, and a stretch before it to get going, which is not asked. Nothing here is random."""
        start = self.first_held_out - self.steps
        found = self._standardised[None, start:]
        asked = torch.arange(start + 1, len(self.values)) >= self.first_held_out
        return Batch(found[:, :-1], found[:, 1:, :1], asked[None])

    def examples(self) -> tuple[Example, ...]:
        """Stretches of the series, with the first column's next value as the answer of each step."""
        last, tail = len(self.values) - 1, self.first_held_out
        spans = (
            (f"The last {self.steps} steps", last - self.steps, last),
            ("The part that was held out, from its beginning", tail, min(last, tail + LONGEST_SHOWN)),
            ("The beginning of the series, seen in training", 0, min(tail, LONGEST_SHOWN)),
        )
        return tuple(
            Example(
                title=title,
                values=self.values[start:stop],
                target=tuple(f"{row[0]:.6g}" for row in self.values[start + 1 : stop + 1]),
                ticks=tuple(str(step + 1) for step in range(start, stop)),
            )
            for title, start, stop in spans
        )

    def in_words(self) -> str:
        """The first of the examples, told."""
        example = self.examples()[0]
        assert example.values is not None
        along = f", and {len(self.names) - 1} more columns along with it" if len(self.names) > 1 else ""
        read = [f"{row[0]:.6g}" for row in example.values]
        return (
            f"It reads {len(read)} values of {self.names[0]}, {beginning(read)}{along}, one step at a time. "
            f"After each the right answer is the value that follows: {beginning(example.target, '.')}"
        )

    @cached_property
    def _numbers(self) -> Tensor:
        return torch.tensor(self.values, dtype=torch.float64)

    @cached_property
    def _scale(self) -> tuple[Tensor, Tensor]:
        """Mean and standard deviation of every column (columns,), as the 32 bits that models keep."""
        known = self._numbers[: self.first_held_out]
        return known.mean(dim=0).float(), known.std(dim=0, correction=0).float()

    @cached_property
    def _standardised(self) -> Tensor:
        mean, std = self._scale
        return (self._numbers.float() - mean) / std


def _check(values: tuple[tuple[float, ...], ...], names: tuple[str, ...]) -> None:
    """Sizes first, then every number."""
    if len(values) > MAX_FORECAST_STEPS:
        raise LimitError(
            f"A series to learn from may have at most {MAX_FORECAST_STEPS:,} steps, and this one has "
            f"{len(values):,}: cut it, or keep every tenth step."
        )
    if len(values) < SHORTEST:
        raise InputError(
            f"A series to learn from needs at least {SHORTEST} steps, so that a tail can be held out, and "
            f"this one has {len(values)}: bring a longer one."
        )
    columns = len(values[0])
    if columns > MAX_FORECAST_COLUMNS:
        raise LimitError(
            f"A series to learn from may have at most {MAX_FORECAST_COLUMNS} columns, and this one has "
            f"{columns:,}: choose some of them."
        )
    if columns == 0 or any(len(row) != columns for row in values):
        raise ShapeError("A series to learn from needs the same columns at every step, at least one.")
    if names and (len(names) != columns or len(set(names)) != columns):
        raise InputError(
            f"A series of {columns} columns needs as many different names, got {', '.join(map(repr, names))}."
        )
    for step, row in enumerate(values):
        for column, value in enumerate(row):
            if not math.isfinite(value) or abs(value) > LARGEST:
                called = names[column] if names else f"column {column + 1}"
                raise InputError(
                    "A series to learn from needs a number between -1e30 and 1e30 at every step, and "
                    f"{called!r} has {value} at step {step + 1}: fill or drop such steps first."
                )


def _check_spread(known: Tensor, names: tuple[str, ...]) -> None:
    """Of what is learned from (steps, columns)."""
    for column, name in zip(known.T, names, strict=True):
        if bool((column == column[0]).all()) or float(column.std(correction=0).float()) == 0:
            raise InputError(
                f"{name!r} has the same value, {float(column[0]):g}, at all {len(column)} steps that are "
                "learned from: there is nothing to forecast from it. Leave the column out, or bring a series "
                "that changes."
            )


def _check_tail(standardised: Tensor, values: tuple[tuple[float, ...], ...], names: tuple[str, ...]) -> None:
    """Of what is held out (steps, columns), in the units of what is learned from and in its own."""
    first = standardised[:, 0]
    if float(first.max()) == float(first.min()):
        raise InputError(
            f"{names[0]!r} does not change over the {len(first)} steps that are held out to test on, the "
            f"last fifth (it is {values[0][0]:g} there): a forecast of it cannot be scored. Bring a series "
            "that changes to its end."
        )
    far = (standardised.abs() > FARTHEST).nonzero()
    if len(far):
        step, column = (int(index) for index in far[0])
        raise InputError(
            f"{names[column]!r} has {values[step][column]:g} among the last {len(first)} steps, more than a "
            "million standard deviations away from what is learned from: is that number a mistake?"
        )
