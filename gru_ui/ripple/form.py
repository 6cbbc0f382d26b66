"""What a person has chosen on the page of one changed input; the changed step is the workspace's cursor."""

from dataclasses import dataclass
from typing import Literal

from gru_ui.components.ripple import BY, KINDS
from gru_ui.properties import Property, number, one_of, whole

LOOKS = ("ripple", "connectivity")


@dataclass(frozen=True)
class RippleForm:
    """The fields of `RippleChoice` beside its step, and what is asked of the connectivity.

    look    "ripple" for one changed input, "connectivity" for all of them by their derivatives
    asked   the step whose answer is asked about; -1 for the last one that is read
    about   which output, or unit where there is no readout; -1 for all of them together
    """

    look: Literal["ripple", "connectivity"] = "ripple"
    symbol: int = -1
    number: int = 0
    by: float = 1.0
    kind: Literal["change", "nudge"] = "change"
    asked: int = -1
    about: int = -1


RIPPLE_PROPERTIES = (
    Property("look", "ripple", one_of(LOOKS)),
    Property("symbol", "instead", whole(-1)),
    Property("number", "changed", whole(0)),
    Property("by", "changeby", number(BY[0], BY[1])),
    Property("kind", "nudge", one_of(KINDS)),
    Property("asked", "asked", whole(-1)),
    Property("about", "askedof", whole(-1)),
)
"""The choices of that page."""
