"""What a puzzle asks for, in terms of derivatives: nothing here knows which gates would do it."""

from dataclasses import dataclass
from typing import Literal

from gru_core.errors import InputError
from gru_core.overrides import GateOverride
from gru_core.painting import Painting

Like = Literal["rnn", "input_only", "average"]

LIKE: dict[Like, tuple[GateOverride, ...]] = {
    "rnn": (GateOverride("Z", 0.0), GateOverride("R", 1.0)),
    "input_only": (GateOverride("Z", 0.0), GateOverride("R", 0.0)),
    "average": (GateOverride("Z", 0.5), GateOverride("R", 0.0)),
}
"""The steps that a person is asked to imitate: of a tanh RNN, of a feed-forward net, of a running average."""


@dataclass(frozen=True)
class Reach:
    """The last state must depend on the inputs of some steps and on no other.

    uses   the steps whose input must reach the last state, in order
    start  whether the state before the first step may reach it as well

    Raises InputError without a step, or with steps out of order.
    """

    uses: tuple[int, ...]
    start: bool = False

    def __post_init__(self) -> None:
        if not self.uses or list(self.uses) != sorted(set(self.uses)) or self.uses[0] < 0:
            raise InputError(f"A puzzle must use some steps, each once and in order, got {self.uses!r}.")


@dataclass(frozen=True)
class Each:
    """Every step must do to small changes what the step of another recurrence does, from the same state.

    like  a name in LIKE
    """

    like: Like


Goal = Reach | Each


@dataclass(frozen=True)
class Puzzle:
    """One puzzle: a trained model, what it reads, what is to be reached, and one way to reach it.

    name    in the catalogue of texts and in links
    model   the name of a demo model
    text    what it reads, one symbol per character
    goal    what is graded
    marked  the steps that the task speaks of
    answer  one painting that is right; others may be too
    """

    name: str
    model: str
    text: str
    goal: Goal
    answer: Painting
    marked: tuple[int, ...] = ()

    @property
    def steps(self) -> int:
        """How many steps the model reads."""
        return len(self.text)
