"""What a file leaves open of a GRU and a person may know: named on the GRU, and said in its notes.

A reader names what is open as soon as it has made a GRU; which way it reads is settled for every format
in one place, after the reading.
"""

from collections.abc import Mapping

from gru_core.equations import GateActivation
from gru_core.errors import ModelFileError
from gru_core.formats.choices import Choices
from gru_core.formats.contents import Contents
from gru_core.model import GRU, OPEN_CHOICES, OpenChoice

IN_WORDS: Mapping[GateActivation, str] = {
    "sigmoid": "a sigmoid",
    "hard_sigmoid_fifth": "a hard sigmoid, clip(0.2 a + 0.5)",
    "hard_sigmoid_sixth": "a hard sigmoid, clip(a / 6 + 0.5)",
}
FORWARDS = "The file does not say which way it reads: taken as forwards."
BACKWARDS = "It reads from the last step to the first, as chosen; its states stand in the order of the input."

_SAY_IT = (
    "onnx_before",
    "onnx_after",
    "tfjs",
    "keras_after",
    "keras_before",
    "keras_cudnn",
    "paddle_legacy",
    "paddle_legacy_origin",
)
"""Rows whose files say which way a GRU reads, unless it is named as open."""


def leave_open(gru: GRU, choices: Choices, *kinds: OpenChoice) -> None:
    """Name what the file does not say of a GRU, and note how its gates are read where they are open.

    A GRU of both directions leaves no direction open.
    """
    gru.open_choices = tuple(
        kind for kind in OPEN_CHOICES if kind in kinds and not (kind == "backwards" and gru.bidirectional)
    )
    if "gate_activation" in kinds:
        how = "as chosen" if choices.gate_activation is not None else "the usual one"
        gru.notes += (
            "The file does not say the activation of the gates: they are read as "
            f"{IN_WORDS[gru.gate_activation]}, {how}.",
        )


def settle_directions(contents: Contents, choices: Choices) -> None:
    """Let the GRUs read backwards that the person says do, and note of the others that it is open.

    Raises ModelFileError for a name that is no GRU of one direction, or whose way the file says itself.
    """
    for name in choices.backwards:
        _turn(name, contents)
    for name, gru in contents.grus.items():
        if "backwards" in gru.open_choices and name not in choices.backwards:
            gru.notes += (FORWARDS,)


def _turn(name: str, contents: Contents) -> None:
    """Let one GRU read backwards."""
    gru = contents.grus.get(name)
    if gru is None or not _may_turn(gru):
        known = ", ".join(repr(name) for name, gru in contents.grus.items() if _may_turn(gru))
        raise ModelFileError(
            "Only a GRU of one layer and one direction can be said to read backwards, and "
            f"{name[:80]!r} is none in this file: it has {known or 'no such GRU'}."
        )
    if "backwards" not in gru.open_choices and (gru.convention in _SAY_IT or contents.model is not None):
        way = "backwards" if gru.backwards else "forwards"
        raise ModelFileError(f"The file says itself that {name[:80]!r} reads {way}: leave that choice out.")
    gru.backwards = True
    gru.notes += (BACKWARDS,)


def _may_turn(gru: GRU) -> bool:
    """Whether it makes sense to say that it reads backwards."""
    return not gru.bidirectional and (gru.num_layers == 1 or "backwards" in gru.open_choices)
