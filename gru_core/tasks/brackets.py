"""Bracket depth: how many brackets are open?"""

from dataclasses import dataclass, replace
from typing import ClassVar, Literal

import numpy as np
import torch

from gru_core.model import Example
from gru_core.sequences.encoders import SymbolEncoder
from gru_core.tasks.base import Batch, ClassTask, draw_length, every_step
from gru_core.tasks.chain import share_at_start
from gru_core.tasks.showing import beginning, drawn_examples

DEEPEST = 5
SYMBOLS = ("(", ")", "x")
SHARES = (0.2, 0.2, 0.6)
_MOVES = torch.tensor([1, -1, 0])

_TEXTS = (
    ("In and out, two still open at the end", "(x(xx(x)xx(x(x)x)x)x)xx(x(x)x(x"),
    ("Down to the bottom and half-way up", "xx((xx(x(xxx(xxx)x)xx)xx"),
    ("Shallow, with long waits", "(" + "x" * 20 + "(" + "x" * 20 + ")" + "x" * 10),
    ("Nothing but brackets", "()()(())((()))(((())))((((()))"),
)


@dataclass(frozen=True)
class Brackets(ClassTask):
    """At every step, say how many brackets are open, this step included: 0 to 5.

    Sequences have between `shortest` and `longest` symbols. No bracket closes that was not opened and
    none opens beyond depth 5; where a draw would, an x stands instead. At the end some may be open.
    """

    shortest: int = 2
    longest: int = 80

    name = "brackets"
    title = "Bracket depth"
    task = "Brackets open and close with letters x between; at every step, say how many are open (0 to 5)."
    remember = "How many brackets are open: one more for (, one less for ), and nothing new for x."
    outputs = tuple(str(depth) for depth in range(DEEPEST + 1))
    when: ClassVar[Literal["every step", "last step"]] = "every step"
    guess = "always the commonest depth, 0"
    source = (
        "Counting the depth of nested brackets (the Dyck-1 language): N. Chomsky and M. P. Schützenberger, "
        "The Algebraic Theory of Context-Free Languages, 1963; F. A. Gers and J. Schmidhuber, LSTM Recurrent "
        "Networks Learn Simple Context-Free and Context-Sensitive Languages, IEEE Trans. Neural Networks "
        "12(6), 2001."
    )
    encoder = SymbolEncoder(SYMBOLS)

    @property
    def chance(self) -> float:
        """The share of steps at depth 0, exact: a random walk that stays where it would leave 0 to 5."""
        opens, closes, _ = SHARES
        moves = np.diag(np.full(DEEPEST, opens), 1) + np.diag(np.full(DEEPEST, closes), -1)
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
        depth = torch.zeros(size, dtype=torch.int64)
        depths = torch.empty(size, length, dtype=torch.int64)
        for step in range(length):
            wanted = depth + _MOVES[symbols[:, step]]
            allowed = (wanted >= 0) & (wanted <= DEEPEST)
            symbols[~allowed, step] = SYMBOLS.index("x")
            depth = torch.where(allowed, wanted, depth)
            depths[:, step] = depth
        x = torch.eye(len(SYMBOLS))[symbols]
        return Batch(x, depths, every_step(x))

    held_out = batch

    def examples(self) -> tuple[Example, ...]:
        """Brackets to read, and the depth after each."""
        if self.longest != Brackets().longest:
            return drawn_examples(
                self, "symbols", self.longest, lambda n: replace(self, shortest=n, longest=n)
            )
        drawn = Brackets(200, 200).batch(1, torch.Generator().manual_seed(200)).x[0].argmax(dim=-1).tolist()
        long = ("200 symbols, more than twice what it was trained on", "".join(SYMBOLS[i] for i in drawn))
        return tuple(
            Example(title=title, labels=tuple(text), target=_answers(text)) for title, text in (*_TEXTS, long)
        )

    def in_words(self) -> str:
        """The first of the examples, told."""
        example = self.examples()[0]
        return (
            f"It reads {len(example.labels)} symbols, {beginning(example.labels)}, one at a time. After each "
            f"the right answer is how many brackets are open: {beginning(example.target, '.')}"
        )


def _answers(text: str) -> tuple[str, ...]:
    heads = (text[: step + 1] for step in range(len(text)))
    return tuple(str(head.count("(") - head.count(")")) for head in heads)
