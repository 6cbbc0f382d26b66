"""The parts of an Uzbek word: uzmorph-bigru, an nn.GRU of two layers and both directions, 64 units each.

    30 letters, filled up on the right -> embedding -> GRU -> linear -> tag of each letter

Its GRU is PyTorch's, reset mode "after". A tag such as "B-SUFF-NOUN-cases=Locative|singular=1" begins the
endings and says what they mean, "I-SUFF" goes on with them; those of the stem are "B-ROOT" and "I-ROOT".
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from gru_core.errors import InputError, LimitError
from gru_core.gallery.base import Entry, Given, Part, Piece, Run, Steps, cut, holding
from gru_core.gallery.packages import package_file
from gru_core.gallery.weights import read_weights
from gru_core.model import GRU
from gru_core.overrides import GateOverride
from gru_core.trace import last_output, trace

LENGTH = 30
"""Steps that the model reads; what a word lacks is filled up on the right."""

CLASSES = {"stem": ("B-ROOT", "I-ROOT"), "ending": ("B-SUFF", "I-SUFF")}
"""What a letter can be, with the beginnings of the tags that say so."""


@dataclass(frozen=True, eq=False)
class Analyser:
    """The model: the numbers of letters, their embedding (49, 64), the GRU, and the scores of tags."""

    ids: Mapping[str, int]
    tags: tuple[str, ...]
    embedding: NDArray[np.float32]
    gru: GRU
    weight: NDArray[np.float32]
    bias: NDArray[np.float32]

    @property
    def grus(self) -> Mapping[str, GRU]:
        """Its one GRU."""
        return {"": self.gru}

    def run(self, given: Given, overrides: tuple[GateOverride, ...] = (), only: str | None = None) -> Run:
        """Stem and endings of a word; what the endings mean is the note of their piece.

        What is shown are the word's letters; `facts["filled"]` padding signs stand behind them.
        Raises InputError for anything that is not one word, LimitError for one that is too long.
        """
        word = check_word(given)
        numbers = [self.ids.get(letter, self.ids["UNK"]) for letter in word]
        numbers += [self.ids["PAD"]] * (LENGTH - len(word))
        traces = trace(self.gru, self.embedding[numbers], overrides=holding(overrides, "", only))
        scores = (last_output(traces)[0, : len(word)] @ self.weight.T + self.bias).astype(np.float32)
        tags = [self.tags[best] for best in scores.argmax(axis=1)]
        part = Part("", tuple(word), tuple(cut(t, 0, len(word)) for t in traces), self._chances(scores))
        return Run((part,), parts_of(word, tags), {"filled": float(LENGTH - len(word))})

    def _chances(self, scores: NDArray[np.float32]) -> Steps:
        """How likely each letter is of the stem or of the endings."""
        powers = np.exp(scores - scores.max(axis=1, keepdims=True))
        shares = powers / powers.sum(axis=1, keepdims=True)
        columns = [
            shares[:, [row for row, tag in enumerate(self.tags) if tag.startswith(begins)]].sum(axis=1)
            for begins in CLASSES.values()
        ]
        return Steps("classes", tuple(CLASSES), np.stack(columns, axis=1).clip(0.0, 1.0))


def check_word(given: Given) -> str:
    """The word in small letters. Raises InputError or LimitError when it is not one word."""
    word = given.strip().lower() if isinstance(given, str) else ""
    if len(word.split()) != 1:
        raise InputError(f"Give one Uzbek word in Latin letters, got {word[:40]!r}.")
    if len(word) > LENGTH:
        raise LimitError(f"A word may have at most {LENGTH} letters here, and this one has {len(word)}.")
    return word


def parts_of(word: str, tags: list[str]) -> tuple[Piece, ...]:
    """The parts that the tags of the letters make: a new one where a tag begins one or the kind changes."""
    kinds = [tag.partition("-")[2].partition("-")[0] for tag in tags]
    starts = [
        at for at, tag in enumerate(tags) if at == 0 or tag.startswith("B-") or kinds[at] != kinds[at - 1]
    ]
    stops = [*starts[1:], len(word)]
    return tuple(
        Piece(word[start:stop], tags[start].removeprefix("B-").removeprefix("I-"), first=start)
        for start, stop in zip(starts, stops, strict=True)
    )


def read(folder: Path) -> Analyser:
    """The model from the package's folder. Raises ModelFileError when a file is missing or does not fit."""
    home = package_file(folder, "data")
    ids = json.loads(package_file(home, "char_vocab.json").read_text(encoding="utf-8"))
    tags = json.loads(package_file(home, "tag_vocab.json").read_text(encoding="utf-8"))
    weights = read_weights(package_file(home, "morph_bigru.pth"))
    return Analyser(
        ids,
        tuple(sorted(tags, key=tags.__getitem__)),
        weights.matrix("char_embeddings"),
        weights.gru("gru"),
        weights.matrix("hidden2tag"),
        weights.bias("hidden2tag"),
    )


ENTRY = Entry(
    name="uzmorph",
    title="Word parts",
    does="Takes an Uzbek word apart: its stem, its endings, and what they mean.",
    kind="word",
    distribution="uzmorph-bigru",
    module="uzmorph_bigru",
    licence="MIT",
    source="uzmorph_bigru: data/morph_bigru.pth, char_vocab.json, tag_vocab.json, uzmorph_bigru.py",
    given="kitoblarimizdan",
    read=read,
    examples=("kitobim", "maktabda", "yozyapmiz", "bordim", "uyimizga", "o'qituvchilar", "bolalar"),
)
