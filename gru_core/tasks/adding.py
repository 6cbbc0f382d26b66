"""The adding problem: the sum of the two numbers that were marked."""

import math
from dataclasses import dataclass
from typing import ClassVar, Literal

import torch

from gru_core.model import Example
from gru_core.sequences.encoders import NumberEncoder
from gru_core.tasks.base import Batch, NumberTask, draw_length, last_step
from gru_core.tasks.showing import beginning, lengths_to_show


@dataclass(frozen=True)
class Adding(NumberTask):
    """At the last step, say the sum of two marked numbers out of [0, 1].

    Sequences have between `shortest` and `longest` steps; one mark is in the first half, one in the second.
    """

    shortest: int = 10
    longest: int = 60

    name = "adding"
    title = "Add two marked numbers"
    task = "Numbers between 0 and 1 go by, two of them marked *; at the end, say the sum of those two."
    remember = "The sum of the marked numbers so far; the others must leave no trace."
    outputs = ("sum",)
    when: ClassVar[Literal["every step", "last step"]] = "last step"
    chance = 0.0
    guess = "always 1, the mean sum"
    # Both numbers are needed: who knows one of them only, and takes 1/2 for the other, explains half of
    # the variance. At 0.95 the typical error is 0.09 of a sum between 0 and 2.
    learned = 0.95
    output_mean = 1.0
    output_std = math.sqrt(1 / 6)
    source = (
        "S. Hochreiter and J. Schmidhuber, Long Short-Term Memory, Neural Computation 9(8), 1997, sec. 5.4."
    )
    encoder = NumberEncoder(("value", "mark"), (0.5, 0.0), (math.sqrt(1 / 12), 1.0))

    @property
    def steps(self) -> int:
        """Numbers of the longest sequence."""
        return self.longest

    def batch(self, size: int, generator: torch.Generator) -> Batch:
        """`size` sequences of one random length with values out of [0, 1] and two marks each."""
        values = _draw(size, draw_length(self.shortest, self.longest, generator), generator)
        x = (values - torch.tensor(self.encoder.mean)) / torch.tensor(self.encoder.std)
        sums = (values[..., 0] * values[..., 1]).sum(dim=1)
        target = ((sums - self.output_mean) / self.output_std)[:, None, None].expand(-1, x.shape[1], 1)
        return Batch(x, target, last_step(x))

    held_out = batch

    def examples(self) -> tuple[Example, ...]:
        """Marked numbers to read, and the sum as the answer of the last."""
        if self.longest != Adding().longest:
            return tuple(
                _example(title, _draw(1, length, torch.Generator().manual_seed(seed))[0])
                for title, length, seed in lengths_to_show(self.longest, "numbers")
            )
        early_late = _draw(1, 40, torch.Generator().manual_seed(40))[0]
        early_late[:, 1] = 0
        early_late[[0, -1], 1] = 1
        large = _draw(1, 30, torch.Generator().manual_seed(31))[0]
        large[large[:, 1] == 1, 0] = torch.tensor([0.9, 0.95])
        shown = (
            ("30 numbers, two of them marked", _draw(1, 30, torch.Generator().manual_seed(30))[0]),
            ("10 numbers", _draw(1, 10, torch.Generator().manual_seed(10))[0]),
            ("Two large numbers", large),
            ("The first and the last are marked", early_late),
            (
                "100 numbers, more than it was trained on",
                _draw(1, 100, torch.Generator().manual_seed(100))[0],
            ),
        )
        return tuple(_example(title, values) for title, values in shown)

    def in_words(self) -> str:
        """The first of the examples, told."""
        example = self.examples()[0]
        marked = [tick.removesuffix("*") for tick in example.ticks if tick.endswith("*")]
        return (
            f"It reads {len(example.ticks)} numbers, {beginning(example.ticks)}, one at a time. Two of them "
            f"are marked (*): {' and '.join(marked)}. It is asked once, after the last: the right answer is "
            f"their sum, {example.target[-1]}."
        )


def _draw(size: int, length: int, generator: torch.Generator) -> torch.Tensor:
    """Values and marks (size, length, 2): one mark in each half."""
    drawn = torch.zeros(size, length, 2)
    drawn[..., 0] = torch.rand(size, length, generator=generator)
    half = length // 2
    rows = torch.arange(size)
    drawn[rows, torch.randint(0, half, (size,), generator=generator), 1] = 1
    drawn[rows, torch.randint(half, length, (size,), generator=generator), 1] = 1
    return drawn


def _example(title: str, values: torch.Tensor) -> Example:
    # Two decimals: the sum on the screen is then the sum of the numbers on the screen.
    rows = tuple((round(value, 2), mark) for value, mark in values.tolist())
    answer = sum(value for value, mark in rows if mark == 1)
    target = ("",) * (len(rows) - 1) + (f"{answer:.2f}",)
    ticks = tuple(f"{value:.2f}".removeprefix("0") + ("*" if mark else "") for value, mark in rows)
    return Example(title=title, values=rows, target=target, ticks=ticks)
