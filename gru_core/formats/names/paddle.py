"""PaddlePaddle's nn.GRU and nn.GRUCell: PyTorch's names, and every array a second time by another path.

Layer 0 of an nn.GRU has weight_ih_l0 and, the same array once more, 0.cell.weight_ih (0.cell_fw and 0.cell_bw
where it reads both ways). The second name is the one to trust: where a bias is switched off, PaddlePaddle
puts the first names on the wrong arrays. A file that says by itself that it is PaddlePaddle's is read so as a
whole; in others the second names are the sign. nn.LSTM and nn.SimpleRNN are named likewise.
Row of conventions.py: "paddle".
"""

import re
from collections.abc import Mapping

from torch import Tensor

from gru_core.formats.choices import Choices
from gru_core.formats.guide import Guide
from gru_core.formats.layers import Found, Naming
from gru_core.formats.names.torch import find_named
from gru_core.formats.plain_layers import embedding_layer, linear_layer

_PART = r"(?P<part>(?:weight|bias)_[ih]h)"
_SECOND = re.compile(rf"(?P<prefix>(?:.+[./])?)(?P<layer>\d{{1,4}})[./]cell(?P<way>|_fw|_bw)[./]{_PART}")
_FIRST = re.compile(rf"(?P<prefix>(?:.+[./])?){_PART}_l\d{{1,4}}(?:_reverse)?")
_BIRNN = re.compile(rf"(?P<prefix>(?:.+[./])?)cell(?P<way>_fw|_bw)[./]{_PART}")
_CELL = re.compile(r"(?P<path>(?:.+[./])?gru_cell_\d{1,6})\.(?P<part>[wb]_[01])")
_CELL_PARTS = {"w_0": "weight_ih", "w_1": "weight_hh", "b_0": "bias_ih", "b_1": "bias_hh"}
"""The parameters' own names, by which a static program saves them; it tells cells and not whose they are."""


def find(tensors: Mapping[str, Tensor], choices: Choices) -> Found:
    """The recurrent layers whose arrays stand there by both of their names."""
    names: dict[str, str] = {}
    for name in tensors:
        if match := _SECOND.fullmatch(name):
            reverse = "_reverse" if match["way"] == "_bw" else ""
            names[f"{match['prefix']}{match['part']}_l{int(match['layer'])}{reverse}"] = name
    doubled = {
        match["prefix"]
        for name in tensors
        if (match := _FIRST.fullmatch(name)) and f"{match['prefix']}weight_hh_l0" in names
    }
    names = {first: second for first, second in names.items() if _prefix(first) in doubled}
    found = find_named({first: tensors[second] for first, second in names.items()}, "paddle").renamed(names)
    for own in found.names.values():
        own |= {first for first, second in names.items() if second in own and first in tensors}
    found.used = set(names.values()) | {name for name in tensors if _prefix(name) in doubled}
    cells = {
        f"{match['path']}.{_CELL_PARTS[match['part']]}": name
        for name in tensors
        if (match := _CELL.fullmatch(name))
    }
    found.add(find_named({new: tensors[name] for new, name in cells.items()}, "paddle").renamed(cells))
    found.used |= set(cells.values())
    return found


def find_all(tensors: Mapping[str, Tensor], choices: Choices) -> Found:
    """Every layer of a file that is known to be PaddlePaddle's; its Linear has weight (inputs, outputs)."""
    found = find(tensors, choices)
    left = {name: tensor for name, tensor in tensors.items() if name not in found.used}
    names = {}
    for name in left:
        match = _BIRNN.fullmatch(name)
        reverse = "_reverse" if match and match["way"] == "_bw" else ""
        names[f"{match['prefix']}{match['part']}_l0{reverse}" if match else name] = name
    found.add(find_named({new: left[name] for new, name in names.items()}, "paddle").renamed(names))
    for name, tensor in left.items():
        path = name.removesuffix("weight").rstrip("./")
        if name in found.used or tensor.ndim != 2 or not name.endswith("weight"):
            continue
        bias = left.get(name.removesuffix("weight") + "bias")
        if bias is None and "emb" in path.lower():
            found.others.append(embedding_layer(path, tensor, found.grus))
        elif bias is None or tuple(bias.shape) == (tensor.shape[1],):
            found.others.append(linear_layer(path, tensor.T, bias, found.grus))
            found.used |= set() if bias is None else {name.removesuffix("weight") + "bias"}
        else:
            continue
        found.used.add(name)
    return found


def _prefix(name: str) -> str | None:
    """What stands before the parameter in a first name; None where it is no such name."""
    match = _FIRST.fullmatch(name)
    return match["prefix"] if match else None


GUIDE = Guide(
    title="PaddlePaddle 2 and 3, nn.GRU and nn.GRUCell",
    files=".pdparams, .pkl of named arrays; .npz with the same names",
    holds="Every nn.GRU, nn.GRUCell and nn.BiRNN by the path of its layer. The file is a pickle, which is "
    "read as data and never run; one that holds anything but named arrays is refused.",
    conventions=("paddle",),
    example='paddle.save(model.state_dict(), "model.pdparams")\n'
    'load("model.pdparams")  # {"encoder.gru": GRU(...)}',
)

NAMING = Naming("paddle", find)
WHOLE_FILE = Naming("paddle", find_all)
