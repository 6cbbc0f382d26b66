"""What a text makes people feel: reactionrnn, a character GRU of 256 units.

    140 characters, filled up on the left -> embedding -> GRU -> linear, relu, divided by their sum

Its GRU is in the textbook's equations (reset mode "before") with Keras' first hard sigmoid,
clip(0.2 a + 0.5, 0, 1), as gate activation.
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
from gru_core.trace import trace

LENGTH = 140
"""Steps that the model reads: shorter texts are filled up on the left, of longer ones it reads the end."""

MOST_CHARACTERS = 2_000
"""Longest text that is taken."""

REACTIONS = ("love", "wow", "haha", "sad", "angry")


@dataclass(frozen=True, eq=False)
class Reactions:
    """The model: the numbers of characters, their embedding, the GRU, and the scores of reactions."""

    ids: Mapping[str, int]
    embedding: NDArray[np.float32]
    gru: GRU
    weight: NDArray[np.float32]
    bias: NDArray[np.float32]

    @property
    def grus(self) -> Mapping[str, GRU]:
        """Its one GRU."""
        return {"": self.gru}

    def run(self, given: Given, overrides: tuple[GateOverride, ...] = (), only: str | None = None) -> Run:
        """The reactions to a text, and what they would be if it ended after each character.

        What is shown begins with the text's first character; `facts["padding"]` steps were read before.
        Raises InputError for a text of which no character is known, LimitError for one that is too long.
        """
        text = check_text(given)
        # A character without a number is passed over.
        tokens = [character for character in text if character in self.ids][-LENGTH:]
        if not tokens:
            raise InputError(
                f"The model knows none of the characters of {text[:20]!r}: give a text in English."
            )
        first = LENGTH - len(tokens)
        numbers = [0] * first + [self.ids[token] for token in tokens]
        whole = trace(self.gru, self.embedding[numbers], overrides=holding(overrides, "", only))[0]
        shown = cut(whole, first)
        shares = as_shares(shown.H[0] @ self.weight.T + self.bias)
        order = np.argsort(-shares[-1], kind="stable")
        said = tuple(
            Piece(REACTIONS[row], value=float(shares[-1, row])) for row in order if shares[-1, row] > 0.0
        )
        part = Part("", tuple(tokens), (shown,), Steps("classes", REACTIONS, shares))
        return Run((part,), said, {"padding": float(first), "left_out": float(len(text) - len(tokens))})


def check_text(given: Given) -> str:
    """The text as it is. Raises InputError or LimitError when it cannot be read."""
    text = given if isinstance(given, str) else ""
    if not text.strip():
        raise InputError("The model reads a text, got nothing: type a sentence.")
    if len(text) > MOST_CHARACTERS:
        raise LimitError(
            f"A text may have at most {MOST_CHARACTERS:,} characters here, and this one has {len(text):,}."
        )
    return text


def as_shares(scores: NDArray[np.float32]) -> NDArray[np.float32]:
    """Scores (time, reactions) above 0 as shares of their sum; all 0 where no score is above 0."""
    above = np.maximum(scores, 0.0)
    sums = above.sum(axis=1, keepdims=True)
    return np.divide(above, sums, out=np.zeros_like(above), where=sums > 0.0)


def read(folder: Path) -> Reactions:
    """The model from the package's folder. Raises ModelFileError when a file is missing or does not fit."""
    ids = json.loads(package_file(folder, "reactionrnn_vocab.json").read_text(encoding="utf-8"))
    weights = read_weights(package_file(folder, "reactionrnn_weights.hdf5"))
    return Reactions(
        ids, weights.matrix("embedding"), weights.gru("rnn"), weights.matrix("output"), weights.bias("output")
    )


ENTRY = Entry(
    name="reactionrnn",
    title="Reactions",
    does="Reads a text character by character and guesses which reactions it gets.",
    kind="text",
    distribution="reactionrnn",
    module="reactionrnn",
    licence="MIT",
    source="reactionrnn: reactionrnn_weights.hdf5, reactionrnn_vocab.json, reactionrnn.py",
    given="Happy Mother's Day from the Chicago Cubs!",
    read=read,
    examples=(
        "This is scary AF!😱😱",
        "When the soup is too hot 😂😂😂",
        "He was only 41.",
        "Everyone loves autoplaying videos!",
    ),
)
