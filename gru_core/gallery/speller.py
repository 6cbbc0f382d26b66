"""How an English word is said: the encoder and decoder of g2p_en, two GRUs of 256 units.

    letters and </s> -> embedding -> GRU (encoder) -> its last state
    that state, <s>  -> GRU (decoder) -> linear -> phoneme -> back in as the next input, until </s>

The equations are PyTorch's, reset mode "after". The package looks a word up in a dictionary first and asks
the network for the others; here the network reads every word.
"""

import unicodedata
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

MOST_LETTERS = 60
"""Longest word that is read."""

MOST_PHONEMES = 20
"""Steps of the decoder, as in the package."""

LETTERS = ("<pad>", "<unk>", "</s>", *"abcdefghijklmnopqrstuvwxyz")
"""The encoder's symbols, in the order of the rows of its embedding."""

_BEFORE_VOWELS = ("<pad>", "<unk>", "<s>", "</s>")
_SOUNDS = (
    "AA0 AA1 AA2 AE0 AE1 AE2 AH0 AH1 AH2 AO0 AO1 AO2 AW0 AW1 AW2 AY0 AY1 AY2 B CH D DH EH0 EH1 EH2 ER0 ER1 "
    "ER2 EY0 EY1 EY2 F G HH IH0 IH1 IH2 IY0 IY1 IY2 JH K L M N NG OW0 OW1 OW2 OY0 OY1 OY2 P R S SH T TH UH0 "
    "UH1 UH2 UW UW0 UW1 UW2 V W Y Z ZH"
)
PHONEMES = (*_BEFORE_VOWELS, *_SOUNDS.split())
"""The decoder's symbols: phonemes of the CMU dictionary; the digit of a vowel is its stress."""

_END = PHONEMES.index("</s>")
_LIKELY = 0.25


@dataclass(frozen=True, eq=False)
class Speller:
    """The model: embeddings of letters (29, 256) and phonemes (74, 256), two GRUs, scores of phonemes."""

    encoder: GRU
    decoder: GRU
    letters: NDArray[np.float32]
    phonemes: NDArray[np.float32]
    weight: NDArray[np.float32]
    bias: NDArray[np.float32]

    @property
    def grus(self) -> Mapping[str, GRU]:
        """Encoder and decoder."""
        return {"encoder": self.encoder, "decoder": self.decoder}

    def run(self, given: Given, overrides: tuple[GateOverride, ...] = (), only: str | None = None) -> Run:
        """The phonemes of a word, written one after the other by the decoder from its own output.

        Raises InputError for anything that is not one word, LimitError for one that is too long.
        """
        tokens = (*check_word(given), "</s>")
        known = {letter: row for row, letter in enumerate(LETTERS)}
        x = self.letters[[known.get(token, known["<unk>"]) for token in tokens]]
        encoded = trace(self.encoder, x, overrides=holding(overrides, "encoder", only))
        last = encoded[0].H[:, -1][None]

        held = holding(overrides, "decoder", only)
        fed = np.zeros((MOST_PHONEMES, self.phonemes.shape[1]), np.float32)
        read, written, chances = ["<s>"], [], []
        for step in range(MOST_PHONEMES):
            fed[step] = self.phonemes[PHONEMES.index(read[step])]
            # All steps at once, so that gates held at some steps are held there; later ones do not matter.
            decoded = trace(self.decoder, fed, h0=last, overrides=held)[0]
            scores = decoded.H[0, step] @ self.weight.T + self.bias
            chances.append(softmax(scores))
            best = int(scores.argmax())
            if best == _END:
                break
            written.append(PHONEMES[best])
            read.append(PHONEMES[best])
        count = len(chances)
        parts = (
            Part("encoder", tokens, tuple(encoded)),
            Part("decoder", tuple(read[:count]), (cut(decoded, 0, count),), likely(np.array(chances))),
        )
        said = tuple(Piece(phoneme, first=step) for step, phoneme in enumerate(written))
        return Run(parts, said, {"stopped": float(count > len(written))})


def check_word(given: Given) -> str:
    """The word in small letters without accents. Raises InputError or LimitError when it is not one word."""
    text = given.strip().lower() if isinstance(given, str) else ""
    word = "".join(c for c in unicodedata.normalize("NFD", text) if unicodedata.category(c) != "Mn")
    if not any(letter in LETTERS for letter in word) or len(word.split()) != 1:
        raise InputError(
            f"Give one English word, in the letters a to z, got {word[:40]!r}: the network reads a word "
            "at a time."
        )
    if len(word) > MOST_LETTERS:
        raise LimitError(
            f"A word may have at most {MOST_LETTERS} letters here, and this one has {len(word)}."
        )
    return word


def softmax(scores: NDArray[np.float32]) -> NDArray[np.float32]:
    """Scores as probabilities."""
    powers = np.exp(scores - scores.max())
    return powers / powers.sum()


def likely(chances: NDArray[np.float32]) -> Steps:
    """The chances (time, phonemes) of those that are likely at some step, in the order in which they become
    so, and of all others together."""
    first = [
        (int((column > _LIKELY).argmax()), row)
        for row, column in enumerate(chances.T)
        if column.max() > _LIKELY
    ]
    rows = [row for _, row in sorted(first)]
    others = 1.0 - chances[:, rows].sum(axis=1, keepdims=True)
    values = np.concatenate([chances[:, rows], others.clip(0.0, 1.0)], axis=1)
    return Steps("classes", (*(PHONEMES[row] for row in rows), "…"), values.astype(np.float32))


def read(folder: Path) -> Speller:
    """The model from the package's folder. Raises ModelFileError when the file is missing or does not fit."""
    weights = read_weights(package_file(folder, "checkpoint20.npz"))
    return Speller(
        weights.gru("enc"),
        weights.gru("dec"),
        weights.matrix("enc_emb"),
        weights.matrix("dec_emb"),
        weights.matrix("fc"),
        weights.bias("fc"),
    )


ENTRY = Entry(
    name="g2p_en",
    title="Word to sound",
    does="Reads the letters of an English word and writes its phonemes.",
    kind="word",
    distribution="g2p_en",
    module="g2p_en",
    licence="Apache-2.0",
    source="g2p_en: checkpoint20.npz, g2p.py",
    given="activationist",
    read=read,
    examples=("recurrent", "gating", "photograph", "photography", "knight", "transformerless"),
)
