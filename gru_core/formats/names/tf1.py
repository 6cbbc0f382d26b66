"""TensorFlow 1's names: rnn_cell.GRUCell and GRUBlockCell (gates/kernel, gates/bias, candidate/kernel, ...).

A kernel reads inputs and state together, [inputs + units, ...]: first the rows of the input, then those of
the state; the gates' columns are r, u, and u = 1 keeps the state. Row of conventions.py: "tf1".
CudnnCompatibleGRUCell keeps the candidate's two kernels apart and resets after the matrix: row "tf1_cudnn".
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
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
from gru_core.formats.layers import Found, Naming, Refused
from gru_core.formats.open_choices import leave_open
from gru_core.formats.torch_cores import CoreCell, core_layer, joined
from gru_core.model import GRU

_NAME = re.compile(
    r"(?:(?P<prefix>.*)/)?(?P<part>gates/(?:kernel|bias|weights|biases)"
    r"|candidate/(?:kernel|bias|weights|biases|(?:input|hidden)_projection/(?:kernel|bias)))(?::0)?"
)
_OLDER = {"weights": "kernel", "biases": "bias"}
"""How the same arrays were called before TensorFlow 1.2."""
_STACK = re.compile(r"(?P<before>.*multi_rnn_cell)/cell_(?P<index>\d{1,4})(?P<behind>/.*)?")
_WAY = re.compile(r"(?P<before>.*bidirectional_rnn)/(?P<way>fw|bw)(?P<behind>/.*)?")
_CELL_NAME = re.compile(r"/?(?:gru_cell|gru_block_cell|cudnn_compatible_gru_cell)(?:_\d+)?$")

_OTHER = re.compile(
    r"(?:(?P<prefix>.*)/)?(?P<part>(?:basic_)?(?:lstm|rnn)_cell(?:_\d+)?/(?:kernel|bias|weights|biases))(?::0)?"
)
_FORGET_BIAS = 1.0
"""What BasicLSTMCell and LSTMCell add to the forget gate unless told otherwise; it is in no file."""

Parts = Mapping[str, str]


@dataclass(frozen=True)
class _Plan:
    """Which cells make one GRU: the prefixes of its layers, forwards and backwards."""

    path: str
    forward: tuple[str, ...]
    backward: tuple[str, ...] = ()


def find(tensors: Mapping[str, Tensor], choices: Choices) -> Found:
    """Every GRU of these cells: a MultiRNNCell is one, and so are both cells of bidirectional_dynamic_rnn."""
    groups = {
        prefix: {_plain(part): name for part, name in parts.items()}
        for prefix, parts in grouped(tensors, _NAME).items()
    }
    # A layer that is called gates, without a candidate beside it, is a layer like any other.
    cells = {
        prefix: parts
        for prefix, parts in groups.items()
        if "gates/kernel" in parts and any(part.startswith("candidate/") for part in parts)
    }
    found = _others(tensors)
    sizes: dict[str, tuple[int, int]] = {}
    for prefix, parts in cells.items():
        try:
            sizes[prefix] = _sizes(parts, tensors)
        except ModelFileError as problem:
            found.refused.append(Refused(path_in_model(prefix), str(problem), frozenset(parts.values())))
    for plan in _plans(sizes):
        names = {name for prefix in plan.forward + plan.backward for name in cells[prefix].values()}
        make = partial(_gru, plan=plan, groups=cells, tensors=tensors, choices=choices)
        found.read(path_in_model(plan.path), names, make)
    return found


def _others(tensors: Mapping[str, Tensor]) -> Found:
    """LSTM and plain RNN cells, each as torch's own."""
    found = Found()
    for prefix, named in grouped(tensors, _OTHER).items():
        by_cell: dict[str, dict[str, str]] = {}
        for part, name in named.items():
            cell, _, array = _plain(part).partition("/")
            by_cell.setdefault(cell, {})[array] = name
        for cell, parts in by_cell.items():
            kernel = joined([tensors[parts["kernel"]]]) if "kernel" in parts else None
            bias = joined([tensors[parts["bias"]]]) if "bias" in parts else None
            kind, blocks = ("LSTM", 4) if "lstm" in cell else ("RNN", 1)
            if kernel is None or kernel.ndim != 2 or kernel.shape[1] % blocks:
                continue
            units = kernel.shape[1] // blocks
            if kernel.shape[0] <= units or (bias is not None and tuple(bias.shape) != (blocks * units,)):
                continue
            path = path_in_model("/".join(filter(None, (prefix, cell))))
            found.others.append(_other(path, kind, kernel, bias, units))
            found.used |= set(parts.values())
    return found


def _other(path: str, kind: str, kernel: Tensor, bias: Tensor | None, units: int) -> OtherLayer:
    """The layer of a kernel [inputs + units, blocks x units]; an LSTM's columns are i, c, f, o."""
    rows, packed = kernel.T, kernel.new_zeros(kernel.shape[1]) if bias is None else bias
    note = "By its names this is a plain RNN of TensorFlow 1; its activation is taken to be tanh."
    if kind == "LSTM":
        order = (0, 2, 1, 3)
        rows = torch.cat([rows.split(units)[gate] for gate in order])
        packed = torch.cat([packed.split(units)[gate] for gate in order])
        packed[units : 2 * units] += _FORGET_BIAS
        note = (
            "By its names this is an LSTM of TensorFlow 1; its forget bias is taken to be 1, the usual one."
        )
    inputs = kernel.shape[0] - units
    return core_layer(path, kind, [CoreCell(rows[:, :inputs], rows[:, inputs:], packed)], 1, note)


def _plain(part: str) -> str:
    """The part by today's name."""
    before, _, last = part.rpartition("/")
    return f"{before}/{_OLDER.get(last, last)}"


def _plans(sizes: Mapping[str, tuple[int, int]]) -> list[_Plan]:
    """The cells put together where their (inputs, units) allow: stacks first, then pairs of directions."""
    stacks: dict[str, dict[int, str]] = {}
    for prefix in sizes:
        match = _STACK.fullmatch(prefix)
        if match:
            stacks.setdefault(match["before"], {})[int(match["index"])] = prefix
    layers = {path: tuple(cells[index] for index in sorted(cells)) for path, cells in stacks.items()}
    layers = {
        path: cells
        for path, cells in layers.items()
        if sorted(stacks[path]) == list(range(len(cells)))
        and all(sizes[cell] == (sizes[cells[0]][1],) * 2 for cell in cells[1:])
        and len({sizes[cell][1] for cell in cells}) == 1
    }
    in_stacks = {cell: path for path, cells in layers.items() for cell in cells}
    ordered = dict.fromkeys(in_stacks.get(prefix, prefix) for prefix in sizes)
    return _in_directions({path: layers.get(path, (path,)) for path in ordered}, sizes)


def _in_directions(
    layers: Mapping[str, tuple[str, ...]], sizes: Mapping[str, tuple[int, int]]
) -> list[_Plan]:
    """Single cells under fw and bw are one GRU; two stacks under them read apart from each other."""
    plans: list[_Plan] = []
    taken: set[str] = set()
    for path, cells in layers.items():
        if path in taken:
            continue
        way = _WAY.fullmatch(path)
        if way is None:
            plans.append(_Plan(_short(path), cells))
            continue
        pair = [f"{way['before']}/{name}{way['behind'] or ''}" for name in ("fw", "bw")]
        both = [layers.get(name, ()) for name in pair]
        if all(len(of_one) == 1 for of_one in both) and sizes[both[0][0]] == sizes[both[1][0]]:
            plans.append(_Plan(way["before"], both[0], both[1]))
            taken |= set(pair)
        elif way["way"] == "fw":
            plans.append(_Plan(_short(path), cells))
        else:
            plans.append(_Plan(_short(path), (), cells))
    return plans


def _short(path: str) -> str:
    """The path without the cell's own class name, unless nothing else is left."""
    return _CELL_NAME.sub("", path) or path


def _gru(
    name: str, plan: _Plan, groups: Mapping[str, Parts], tensors: Mapping[str, Tensor], choices: Choices
) -> GRU:
    """Layers and directions in the order forward, backward; a stack that only runs backwards says so."""
    both = bool(plan.forward) and bool(plan.backward)
    prefixes = [*plan.forward, *plan.backward]
    cudnn = any(part.startswith("candidate/hidden_projection") for part in groups[prefixes[0]])
    inputs, units = _sizes(groups[prefixes[0]], tensors)
    directions = 2 if both else 1
    sizes = checked_sizes(name, inputs, units, len(prefixes) // directions, directions)
    cells = [
        _cell(name, groups[prefix], tensors, sizes.width(index // directions), units, cudnn)
        for index, prefix in enumerate(prefixes)
    ]
    gru = gru_of_cells(
        name,
        "tf1_cudnn" if cudnn else "tf1",
        sizes,
        cells,
        [tensors[of_file] for prefix in prefixes for of_file in groups[prefix].values()],
        "after" if cudnn else "before",
        backwards=bool(plan.backward) and not both,
    )
    if not plan.backward:
        leave_open(gru, choices, "backwards")
    return gru


def _sizes(parts: Parts, tensors: Mapping[str, Tensor]) -> tuple[int, int]:
    """(inputs, units) of one cell by its gates' kernel [inputs + units, 2 units]."""
    name = parts["gates/kernel"]
    rows, columns = matrix_shape(name, tensors[name])
    units = columns // 2
    if columns % 2 or rows <= units:
        raise ModelFileError(
            f"{name} must have the shape (inputs + units, 2 x units), got {tuple(tensors[name].shape)}."
        )
    return rows - units, units


def _cell(
    name: str, parts: Parts, tensors: Mapping[str, Tensor], inputs: int, units: int, cudnn: bool
) -> Cell:
    """The cell as columns in the order r, u, candidate, the rows of input and state taken apart."""
    together = ["candidate/input_projection/kernel", "candidate/hidden_projection/kernel"]
    wanted = ["gates/kernel", *(together if cudnn else ["candidate/kernel"])]
    missing = [part for part in wanted if part not in parts]
    if missing:
        raise incomplete(name, "a GRUCell has gates/kernel and candidate/kernel", missing)
    gates = stacked(tensors, [parts["gates/kernel"]], (inputs + units, 2 * units))
    if cudnn:
        shapes = [(inputs, units), (units, units)]
        candidate_x, candidate_h = (
            stacked(tensors, [parts[part]], shape) for part, shape in zip(together, shapes, strict=True)
        )
    else:
        candidate = stacked(tensors, [parts["candidate/kernel"]], (inputs + units, units))
        candidate_x, candidate_h = candidate[:inputs], candidate[inputs:]
    weight_x = torch.cat([gates[:inputs], candidate_x], dim=1)
    weight_h = torch.cat([gates[inputs:], candidate_h], dim=1)

    def bias(part: str, count: int) -> Tensor:
        if part not in parts:
            return gates.new_zeros(count)
        return stacked(tensors, [parts[part]], (count,))

    of_gates = bias("gates/bias", 2 * units)
    if not cudnn:
        return Cell(weight_x, weight_h, torch.cat([of_gates, bias("candidate/bias", units)]))
    bias_x = torch.cat([of_gates, bias("candidate/input_projection/bias", units)])
    inner = bias("candidate/hidden_projection/bias", units)
    return Cell(weight_x, weight_h, bias_x, torch.cat([inner.new_zeros(2 * units), inner]))


GUIDES = (
    Guide(
        title="TensorFlow 1 rnn_cell.GRUCell and GRUBlockCell",
        files="model.ckpt.index with model.ckpt.data-00000-of-00001 (a folder, a zip or several files), .npz",
        holds="Every cell; a MultiRNNCell is one GRU of several layers, the two cells of "
        "bidirectional_dynamic_rnn are one GRU. The candidate's activation is not in the file and is read as "
        "tanh. CudnnCompatibleGRUCell is read too.",
        conventions=("tf1", "tf1_cudnn"),
        example='tf.compat.v1.train.Saver().save(session, "run/model.ckpt")\ngrus = load("run")',
    ),
)

NAMING = Naming("tf1", find, GUIDES)
