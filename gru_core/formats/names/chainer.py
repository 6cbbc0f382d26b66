"""Chainer's names: StatefulGRU and StatelessGRU (W_r/W, U_r/b, W/W, ...), NStepGRU and NStepBiGRU (0/w0 ...).

StatefulGRU applies the reset gate before the matrix and its z writes the new state: row "chainer".
NStepGRU is cuDNN's GRU: w0 to w2 read the input in the order r, z, h, w3 to w5 the state; row
"chainer_nstep". Its cells are numbered layer by layer, and in each layer first forwards, then backwards.
NStepLSTM has eight matrices, NStepRNN two.
"""

import re
from collections.abc import Mapping, Sequence
from functools import partial

import torch
from torch import Tensor

from gru_core.errors import ModelFileError
from gru_core.formats.blocks import (
    Cell,
    checked_sizes,
    grouped,
    gru_of_cells,
    incomplete,
    matrix_shape,
    path_in_model,
    stacked,
)
from gru_core.formats.choices import Choices
from gru_core.formats.contents import OtherLayer
from gru_core.formats.guide import Guide
from gru_core.formats.layers import Found, Naming
from gru_core.formats.torch_cores import CoreCell, core_layer, joined
from gru_core.model import GRU

_LINK = re.compile(r"(?:(?P<prefix>.*)[./])?(?P<part>[WU](?:_[rz])?[./][Wb])")
_LSTM = re.compile(r"(?:(?P<prefix>.*)[./])?(?P<part>(?:upward|lateral)[./][Wb])")
_NSTEP = re.compile(r"(?:(?P<prefix>.*)[./])?(?P<part>\d{1,4}[./][wb]\d)")
GATES = ("_r", "_z", "")
START = (
    "Chainer leaves out the U links, biases included, at the first step while the link has no state yet; "
    "here the state before the first step is zeros and the biases count, as after set_state(zeros)."
)


def find(tensors: Mapping[str, Tensor], choices: Choices) -> Found:
    """Every GRU link, and the NStep LSTMs and RNNs beside them."""
    found = Found()
    for prefix, named in grouped(tensors, _LINK).items():
        parts = {part.replace(".", "/"): name for part, name in named.items()}
        if not any(part.startswith(("U_", "W_")) for part in parts):
            continue
        make = partial(_stateful, parts=parts, tensors=tensors)
        found.read(path_in_model(prefix), parts.values(), make)
    for prefix, named in grouped(tensors, _LSTM).items():
        layer = _link_lstm(path_in_model(prefix), named, tensors)
        if layer is not None:
            found.others.append(layer)
            found.used |= set(named.values())
    for prefix, named in grouped(tensors, _NSTEP).items():
        cells: dict[int, dict[str, str]] = {}
        for part, file_name in named.items():
            index, _, array = part.replace(".", "/").partition("/")
            cells.setdefault(int(index), {})[array] = file_name
        ordered = [cells[index] for index in sorted(cells)]
        count = len([array for array in ordered[0] if array.startswith("w")])
        names = {file_name for cell in ordered for file_name in cell.values()}
        if count == 6:
            found.read(path_in_model(prefix), names, partial(_nstep, by_number=cells, tensors=tensors))
        elif count in (2, 8):
            layer = _other(path_in_model(prefix), ordered, tensors, "RNN" if count == 2 else "LSTM")
            if layer is not None:
                found.others.append(layer)
                found.used |= names
    return found


def _stateful(name: str, parts: Mapping[str, str], tensors: Mapping[str, Tensor]) -> GRU:
    """The GRU of one StatefulGRU or StatelessGRU: six links with a bias each, or without."""
    missing = [f"{link}{gate}/W" for link in "WU" for gate in GATES if f"{link}{gate}/W" not in parts]
    if missing:
        raise incomplete(name, "a GRU link has W_r, W_z, W, U_r, U_z and U", missing)
    units, inputs = matrix_shape(parts["W_r/W"], tensors[parts["W_r/W"]])
    sizes = checked_sizes(name, inputs, units)
    weight_x = stacked(tensors, [parts[f"W{gate}/W"] for gate in GATES], (units, inputs))
    weight_h = stacked(tensors, [parts[f"U{gate}/W"] for gate in GATES], (units, units))
    biases = []
    for link in "WU":
        biases.append(_bias([parts.get(f"{link}{gate}/b") for gate in GATES], tensors, units, weight_x))
    sources = [tensors[of_file] for of_file in parts.values()]
    gru = gru_of_cells(name, "chainer", sizes, [Cell(weight_x, weight_h, *biases)], sources, "before")
    gru.notes += (START,)
    return gru


def _bias(
    names: Sequence[str | None], tensors: Mapping[str, Tensor], units: int, like: Tensor
) -> Tensor | None:
    """The biases of three gates one behind the other, zeros where a gate has none; None when none has."""
    if all(name is None for name in names):
        return None
    return torch.cat(
        [like.new_zeros(units) if name is None else stacked(tensors, [name], (units,)) for name in names]
    )


def _nstep(name: str, by_number: Mapping[int, Mapping[str, str]], tensors: Mapping[str, Tensor]) -> GRU:
    """The GRU of an NStepGRU or NStepBiGRU."""
    cells = [by_number[index] for index in sorted(by_number)]
    if sorted(by_number) != list(range(len(cells))):
        lost = [str(index) for index in range(max(by_number)) if index not in by_number]
        raise incomplete(name, "an NStepGRU numbers its layers and directions from 0", lost[:8])
    for index, parts in enumerate(cells):
        missing = [f"{index}/w{number}" for number in range(6) if f"w{number}" not in parts]
        if missing:
            raise incomplete(name, "each layer and direction of an NStepGRU has w0 to w5", missing)
    units, inputs = matrix_shape(cells[0]["w0"], tensors[cells[0]["w0"]])
    shapes = [matrix_shape(parts["w0"], tensors[parts["w0"]]) for parts in cells]
    directions = _directions(name, shapes, inputs, units)
    sizes = checked_sizes(name, inputs, units, len(cells) // directions, directions)
    made = []
    for index, parts in enumerate(cells):
        width = sizes.width(index // directions)
        weight_x = stacked(tensors, [parts[f"w{number}"] for number in (0, 1, 2)], (units, width))
        weight_h = stacked(tensors, [parts[f"w{number}"] for number in (3, 4, 5)], (units, units))
        biases = [
            _bias([parts.get(f"b{number}") for number in numbers], tensors, units, weight_x)
            for numbers in ((0, 1, 2), (3, 4, 5))
        ]
        made.append(Cell(weight_x, weight_h, *biases))
    sources = [tensors[of_file] for parts in cells for of_file in parts.values()]
    return gru_of_cells(name, "chainer_nstep", sizes, made, sources, "after")


def _directions(name: str, shapes: Sequence[tuple[int, ...]], inputs: int, units: int) -> int:
    """1 or 2, told by how many numbers the cells read; ModelFileError where that leaves both open."""
    widths = [shape[-1] for shape in shapes]
    one_way = widths == [inputs] + [units] * (len(widths) - 1)
    both_ways = len(widths) % 2 == 0 and widths == [inputs] * 2 + [2 * units] * (len(widths) - 2)
    if one_way and both_ways:
        raise ModelFileError(
            f"{name!r} could be two layers (NStepGRU) or one layer in two directions (NStepBiGRU): it reads "
            f"{inputs} inputs with {units} units, so its arrays do not tell. Save them by PyTorch's names, "
            "weight_ih_l0 and so on, to say which."
        )
    if not one_way and not both_ways:
        raise ModelFileError(
            f"{name!r}: its cells read {widths[:8]} inputs, which no GRU of {units} units does."
        )
    return 1 if one_way else 2


def _other(
    path: str, cells: Sequence[Mapping[str, str]], tensors: Mapping[str, Tensor], kind: str
) -> OtherLayer | None:
    """An NStepLSTM, whose order of gates is torch's, or an NStepRNN; None when its arrays are incomplete."""
    blocks = 4 if kind == "LSTM" else 1
    made = []
    for parts in cells:
        given = {part: tensors[name] for part, name in parts.items()}
        if any(f"w{number}" not in given for number in range(2 * blocks)):
            return None
        sides = [range(blocks), range(blocks, 2 * blocks)]
        if any(given[f"w{number}"].ndim != 2 for side in sides for number in side):
            return None
        weights = [joined([given[f"w{number}"] for number in side]) for side in sides]
        if weights[0] is None or weights[1] is None:
            return None
        biases = [[given[f"b{number}"] for number in side if f"b{number}" in given] for side in sides]
        packed = [joined(side) if len(side) == blocks else None for side in biases]
        made.append(CoreCell(weights[0], weights[1], *packed))
    inputs, units = made[0].weight_x.shape[1], made[0].weight_h.shape[1]
    try:
        directions = _directions(path, [tuple(cell.weight_x.shape) for cell in made], inputs, units)
    except ModelFileError as problem:
        return OtherLayer(path, "LSTM" if kind == "LSTM" else "RNN", f"{inputs} -> {units}", str(problem))
    note = {
        "LSTM": "It has eight matrices w0 to w7 per layer: this is an NStepLSTM.",
        "RNN": "It has two matrices w0 and w1 per layer: this is an NStepRNN. "
        "Its activation is not in the file and is taken to be tanh.",
    }[kind]
    return core_layer(path, kind, made, directions, note)


def _link_lstm(path: str, named: Mapping[str, str], tensors: Mapping[str, Tensor]) -> OtherLayer | None:
    """A links.LSTM or StatelessLSTM, whose rows are a, i, f, o of the first unit, then of the next one."""
    parts = {part.replace(".", "/"): tensors[name] for part, name in named.items()}
    arrays = {part: joined([tensor]) for part, tensor in parts.items()}
    weight_x, weight_h, bias = (arrays.get(part) for part in ("upward/W", "lateral/W", "upward/b"))
    if weight_x is None or weight_h is None or weight_x.ndim != 2 or weight_h.ndim != 2:
        return None
    if not weight_x.shape[0] == weight_h.shape[0] == 4 * weight_h.shape[1]:
        return None

    def in_order(rows: Tensor) -> Tensor:
        by_unit = rows.reshape(-1, 4, *rows.shape[1:])
        return torch.cat([by_unit[:, gate] for gate in (1, 2, 0, 3)])

    if bias is not None and tuple(bias.shape) != (weight_x.shape[0],):
        return None
    cell = CoreCell(in_order(weight_x), in_order(weight_h), None if bias is None else in_order(bias))
    note = "It has the links upward and lateral: this is an LSTM of Chainer."
    return core_layer(path, "LSTM", [cell], 1, note)


GUIDES = (
    Guide(
        title="Chainer links.StatefulGRU and StatelessGRU",
        files=".npz",
        holds="Every GRU link, whatever chain it is part of. The first step is computed from a state of "
        "zeros; Chainer itself leaves out the state's biases there while the link has no state. Files of "
        "save_hdf5 are not read.",
        conventions=("chainer",),
        example='chainer.serializers.save_npz("gru.npz", model)\ngrus = load("gru.npz")',
    ),
    Guide(
        title="Chainer links.NStepGRU and NStepBiGRU",
        files=".npz",
        holds="Every layer and direction; dropout between layers is not applied. A file of two cells with as "
        "many inputs as units could be either link, and is refused. Files of save_hdf5 are not read.",
        conventions=("chainer_nstep",),
        example='chainer.serializers.save_npz("gru.npz", model)\ngrus = load("gru.npz")',
    ),
)

NAMING = Naming("chainer", find, GUIDES)
