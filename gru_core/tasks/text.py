"""A character language model on a person's own text: which character comes next?"""

from collections import Counter
from dataclasses import dataclass, field
from functools import cached_property
from typing import ClassVar, Literal

import torch
from torch import Tensor

from gru_core.errors import InputError, LimitError
from gru_core.limits import MAX_TEXT_CHARACTERS, MAX_TEXT_SYMBOLS
from gru_core.model import Example
from gru_core.sequences.decoding import clean_label, normalised
from gru_core.sequences.encoders import SymbolEncoder
from gru_core.tasks.base import Batch, ClassTask, every_step

SHORTEST = 200
"""Characters a text needs at least: 170 to learn from and 30 to be tested on."""

HELD_OUT_SHARE = 0.15
HELD_OUT_STRETCHES = 100
"""At most so many stretches of the tail are tested on, spread evenly over it."""


@dataclass(frozen=True)
class Text(ClassTask):
    """At every character, say the next one; batches are stretches of `window` characters.

    The last 15 of 100 characters are held out. Line ends are made one kind and letters composed, as
    wherever the project reads text. The vocabulary is that of the whole text, so that the tail can be
    read; of a character that occurs in the tail only, nothing was learned.

    Raises InputError for a text that is empty, too short or of one symbol, LimitError for one that is too
    long or has too many different characters.
    """

    text: str = field(repr=False)
    window: int = 64

    name = "text"
    title = "The next character of your text"
    task = "Your text goes by, character by character; at each one, say which comes next."
    remember = "Which word this is and how far into it one is; then what the sentence is about."
    when: ClassVar[Literal["every step", "last step"]] = "every step"
    learned = None
    source = (
        "Your own text. The task is that of J. L. Elman, Finding Structure in Time, Cognitive Science 14, "
        "1990, and of A. Karpathy, J. Johnson and L. Fei-Fei, Visualizing and Understanding Recurrent "
        "Networks, 2015, arXiv:1506.02078."
    )

    def __post_init__(self) -> None:
        _check_length(self.text)
        text = "".join(map(clean_label, normalised(self.text)[0]))
        _check(text)
        object.__setattr__(self, "text", text)

    @property
    def steps(self) -> int:
        """Characters of a stretch that is learned from."""
        return self.window

    @property
    def first_held_out(self) -> int:
        """Index of the first character of the tail."""
        return len(self.text) - int(HELD_OUT_SHARE * len(self.text))

    @cached_property
    def outputs(self) -> tuple[str, ...]:
        """The distinct characters, sorted."""
        return tuple(sorted(set(self.text)))

    @property
    def encoder(self) -> SymbolEncoder:
        """One-hot over the distinct characters."""
        return SymbolEncoder(self.outputs)

    @property
    def guess(self) -> str:
        """The commonest character of what is learned from."""
        return f"always the commonest character, {self._commonest!r}"

    @cached_property
    def chance(self) -> float:
        """How often that character is right in the tail."""
        target = self.held_out(1, torch.Generator()).target
        return float((target == self.outputs.index(self._commonest)).double().mean())

    def batch(self, size: int, generator: torch.Generator) -> Batch:
        """`size` stretches that end, next character included, before the tail."""
        starts = torch.randint(self.first_held_out - self.window, (size, 1), generator=generator)
        return self._stretches(starts, self.window)

    def held_out(self, size: int, generator: torch.Generator) -> Batch:
        """The tail in stretches that do not overlap, whatever the size. Nothing here is random."""
        tail = len(self.text) - self.first_held_out
        window = min(self.window, tail - 1)
        starts = torch.arange(self.first_held_out, len(self.text) - window, window)
        if len(starts) > HELD_OUT_STRETCHES:
            starts = starts[torch.linspace(0, len(starts) - 1, HELD_OUT_STRETCHES).long()]
        return self._stretches(starts[:, None], window)

    def examples(self) -> tuple[Example, ...]:
        """Stretches of the text, with the character that follows as the answer of each."""
        tail, end = self.first_held_out, len(self.text) - 1
        spans = (
            ("A stretch that was held out", tail, tail + self.window),
            ("The beginning of the text, seen in training", 0, self.window),
            ("A longer stretch that was held out", tail, tail + 4 * self.window),
        )
        return tuple(
            Example(
                title=title,
                labels=tuple(self.text[start : min(stop, end)]),
                target=tuple(self.text[start + 1 : min(stop, end) + 1]),
            )
            for title, start, stop in spans
        )

    def in_words(self) -> str:
        """The first of the examples, told."""
        labels = self.examples()[0].labels
        read = "".join(labels[:12])
        return (
            f"It reads {len(labels)} characters, “{read}…”, one at a time. After each the right answer is "
            f"the character that follows: after “{read[0]}” it is “{read[1]}”, after “{read[:2]}” it is "
            f"“{read[2]}”, and so on."
        )

    @property
    def _commonest(self) -> str:
        return Counter(self.text[: self.first_held_out]).most_common(1)[0][0]

    @cached_property
    def _indices(self) -> Tensor:
        at = {character: index for index, character in enumerate(self.outputs)}
        return torch.tensor([at[character] for character in self.text])

    def _stretches(self, starts: Tensor, length: int) -> Batch:
        """Starts (stretches, 1) -> the characters from there and the ones after them."""
        found = self._indices[starts + torch.arange(length + 1)]
        x = torch.eye(len(self.outputs))[found[:, :-1]]
        return Batch(x, found[:, 1:], every_step(x))


def _check_length(text: str) -> None:
    """Before anything is made of it."""
    if len(text) > MAX_TEXT_CHARACTERS:
        raise LimitError(
            f"A text to learn from may have at most {MAX_TEXT_CHARACTERS:,} characters, and this one has "
            f"{len(text):,}: paste a part of it."
        )


def _check(text: str) -> None:
    if not text.strip():
        raise InputError(f"There is no text to learn from: paste at least {SHORTEST} characters.")
    different = len(set(text))
    if different == 1:
        raise InputError(
            f"A text to learn from needs at least 2 different characters, and this one has only {text[0]!r}: "
            "there is nothing to predict. Paste another text."
        )
    if different > MAX_TEXT_SYMBOLS:
        raise LimitError(
            f"A text to learn from may have at most {MAX_TEXT_SYMBOLS} different characters, and this one "
            f"has {different:,}: paste a shorter part of it, or leave rare characters out."
        )
    if len(text) < SHORTEST:
        raise InputError(
            f"A text to learn from needs at least {SHORTEST} characters, so that a part can be held out, and "
            f"this one has {len(text)}: paste more of it."
        )
