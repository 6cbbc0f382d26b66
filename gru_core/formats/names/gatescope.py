"""This project's own names, `cells.0.weight_x`, in files without the description that `save_model` writes.

Sizes and directions follow from the shapes; what does not follow is refused rather than guessed.
Row of conventions.py: "gatescope".
"""

import re
from collections.abc import Mapping
from functools import partial

import torch
from torch import Tensor

from gru_core.equations import ResetMode
from gru_core.errors import ModelFileError
from gru_core.formats.choices import Choices
from gru_core.formats.guide import Guide
from gru_core.formats.layers import Found, Naming, path_of
from gru_core.formats.open_choices import leave_open
from gru_core.formats.weights import PackedCell, Sizes, build_gru
from gru_core.limits import check_gru_size
from gru_core.model import GRU

_NAME = re.compile(
    r"(?:(?P<prefix>.+)[./])?cells[./](?P<index>\d{1,4})[./](?P<part>weight_x|weight_h|bias|bias_hh)"
)


def find(tensors: Mapping[str, Tensor], choices: Choices) -> Found:
    """Every GRU of this project's own module."""
    groups: dict[str, dict[int, dict[str, str]]] = {}
    for name in tensors:
        match = _NAME.fullmatch(name)
        if match:
            cell = groups.setdefault(match["prefix"] or "", {}).setdefault(int(match["index"]), {})
            cell[match["part"]] = name

    found = Found()
    for prefix, cells in groups.items():
        names = {name for cell in cells.values() for name in cell.values()}
        found.read(path_of(prefix), names, partial(_gru, cells=cells, tensors=tensors, choices=choices))
    return found


def _gru(
    path: str, cells: Mapping[int, dict[str, str]], tensors: Mapping[str, Tensor], choices: Choices
) -> GRU:
    """The GRU of cells by their numbers."""
    for index in range(max(cells) + 1):
        missing = {"weight_x", "weight_h", "bias"} - set(cells.get(index, {}))
        if missing:
            raise ModelFileError(f"{path!r} is incomplete: cells.{index}.{min(missing)} is missing.")
    ordered = [cells[index] for index in sorted(cells)]
    sizes = _sizes(path, [tuple(tensors[c["weight_x"]].shape) for c in ordered])
    check_gru_size(path, sizes.inputs, sizes.units, sizes.layers, sizes.directions)
    packed, arrays = _packed(ordered, sizes.units, tensors)
    reset_mode: ResetMode = "after" if "bias_hh" in ordered[0] else "before"
    gates = choices.gate_activation or "sigmoid"
    gru = build_gru(path, "gatescope", sizes, packed, arrays, reset_mode, gates)
    leave_open(gru, choices, "gate_activation", "backwards")
    return gru


def _sizes(path: str, shapes: list[tuple[int, ...]]) -> Sizes:
    """Layers and directions from the (3H, I) of every cell."""
    if any(len(shape) != 2 or 0 in shape or shape[0] % 3 for shape in shapes):
        raise ModelFileError(
            f"{path!r}: weight_x of each cell must be (3 x hidden, inputs), got {shapes[0]}."
        )
    inputs, units = shapes[0][1], shapes[0][0] // 3
    widths = [shape[1] for shape in shapes]
    one_way = widths == [inputs] + [units] * (len(widths) - 1)
    both_ways = len(widths) % 2 == 0 and widths == [inputs] * 2 + [2 * units] * (len(widths) - 2)
    if one_way and both_ways:
        raise ModelFileError(
            f"{path!r} could be two layers or one layer in two directions, and its arrays do not tell: "
            "save it with gru_core.save_model, which writes that down."
        )
    if one_way:
        return Sizes(inputs, units, len(widths), 1)
    if both_ways:
        return Sizes(inputs, units, len(widths) // 2, 2)
    raise ModelFileError(f"{path!r}: its cells read {widths} inputs, which no GRU of {units} units has.")


def _packed(
    cells: list[dict[str, str]], units: int, tensors: Mapping[str, Tensor]
) -> tuple[list[PackedCell], dict[str, Tensor]]:
    """The cells with `bias_hh` (H,) put behind two zero blocks, as packed biases of the state are."""
    arrays = dict(tensors)
    packed = []
    for cell in cells:
        inner = cell.get("bias_hh")
        if inner is not None:
            value = tensors[inner]
            if tuple(value.shape) != (units,):
                raise ModelFileError(
                    f"{inner} must have {units} entries, got the shape {tuple(value.shape)}."
                )
            arrays[inner] = torch.cat([value.new_zeros(2 * units), value])
        packed.append(PackedCell(cell["weight_x"], cell["weight_h"], cell["bias"], inner))
    return packed, arrays


GUIDE = Guide(
    title="GateScope",
    files=".safetensors",
    holds="A whole model: the GRU in either reset mode with its encoder, its readout and its card. Without "
    "the description that save_model writes, sizes and directions are told by the shapes.",
    conventions=("gatescope",),
    example='gru_core.formats.save_model(model, "model.safetensors")\n'
    'model = load_model("model.safetensors")',
)
NAMING = Naming("gatescope", find, (GUIDE,))
