"""What a person has chosen on the page of the state space, as one frozen value with its own part of the link.

The step is the workspace's cursor; the rest stands here.
"""

from dataclasses import dataclass
from typing import Final

from gru_core.analysis.space import FITTED, Fitted
from gru_ui.components.space import COLOURINGS, DEPTHS
from gru_ui.properties import Property, one_of

HELD: Final = ("zero", "mean", "step")
BESIDE: Final = ("extremes", "alone")


@dataclass(frozen=True)
class SpaceForm:
    """How the state space is looked at.

    held    the input under which fixed points are sought: "zero", the "mean" of what is read, or that of the
            "step" under the cursor; "" is zero for numbers and the step's for symbols
    fitted  what the directions are made from: the "learned" path, or "all" that are shown
    beside  which paths are shown beside the one of the gate setting: those of the "extremes", or none
    depth, colour   as in the picture
    """

    held: str = ""
    fitted: Fitted = "learned"
    beside: str = "extremes"
    depth: str = DEPTHS[0]
    colour: str = COLOURINGS[0]


SPACE_PROPERTIES = (
    Property("held", "held", one_of(HELD)),
    Property("fitted", "fitted", one_of(FITTED)),
    Property("beside", "beside", one_of(BESIDE)),
    Property("depth", "directions", one_of(DEPTHS)),
    Property("colour", "pathcolour", one_of(COLOURINGS)),
)
"""The choices of the state space."""
