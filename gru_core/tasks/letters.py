"""A character language model on a novel: which character comes next? The text ships with the app."""

import gzip
import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import numpy as np
import torch
from torch import nn

from gru_core.model import Example, SequenceModel
from gru_core.overrides import GateOverride
from gru_core.tasks.evaluation import readouts
from gru_core.tasks.text import Text

NOVEL = Path(__file__).resolve().parent.parent.parent / "assets" / "data" / "northanger.txt.gz"

_PASSAGES = (
    ("People speak: quotation marks open and close", '\n"Then you do not suppose he ever', 240),
    ("Brackets, in a sentence of many lines", "\nmuch longer time--had been misled (perhaps", 240),
    ("A chapter begins", "CHAPTER 28", 300),
    ("A long stretch with speech in it, never seen in training", "CHAPTER 30", 2000),
    ("The first sentences of the novel, seen in training", "\nNo one who had ever seen", 300),
)
"""Title of each example, how it begins (after a line end), its characters; held out but for the last."""


@cache
def novel() -> str:
    """The novel as it ships, from its first chapter to its last sentence."""
    return gzip.decompress(NOVEL.read_bytes()).decode("utf-8")


@dataclass(frozen=True)
class Letters(Text):
    """The task of `Text` on the novel. The last 15 of 100 characters are never learned from."""

    text: str = field(default_factory=novel, repr=False)
    window: int = 100

    name = "letters"
    title = "The next letter of a novel"
    task = "A novel goes by, letter by letter; at each one, say which letter, mark or line end comes next."
    remember = (
        "Which word this is and how far into it one is; whether somebody is speaking; where the line is."
    )
    source = (
        "Jane Austen, Northanger Abbey, 1817; in the public domain. The task is that of J. L. Elman, Finding "
        "Structure in Time, Cognitive Science 14, 1990, and of A. Karpathy, J. Johnson and L. Fei-Fei, "
        "Visualizing and Understanding Recurrent Networks, 2015, arXiv:1506.02078."
    )

    def __post_init__(self) -> None:
        """What ships is checked by a test, and longer than what a person may paste."""

    def examples(self) -> tuple[Example, ...]:
        """Passages of the novel, with the character that follows as the answer of each."""
        found = []
        for title, beginning, length in _PASSAGES:
            start = self.text.rindex(beginning) + len(beginning) - len(beginning.lstrip("\n"))
            stop = min(start + length, len(self.text) - 1)
            found.append(
                Example(
                    title=title,
                    labels=tuple(self.text[start:stop]),
                    target=tuple(self.text[start + 1 : stop + 1]),
                )
            )
        return tuple(found)

    def stretches(self, least: int = 500) -> tuple[str, ...]:
        """The held-out part in stretches of at least so many characters, to be read one by one.

        Each begins where a line does and nobody is speaking: with a paragraph at the first, then after the
        first line end that comes late enough and lies outside quotation marks. The last may be shorter.
        """
        tail = self.text[self.first_held_out :]
        found, marks = [""], 0
        for line in tail[tail.index("\n\n") :].splitlines():
            marks = marks + line.count('"') if line else 0
            if found[-1] or line:
                found[-1] += line + "\n"
            if len(found[-1]) >= least and marks % 2 == 0:
                found.append("")
        return tuple(stretch for stretch in found if stretch)


def bits(model: SequenceModel, task: Text, overrides: Sequence[GateOverride] = ()) -> float:
    """Mean of -log2 of what the model gives to the character that comes, in the held-out stretches."""
    batch = task.held_out(1, torch.Generator())
    output = readouts(model, batch.x, overrides)
    nats = nn.functional.cross_entropy(output[batch.mask].double(), batch.target[batch.mask])
    return float(nats) / math.log(2)


def counted_bits(task: Text, before: int) -> float:
    """The same for a guess that counts which character followed the last `before` ones, in the other part.

    Every possible character is counted once more than it was seen, so that none is impossible.
    """
    learned, tail = task.text[: task.first_held_out], task.first_held_out
    places = range(tail + 1, len(task.text))
    pairs = Counter(learned[i - before : i + 1] for i in range(before, len(learned)))
    contexts = Counter(learned[i - before : i] for i in range(before, len(learned)))
    symbols = len(task.outputs)
    shares = [
        (pairs[task.text[i - before : i + 1]] + 1) / (contexts[task.text[i - before : i]] + symbols)
        for i in places
    ]
    return float(-np.mean(np.log2(shares)))
