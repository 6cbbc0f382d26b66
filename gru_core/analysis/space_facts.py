"""What the state space shows, in two to four plain sentences, all of them computed."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

import numpy as np

from gru_core.analysis.fact import Fact, Piece, fact, rounded
from gru_core.analysis.fixed_points import FixedPoints
from gru_core.analysis.space import Held, StateSpace

SPACE_TEXTS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "shown": (
            "{axes} of {units} directions show {share:.0%} of how the learned state varies over this "
            "sequence."
        ),
        "shown_all": (
            "{axes} of {units} directions show {share:.0%} of how the states under all these settings vary "
            "together."
        ),
        "shown_whole": "The picture shows the state whole: it has {units} units, and as many directions.",
        "shown_one": "The state is one number here: the picture is a line.",
        "still": "The learned state does not move here: its path is one point.",
        "leaves": (
            "As a plain RNN the state goes elsewhere: of its movement these directions show {share:.0%}."
        ),
        "moves": (
            "As a plain RNN the state moves by {rnn:.2f} per step on average, as learned by {learned:.2f}."
        ),
        "copies": (
            "With Z at 1 the state never leaves its start: the whole path is one point, and every state is a "
            "fixed point."
        ),
        "forgets": (
            "With Z and R at 0 nothing of the past is left: {inputs} different inputs lead to {places} "
            "places, whatever the state was."
        ),
        "points": (
            "While {held} is read again and again, {count} fixed points were found from {starts} starts: "
            "{stable} stable, {growing} from which a push leads away."
        ),
        "point_stable": (
            "While {held} is read again and again, all {starts} starts end at one fixed point, which is "
            "stable."
        ),
        "point_stable_some": (
            "While {held} is read again and again, one fixed point was found, which is stable: {arrived} of "
            "{starts} starts end there."
        ),
        "point_growing": (
            "While {held} is read again and again, the only fixed point that was found is not stable: from "
            "there a push leads away in {growing} of {units} directions."
        ),
        "points_none": (
            "While {held} is read again and again, no fixed point was found from {starts} starts: the state "
            "keeps moving."
        ),
        "frozen": "Z at 1 holds {frozen} of {units} units; the points are those of the others.",
        "answers": (
            "The stable points are memories: at them the model gives {answers} of its {outputs} answers."
        ),
        "slowest": (
            "At the stable points a push fades to 1/e within {fastest} to {slowest} steps in its slowest "
            "direction."
        ),
        "slowest_one": "There a push fades to 1/e within {slowest} steps in its slowest direction.",
        "at_once": "There a push is gone after one step.",
        "slow": (
            "Besides, {count} slow places were found that are no fixed points: there one step moves no unit "
            "by more than {most}."
        ),
        "slow_one": (
            "Besides, a slow place was found that is no fixed point: there one step moves no unit by more "
            "than {most}."
        ),
        "zero": "an input of zeros",
        "mean": "the mean input of this sequence",
        "input_of_step": "the input of step {step}",
    }
)
"""English; another language has the same keys and the same names in braces."""

ELSEWHERE: Final = 0.05
"""A path of whose variance so much less is shown than of the learned one's goes elsewhere."""


def held_piece(what: str, step: int) -> Piece:
    """The input that is held, as part of a sentence."""
    return Piece("input_of_step", (("step", step),)) if what == "step" else Piece(what)


def space_facts(
    space: StateSpace,
    main: str,
    held: Held | None = None,
    *,
    different_inputs: int = 0,
    outputs: int = 0,
    axes: int = 3,
) -> tuple[Fact, ...]:
    """What the paths and the points say, the path of `main` being the one that is looked at.

    different_inputs  how many different inputs were read
    outputs           between how many answers the model chooses; 0 where it chooses none
    axes              how many directions the picture has
    """
    found = [_shown(space, min(axes, len(space.basis.axes)))]
    everywhere = main == "copy" or (held is not None and held.found.everything)
    found += _settings(space, "copy" if everywhere else main, different_inputs)
    if held is not None and not held.found.everything:
        found += _points(held, outputs)
    return tuple(found[:4])


def _shown(space: StateSpace, axes: int) -> Fact:
    units, shares = space.basis.axes.shape[1], space.basis.shares
    if not shares.any():
        return fact(SPACE_TEXTS, "still")
    if units == 1:
        return fact(SPACE_TEXTS, "shown_one")
    if units <= axes:
        return fact(SPACE_TEXTS, "shown_whole", units=units)
    key = "shown" if space.fitted == "learned" else "shown_all"
    return fact(SPACE_TEXTS, key, axes=axes, units=units, share=float(shares[:axes].sum()))


def _settings(space: StateSpace, main: str, different_inputs: int) -> list[Fact]:
    if main == "copy":
        return [fact(SPACE_TEXTS, "copies")]
    if main == "input_only":
        states = space.paths[main].states[1:]
        places = len(np.unique(np.round(np.asarray(states, np.float64), 5), axis=0))
        return [fact(SPACE_TEXTS, "forgets", inputs=different_inputs, places=places)]
    if "rnn" in space.paths and space.basis.shares.any():
        rnn, learned = space.paths["rnn"], space.paths["learned"]
        if rnn.shown < learned.shown - ELSEWHERE:
            return [fact(SPACE_TEXTS, "leaves", share=rnn.shown)]
        return [fact(SPACE_TEXTS, "moves", rnn=rnn.pace, learned=learned.pace)]
    return []


def _points(held: Held, outputs: int) -> list[Fact]:
    found, read = held.found, held_piece(held.what, held.step)
    stable = found.of_kind("stable")
    facts = [_count(found, len(stable), read)]
    if outputs and held.answers and len(stable) > 1:
        given = {answer for answer, point in zip(held.answers, found.points, strict=True) if point in stable}
        facts.append(fact(SPACE_TEXTS, "answers", answers=len(given), outputs=outputs))
    if len(found.slow):
        most = float(np.abs(found.slow_move).max())
        key = "slow_one" if len(found.slow) == 1 else "slow"
        facts.append(fact(SPACE_TEXTS, key, count=len(found.slow), most=f"{most:.1g}"))
    if stable:
        times = [float(point.time_constants[0]) for point in stable]
        slowest, fastest = (f"{rounded(time):,.15g}" for time in (max(times), min(times)))
        if max(times) == 0:
            facts.append(fact(SPACE_TEXTS, "at_once"))
        elif len(stable) > 1 and slowest != fastest:
            facts.append(fact(SPACE_TEXTS, "slowest", fastest=fastest, slowest=slowest))
        else:
            facts.append(fact(SPACE_TEXTS, "slowest_one", slowest=slowest))
    if found.frozen.any():
        facts.insert(1, fact(SPACE_TEXTS, "frozen", frozen=int(found.frozen.sum()), units=len(found.frozen)))
    return facts


def _count(found: FixedPoints, stable: int, read: Piece) -> Fact:
    count, starts = len(found.points), found.starts
    if not count:
        return fact(SPACE_TEXTS, "points_none", held=read, starts=starts)
    if count == 1 and stable:
        if not found.lost:
            return fact(SPACE_TEXTS, "point_stable", held=read, starts=starts)
        return fact(SPACE_TEXTS, "point_stable_some", held=read, arrived=starts - found.lost, starts=starts)
    if count == 1 and found.points[0].growing:
        growing, units = found.points[0].growing, len(found.held_at)
        return fact(SPACE_TEXTS, "point_growing", held=read, growing=growing, units=units)
    growing = sum(1 for point in found.points if point.growing)
    return fact(SPACE_TEXTS, "points", held=read, count=count, starts=starts, stable=stable, growing=growing)
