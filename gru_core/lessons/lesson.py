"""A lesson as values: steps of words, each with the state of the app that it sets, and a question or none.

Nothing in it is a number of a model: questions, numbers in the words and claims name a *measure*, which the
app computes from the step's own view. So a lesson stays true when a model is trained again, or says that it
does not.
"""

from dataclasses import dataclass, field, replace
from typing import Any, Literal, get_args

from gru_core.demos import DEMOS
from gru_core.errors import OverrideError
from gru_core.indices import parse_indices
from gru_core.lessons.words import Block
from gru_core.overrides import EXTREMES, GateOverride
from gru_core.painting import Painting
from gru_core.symbols import SYMBOLS

PICTURES = ("cell", "gates", "states", "extremes", "memory", "gradients", "family", "race", "gallery", "none")
"""What a step can show.

cell       the cell at work, at one step
gates      R, Z, H~ and H over all steps
states     H under the learned gates and the extremes
extremes   the extremes as cards: equation, answer and proof
memory     how much of each step's candidate is in the last state
gradients  how strongly the last state depends on each earlier one, as a GRU and as a plain RNN
family     the equations of RNN, GRU and LSTM, and how many numbers each learns
race       GRU, RNN and LSTM trained on the same data
gallery    a real model out of a well-known package
none       words alone
"""

CONTROLS = ("gates", "z", "r", "strips", "touch")
"""What may be worked in a step: named gate settings, a slider for a gate, the cell's time line, its gates."""

SETTINGS = (*EXTREMES, "custom", "painted")
Depth = Literal["box", "gates", "arithmetic"]
ZMeans = Literal["keeps", "updates"]
ShowsReset = Literal["own", "other"]
DEPTHS: tuple[Depth, ...] = get_args(Depth)
LIT = ("", "Y", *SYMBOLS)
SHOWN_AS = ("auto", "number", "whole", "percent", "tens", "times", "text")
How = Literal["is", "not", "above", "below", "at_least", "at_most"]
TESTS: tuple[How, ...] = get_args(How)
"""How a claim compares what is measured with what it says."""


@dataclass(frozen=True)
class LessonView:
    """The state of the app that a step sets; the same words as in a link, see `gru_ui.workspace.Workspace`.

    picture     a name in PICTURES
    held_units, held_steps   which units and steps the gates of a free setting are held for; "" is all
    paint_r, paint_z   the rows of the setting "painted", step by step, as gru_core.painting reads them
    step, unit  under the cursor; unit -1 for none
    depth, lit, z_means, shows_reset, edits   of the picture "cell": how far it is opened, the lit symbol,
                what Z is taken to mean, which reset equation stands beside, and changes by hand as
                `gru_core.edits` reads them
    settings    which cards the picture "extremes" shows; () for all
    real, say   of the picture "gallery": the model's name, and what it is given; "" is what it opens with
    """

    picture: str = "cell"
    model: str = DEMOS[0]
    sequence: str = "example.0"
    gates: str = "learned"
    z: float = 0.5
    z_blend: float = 0.0
    r: float = 0.5
    r_blend: float = 0.0
    held_units: str = ""
    held_steps: str = ""
    paint_r: str = ""
    paint_z: str = ""
    layer: int = 0
    step: int = 0
    unit: int = -1
    order: str = "index"
    depth: Depth = "gates"
    lit: str = ""
    z_means: ZMeans = "keeps"
    shows_reset: ShowsReset = "own"
    edits: str = ""
    settings: tuple[str, ...] = ()
    real: str = ""
    say: str = ""

    @property
    def overrides(self) -> tuple[GateOverride, ...]:
        """The gate setting as the core takes it; raises OverrideError for units or steps it cannot read."""
        if self.gates == "painted":
            return Painting.of(self.paint_r, self.paint_z).overrides
        if self.gates != "custom":
            return EXTREMES[self.gates]
        units, steps = parse_indices(self.held_units), parse_indices(self.held_steps, "steps")
        if isinstance(units, slice):
            raise OverrideError("Name units one by one or as ranges such as 0, 3-5.")
        both = (("Z", self.z, self.z_blend), ("R", self.r, self.r_blend))
        return tuple(
            GateOverride("Z" if gate == "Z" else "R", value, units=units, steps=steps, blend=blend)
            for gate, value, blend in both
            if blend > 0
        )

    def but(self, **changes: Any) -> "LessonView":
        """The same with some fields changed."""
        return replace(self, **changes)


@dataclass(frozen=True)
class Asked:
    """A measure with its parameters, as a lesson asks for it; `line` of the file says where."""

    measure: str
    parameters: tuple[tuple[str, Any], ...] = ()
    line: int = field(default=0, compare=False)


@dataclass(frozen=True)
class Number:
    """A number in the words: its name there, what it is, and how it is written."""

    name: str
    asked: Asked
    shown: str = "auto"


@dataclass(frozen=True)
class Check:
    """A comparison: one of TESTS with a value or another measure; `within` is how far "is" may be off."""

    how: How
    value: float | str | bool | Asked
    within: float = 0.0


@dataclass(frozen=True)
class Claim:
    """Words of the step that state a fact, and the comparison that must hold for them to be true."""

    says: str
    asked: Asked
    tests: tuple[Check, ...]


@dataclass(frozen=True)
class Choice:
    """One possible prediction; it is right when its tests hold for what is measured."""

    says: str
    tests: tuple[Check, ...]


@dataclass(frozen=True)
class Question:
    """Predict, then reveal. Without `choices` a number is typed, right when it is off by at most `within`.

    covers  whether the picture waits for the answer, because it shows it
    after   said with the answer
    """

    ask: str
    asked: Asked
    shown: str = "auto"
    choices: tuple[Choice, ...] = ()
    least: float = 0.0
    most: float = 1.0
    within: float = 0.0
    counted_in: str = ""
    covers: bool = True
    after: tuple[Block, ...] = ()


@dataclass(frozen=True)
class Step:
    """One step: a title, words, the view that it sets, and what may be worked in it."""

    title: str
    words: tuple[Block, ...]
    view: LessonView = LessonView()
    controls: tuple[str, ...] = ()
    numbers: tuple[Number, ...] = ()
    question: Question | None = None
    claims: tuple[Claim, ...] = ()
    line: int = field(default=0, compare=False)


@dataclass(frozen=True)
class Lesson:
    """A lesson: some five to nine steps that a class goes through in so many minutes."""

    title: str
    summary: str
    minutes: int
    steps: tuple[Step, ...]
