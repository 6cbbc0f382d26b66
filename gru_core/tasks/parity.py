"""Running parity: is the number of ones so far even or odd?"""

from dataclasses import dataclass, replace
from typing import ClassVar, Literal

import torch

from gru_core.model import Example
from gru_core.sequences.encoders import SymbolEncoder
from gru_core.tasks.base import Batch, ClassTask, draw_length, every_step
from gru_core.tasks.showing import beginning, drawn_examples

OUTPUTS = ("even", "odd")

_TEXTS = (
    ("19 bits", "0100111010010110010"),
    ("A single one among zeros", "00000100000000000000000000000000"),
    ("Nothing but ones: the answer flips at every step", "1" * 24),
)


@dataclass(frozen=True)
class Parity(ClassTask):
    """At every step, say whether an even or an odd number of ones has been read, this step included.

    Sequences have between `shortest` and `longest` bits, ones as likely as zeros; with `uneven`, each
    sequence has its own share of ones, from none to all, so that long runs are practised too. One bit of
    memory is enough, but it must never fade: a single slip makes every later answer wrong.
    """

    shortest: int = 2
    longest: int = 20
    uneven: bool = False

    name = "parity"
    title = "Running parity"
    task = "Bits go by; at every step, say whether the number of ones so far is even or odd."
    remember = "One bit: whether the count is odd. A one flips it, a zero leaves it."
    outputs = OUTPUTS
    when: ClassVar[Literal["every step", "last step"]] = "every step"
    chance = 0.5
    guess = "either"
    source = (
        "A classic: M. Minsky and S. Papert, Perceptrons, 1969; as a state machine in J. L. Elman, "
        "Finding Structure in Time, Cognitive Science 14, 1990 (its exclusive-or over time)."
    )
    encoder = SymbolEncoder(("0", "1"))

    @property
    def steps(self) -> int:
        """Bits of the longest sequence."""
        return self.longest

    def batch(self, size: int, generator: torch.Generator) -> Batch:
        """`size` sequences of one random length, every step drawn by itself."""
        length = draw_length(self.shortest, self.longest, generator)
        share = torch.rand(size, 1, generator=generator) if self.uneven else torch.tensor(0.5)
        bits = (torch.rand(size, length, generator=generator) < share).long()
        x = torch.eye(2)[bits]
        return Batch(x, bits.cumsum(dim=1) % 2, every_step(x))

    held_out = batch

    def examples(self) -> tuple[Example, ...]:
        """Bits to read, and the parity after each."""
        if self.longest != Parity().longest:
            return drawn_examples(self, "bits", self.longest, lambda n: replace(self, shortest=n, longest=n))
        generator = torch.Generator().manual_seed(1000)
        drawn = "".join("01"[bit] for bit in torch.randint(2, (1000,), generator=generator).tolist())
        texts = (*_TEXTS, ("100 bits, five times what it was trained on", drawn[:100]), ("1,000 bits", drawn))
        return tuple(Example(title=title, labels=tuple(text), target=_answers(text)) for title, text in texts)

    def in_words(self) -> str:
        """The first of the examples, told."""
        example = self.examples()[0]
        return (
            f"It reads {len(example.labels)} bits, {beginning(example.labels)}, one at a time. After each "
            "the right answer is whether the ones so far are even or odd in number: "
            f"{beginning(example.target, '.')}"
        )


def _answers(text: str) -> tuple[str, ...]:
    return tuple(OUTPUTS[text[: step + 1].count("1") % 2] for step in range(len(text)))
