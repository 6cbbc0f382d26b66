"""What a person has chosen in the phase portrait, as one frozen value with its own part of the link.

The step is the workspace's cursor and the gates are the workspace's; the rest stands here.
"""

import re
from dataclasses import dataclass

from gru_core.errors import LinkError
from gru_ui.components.portrait import MOST_STARTS
from gru_ui.components.portrait_data import MOST_SLIDERS
from gru_ui.properties import Property

_NUMBER = re.compile(r"-?\d{1,7}(\.\d{1,6})?")


@dataclass(frozen=True)
class PhaseForm:
    """What is read again and again, and where states were let go.

    reads    "step", "zero", "symbol.<k>" or "numbers", as `PortraitChoice.input`
    numbers  the inputs where it is numbers, as text
    starts   states, each "a,b" as text
    """

    reads: str = "step"
    numbers: tuple[str, ...] = ()
    starts: tuple[str, ...] = ()

    @property
    def inputs(self) -> tuple[float, ...]:
        """The numbers as numbers."""
        return tuple(map(float, self.numbers))

    @property
    def states(self) -> tuple[tuple[float, float], ...]:
        """The starts as numbers."""
        pairs = (start.split(",") for start in self.starts)
        return tuple((float(a), float(b)) for a, b in pairs)


def as_text(value: float) -> str:
    """A number as this form has it: three decimals at most."""
    return f"{round(value, 3) + 0.0:g}"


def _reads(text: str) -> str:
    if not re.fullmatch(r"step|zero|numbers|symbol\.\d{1,3}", text):
        raise LinkError("must be step, zero, numbers, or a symbol such as symbol.0")
    return text


def _numbers(text: str) -> tuple[str, ...]:
    found = tuple(text.split("|")) if text else ()
    if len(found) > MOST_SLIDERS or not all(map(_NUMBER.fullmatch, found)):
        raise LinkError(f"must be at most {MOST_SLIDERS} numbers separated by |")
    return found


def _starts(text: str) -> tuple[str, ...]:
    found = tuple(text.split("|")) if text else ()
    for start in found:
        parts = start.split(",")
        inside = len(parts) == 2 and all(_NUMBER.fullmatch(part) and abs(float(part)) <= 1 for part in parts)
        if not inside or len(found) > MOST_STARTS:
            raise LinkError(
                f"must be at most {MOST_STARTS} states such as 0.5,-0.2 in [-1, 1], separated by |"
            )
    return found


PHASE_PROPERTIES = (
    Property("reads", "reads", _reads),
    Property("numbers", "readx", _numbers),
    Property("starts", "letgo", _starts),
)
"""The choices in the phase portrait."""
