"""Copy memory: keep a few letters over many blanks, and say them again in their order."""

from dataclasses import dataclass, replace
from typing import ClassVar, Literal

import torch

from gru_core.model import Example
from gru_core.sequences.encoders import SymbolEncoder
from gru_core.tasks.base import Batch, ClassTask
from gru_core.tasks.showing import drawn_examples

LETTERS = tuple("ABCD")
BLANK, GO = "·", "?"


@dataclass(frozen=True)
class Copying(ClassTask):
    """`letters` letters, `blanks` blanks, a question mark: from that step on, say the letters in order.

    While it answers it reads blanks, so nothing but its state says which letter is next. Only those answers
    count; the original also counts the silence before, which any model learns at once.
    """

    letters: int = 3
    blanks: int = 20

    name = "copying"
    title = "Copy after a pause"
    task = "A few letters, then blanks, then a question mark; from there on, say the letters in their order."
    remember = "All the letters and their order, and while answering which of them is next."
    outputs = LETTERS
    when: ClassVar[Literal["every step", "last step"]] = "every step"
    chance = 1 / len(LETTERS)
    guess = "any letter"
    source = (
        "The copy memory problem: M. Arjovsky, A. Shah and Y. Bengio, Unitary Evolution Recurrent Neural "
        "Networks, ICML 2016, arXiv:1511.06464, section 5.1, after S. Hochreiter and J. Schmidhuber, Long "
        "Short-Term Memory, Neural Computation 9(8), 1997; with fewer letters, out of four."
    )
    encoder = SymbolEncoder((*LETTERS, BLANK, GO))

    @property
    def steps(self) -> int:
        """Letters, blanks and answers together."""
        return 2 * self.letters + self.blanks

    def batch(self, size: int, generator: torch.Generator) -> Batch:
        """`size` sequences, every letter as likely at every place."""
        vocabulary = self.encoder.vocabulary
        drawn = torch.randint(len(LETTERS), (size, self.letters), generator=generator)
        symbols = torch.full((size, self.steps), vocabulary.index(BLANK))
        symbols[:, : self.letters] = drawn
        symbols[:, -self.letters] = vocabulary.index(GO)
        target = torch.zeros_like(symbols)
        target[:, -self.letters :] = drawn
        mask = torch.zeros(size, self.steps, dtype=torch.bool)
        mask[:, -self.letters :] = True
        return Batch(torch.eye(len(vocabulary))[symbols], target, mask)

    held_out = batch

    def examples(self) -> tuple[Example, ...]:
        """Letters, blanks and a question mark to read, and the letters again as the answers."""
        return drawn_examples(self, "blanks", self.blanks, lambda n: replace(self, blanks=n))

    def in_words(self) -> str:
        """The first of the examples, told."""
        kept = self.examples()[0].labels[: self.letters]
        return (
            f"It reads {self.letters} letters, {' '.join(kept)}, then {self.blanks} blanks, then a question "
            f"mark. From the question mark on, over {self.letters} steps, the right answers are "
            f"{' '.join(kept)}."
        )
