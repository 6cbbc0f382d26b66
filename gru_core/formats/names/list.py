"""A bare list of textbook parameters, in the order of the first edition of Dive into Deep Learning.

W_xz, W_hz, b_z, W_xr, W_hr, b_r, W_xh, W_hh, b_h, and then, where there is a readout, W_hq, b_q. A list says
nothing but the shapes of its arrays, so all of them must fit. Row of conventions.py: "textbook".
"""

import re
from collections.abc import Mapping

from torch import Tensor

from gru_core.formats.choices import Choices
from gru_core.formats.guide import Guide
from gru_core.formats.layers import Found, Naming
from gru_core.formats.names import textbook as names_textbook
from gru_core.formats.plain_layers import linear_layer

ORDER = ("W_xz", "W_hz", "b_z", "W_xr", "W_hr", "b_r", "W_xh", "W_hh", "b_h")
READOUT = ("W_hq", "b_q")
_POSITION = re.compile(r"(?:arr_)?(?P<number>\d{1,2})")
READ_AS = (
    "The file is a list without names, read in the order of Dive into Deep Learning, first edition: "
    "W_xz, W_hz, b_z, W_xr, ... b_h."
)


def find(tensors: Mapping[str, Tensor], choices: Choices) -> Found:
    """The GRU of a file that is such a list and nothing else."""
    found = Found()
    places = {int(match["number"]): name for name in tensors if (match := _POSITION.fullmatch(name))}
    for wanted in (ORDER + READOUT, ORDER):
        if len(tensors) != len(wanted) or sorted(places) != list(range(len(wanted))):
            continue
        named = {part: tensors[places[index]] for index, part in enumerate(wanted)}
        if not _fits(named):
            continue
        found = names_textbook.find({part: named[part] for part in ORDER}, choices)
        found.used = set(tensors)
        found.names = dict.fromkeys(found.grus, found.used)
        for gru in found.grus.values():
            gru.notes += (READ_AS,)
        if "W_hq" in named:
            found.others.append(linear_layer("W_hq", named["W_hq"].T, named["b_q"].reshape(-1), found.grus))
    return found


def _fits(named: Mapping[str, Tensor]) -> bool:
    """Whether every shape is what its place in the list asks for: x W, biases of as many numbers as units."""
    if named["W_xz"].ndim != 2 or 0 in named["W_xz"].shape:
        return False
    inputs, units = named["W_xz"].shape
    shapes = {"x": (inputs, units), "h": (units, units)}
    for part, tensor in named.items():
        shape = tuple(tensor.shape)
        if part == "W_hq":
            fits = len(shape) == 2 and shape[0] == units
        elif part == "b_q":
            fits = tensor.numel() == named["W_hq"].shape[1]
        else:
            fits = tensor.numel() == units if part.startswith("b_") else shape == shapes[part[2]]
        if not fits:
            return False
    return True


GUIDE = Guide(
    title="Dive into Deep Learning, first edition: params as a list",
    files=".pt or .npz with the list of parameters",
    holds="The list that the book's get_params returns, when all shapes fit its order. "
    "Later editions name their parameters: W_xz, W_hz, b_z, ...",
    conventions=("textbook",),
    example='torch.save(get_params(), "params.pt")  # [W_xz, W_hz, b_z, W_xr, ..., W_hq, b_q]\n'
    'load("params.pt")  # {"gru": GRU(...)}',
)

NAMING = Naming("list", find, (GUIDE,))
