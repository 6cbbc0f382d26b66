"""What a search found, in two to five plain sentences; every number in them is computed."""

from __future__ import annotations

from collections.abc import Sequence as ListLike
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import numpy as np

from gru_core.analysis.fact import Fact, Piece, fact, quoted, rounded
from gru_core.analysis.find import Codes, Found, Rule
from gru_core.analysis.find_meaning import difference_of, inside_of, sign_of
from gru_core.sequences.sequence import Sequence

NAMED = 10
"""Units that are named in a sentence; of more it says how many there are."""

FIND_TEXTS: Final = MappingProxyType(
    {
        "on": "From {first} to {last}, {count} of {units} units have {rule} at every step: {listed}.",
        "on_once": "At {first}, {count} of {units} units have {rule}: {listed}.",
        "none": (
            "From {first} to {last}, no unit has {rule} at every step: move the threshold or brush fewer "
            "steps."
        ),
        "none_once": "At {first}, no unit has {rule}: move the threshold.",
        "above": "{name} at {threshold} or above",
        "below": "{name} at {threshold} or below",
        "step": "step {step}",
        "labelled": "step {step} ({label})",
        "listed": "{units}",
        "listed_more": "{units} and {more} more",
        "still": (
            "No unit's {name} changes from step to step here, so each is on throughout or never: with these "
            "gates there is nothing to find by it."
        ),
        # where else
        "chosen": "unit {units}",
        "chosen_all": "these {count} units",
        "chosen_least": "{least} or more of these {count} units",
        "places": (
            "Other places at which {who} are on together: {places:,}, with {share:.1%} of the {steps:,} "
            "steps searched, in {within} of {sequences} sequences."
        ),
        "place": (
            "Other places at which {who} is on: {places:,}, with {share:.1%} of the {steps:,} steps "
            "searched, in {within} of {sequences} sequences."
        ),
        "nowhere": "Nowhere else in the {steps:,} steps searched are {who} on together.",
        "nowhere_one": "Nowhere else in the {steps:,} steps searched is {who} on.",
        "everywhere": "That is so at all of the {steps:,} steps searched: this choice tells nothing apart.",
        # what stands there
        "first": "{count:,} of {places:,} places begin at {symbol}, {times} times as often as in general.",
        "before": "{count:,} of {places:,} places follow on {symbol}, {times} times as often as in general.",
        "last": "{count:,} of {places:,} places end at {symbol}, {times} times as often as in general.",
        "after": "{count:,} of {places:,} places come before {symbol}, {times} times as often as in general.",
        "inside": "{count:,} of {places:,} places begin in quotation marks; {base:.0%} of all steps are.",
        "difference": "At these places {name} is {here} on average, over all steps {everywhere}.",
    }
)


@dataclass(frozen=True, eq=False)
class Brushed:
    """A stretch of the sequence that is shown, and the units that were chosen by it.

    codes         (steps, units) of that sequence
    start, stop   the stretch, `stop` excluded
    on            units that are on throughout; `chosen` those that are looked for
    """

    codes: Codes
    rule: Rule
    start: int
    stop: int
    on: tuple[int, ...]
    chosen: tuple[int, ...]


def brushed_facts(brushed: Brushed, labels: ListLike[str], name: str) -> tuple[Fact, ...]:
    """Which units are on; `name` is how the quantity is written, `labels` has one text per step."""
    first, last = (_step(step, labels) for step in (brushed.start, brushed.stop - 1))
    threshold = f"{brushed.rule.threshold:.2f}"
    rule = Piece(brushed.rule.side, (("name", name), ("threshold", threshold)))
    once = "_once" if brushed.stop - brushed.start == 1 else ""
    found: list[Fact] = []
    if len(brushed.codes) > 1 and (brushed.codes == brushed.codes[0]).all():
        found.append(fact(FIND_TEXTS, "still", name=name))
    if not brushed.on:
        return (*found, fact(FIND_TEXTS, f"none{once}", first=first, last=last, rule=rule))
    listed = _listed(brushed.on)
    units = brushed.codes.shape[1]
    said = fact(
        FIND_TEXTS,
        f"on{once}",
        first=first,
        last=last,
        count=len(brushed.on),
        units=units,
        rule=rule,
        listed=listed,
    )
    return (*found, said)


def found_facts(found: Found, lengths: ListLike[int], sequences: ListLike[Sequence]) -> tuple[Fact, ...]:
    """Where else they are on together, and what stands there that is rarer elsewhere."""
    steps = sum(lengths)
    count, one = len(found.units), len(found.units) == 1
    if one:
        who = Piece("chosen", (("units", str(found.units[0])),))
    elif found.least == count:
        who = Piece("chosen_all", (("count", count),))
    else:
        who = Piece("chosen_least", (("least", found.least), ("count", count)))
    if not len(found):
        return (fact(FIND_TEXTS, "nowhere_one" if one else "nowhere", steps=steps, who=who),)
    covered = int((found.stop - found.start).sum())
    if covered == steps:
        return (fact(FIND_TEXTS, "everywhere", steps=steps),)
    places = fact(
        FIND_TEXTS,
        "place" if one else "places",
        who=who,
        places=len(found),
        share=covered / steps,
        steps=steps,
        within=len(np.unique(found.sequence)),
        sequences=len(lengths),
    )
    return (places, *_meaning(found, sequences))


def _meaning(found: Found, sequences: ListLike[Sequence]) -> list[Fact]:
    said = []
    sign = sign_of(sequences, found)
    if sign is not None:
        values = {"count": sign.count, "places": sign.places, "symbol": quoted(sign.symbol)}
        said.append(fact(FIND_TEXTS, sign.where, **values, times=rounded(sign.times)))
    inside = inside_of(sequences, found)
    if inside is not None:
        said.append(fact(FIND_TEXTS, "inside", count=inside.count, places=inside.places, base=inside.base))
    difference = difference_of(sequences, found)
    if difference is not None:
        here, everywhere = rounded(difference.here), rounded(difference.everywhere)
        name = quoted(difference.name)
        said.append(fact(FIND_TEXTS, "difference", name=name, here=here, everywhere=everywhere))
    return said


def _step(step: int, labels: ListLike[str]) -> Piece:
    label = labels[step] if step < len(labels) else ""
    if not label:
        return Piece("step", (("step", step),))
    return Piece("labelled", (("step", step), ("label", quoted(label))))


def _listed(units: tuple[int, ...]) -> Piece:
    named = ", ".join(map(str, units[:NAMED]))
    if len(units) <= NAMED:
        return Piece("listed", (("units", named),))
    return Piece("listed_more", (("units", named), ("more", len(units) - NAMED)))
