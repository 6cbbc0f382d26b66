"""What a person has chosen on the page of saturation, as one frozen value with its own part of the link.

The unit is the workspace's unit, the layer its layer; the rest stands here.
"""

import re
from dataclasses import dataclass
from typing import Final

from gru_core.errors import LinkError
from gru_ui.properties import Property, one_of

OVER: Final = ("sequence", "data", "file")
SHOWS: Final = ("saturation", "times", "square")


@dataclass(frozen=True)
class SaturationForm:
    """What is counted, and how it is looked at.

    over    "sequence" is the one that the frame shows, "data" the model's own data set, "file" a survey that
            was made with the command and brought here
    shows   which picture
    survey  the key of the survey that was brought; "" for none
    """

    over: str = OVER[0]
    shows: str = SHOWS[0]
    survey: str = ""


def _key(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9_-]{16,64}", text):
        raise LinkError("must be the key of a survey that was brought here")
    return text


SATURATION_PROPERTIES = (
    Property("over", "over", one_of(OVER)),
    Property("shows", "saturation", one_of(SHOWS)),
    Property("survey", "survey", _key),
)
"""The choices of saturation."""
