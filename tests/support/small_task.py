"""Tasks so small that a training takes a moment, one that keeps what it gave away, one that breaks."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar, Literal

import torch

from gru_core.model import Example
from gru_core.sequences.encoders import NumberEncoder, SymbolEncoder
from gru_core.tasks.base import Batch, ClassTask, NumberTask, last_step

SYMBOLS = ("a", "b", "c")


@dataclass(frozen=True)
class FirstOfThree(ClassTask):
    """After the last step, say the first of three symbols; the others are out of the same three."""

    others: int = 4

    name: ClassVar[str] = "first of three"
    title: ClassVar[str] = "The first of three symbols"
    task: ClassVar[str] = "Symbols go by; at the end, say which came first."
    remember: ClassVar[str] = "The first symbol."
    outputs: ClassVar[tuple[str, ...]] = SYMBOLS
    when: ClassVar[Literal["last step"]] = "last step"
    chance: ClassVar[float] = 1 / 3
    guess: ClassVar[str] = "any symbol"
    source: ClassVar[str] = "made for tests"
    encoder: ClassVar[SymbolEncoder] = SymbolEncoder(SYMBOLS)

    @property
    def steps(self) -> int:
        return self.others + 1

    def batch(self, size: int, generator: torch.Generator) -> Batch:
        symbols = torch.randint(3, (size, self.steps), generator=generator)
        x = torch.eye(3)[symbols]
        return Batch(x, symbols[:, :1].expand(size, self.steps), last_step(x))

    def held_out(self, size: int, generator: torch.Generator) -> Batch:
        return FirstOfThree.batch(self, size, generator)

    def examples(self) -> tuple[Example, ...]:
        labels = ("b", *"caca" * self.others)[: self.steps]
        return (Example("b first", labels, target=("",) * self.others + ("b",)),)

    def in_words(self) -> str:
        return "It reads b first, and the right answer at the end is b."


@dataclass(frozen=True)
class MeanOfThree(NumberTask):
    """After each step, say the mean of the three numbers read last; sequences end after 3 to 6 steps.

    A shorter one is followed by zeros, and nothing is asked there.
    """

    name: ClassVar[str] = "mean of three"
    title: ClassVar[str] = "The mean of three numbers"
    task: ClassVar[str] = "Numbers go by; after each, say the mean of the last three."
    remember: ClassVar[str] = "The last three numbers."
    outputs: ClassVar[tuple[str, ...]] = ("mean",)
    when: ClassVar[Literal["every step"]] = "every step"
    learned: ClassVar[float | None] = None
    chance: ClassVar[float] = 0.0
    guess: ClassVar[str] = "always 0"
    output_mean: ClassVar[float] = 5.0
    output_std: ClassVar[float] = 2.0
    source: ClassVar[str] = "made for tests"
    encoder: ClassVar[NumberEncoder] = NumberEncoder(("number",), (5.0,), (2.0,))
    steps: ClassVar[int] = 6

    def batch(self, size: int, generator: torch.Generator) -> Batch:
        lengths = torch.randint(3, 7, (size, 1), generator=generator)
        there = torch.arange(6) < lengths
        numbers = torch.randn(size, 6, generator=generator) * there
        padded = torch.cat([torch.zeros(size, 2), numbers], dim=1)
        target = padded.unfold(1, 3, 1).mean(dim=-1)
        return Batch(numbers.unsqueeze(-1), target.unsqueeze(-1), there)

    held_out = batch

    def examples(self) -> tuple[Example, ...]:
        return (Example("six numbers", values=((7.0,), (5.0,), (3.0,), (4.0,), (8.0,), (1.0,))),)

    def in_words(self) -> str:
        return "It reads 7, 5, 3, and the right answer is then 5."


@dataclass(frozen=True)
class Kept(FirstOfThree):
    """Keeps every batch that was learned from, in the order in which they were drawn."""

    drawn: list[Batch] = field(default_factory=list, compare=False)

    def batch(self, size: int, generator: torch.Generator) -> Batch:
        self.drawn.append(super().batch(size, generator))
        return self.drawn[-1]


@dataclass(frozen=True)
class Breaking(Kept):
    """Gives numbers that no training survives, from batch `at` on (1 is the first)."""

    at: int = 1
    value: float = float("nan")

    def batch(self, size: int, generator: torch.Generator) -> Batch:
        good = super().batch(size, generator)
        if len(self.drawn) < self.at:
            return good
        return Batch(good.x * self.value, good.target, good.mask)
