"""A real series: the sea temperature off Peru, month by month, and what it will be next month."""

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import ClassVar, Literal

import torch
from torch import Tensor

from gru_core.model import Example
from gru_core.sequences.encoders import NumberEncoder
from gru_core.tasks.base import Batch, NumberTask
from gru_core.tasks.showing import beginning

SERIES = Path(__file__).resolve().parent.parent.parent / "assets" / "data" / "elnino.csv"
FIRST_HELD_OUT = "1995-01"
"""Forecasts for this month and later are the held-out tail; nothing of it is learned from."""

_STRETCHES = (
    ("1996 to 1999, a strong El Niño, never seen in training", "1996-01", "1999-12"),
    ("1995 to 2010, all that was held out", "1995-01", "2010-11"),
    ("1981 to 1984, a strong El Niño, seen in training", "1981-01", "1984-12"),
    ("2001 to 2006, quiet years, never seen in training", "2001-01", "2006-12"),
    ("1950 to 1994, all that was trained on", "1950-01", "1994-12"),
)


@dataclass(frozen=True)
class ElNino(NumberTask):
    """At every month, say the temperature of the month after; batches are `window` months long.

    In training the first `warm_up` months of a window are not asked: one cannot know the season yet.
    The score is measured on the tail only, with the whole series before it read.
    """

    window: int = 132
    warm_up: int = 12

    name = "elnino"
    title = "El Niño: next month's sea temperature"
    task = "The sea temperature off Peru goes by, month by month; at every month, forecast the next one."
    remember = "The time of the year, which the input does not say, and whether it is a warm or a cold year."
    outputs = ("next month, °C",)
    when: ClassVar[Literal["every step", "last step"]] = "every step"
    guess = "the same as this month"
    # Who knows the season only explains 0.71, who repeats this month 0.75: 0.9 needs both.
    learned = 0.9
    source = (
        "Mean sea surface temperature of the region Niño 1+2 (0-10° S, 90-80° W), 1950 to 2010, ERSST v3b: "
        "National Oceanic and Atmospheric Administration (NOAA), Climate Prediction Center; public domain."
    )

    @property
    def steps(self) -> int:
        """Months of a stretch that is learned from."""
        return self.window

    @property
    def output_mean(self) -> float:
        """Mean of the months that are learned from, in °C."""
        return round(float(_temperatures()[: first_held_out()].mean()), 4)

    @property
    def output_std(self) -> float:
        """Standard deviation of the months that are learned from, in °C."""
        return round(float(_temperatures()[: first_held_out()].std(correction=0)), 4)

    @property
    def encoder(self) -> NumberEncoder:
        """The temperature, standardised by the months that are learned from."""
        return NumberEncoder(("temperature",), (self.output_mean,), (self.output_std,))

    @property
    def chance(self) -> float:
        """R² of saying that the next month is as this one, on the tail."""
        batch = self.held_out(1, torch.Generator())
        return self.score(batch.x, batch.target, batch.mask)

    def seasonal_score(self) -> float:
        """R² on the tail of a harder guess: as far from the usual value of the month as this month is.

        The usual value of a month of the year is its mean over the years that are learned from.
        """
        batch = self.held_out(1, torch.Generator())
        months = self._standardised()
        of_year = torch.arange(len(months)) % 12
        known = months[: first_held_out()]
        usual = torch.stack([known[month::12].mean() for month in range(12)])[of_year]
        guess = usual[1:] + months[:-1] - usual[:-1]
        return self.score(guess[None, :, None], batch.target, batch.mask)

    def batch(self, size: int, generator: torch.Generator) -> Batch:
        """`size` stretches of `window` months that end, next month included, before the tail."""
        known = self._standardised()[: first_held_out()]
        starts = torch.randint(0, len(known) - self.window, (size, 1), generator=generator)
        at = starts + torch.arange(self.window + 1)
        months = known[at].unsqueeze(-1)
        mask = (torch.arange(self.window) >= self.warm_up).expand(size, -1)
        return Batch(months[:, :-1], months[:, 1:], mask)

    def held_out(self, size: int, generator: torch.Generator) -> Batch:
        """The whole series once, asked where the month after lies in the tail. Nothing here is random."""
        months = self._standardised()[None, :, None]
        mask = (torch.arange(1, months.shape[1]) >= first_held_out()).unsqueeze(0)
        return Batch(months[:, :-1], months[:, 1:], mask)

    def examples(self) -> tuple[Example, ...]:
        """Stretches of the series, with the temperature of the month after as the answer of each month."""
        names, temperatures = read_series()
        spans = ((title, names.index(first), names.index(last) + 1) for title, first, last in _STRETCHES)
        return tuple(
            Example(
                title=title,
                values=tuple((value,) for value in temperatures[start:stop]),
                target=tuple(f"{value:.2f}" for value in temperatures[start + 1 : stop + 1]),
                ticks=names[start:stop],
            )
            for title, start, stop in spans
        )

    def in_words(self) -> str:
        """The first of the examples, told."""
        example = self.examples()[0]
        assert example.values is not None
        read = [f"{value:.2f}" for (value,) in example.values]
        return (
            f"It reads the sea temperature of {len(read)} months from {example.ticks[0]} on, "
            f"{beginning(read)} °C, one month at a time. After each the right answer is the temperature of "
            f"the month that follows: {beginning(example.target, '.')}"
        )

    def _standardised(self) -> Tensor:
        return ((_temperatures() - self.output_mean) / self.output_std).float()


@cache
def read_series() -> tuple[tuple[str, ...], tuple[float, ...]]:
    """Months ("1950-01", ...) and temperatures in °C of the shipped file."""
    with SERIES.open(newline="", encoding="utf-8") as file:
        rows = [(row["month"], float(row["temperature"])) for row in csv.DictReader(file)]
    return tuple(month for month, _ in rows), tuple(value for _, value in rows)


def first_held_out() -> int:
    """Index of the first month of the tail."""
    return read_series()[0].index(FIRST_HELD_OUT)


def _temperatures() -> Tensor:
    return torch.tensor(read_series()[1], dtype=torch.float64)
