"""Handwritten digits, read row by row: which digit is it?"""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import ClassVar, Literal

import numpy as np
import torch
from torch import Tensor

from gru_core.model import Example
from gru_core.sequences.encoders import NumberEncoder
from gru_core.tasks.base import Batch, ClassTask, last_step

IMAGES = Path(__file__).resolve().parent.parent.parent / "assets" / "data" / "digits.npz"
ROWS = 8
HELD_OUT = 360
"""The last images of the file are never learned from."""


@dataclass(frozen=True)
class Digits(ClassTask):
    """At the last of 8 rows, say which digit it was.

    The columns share one mean and one deviation, those of all pixels that are learned from: pixels at the
    rim are nearly always 0, and have no deviation of their own to speak of.
    """

    name = "digits"
    title = "Handwritten digits, row by row"
    task = "The 8 rows of a handwritten digit go by, from top to bottom; at the end, say which digit it is."
    remember = "The strokes of the rows above: many digits differ in one row only."
    outputs = tuple(str(digit) for digit in range(10))
    when: ClassVar[Literal["every step", "last step"]] = "last step"
    # The images are real, and some are hard to read for people too.
    learned = 0.9
    steps = ROWS
    source = (
        "E. Alpaydin and C. Kaynak, Optical Recognition of Handwritten Digits, UCI Machine Learning "
        "Repository, 1998, doi:10.24432/C50P49 (CC BY 4.0): the 1,797 images of its test part, "
        "8 x 8 pixels of 0 to 16."
    )

    @property
    def encoder(self) -> NumberEncoder:
        """A row's 8 pixels, standardised by the images that are learned from."""
        mean, std = _mean_and_std()
        return NumberEncoder(tuple(f"column {i + 1}" for i in range(8)), (mean,) * 8, (std,) * 8)

    @property
    def guess(self) -> str:
        """The digit that is commonest among those that are learned from."""
        return f"always {_commonest()}, the commonest digit"

    @property
    def chance(self) -> float:
        """The share of that digit among the held-out images."""
        return float((read_digits()[1][-HELD_OUT:] == _commonest()).mean())

    def batch(self, size: int, generator: torch.Generator) -> Batch:
        """`size` images out of those that are learned from."""
        x, labels = _standardised()
        chosen = torch.randint(len(x) - HELD_OUT, (size,), generator=generator)
        return _asked(x[chosen], labels[chosen])

    def held_out(self, size: int, generator: torch.Generator) -> Batch:
        """All held-out images, whatever the size. Nothing here is random."""
        x, labels = _standardised()
        return _asked(x[-HELD_OUT:], labels[-HELD_OUT:])

    def examples(self) -> tuple[Example, ...]:
        """Ten held-out images, one of each digit."""
        images, labels = read_digits()
        held_out = range(len(labels) - HELD_OUT, len(labels))
        firsts = (next(i for i in held_out if labels[i] == digit) for digit in (3, 8, 0, 1, 2, 4, 5, 6, 7, 9))
        return tuple(
            Example(
                title=f"A {labels[i]}, never seen in training",
                values=tuple(tuple(float(pixel) for pixel in row) for row in images[i]),
                target=("",) * (ROWS - 1) + (str(labels[i]),),
                ticks=tuple(f"row {row + 1}" for row in range(ROWS)),
            )
            for i in firsts
        )

    def in_words(self) -> str:
        """The first of the examples, told."""
        example = self.examples()[0]
        assert example.values is not None
        first, second = (" ".join(f"{pixel:g}" for pixel in row) for row in example.values[:2])
        return (
            f"It reads the {ROWS} rows of a picture from top to bottom, 8 pixels each, from 0 (paper) to 16 "
            f"(ink): {first}, then {second}, and so on. It is asked once, after the last row: the right "
            f"answer is the digit in the picture, {example.target[-1]}."
        )


@cache
def read_digits() -> tuple[np.ndarray, np.ndarray]:
    """Images (1797, 8, 8) uint8 from 0 to 16, and digits (1797,) uint8; neither can be written to."""
    with np.load(IMAGES, allow_pickle=False) as file:
        images, labels = file["images"], file["labels"]
    images.flags.writeable = labels.flags.writeable = False
    return images, labels


@cache
def _standardised() -> tuple[Tensor, Tensor]:
    images, labels = read_digits()
    mean, std = _mean_and_std()
    return torch.tensor((images - mean) / std, dtype=torch.float32), torch.tensor(labels, dtype=torch.int64)


def _mean_and_std() -> tuple[float, float]:
    learned_from = read_digits()[0][:-HELD_OUT]
    return round(float(learned_from.mean()), 4), round(float(learned_from.std()), 4)


def _commonest() -> int:
    return int(np.bincount(read_digits()[1][:-HELD_OUT]).argmax())


def _asked(x: Tensor, labels: Tensor) -> Batch:
    return Batch(x, labels[:, None].expand(-1, ROWS), last_step(x))
