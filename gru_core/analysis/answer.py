"""Whether a model's answers are right: one verdict from the answers and what was expected."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gru_core.model import ModelCard


@dataclass(frozen=True)
class Verdict:
    """The answers of one sequence, judged.

    step        the step that is reported: the last one that counts
    answer      the answer there, in words: a class, or a number
    confidence  the probability given to that class; None for numbers
    expected    the right answer there; None when it is not known
    right, counted   how many of the steps that have a known answer were answered right (0 for numbers)
    error       mean absolute error over those steps; None for classes
    name        what a number is of, with its unit; "" for classes
    """

    step: int
    answer: str
    confidence: float | None
    expected: str | None
    right: int
    counted: int
    error: float | None = None
    name: str = ""

    @property
    def is_right(self) -> bool | None:
        """Whether the reported answer is the expected one; None when that is not known, or a number."""
        if self.expected is None or self.confidence is None:
            return None
        return self.answer == self.expected


def number_text(value: float) -> str:
    """A number in four significant digits, as answers are shown."""
    return f"{value:.4g}"


def verdict(
    card: ModelCard, answers: NDArray[np.floating] | None, target: Sequence[str] = ()
) -> Verdict | None:
    """The verdict on answers (time, outputs) given the expected ones per step ("" where none is asked).

    None when the model gives no answers.
    """
    if answers is None or card.answer == "none":
        return None
    asked = [t for t, wanted in enumerate(target) if wanted != ""] if len(target) == len(answers) else []
    step = asked[-1] if asked else len(answers) - 1
    expected = target[step] if asked else None
    if card.answer == "class":
        chosen = answers.argmax(axis=-1)
        right = sum(card.outputs[chosen[t]] == target[t] for t in asked)
        best = int(chosen[step])
        return Verdict(step, card.outputs[best], float(answers[step, best]), expected, right, len(asked))
    errors = [abs(float(answers[t, 0]) - float(target[t])) for t in asked]
    mean = float(np.mean(errors)) if errors else None
    shown = None if expected is None else number_text(float(expected))
    return Verdict(
        step, number_text(float(answers[step, 0])), None, shown, 0, len(asked), mean, card.outputs[0]
    )
