"""What the memory ledger shows, in a few plain sentences; every number is computed from the trace.

Labels among the values are what people uploaded: whoever puts a sentence on a screen shows it as text.
"""

from __future__ import annotations

from collections.abc import Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np

from gru_core.analysis.fact import Fact, Piece, fact, quoted, rounded
from gru_core.analysis.ledger_map import Quantity, chosen_units, mean_row, row_age
from gru_core.analysis.memory_age import HalfLives, measured_half_lives

if TYPE_CHECKING:
    from gru_core.trace import GateTrace

LEDGER_TEXTS: MappingProxyType[str, str] = MappingProxyType(
    {
        # What the ledger has become, when Z is at an extreme throughout.
        "copy": (
            "Z is 1 at every step, so nothing is ever written: every state is H₀ to 100%, and the map is one "
            "full first column."
        ),
        "input_only": (
            "Z and R are 0 at every step: every state was written at its own step from that step's input "
            "alone. The map is a bare diagonal, and nothing is remembered."
        ),
        "overwrite": (
            "Z is 0 at every step, so every state is written anew at its own step and the map is a bare "
            "diagonal: nothing is kept. What is remembered goes through the candidate, which sees the old "
            "state through R."
        ),
        # Where the chosen state comes from.
        "own": (
            "{whose} the largest part of the state at {step} was written at that step itself: {share:.0%} of "
            "it."
        ),
        "source": (
            "{whose} the largest part of the state at {step} was written at {source}: {share:.0%} of it."
        ),
        "start": (
            "{whose} the largest part of the state at {step} is still H₀, the state before the first step: "
            "{share:.0%} of it."
        ),
        "age": (
            "What it holds was written {age} earlier on average (H₀ counts as {start} earlier); {left:.0%} "
            "of it is H₀."
        ),
        "age_backward": (
            "This layer reads from the last step to the first: what the state holds was written {age} "
            "further right on average (H₀ counts as {start}); {left:.0%} of it is H₀."
        ),
        "content": (
            "Weight times what was written adds up to the state, {state:+.2f}; the largest part comes from "
            "{source}: {part:+.2f}."
        ),
        # How long the units keep what they write.
        "lives": (
            "Unit {long} keeps longest: half of what it writes is gone after {most}; shortest is "
            "unit {short}, after {least}."
        ),
        "lives_outlast": (
            "{keepers} more than half of what is written for longer than the {seen} seen; shortest "
            "is unit {short}: half of what it writes is gone after {least}."
        ),
        "lives_alike": "In every unit half of what is written is gone after {most}.",
        "lives_one": "Half of what the one unit writes is gone after {most}.",
        "lives_none": "In every unit what is written is gone at the next step.",
        "lives_all": "In every unit more than half of what it holds outlasts the {seen} seen.",
        # Pieces of sentences.
        "keepers": "{count} of {units} units keep",
        "keepers_one": "1 of {units} units keeps",
        "all": "On average over all {units} units",
        "some": "On average over {units} chosen units",
        "one": "In unit {unit}",
        "h0": "H₀",
        "steps": "{count:,.15g} steps",
        "steps_one": "1 step",
        "step": "step {index}",
        "step_labelled": "step {index} ({label})",
    }
)
"""English; another language has the same keys and the same names in braces."""


def ledger_facts(
    t: GateTrace,
    step: int,
    units: Sequence[int] = (),
    *,
    quantity: Quantity = "share",
    labels: Sequence[str] | None = None,
    lives: HalfLives | None = None,
) -> tuple[Fact, ...]:
    """Two to four sentences on the first sequence of the batch: what the state at `step` is made of.

    units     as for `ledger_map`: the mean over these, over all for none
    quantity  "content" adds a sentence on what was written
    labels    one text per step
    lives     what `measured_half_lives` gave for this trace, where it is known already

    Raises InputError when there is no such step or unit.
    """
    chosen = chosen_units(t, units)
    row = mean_row(t, step, chosen)
    said = _extreme(t, chosen)
    if not said:
        said = [_source(t, step, chosen, row, labels), _age(t, step, row)]
    if quantity == "content":
        said.append(_content(t, step, chosen, labels))
    said.append(_lives(t, lives or measured_half_lives(t)))
    return tuple(said)


def _extreme(t: GateTrace, chosen: tuple[int, ...]) -> list[Fact]:
    Z, R = (gate[0][:, list(chosen)] for gate in (t.Z, t.R))
    if (Z == 1).all():
        return [fact(LEDGER_TEXTS, "copy")]
    if (Z == 0).all():
        return [fact(LEDGER_TEXTS, "overwrite" if R.any() else "input_only")]
    return []


def _source(
    t: GateTrace, step: int, chosen: tuple[int, ...], row: np.ndarray[Any, Any], labels: Sequence[str] | None
) -> Fact:
    whose = Piece("all", (("units", t.units),))
    if len(chosen) == 1:
        whose = Piece("one", (("unit", chosen[0]),))
    elif len(chosen) < t.units:
        whose = Piece("some", (("units", len(chosen)),))
    # Of equal shares the one written last: rounding must not decide.
    written = np.round(row, 9)
    if t.direction == "backward":
        column = int(written.argmax())
    else:
        column = len(written) - 1 - int(written[::-1].argmax())
    values = {"whose": whose, "step": _step(step, labels), "share": float(row[column])}
    if column == 0:
        return fact(LEDGER_TEXTS, "start", **values)
    if column == step + 1:
        return fact(LEDGER_TEXTS, "own", **values)
    return fact(LEDGER_TEXTS, "source", source=_step(column - 1, labels), **values)


def _age(t: GateTrace, step: int, row: np.ndarray[Any, Any]) -> Fact:
    backward = t.direction == "backward"
    return fact(
        LEDGER_TEXTS,
        "age_backward" if backward else "age",
        age=_steps(row_age(row, step, t.direction)),
        start=_steps(t.steps - step if backward else step + 1),
        left=float(row[0]),
    )


def _content(t: GateTrace, step: int, chosen: tuple[int, ...], labels: Sequence[str] | None) -> Fact:
    row = mean_row(t, step, chosen, "content")
    column = int(np.abs(np.round(row, 9)).argmax())
    source = Piece("h0") if column == 0 else _step(column - 1, labels)
    return fact(LEDGER_TEXTS, "content", state=float(row.sum()), source=source, part=float(row[column]))


def _lives(t: GateTrace, lives: HalfLives) -> Fact:
    steps, order = lives.steps, lives.order
    outlast = int(np.isinf(steps).sum())
    if outlast == t.units:
        return fact(LEDGER_TEXTS, "lives_all", seen=_steps(lives.seen))
    # Of equally short ones the first.
    short = int(steps.argmin())
    least = _steps(float(steps[short]))
    if outlast:
        keepers = Piece("keepers_one", (("units", t.units),))
        if outlast > 1:
            keepers = Piece("keepers", (("count", outlast), ("units", t.units)))
        return fact(
            LEDGER_TEXTS, "lives_outlast", keepers=keepers, seen=_steps(lives.seen), short=short, least=least
        )
    most = _steps(float(steps[order[0]]))
    if not steps.any():
        return fact(LEDGER_TEXTS, "lives_none")
    if t.units == 1:
        return fact(LEDGER_TEXTS, "lives_one", most=most)
    if least == most:
        return fact(LEDGER_TEXTS, "lives_alike", most=most)
    return fact(LEDGER_TEXTS, "lives", long=order[0], most=most, short=short, least=least)


def _steps(count: float) -> Piece:
    said = rounded(count)
    return Piece("steps_one") if said == 1 else Piece("steps", (("count", said),))


def _step(index: int, labels: Sequence[str] | None) -> Piece:
    if labels and labels[index]:
        return Piece("step_labelled", (("index", index), ("label", quoted(labels[index]))))
    return Piece("step", (("index", index),))
