"""Remember the first letter while others, out of the same eight, go by."""

from dataclasses import dataclass, replace
from typing import Literal

import torch

from gru_core.model import Example
from gru_core.sequences.encoders import SymbolEncoder
from gru_core.tasks.base import Batch, ClassTask, draw_length, every_step, last_step
from gru_core.tasks.showing import beginning, drawn_examples

LETTERS = tuple("ABCDEFGH")

_TEXTS = (
    ("C first, then 29 other letters", "CFHADGGBEAHDFBECAGHHBDFEACGDBA"),
    ("Three words, 20 letters", "BAGGAGECABBAGEFACADE"),
    ("G once, then A 40 times", "G" + "A" * 40),
    ("50 letters, the longest it was trained on", "HDBCAEFGGAHDBFCAEHDGBBAFCHEDGAFHBCDDGEAHFBCGAHDFBE"),
)


@dataclass(frozen=True)
class RememberFirst(ClassTask):
    """Say the first letter, at every step or at the last one only.

    Sequences have between `shortest` and `longest` letters; with both at T + 1 and the question at the last
    step, T letters stand between what is to be kept and nothing that is known of it on the way.

    The later letters are out of the same alphabet as the first, so what tells them apart is not how
    they look but when they come: the model must know that it holds something already.
    """

    shortest: int = 2
    longest: int = 50
    when: Literal["every step", "last step"] = "every step"

    name = "remember"
    title = "Remember the first letter"
    remember = "The first letter, and that it was the first: the letters after it look no different."
    outputs = LETTERS
    chance = 1 / len(LETTERS)
    guess = "any letter"
    source = (
        "A recall task after S. Hochreiter and J. Schmidhuber, Long Short-Term Memory, "
        "Neural Computation 9(8), 1997, section 5; here all letters are out of one alphabet."
    )
    encoder = SymbolEncoder(LETTERS)

    @property
    def task(self) -> str:
        """What is asked."""
        at = "every step" if self.when == "every step" else "the end"
        return f"Letters A to H go by one at a time; at {at}, say which one came first."

    @property
    def steps(self) -> int:
        """Letters of the longest sequence."""
        return self.longest

    def batch(self, size: int, generator: torch.Generator) -> Batch:
        """`size` sequences of one random length, every letter as likely at every step."""
        length = draw_length(self.shortest, self.longest, generator)
        letters = torch.randint(len(LETTERS), (size, length), generator=generator)
        x = torch.eye(len(LETTERS))[letters]
        asked = every_step(x) if self.when == "every step" else last_step(x)
        return Batch(x, letters[:, :1].expand(size, length), asked)

    held_out = batch

    def examples(self) -> tuple[Example, ...]:
        """Letters to read, and the first letter as the answer where one is asked."""
        if self != RememberFirst():
            return drawn_examples(
                self, "letters", self.longest, lambda n: replace(self, shortest=n, longest=n)
            )
        generator = torch.Generator().manual_seed(200)
        drawn = torch.randint(len(LETTERS), (200,), generator=generator).tolist()
        long = ("200 letters, four times what it was trained on", "".join(LETTERS[i] for i in drawn))
        return tuple(
            Example(title=title, labels=tuple(text), target=(text[0],) * len(text))
            for title, text in (*_TEXTS, long)
        )

    def in_words(self) -> str:
        """The first of the examples, told."""
        letters = self.examples()[0].labels
        read = f"It reads {len(letters)} letters, {beginning(letters)}, one at a time."
        if self.when == "every step":
            return f"{read} After each of them the right answer is {letters[0]}, the letter that came first."
        return f"{read} It is asked once, after the last: the right answer is {letters[0]}, which came first."
