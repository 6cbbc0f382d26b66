"""Remember the first letter while others, out of the same eight, go by."""

from dataclasses import dataclass
from typing import ClassVar, Literal

import torch

from gru_core.model import Example
from gru_core.sequences.encoders import SymbolEncoder
from gru_core.tasks.base import Batch, ClassTask, draw_length, every_step

LETTERS = tuple("ABCDEFGH")

_TEXTS = (
    ("C first, then 29 other letters", "CFHADGGBEAHDFBECAGHHBDFEACGDBA"),
    ("Three words, 20 letters", "BAGGAGECABBAGEFACADE"),
    ("G once, then A 40 times", "G" + "A" * 40),
    ("50 letters, the longest it was trained on", "HDBCAEFGGAHDBFCAEHDGBBAFCHEDGAFHBCDDGEAHFBCGAHDFBE"),
)


@dataclass(frozen=True)
class RememberFirst(ClassTask):
    """At every step, say the first letter. Sequences have between `shortest` and `longest` letters.

    The later letters are out of the same alphabet as the first, so what tells them apart is not how
    they look but when they come: the model must know that it holds something already.
    """

    shortest: int = 2
    longest: int = 50

    name = "remember"
    title = "Remember the first letter"
    task = "Letters A to H go by one at a time; at every step, say which one came first."
    remember = "The first letter, and that it was the first: the letters after it look no different."
    outputs = LETTERS
    when: ClassVar[Literal["every step", "last step"]] = "every step"
    chance = 1 / len(LETTERS)
    guess = "any letter"
    source = (
        "A recall task after S. Hochreiter and J. Schmidhuber, Long Short-Term Memory, "
        "Neural Computation 9(8), 1997, section 5; here all letters are out of one alphabet."
    )
    encoder = SymbolEncoder(LETTERS)

    def batch(self, size: int, generator: torch.Generator) -> Batch:
        """`size` sequences of one random length, every letter as likely at every step."""
        length = draw_length(self.shortest, self.longest, generator)
        letters = torch.randint(len(LETTERS), (size, length), generator=generator)
        x = torch.eye(len(LETTERS))[letters]
        return Batch(x, letters[:, :1].expand(size, length), every_step(x))

    held_out = batch

    def examples(self) -> tuple[Example, ...]:
        """Letters to read, from 20 to 200 steps, and the first letter as the answer throughout."""
        generator = torch.Generator().manual_seed(200)
        drawn = torch.randint(len(LETTERS), (200,), generator=generator).tolist()
        long = ("200 letters, four times what it was trained on", "".join(LETTERS[i] for i in drawn))
        return tuple(
            Example(title=title, labels=tuple(text), target=(text[0],) * len(text))
            for title, text in (*_TEXTS, long)
        )
