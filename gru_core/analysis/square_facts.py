"""What the gate square shows, in computed sentences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

import numpy as np

from gru_core.analysis.fact import Fact, fact
from gru_core.analysis.square import PLACES, Square

if TYPE_CHECKING:
    from gru_core.analysis.frozen import FrozenScores

SQUARE_TEXTS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "all_rnn": (
            "All {points:,} points lie in the corner R = 1, Z = 0: every unit, at every step, is a unit of "
            "a plain tanh RNN."
        ),
        "all_input_only": (
            "All {points:,} points lie in the corner R = 0, Z = 0: every unit sees the input of its step "
            "and nothing before it."
        ),
        "all_copy": (
            "All {points:,} points lie on the upper edge, Z = 1: every unit copies its old state, and how "
            "far to the right it stands makes no difference."
        ),
        "all_near_rnn": (
            "All {points:,} points lie near the corner R = 1, Z = 0: this layer works like a plain tanh RNN."
        ),
        "all_near_input_only": (
            "All {points:,} points lie near the corner R = 0, Z = 0: this layer sees little but the input "
            "of each step."
        ),
        "all_near_copy": (
            "All {points:,} points lie near the upper edge, Z = 1: this layer keeps almost all of its state "
            "at every step."
        ),
        "one_place": "All {points:,} points lie in one place, R = {r:.2f} and Z = {z:.2f}.",
        "shares": (
            "Of {points:,} points (a unit at a step) {copy:.1%} lie near the copy edge, {rnn:.1%} near the "
            "corner of a plain RNN, {input_only:.1%} near the corner that sees only the input, and "
            "{rest:.1%} elsewhere."
        ),
        "means": (
            "On average unit {most} keeps most (R {most_r:.2f}, Z {most_z:.2f}), and unit {least} writes "
            "most (R {least_r:.2f}, Z {least_z:.2f})."
        ),
        "mean": "The only unit is on average at R {r:.2f} and Z {z:.2f}.",
        "still": "{still} of {units} units stay in one place at every step.",
        "selected": (
            "Of the points of the {count} selected units {copy:.1%} lie near the copy edge, {rnn:.1%} near "
            "the corner of a plain RNN, {input_only:.1%} near the corner that sees only the input."
        ),
        "selected_one": (
            "Of the points of the selected unit {unit} {copy:.1%} lie near the copy edge, {rnn:.1%} near "
            "the corner of a plain RNN, {input_only:.1%} near the corner that sees only the input."
        ),
        "best": (
            "With all gates frozen in one place the task's score is at best {best:.3g}, at R {r:.1f} and Z "
            "{z:.1f}; with gates as learned it is {learned:.3g}, and guessing scores {chance:.3g}."
        ),
        "best_some": (
            "With the gates of the selected units frozen in one place the task's score is at best "
            "{best:.3g}, at R {r:.1f} and Z {z:.1f}; with gates as learned it is {learned:.3g}, and "
            "guessing scores {chance:.3g}."
        ),
    }
)
"""Templates of the sentences, by key."""


def square_facts(
    square: Square,
    selected: Square | None = None,
    units: Sequence[int] = (),
    scores: FrozenScores | None = None,
) -> tuple[Fact, ...]:
    """Where the points lie; what is different of the selected units; what the task's score would be.

    selected  the square of the selected `units` alone; None where none are selected
    scores    with the gates frozen, of the selected units where there are some, else of all
    """
    found = [_whole(square)]
    told = found[0].key
    if square.units == 1 and told != "one_place":
        found.append(fact(SQUARE_TEXTS, "mean", r=float(square.R[0]), z=float(square.Z[0])))
    elif np.ptp(square.Z) > 0:
        found.append(_means(square))
    still = int((square.spread == 0).sum())
    if 0 < still < square.units:
        found.append(fact(SQUARE_TEXTS, "still", still=still, units=square.units))
    if selected is not None and square.units > 1:
        values = {place: selected.share(place) for place in PLACES}
        of = {"unit": units[0]} if len(units) == 1 else {"count": len(units)}
        found.append(fact(SQUARE_TEXTS, "selected_one" if "unit" in of else "selected", **of, **values))
    if scores is not None and np.isfinite(scores.scores).any():
        best, r, z = scores.best
        key = "best" if selected is None else "best_some"
        known = {"learned": scores.learned, "chance": scores.chance}
        found.append(fact(SQUARE_TEXTS, key, best=best, r=r, z=z, **known))
    return tuple(found)


def _whole(square: Square) -> Fact:
    """What all points have in common, or how they are divided."""
    r, z = float(square.R.mean()), float(square.Z.mean())
    still = not square.spread.any() and np.ptp(square.R) == 0 and np.ptp(square.Z) == 0
    exactly = {
        "rnn": still and (r, z) == (1.0, 0.0),
        "input_only": still and (r, z) == (0.0, 0.0),
        "copy": z == 1.0,
    }
    for place in PLACES:
        if square.share(place) == 1.0:
            how = "all" if exactly[place] else "all_near"
            return fact(SQUARE_TEXTS, f"{how}_{place}", points=square.points)
    if still:
        return fact(SQUARE_TEXTS, "one_place", points=square.points, r=r, z=z)
    shares = {place: square.share(place) for place in PLACES}
    return fact(SQUARE_TEXTS, "shares", points=square.points, rest=square.elsewhere, **shares)


def _means(square: Square) -> Fact:
    most, least = int(square.Z.argmax()), int(square.Z.argmin())
    return fact(
        SQUARE_TEXTS,
        "means",
        most=most,
        most_r=float(square.R[most]),
        most_z=float(square.Z[most]),
        least=least,
        least_r=float(square.R[least]),
        least_z=float(square.Z[least]),
    )
