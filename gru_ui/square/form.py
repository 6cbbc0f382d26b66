"""What is chosen on the page of the gate square; step, unit and gates are the workspace's own."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from gru_core.errors import LinkError
from gru_core.indices import parse_indices
from gru_core.limits import MOST_INDEX_CHARACTERS
from gru_ui.properties import Property, one_of


@dataclass(frozen=True)
class SquareForm:
    """What stands out in the square.

    units   the selected units, as in "0,3-5"; "" for none
    behind  what is drawn behind the points: how "often" points are where, or the task's "score"
    """

    units: str = ""
    behind: Literal["often", "score"] = "often"

    def selected(self, size: int) -> tuple[int, ...]:
        """The selected units of a layer that has `size` of them, rising."""
        found = parse_indices(self.units) if self.units else ()
        return tuple(sorted(unit for unit in found if unit < size)) if isinstance(found, tuple) else ()


def units_text(units: Sequence[int]) -> str:
    """Rising numbers of units as they are typed: "0,3-5"."""
    runs: list[list[int]] = []
    for unit in units:
        if runs and runs[-1][1] == unit - 1:
            runs[-1][1] = unit
        else:
            runs.append([unit, unit])
    return ",".join(str(first) if first == last else f"{first}-{last}" for first, last in runs)


def _units(text: str) -> str:
    if len(text) > MOST_INDEX_CHARACTERS or not re.fullmatch(
        r"\d{1,5}(-\d{1,5})?(,\d{1,5}(-\d{1,5})?)*", text
    ):
        raise LinkError("must be numbers of units such as 0,3-5")
    return text


SQUARE_PROPERTIES = (
    Property("units", "picked", _units),
    Property("behind", "behind", one_of(("often", "score"))),
)
"""The choices on the page of the gate square."""
