"""What stands on the right side of a comparison, and how its steps and rows stand beside the left's."""

from dataclasses import dataclass
from typing import Literal

from gru_core.errors import LinkError
from gru_core.limits import MAX_STEPS
from gru_core.overrides import EXTREMES
from gru_core.symbols import TRACED
from gru_ui.properties import Property, one_of, whole
from gru_ui.references import model_reference, sequence_reference

AGAINST = ("gates", "sequence", "layer", "model", "training", "other")
QUANTITIES = tuple(symbol.name for symbol in TRACED)
ROWS = ("auto", "units", "sorted")
ENDS = ("start", "end")
OTHERS = ("rnn", "lstm")


@dataclass(frozen=True)
class CompareForm:
    """The left side is what the frame shows.

    against   what the right side differs in: the gates, the sequence, the layer, the model, the moment of its
              training, or that it is an RNN or an LSTM trained on the same task
    gates, sequence, layer, model, update, other    which; "" or -1 for the first that is not the left
    quantity  which symbol is compared
    offset    step t of the left stands beside step t + offset of the right
    ends      whether steps are counted from the start or from the end
    rows      "units", "sorted", or "auto": units where they are the same on both sides
    """

    against: Literal["gates", "sequence", "layer", "model", "training", "other"] = "gates"
    gates: str = "rnn"
    sequence: str = ""
    layer: int = -1
    model: str = ""
    update: int = -1
    other: Literal["rnn", "lstm"] = "rnn"
    quantity: str = "H"
    offset: int = 0
    ends: Literal["start", "end"] = "start"
    rows: Literal["auto", "units", "sorted"] = "auto"


def _offset(text: str) -> int:
    sign, digits = (-1, text[1:]) if text.startswith("-") else (1, text)
    try:
        return sign * whole(0, MAX_STEPS)(digits)
    except LinkError as error:
        raise LinkError(f"must be a whole number between -{MAX_STEPS} and {MAX_STEPS}") from error


COMPARE_PROPERTIES = (
    Property("against", "against", one_of(AGAINST)),
    Property("gates", "rightgates", one_of(tuple(EXTREMES))),
    Property("sequence", "rightseq", sequence_reference),
    Property("layer", "rightlayer", whole(-1)),
    Property("model", "rightmodel", model_reference),
    Property("update", "rightupdate", whole(-1)),
    Property("other", "rightkind", one_of(OTHERS)),
    Property("quantity", "quantity", one_of(QUANTITIES)),
    Property("offset", "offset", _offset),
    Property("ends", "align", one_of(ENDS)),
    Property("rows", "rightrows", one_of(ROWS)),
)
"""The choices of this page."""
