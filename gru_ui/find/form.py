"""What is looked for on the page Find, as one frozen value with its own part of the link."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from gru_core.analysis.find import (
    QUANTITIES,
    RANGES,
    SIDES,
    Codes,
    Quantity,
    Rule,
    Side,
    telling_stretch,
    units_on,
)
from gru_core.errors import LinkError
from gru_ui.properties import Property, number, one_of, whole

STRETCH = 6
"""Steps of the stretch that the page opens with."""

MOST_UNITS = 400
"""Units that are put in or taken out by hand."""

Within = Literal["data", "here"]
WITHIN: tuple[Within, ...] = ("data", "here")


@dataclass(frozen=True)
class FindForm:
    """Everything chosen on the page.

    quantity, side, threshold   when a unit is on, see gru_core.analysis.find
    start, stop   the brushed stretch, `stop` excluded; start -1 before anything was brushed
    edges         only units that are off right before and right after it
    add, drop     units put in and taken out by hand, as text: "3.17"
    need          how many of the units must be on at once; 0 means all
    within        where other places are looked for: the model's data set, or the sequence that is shown
    """

    quantity: Quantity = "H"
    side: Side = "above"
    threshold: float = 0.5
    start: int = -1
    stop: int = 0
    edges: bool = False
    add: str = ""
    drop: str = ""
    need: int = 0
    within: Within = "data"

    @property
    def rule(self) -> Rule:
        """When a unit is on; a threshold of another quantity's range is brought into this one's."""
        low, high = RANGES[self.quantity]
        return Rule(self.quantity, min(max(self.threshold, low), high), self.side)

    def stretch(self, codes: Codes) -> tuple[int, int]:
        """The stretch of codes (steps, units) that is meant; a telling one where none was brushed there."""
        if 0 <= self.start < self.stop <= len(codes):
            return self.start, self.stop
        return telling_stretch(codes, self.rule, STRETCH)

    def chosen(self, on: tuple[int, ...], units: int) -> tuple[int, ...]:
        """The units to look for, of those that are on: with those put in, without those taken out."""
        put = {unit for unit in numbers(self.add) if unit < units}
        return tuple(sorted(({*on} | put) - set(numbers(self.drop))))

    def units_on(self, codes: Codes, stretch: tuple[int, int]) -> tuple[int, ...]:
        """The units that are on throughout a stretch."""
        return units_on(codes, *stretch, self.rule, self.edges)


def numbers(text: str) -> tuple[int, ...]:
    """Units as they stand in a link."""
    return tuple(int(part) for part in text.split(".")) if text else ()


def in_text(units: list[int]) -> str:
    """The same the other way round, as many as a link holds."""
    return ".".join(map(str, units[:MOST_UNITS]))


def changes_of(told: Mapping[str, Any], steps: int, units: int) -> dict[str, Any]:
    """What a browser told, as changes of the form for a sequence of `steps` and a layer of `units`.

    Empty where it makes no sense: it can tell anything.
    """
    try:
        start, stop, need = (int(told[name]) for name in ("start", "stop", "need"))
        threshold = round(float(told["threshold"]), 4)
        add, drop = ([int(unit) for unit in told[name]] for name in ("add", "drop"))
    except (KeyError, TypeError, ValueError, OverflowError):
        return {}
    sound = all(0 <= unit < units for unit in (*add, *drop)) and 0 <= need <= units
    if not (0 <= start < stop <= steps and -1 <= threshold <= 1 and sound):
        return {}
    changes = {"start": start, "stop": stop, "threshold": threshold, "need": need}
    return changes | {"add": in_text(add), "drop": in_text(drop)}


def _units(text: str) -> str:
    if not re.fullmatch(r"(\d{1,4}(\.\d{1,4})*)?", text) or text.count(".") >= MOST_UNITS:
        raise LinkError("must be the numbers of units with points between them")
    return text


def _flag(text: str) -> bool:
    if text not in ("True", "False"):
        raise LinkError("must be True or False")
    return text == "True"


FIND_PROPERTIES = (
    Property("quantity", "find", one_of(QUANTITIES)),
    Property("side", "side", one_of(SIDES)),
    Property("threshold", "level", number(-1.0, 1.0)),
    Property("start", "begin", whole(0)),
    Property("stop", "end", whole(1)),
    Property("edges", "alone", _flag),
    Property("add", "with", _units),
    Property("drop", "without", _units),
    Property("need", "least", whole(0, 4096)),
    Property("within", "within", one_of(WITHIN)),
)
