"""Measures of what a model says."""

from typing import Literal

import numpy as np

from gru_core.analysis.answer import Verdict, verdict
from gru_core.errors import InputError
from gru_core.gallery import entry_of, read_model
from gru_core.lessons.of_traces import At, step_of
from gru_core.lessons.stage import Stage


def answer(stage: Stage, at: At = "here") -> str:
    """What the model answers at a step, in words."""
    card, answers = stage.model.card, stage.answers()[step_of(stage, at)]
    return card.outputs[int(answers.argmax())] if card.answer == "class" else f"{answers[0]:.4g}"


def confidence(stage: Stage, at: At = "here") -> float:
    """The probability in [0, 1] that the model gives to what it answers."""
    return float(stage.answers()[step_of(stage, at)].max())


def expected(stage: Stage, at: At = "here") -> str:
    """The right answer at a step; "" where none is asked or known."""
    step = step_of(stage, at)
    return stage.target[step] if step < len(stage.target) else ""


def symbol(stage: Stage, at: At = "here") -> str:
    """What stands at a step of the sequence."""
    return stage.labels[step_of(stage, at)]


def right_share(stage: Stage) -> float:
    """The share in [0, 1] of steps with a known answer that are answered right."""
    found = _verdict(stage)
    if not found.counted:
        raise InputError("No right answer is known here, so there is no share of right ones.")
    return found.right / found.counted


def is_right(stage: Stage) -> bool:
    """Whether the last answer that counts is the right one."""
    return bool(_verdict(stage).is_right)


def mean_error(stage: Stage) -> float:
    """The mean absolute error of the numbers that the model answers, in the units of the data."""
    error = _verdict(stage).error
    if error is None:
        raise InputError("This model does not answer in numbers, so there is no error to be measured.")
    return error


def held_out(stage: Stage) -> float:
    """The score on sequences that were never learned from, as the model's card has it."""
    return stage.model.card.accuracy or 0.0


def guessing(stage: Stage) -> float:
    """The score of guessing, as the model's card has it."""
    return stage.model.card.chance or 0.0


def real_says(stage: Stage, model: str, text: str = "", gates: str = "learned") -> str:
    """What a real model of the gallery says, piece by piece with spaces between.

    Raises ModelFileError with the command that brings its package where it is not installed.
    """
    from gru_core.overrides import EXTREMES

    entry = entry_of(model)
    run = stage.kept(
        ("real", model, text, gates), lambda: read_model(model).run(text or entry.given, EXTREMES[gates])
    )
    return " ".join(piece.text for piece in run.said)


def real_share(stage: Stage, model: str, text: str, of: Literal["R", "Z"], equal_to: float) -> float:
    """The share in [0, 1] of a gate's values in a real model that are exactly a number."""
    traces = [t for part in read_model(model).run(text).parts for t in part.traces]
    return float(np.mean([(getattr(t, of) == equal_to).mean() for t in traces]))


def real_units(stage: Stage, model: str) -> int:
    """How many hidden units the first GRU of a real model has in each layer and direction."""
    return next(iter(read_model(model).grus.values())).hidden_size


def _verdict(stage: Stage) -> Verdict:
    found = verdict(stage.model.card, stage.answers(), stage.target)
    if found is None:
        raise InputError("This model gives no answers that could be judged.")
    return found
