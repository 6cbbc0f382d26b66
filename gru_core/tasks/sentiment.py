"""Sentiment: does somebody like it or not? Short sentences whose last clause may turn everything."""

import csv
import re
from collections import Counter
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import ClassVar, Literal

import torch
from torch import Tensor

from gru_core.model import Example
from gru_core.sequences.encoders import SymbolEncoder
from gru_core.tasks.base import Batch, ClassTask

SENTENCES = Path(__file__).resolve().parent.parent.parent / "assets" / "data" / "sentiment.csv"
UNKNOWN = "<unknown>"
OUTPUTS = ("negative", "positive")
FORGOTTEN = 0.1
"""Share of words that are read as UNKNOWN in training, so that no sentence hangs on a single word."""

_SHOWN = (
    "the bed was comfortable but very dirty",
    "the cake looked ugly but we loved it",
    "nothing about the hotel was bad",
    "my sister was not pleased with the concert",
    "although my phone is old the battery is excellent",
    "we hated the town even though the weather was perfect",
    "the children loved the beach and the warm sun",
)
"""Held-out sentences that are shown: turns, denials, and a plain one."""


@dataclass(frozen=True)
class Sentiment(ClassTask):
    """At the last word, say whether the sentence is positive or negative.

    Words that occur once, or only in held-out sentences, are read as <unknown>; `words_of` does that to any
    text. Sentences of a batch differ in length: a shorter one is followed by steps without input, which
    are never asked and come too late to change its answer.
    """

    name = "sentiment"
    title = "Like it or not"
    task = "A sentence goes by, word by word; at its last word, say whether it is positive or negative."
    remember = "What was praised or blamed so far, and whether a not, a but or an although turns it round."
    outputs = OUTPUTS
    when: ClassVar[Literal["every step", "last step"]] = "last step"
    chance = 0.5
    guess = "either"
    # Sentences it has never seen, some with words it has never seen. Adding up which words speak for
    # which answer, without their order, gets 0.72 of them right (logistic regression on word counts).
    learned = 0.8
    source = (
        "520 short sentences written for this project, 120 of them held out; after the movie reviews of "
        "B. Pang, L. Lee and S. Vaithyanathan, Thumbs Up?, EMNLP 2002, where the task began."
    )

    @property
    def steps(self) -> int:
        """Words of the longest sentence."""
        return max(len(words) for words, _ in (*_read("learn"), *_read("held out")))

    @property
    def encoder(self) -> SymbolEncoder:
        """<unknown>, and the words that occur at least twice in what is learned from."""
        return _encoder()

    def batch(self, size: int, generator: torch.Generator) -> Batch:
        """`size` sentences to learn from, as long as the longest of them, with some words forgotten."""
        words, lengths, labels = _indices("learn")
        chosen = torch.randint(len(labels), (size,), generator=generator)
        forgotten = torch.rand(size, words.shape[1], generator=generator) < FORGOTTEN
        read = torch.where(forgotten, self.encoder.vocabulary.index(UNKNOWN), words[chosen])
        return _batch(read, lengths[chosen], labels[chosen])

    def held_out(self, size: int, generator: torch.Generator) -> Batch:
        """All held-out sentences, the longest first, whatever the size. Nothing here is random."""
        words, lengths, labels = _indices("held out")
        order = lengths.argsort(descending=True, stable=True)
        return _batch(words[order], lengths[order], labels[order])

    def examples(self) -> tuple[Example, ...]:
        """Held-out sentences, with the answer at their last word."""
        answers = {" ".join(words): label for words, label in _read("held out")}
        return tuple(
            Example(
                title=f"“{sentence}”",
                labels=(labels := words_of(sentence)),
                target=("",) * (len(labels) - 1) + (answers[sentence],),
            )
            for sentence in _SHOWN
        )

    def in_words(self) -> str:
        """The first of the examples, told."""
        example = self.examples()[0]
        return (
            f"It reads {example.title}, {len(example.labels)} words, one at a time. It is asked once, after "
            f"the last: the right answer is {example.target[-1]}."
        )


def words_of(text: str) -> tuple[str, ...]:
    """The words of any English text as the task reads them; () where there are none.

    Lower case, without punctuation; n't becomes not; a word outside the vocabulary becomes <unknown>.
    """
    plain = text.lower().replace("’", "'")
    for short, full in (("can't", "cannot"), ("won't", "will not"), ("n't", " not")):
        plain = plain.replace(short, full)
    known = set(_encoder().vocabulary)
    return tuple(word if word in known else UNKNOWN for word in re.findall(r"[^\W\d_]+", plain))


@cache
def _read(part: str) -> tuple[tuple[tuple[str, ...], str], ...]:
    """The sentences of one part of the file, as words, with their labels."""
    with SENTENCES.open(newline="", encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["part"] == part]
    return tuple((tuple(row["sentence"].split()), row["label"]) for row in rows)


@cache
def _encoder() -> SymbolEncoder:
    counts = Counter(word for words, _ in _read("learn") for word in words)
    return SymbolEncoder((UNKNOWN, *sorted(word for word, count in counts.items() if count > 1)))


@cache
def _indices(part: str) -> tuple[Tensor, Tensor, Tensor]:
    """Word indices (sentences, longest), lengths (sentences,), labels (sentences,) of one part."""
    at = {word: index for index, word in enumerate(_encoder().vocabulary)}
    read = [[at.get(word, at[UNKNOWN]) for word in words] for words, _ in _read(part)]
    lengths = torch.tensor([len(words) for words in read])
    words = torch.zeros(len(read), int(lengths.max()), dtype=torch.int64)
    for row, indices in zip(words, read, strict=True):
        row[: len(indices)] = torch.tensor(indices)
    return words, lengths, torch.tensor([OUTPUTS.index(label) for _, label in _read(part)])


def _batch(words: Tensor, lengths: Tensor, labels: Tensor) -> Batch:
    longest = int(lengths.max())
    step = torch.arange(longest)
    x = torch.eye(_encoder().width)[words[:, :longest]] * (step < lengths[:, None])[..., None]
    return Batch(x, labels[:, None].expand(-1, longest), step == lengths[:, None] - 1)
