"""What a trace shows, in two to four plain sentences; every number in them is computed from the trace.

A sentence is a template of `TEMPLATES` filled with the values of a `Fact` (see fact.py). Labels in the values
are what people uploaded: whoever puts a sentence on a screen shows it as text, never as markup.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from gru_core.analysis.fact import Fact, Piece, fact, quoted, rounded
from gru_core.analysis.timescale import HOLDS, half_life, longest_hold, mean_keep
from gru_core.errors import ShapeError

if TYPE_CHECKING:
    from gru_core.model import ModelCard
    from gru_core.trace import GateTrace

KEEPS = 0.9
"""A unit "keeps" at a step, or on average, when its Z is above this."""

TEMPLATES: MappingProxyType[str, str] = MappingProxyType(
    {
        # What the gates have become, when they are at an extreme throughout.
        "copy": "Z is 1 at every step, so the state never changes: every H equals the state it started from.",
        "rnn": (
            "Z is 0 and R is 1 at every step: the GRU is a plain tanh RNN that overwrites its whole state "
            "each step."
        ),
        "input_only": (
            "Z and R are 0 at every step: each state is made from that step's input alone, nothing is "
            "remembered."
        ),
        "overwrite": (
            "Z is 0 at every step: the whole state is overwritten each step, and only the candidate carries "
            "memory."
        ),
        "reset_open": "R is 1 at every step: the candidate always sees the whole old state.",
        "reset_closed": (
            "R is 0 at every step: the candidate never sees the old state, only Z carries memory."
        ),
        # Where it writes.
        "writes_most": (
            "The state is rewritten most at {step}: there Z is lowest, and an average unit replaces "
            "{share:.0%} of what it holds ({average:.0%} at an average step)."
        ),
        "writes_evenly": (
            "Every step rewrites the state alike: an average unit replaces {average:.0%} of what it holds."
        ),
        # How long it remembers.
        "memory_held": (
            "{keepers} more than {threshold:.0%} per step on average; unit {unit} remembers longest: "
            "{left:.0%} of what it held at {step} is still there after {more}."
        ),
        "memory": (
            "{keepers} more than {threshold:.0%} per step on average; unit {unit} remembers longest: at its "
            "average Z, half of its content is left after {half_life:,.15g} steps."
        ),
        "memory_short": (
            "{keepers} more than {threshold:.0%} per step on average; even unit {unit}, which remembers "
            "longest, loses more than half of its content at each step (it keeps {keep:.0%})."
        ),
        "memory_frozen": (
            "{keepers} more than {threshold:.0%} per step on average; for {frozen} of them Z is 1 at every "
            "step, so they never change (the first is unit {unit})."
        ),
        # What the reset gate does.
        "reset": (
            "R shows the candidate {average:.0%} of the old state on average; it shuts most at {step} "
            "({lowest:.0%}) and opens most at {step_open} ({highest:.0%})."
        ),
        "reset_even": "R shows the candidate {average:.0%} of the old state at every step.",
        # How the state moves, for gates at an extreme.
        "moves": (
            "An average unit moves by {average:.2f} per step on the scale from -1 to 1, most at {step} "
            "({largest:.2f})."
        ),
        "still": "From the first step to the last no unit moves at all.",
        # What the model says.
        "answer_class": (
            "{setting} the model answers {answer} at {step}, with a probability of {probability:.0%}."
        ),
        "answer_number": "{setting} the model answers {name} = {value:,.15g} at {step}.",
        # Pieces of sentences.
        "keepers": "{count} of {units} units keep",
        "keepers_one": "1 of {units} units keeps",
        "more": "{steps:,} more steps",
        "more_one": "1 more step",
        "step": "step {index}",
        "step_labelled": "step {index} ({label})",
        "setting_learned": "With its gates as learned",
        "setting_rnn": "As a plain RNN",
        "setting_input_only": "Seeing only each input",
        "setting_copy": "With its state frozen",
        "setting_other": "With the gates set like this",
    }
)
"""English; another language has the same keys and the same names in braces."""

_SETTINGS = ("learned", "rnn", "input_only", "copy")
_CHANGE = 0.005  # two shares that differ by less read the same as whole percents


def facts(
    trace: GateTrace,
    sequence_labels: Sequence[str] | None = None,
    answers: NDArray[np.floating] | None = None,
    card: ModelCard | None = None,
    override_name: str | None = None,
) -> tuple[Fact, ...]:
    """Two to four sentences on one layer and direction of one sequence (the first of the batch).

    sequence_labels  one text per step, "" or None where a step has no name
    answers          (time, outputs) or (batch, time, outputs): what `SequenceModel.answers` gives
    card             the model's card, which says what the answers mean; without it they are left out
    override_name    a name of EXTREMES, or any other text for a free setting; None is the same as "learned"

    Steps and units are counted from 0, as everywhere in GateScope.
    Raises ShapeError when there is not one label, or one answer, per step.
    """
    labels = tuple(sequence_labels or ())
    if labels and len(labels) != trace.steps:
        raise ShapeError(f"A trace of {trace.steps} steps needs as many labels, got {len(labels)}.")
    trace = _first_of_batch(trace)
    Z, R = trace.Z[0], trace.R[0]
    at_extreme = _extreme(Z, R)
    found: list[Fact] = []
    if at_extreme is not None:
        found.append(_fact(at_extreme))
    if at_extreme == "copy" and (trace.H[0] == trace.H_prev[0]).all():
        found.append(_fact("still"))
    elif at_extreme in ("copy", "rnn", "input_only", "overwrite"):
        found.append(_movement(trace, labels))
    else:
        found += [_writing(Z, labels), _memory(trace, labels)]
    if at_extreme in (None, "overwrite"):
        found.append(_reset(R, labels))
    if answers is not None and card is not None and card.answer != "none":
        found.append(_answer(answers, card, labels, trace.steps, override_name))
    return tuple(found[:4])


def _first_of_batch(trace: GateTrace) -> GateTrace:
    arrays = ("X", "H0", "R", "Z", "H_tilde", "H", "H_prev", "R_proposed", "Z_proposed")
    return replace(trace, **{name: getattr(trace, name)[:1] for name in arrays})


def _extreme(Z: NDArray[np.floating], R: NDArray[np.floating]) -> str | None:
    """The corner or edge of the gate square at which all units are at all steps."""
    low_z, high_z, low_r, high_r = (float(v) for v in (Z.min(), Z.max(), R.min(), R.max()))
    if low_z == 1.0:
        return "copy"
    reset = "open" if low_r == 1.0 else "closed" if high_r == 0.0 else None
    if high_z == 0.0:
        return {"open": "rnn", "closed": "input_only", None: "overwrite"}[reset]
    return None if reset is None else f"reset_{reset}"


def _writing(Z: NDArray[np.floating], labels: tuple[str, ...]) -> Fact:
    written = 1.0 - Z.mean(axis=1, dtype=np.float64)  # (time,)
    step, average = int(written.argmax()), float(written.mean())
    if written.max() - written.min() < _CHANGE:
        return _fact("writes_evenly", average=average)
    return _fact("writes_most", step=_step(step, labels), share=float(written[step]), average=average)


def _memory(trace: GateTrace, labels: tuple[str, ...]) -> Fact:
    keep = mean_keep(trace)
    lives = half_life(trace)
    count = int((keep > KEEPS).sum())
    keepers = Piece("keepers_one" if count == 1 else "keepers", (("count", count), ("units", trace.units)))
    common: dict[str, Any] = {"keepers": keepers, "threshold": KEEPS}
    frozen = np.isinf(lives)
    if frozen.any():
        return _fact("memory_frozen", **common, unit=int(frozen.argmax()), frozen=int(frozen.sum()))
    # A unit that keeps an empty state keeps nothing that could be called a memory.
    holding = np.abs(trace.H[0]).max(axis=0) >= HOLDS
    unit = int(np.where(holding | ~holding.any(), lives, -1.0).argmax())
    held = longest_hold(trace)
    if held is not None and held.steps >= lives[unit]:
        more = Piece("more_one") if held.steps == 1 else Piece("more", (("steps", held.steps),))
        step = _step(held.step, labels)
        return _fact(
            "memory_held", **common, unit=held.unit, left=_below_all(held.left), step=step, more=more
        )
    if lives[unit] < 1.0:
        return _fact("memory_short", **common, unit=unit, keep=float(keep[unit]))
    return _fact("memory", **common, unit=unit, half_life=rounded(float(lives[unit])))


def _below_all(share: float) -> float:
    """A share as whole percents will say it: short of 1, never "100%"."""
    return min(share, 0.99) if share < 1.0 else share


def _reset(R: NDArray[np.floating], labels: tuple[str, ...]) -> Fact:
    shown = R.mean(axis=1, dtype=np.float64)
    low, high = int(shown.argmin()), int(shown.argmax())
    if shown[high] - shown[low] < _CHANGE:
        return _fact("reset_even", average=float(shown.mean()))
    return _fact(
        "reset",
        average=float(shown.mean()),
        step=_step(low, labels),
        lowest=float(shown[low]),
        step_open=_step(high, labels),
        highest=float(shown[high]),
    )


def _movement(trace: GateTrace, labels: tuple[str, ...]) -> Fact:
    moved = np.abs(trace.H[0] - trace.H_prev[0]).mean(axis=1, dtype=np.float64)
    step = int(moved.argmax())
    return _fact("moves", average=float(moved.mean()), step=_step(step, labels), largest=float(moved[step]))


def _answer(
    answers: NDArray[np.floating],
    card: ModelCard,
    labels: tuple[str, ...],
    steps: int,
    override_name: str | None,
) -> Fact:
    per_step = answers[0] if answers.ndim == 3 else answers
    if per_step.shape != (steps, len(card.outputs)):
        raise ShapeError(
            f"Answers of {len(card.outputs)} outputs at {steps} steps must be ({steps}, "
            f"{len(card.outputs)}), "
            f"got {per_step.shape}."
        )
    name = "learned" if override_name is None else override_name
    common: dict[str, Any] = {
        "setting": Piece(f"setting_{name if name in _SETTINGS else 'other'}"),
        "step": _step(steps - 1, labels),
    }
    last = per_step[-1]
    if card.answer == "class":
        best = int(last.argmax())
        return _fact(
            "answer_class", **common, answer=quoted(card.outputs[best]), probability=float(last[best])
        )
    return _fact("answer_number", **common, name=card.outputs[0], value=rounded(float(last[0])))


def _step(index: int, labels: tuple[str, ...]) -> Piece:
    if labels and labels[index] not in ("", str(index)):
        return Piece("step_labelled", (("index", index), ("label", quoted(labels[index]))))
    return Piece("step", (("index", index),))


def _fact(key: str, **values: Any) -> Fact:
    return fact(TEMPLATES, key, **values)
