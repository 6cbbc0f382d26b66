"""Majority: were there more ones than zeros?"""

from dataclasses import dataclass, replace
from typing import ClassVar, Literal

import torch

from gru_core.model import Example
from gru_core.sequences.encoders import SymbolEncoder
from gru_core.tasks.base import Batch, ClassTask, draw_length, last_step
from gru_core.tasks.showing import beginning, drawn_examples

OUTPUTS = ("more 0s", "more 1s")


@dataclass(frozen=True)
class Majority(ClassTask):
    """At the last step, say whether there were more ones than zeros.

    Sequences have between `shortest` and `longest` bits. How many of them are ones is drawn first, every
    number as likely except a tie, then their order: so clear and narrow cases are equally common at every
    length. (Bits drawn one by one would nearly always be a narrow case.)
    """

    shortest: int = 5
    longest: int = 30

    name = "majority"
    title = "More ones or more zeros"
    task = "Bits go by; at the end, say whether there were more ones or more zeros."
    remember = (
        "By how much one kind leads: one up for a 1, one down for a 0. The order of the bits is not needed."
    )
    outputs = OUTPUTS
    when: ClassVar[Literal["every step", "last step"]] = "last step"
    chance = 0.5
    guess = "either"
    source = (
        "A classic: majority as a predicate of M. Minsky and S. Papert, Perceptrons, 1969; read bit by bit, "
        "it needs a counter: G. Weiss, Y. Goldberg and E. Yahav, On the Practical Computational Power of "
        "Finite Precision RNNs for Language Recognition, ACL 2018, arXiv:1805.04908."
    )
    encoder = SymbolEncoder(("0", "1"))

    @property
    def steps(self) -> int:
        """Bits of the longest sequence."""
        return self.longest

    def batch(self, size: int, generator: torch.Generator) -> Batch:
        """`size` sequences of one random length without a tie."""
        length = draw_length(self.shortest, self.longest, generator)
        winner = torch.randint(2, (size,), generator=generator)
        # The loser has 0 .. (length - 1) // 2 bits: fewer than half of them.
        fewer = torch.randint((length + 1) // 2, (size,), generator=generator)
        ones = torch.where(winner == 1, length - fewer, fewer)
        places = torch.rand(size, length, generator=generator).argsort(dim=1)
        x = torch.eye(2)[(places < ones[:, None]).long()]
        return Batch(x, winner[:, None].expand(size, length), last_step(x))

    held_out = batch

    def examples(self) -> tuple[Example, ...]:
        """Bits to read, and which there were more of as the answer of the last."""
        return drawn_examples(self, "bits", self.longest, lambda n: replace(self, shortest=n, longest=n))

    def in_words(self) -> str:
        """The first of the examples, told."""
        example = self.examples()[0]
        bits, ones = example.labels, example.labels.count("1")
        return (
            f"It reads {len(bits)} bits, {beginning(bits)}, one at a time: {ones} ones and "
            f"{len(bits) - ones} zeros. It is asked once, after the last: the right answer is "
            f"“{example.target[-1]}”."
        )
