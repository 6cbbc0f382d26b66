"""Measures of what changes when an input does, and of how far a gradient reaches."""

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from gru_core.analysis.gradients import state_gradients
from gru_core.errors import InputError
from gru_core.lessons.of_traces import At, step_of
from gru_core.lessons.stage import Stage
from gru_core.overrides import GateOverride
from gru_core.sequences.encoders import SymbolEncoder
from gru_core.trace import trace


def change_of_state(stage: Stage, at: int, until: At = "last", symbol: str = "") -> float:
    """max |change of H| at `until` when the input of step `at` is another: `symbol`, or the next one.

    A number becomes 0 (and 0 becomes 1).
    """
    last = step_of(stage, until)
    changed = stage.traces(_changed(stage, at, symbol))[stage.view.layer].H[0, last]
    return float(np.abs(changed - stage.trace.H[0, last]).max())


def answer_after_change(stage: Stage, at: int, symbol: str = "", until: At = "last") -> str:
    """What the model answers at `until` when the input of step `at` is another."""
    answers = stage.answers(_changed(stage, at, symbol))[step_of(stage, until)]
    names = stage.model.card.outputs
    return names[int(answers.argmax())] if stage.model.card.answer == "class" else f"{answers[0]:.4g}"


def apart_when_held(stage: Stage, gate: Literal["R", "Z"], at_value: float) -> float:
    """max |change of H| over all steps and units when a gate is held at a value as well."""
    held = (*stage.overrides, GateOverride(gate, at_value))
    other = trace(stage.model.gru, stage.x, overrides=held)[stage.view.layer]
    return float(np.abs(other.H - stage.trace.H).max())


def gradient(stage: Stage, since: int, until: At = "last") -> float:
    """The largest stretch of dH_until / dH_since, its spectral norm, under the view's gates."""
    last, step = step_of(stage, until), step_of(stage, since)
    norms = stage.kept(
        ("gradients", last), lambda: state_gradients(stage.model.gru, stage.trace, stage.overrides, last)
    )
    if not np.isfinite(norms[step]):
        raise InputError(f"The gradient from step {step} to step {last} is not measured: it is too far.")
    return float(norms[step])


def gradient_per_step(stage: Stage, since: int, until: At = "last") -> float:
    """The same as a factor for each step: its root of so many steps."""
    steps = step_of(stage, until) - step_of(stage, since)
    if steps < 1:
        raise InputError("A factor per step needs at least one step between the two.")
    return float(gradient(stage, since, until) ** (1 / steps))


def _changed(stage: Stage, at: int | Literal["here", "last"], symbol: str) -> NDArray[np.float32]:
    x, step = stage.x.copy(), step_of(stage, at)
    encoder = stage.model.encoder
    if isinstance(encoder, SymbolEncoder):
        names = encoder.vocabulary
        if symbol and symbol not in names:
            raise InputError(f"There is no symbol {symbol[:20]!r}: choose one of {', '.join(names)}.")
        new = names.index(symbol) if symbol else (int(x[step].argmax()) + 1) % len(names)
        x[step] = np.eye(len(names), dtype=np.float32)[new]
    else:
        x[step] = 0.0 if x[step].any() else 1.0
    return x
