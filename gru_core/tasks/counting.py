"""Counting: how many marks since the last reset?"""

from dataclasses import dataclass, replace
from typing import ClassVar, Literal

import numpy as np
import torch

from gru_core.model import Example
from gru_core.sequences.encoders import SymbolEncoder
from gru_core.tasks.base import Batch, ClassTask, draw_length, every_step
from gru_core.tasks.chain import share_at_start
from gru_core.tasks.showing import beginning, drawn_examples

MARK, RESET, OTHER = SYMBOLS = ("+", "R", "·")
SHARES = (0.18, 0.06, 0.76)
MOST = 7
"""Counts from here on are one class."""


@dataclass(frozen=True)
class Counting(ClassTask):
    """At every step, say how many marks (+) were read since the last reset (R), this step included.

    Sequences have between `shortest` and `longest` symbols and begin at 0; MOST and more are one answer.
    What a reset ends is forgotten for good, and dots change nothing: count, keep and forget in one task.
    """

    shortest: int = 10
    longest: int = 60

    name = "counting"
    title = "Count since the last reset"
    task = "Marks, dots and resets go by; at every step, say how many marks there were since the last reset."
    remember = "The count since the last reset: one more for +, back to 0 for R, and nothing new for a dot."
    outputs = (*(str(count) for count in range(MOST)), f"{MOST} or more")
    when: ClassVar[Literal["every step", "last step"]] = "every step"
    guess = "always the commonest count, 0"
    source = (
        "Made for this project. That recurrent networks can count: F. A. Gers and J. Schmidhuber, LSTM "
        "Recurrent Networks Learn Simple Context-Free and Context-Sensitive Languages, IEEE Trans. Neural "
        "Networks 12(6), 2001; that they must learn to reset: F. A. Gers, J. Schmidhuber and F. Cummins, "
        "Learning to Forget, Neural Computation 12(10), 2000."
    )
    encoder = SymbolEncoder(SYMBOLS)

    @property
    def chance(self) -> float:
        """The share of steps at count 0, exact, by the chain of counts from step to step."""
        mark, reset, _ = SHARES
        moves = np.diag(np.full(MOST, mark), 1)
        moves[:, 0] += reset
        return share_at_start(moves, self.shortest, self.longest)

    @property
    def steps(self) -> int:
        """Symbols of the longest sequence."""
        return self.longest

    def batch(self, size: int, generator: torch.Generator) -> Batch:
        """`size` sequences of one random length, every symbol drawn with its share in SHARES."""
        length = draw_length(self.shortest, self.longest, generator)
        drawn = torch.multinomial(torch.tensor(SHARES), size * length, replacement=True, generator=generator)
        symbols = drawn.reshape(size, length)
        marks = (symbols == SYMBOLS.index(MARK)).long().cumsum(dim=1)
        # Marks up to the last reset: it grows from reset to reset, so the largest so far is the latest.
        before = torch.where(symbols == SYMBOLS.index(RESET), marks, 0).cummax(dim=1).values
        x = torch.eye(len(SYMBOLS))[symbols]
        return Batch(x, (marks - before).clamp(max=MOST), every_step(x))

    held_out = batch

    def examples(self) -> tuple[Example, ...]:
        """Marks, dots and resets to read, and the count after each."""
        return drawn_examples(self, "symbols", self.longest, lambda n: replace(self, shortest=n, longest=n))

    def in_words(self) -> str:
        """The first of the examples, told."""
        example = self.examples()[0]
        return (
            f"It reads {len(example.labels)} symbols, {beginning(example.labels)}, one at a time. After each "
            "the right answer is how many + came since the last R, or since the beginning: "
            f"{beginning(example.target, '.')}"
        )
