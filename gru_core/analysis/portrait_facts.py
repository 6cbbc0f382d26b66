"""What a phase portrait shows, in two to four plain sentences; every number is computed from the portrait."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from gru_core.analysis.fact import Fact, Piece, fact, quoted, rounded
from gru_core.analysis.fixed_points.held import Gate
from gru_core.analysis.landscape import Landscape
from gru_core.analysis.portrait import FixedPoint, Portrait, square

Array = NDArray[np.float64]

PHASE_TEXTS: Final[Mapping[str, str]] = MappingProxyType(
    {
        # What is read again and again.
        "zero": "an input of zeros",
        "symbol": "the input {label}",
        "step": "the input of step {step}",
        "step_labelled": "the input of step {step}, {label}",
        "numbers": "the input on the sliders",
        "place": "({a:.2f}, {b:.2f})",
        # What the gates make of the plane.
        "kept": (
            "Z is 1 for both units: no state moves, so every place in the square is a fixed point, whatever "
            "is read."
        ),
        "kept_one": (
            "Z of unit {unit} is 1, so it keeps its value: states move only along lines of the other unit, "
            "and come to rest all along its nullcline."
        ),
        "rnn": (
            "Z is 0 and R is 1: the layer is a plain RNN, and every arrow stands for the whole way to the "
            "candidate."
        ),
        "input_only": (
            "Z and R are 0: every state goes to {place} in one step, wherever it was. Only the input counts."
        ),
        "reset_closed": (
            "R is 0, so the candidate is {place} from everywhere: there can be no other place to rest."
        ),
        "pinned": (
            "In {share:.0%} of the square Z is exactly 1 for both units: states there stay, beside the "
            "fixed points that are marked."
        ),
        # Where it rests.
        "one_point": "With {input} there is one fixed point, at {place}: {kind}.",
        "points": (
            "With {input} there are {count} fixed points: stable {stable}, saddles {saddle}, unstable "
            "{unstable}."
        ),
        "points_neutral": (
            "With {input} there are {count} fixed points, one of them just about to appear or vanish "
            "({place})."
        ),
        "kind_stable": "stable, states near it come to it",
        "kind_stable_turns": "a stable focus, states near it come to it in circles",
        "kind_stable_flips": "stable, states near it jump from side to side and come closer",
        "kind_saddle": "a saddle, states come one way and leave the other",
        "kind_saddle_flips": "a saddle that states leave by jumping from side to side, further at each step",
        "kind_unstable": "unstable, states near it leave it",
        "kind_unstable_turns": "an unstable focus, states near it leave it in circles",
        "kind_unstable_flips": "unstable, states near it leave it by jumping from side to side",
        "kind_neutral": "neither stable nor unstable, just at the border",
        # Where states go.
        "one_end": (
            "Of {starts} states spread over the square {share:.0%} are at {place} after {steps} steps."
        ),
        "two_ends": (
            "Of {starts} states spread over the square {share:.0%} are at {place} after {steps} steps and "
            "{other_share:.0%} at {other}."
        ),
        "more_ends": (
            "Of {starts} states spread over the square {share:.0%} are at {place} after {steps} steps, "
            "{other_share:.0%} at {other}, and {rest:.0%} at other stable points."
        ),
        "no_end": (
            "Of {starts} states spread over the square none has come to rest after {steps} steps: they go "
            "round, or to and fro."
        ),
        "slow": "Around {place} a small distance shrinks to a third in {steps:,.15g} steps.",
        "slower": "Around {place}, the slowest, a small distance shrinks to a third in {steps:,.15g} steps.",
        # The sequence on the screen.
        "moved": "At step {step} the sequence took the state from {before} to {after}.",
    }
)

SIDE = 21
"""States along each side of the square whose ends are counted."""

STEPS = 200
"""Steps that each of them is followed for."""

NEAR = 0.02
"""A state is at a fixed point when both units are this near."""

SHARE = 0.005
"""A smaller share is said as none."""


@dataclass(frozen=True)
class Reads:
    """The input of a portrait in words.

    kind   "zero", "symbol", "step" or "numbers"
    step   of the sequence, where it is that step's
    label  the symbol, or the step's name, "" for none
    """

    kind: str
    step: int = 0
    label: str = ""

    @property
    def piece(self) -> Piece:
        """As a part of a sentence."""
        if self.kind == "symbol":
            return Piece("symbol", (("label", quoted(self.label)),))
        if self.kind != "step":
            return Piece(self.kind)
        if self.label in ("", str(self.step)):
            return Piece("step", (("step", self.step),))
        return Piece("step_labelled", (("step", self.step), ("label", quoted(self.label))))


@dataclass(frozen=True, eq=False)
class Move:
    """What a step of the sequence did: from one state (2,) to the next."""

    step: int
    before: NDArray[np.floating]
    after: NDArray[np.floating]


def portrait_facts(found: Portrait, reads: Reads, move: Move | None = None) -> tuple[Fact, ...]:
    """Two to four sentences on a portrait, and on what a step of the sequence did in it."""
    facts = [*_of_gates(found), *_of_points(found, reads), *_of_ends(found), *_of_speed(found)]
    if move is None:
        return tuple(facts[:4])
    moved = _said("moved", step=move.step, before=_place(move.before), after=_place(move.after))
    return (*facts[:3], moved)


def _of_gates(found: Portrait) -> list[Fact]:
    land = found.landscape
    if all(found.kept):
        return [_said("kept")]
    if any(found.kept):
        return [_said("kept_one", unit=found.kept.index(True))]
    R, Z = land.held.reset, land.held.update
    closed = _held_at(R, 0.0)
    if _held_at(Z, 0.0) and (closed or _held_at(R, 1.0)):
        return [_said("input_only", place=_place(land.candidate(np.zeros(2)))) if closed else _said("rnn")]
    if closed:
        return [_said("reset_closed", place=_place(land.candidate(np.zeros(2))))]
    share = float((land.update_gate(square(SIDE)) == 1).all(axis=-1).mean())
    return [_said("pinned", share=share)] if share > SHARE else []


def _held_at(gate: Gate, value: float) -> bool:
    return bool((gate.keep == 0).all() and (gate.force == value).all())


def _of_points(found: Portrait, reads: Reads) -> list[Fact]:
    points = found.points
    if not points:
        return []
    if len(points) == 1:
        (point,) = points
        return [_said("one_point", input=reads.piece, place=_place(point.h), kind=Piece(_kind(point)))]
    neutral = found.of_kind("neutral")
    if neutral:
        place = _place(neutral[0].h)
        return [_said("points_neutral", input=reads.piece, count=len(points), place=place)]
    counts = {kind: len(found.of_kind(kind)) for kind in ("stable", "saddle", "unstable")}
    return [_said("points", input=reads.piece, count=len(points), **counts)]


def _kind(point: FixedPoint) -> str:
    way = "_turns" if point.turns else "_flips" if point.flips else ""
    named = f"kind_{point.stability}{way}"
    return named if named in PHASE_TEXTS else f"kind_{point.stability}"


def ends(landscape: Landscape, points: tuple[FixedPoint, ...]) -> Array:
    """(points,) the share of SIDE x SIDE states spread over the square that is at each after STEPS steps."""
    states = square(SIDE).reshape(-1, 2)
    for _ in range(STEPS):
        states = landscape.step(states)
    at = [np.abs(states - point.h).max(axis=-1) < NEAR for point in points]
    return np.array([float(near.mean()) for near in at])


def _of_ends(found: Portrait) -> list[Fact]:
    if not found.points:
        return []
    # A saddle is reached from its own line only, which a grid may happen to hit.
    resting = (*found.of_kind("stable"), *found.of_kind("neutral"))
    if not resting:
        return [_said("no_end", starts=SIDE * SIDE, steps=STEPS)]
    shares = ends(found.landscape, resting)
    order = np.argsort(-shares, kind="stable")
    common: dict[str, Any] = {"starts": SIDE * SIDE, "steps": STEPS}
    if shares[order[0]] < SHARE:
        return [_said("no_end", **common)]
    common |= {"share": float(shares[order[0]]), "place": _place(resting[order[0]].h)}
    if len(order) == 1 or shares[order[1]] < SHARE:
        return [_said("one_end", **common)]
    common |= {"other_share": float(shares[order[1]]), "other": _place(resting[order[1]].h)}
    rest = float(shares[order[2:]].sum())
    return [_said("two_ends", **common) if rest < SHARE else _said("more_ends", **common, rest=rest)]


def _of_speed(found: Portrait) -> list[Fact]:
    stable = found.of_kind("stable")
    slowest = max(stable, key=lambda point: point.steps_to_third, default=None)
    if slowest is None or slowest.steps_to_third < 1:
        return []
    key = "slow" if len(stable) == 1 else "slower"
    return [_said(key, place=_place(slowest.h), steps=rounded(slowest.steps_to_third))]


def _place(h: NDArray[np.floating]) -> Piece:
    # Plus 0 takes the sign from what rounds to nothing.
    a, b = (round(float(value), 2) + 0.0 for value in h)
    return Piece("place", (("a", a), ("b", b)))


def _said(key: str, **values: Any) -> Fact:
    return fact(PHASE_TEXTS, key, **values)
