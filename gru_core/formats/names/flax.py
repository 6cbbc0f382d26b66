"""Flax's names: linen GRUCell (ir/kernel ... hn/bias, a matrix per gate) and nnx GRUCell (dense_i, dense_h).

Kernels are (inputs, units). Of the biases linen has ir, iz, in and hn, nnx those of the input alone.
LSTMCell, OptimizedLSTMCell and SimpleCell are named by the same kind of names. A Bidirectional wrapper
keeps its two cells under `forward_rnn` and `backward_rnn`.
Rows of conventions.py: "flax_linen" and "flax_nnx".
"""

import re
from collections.abc import Mapping, Sequence
from functools import partial

import torch
from torch import Tensor

from gru_core.formats.blocks import (
    Cell,
    checked_sizes,
    grouped,
    gru_of_cells,
    incomplete,
    is_matrix,
    matrix_shape,
    path_in_model,
    stacked,
)
from gru_core.formats.choices import Choices
from gru_core.formats.contents import OtherLayer
from gru_core.formats.guide import Guide
from gru_core.formats.layers import Found, Naming
from gru_core.formats.open_choices import leave_open
from gru_core.formats.torch_cores import CoreCell, core_layer, joined
from gru_core.model import GRU

GATES = ("r", "z", "n")
_LINEN = re.compile(
    r"(?:(?P<prefix>.*)[./])?(?P<part>(?:[ih][rznifgo]|if_|[ih])[./](?:kernel|bias))(?:[./]_?(?:raw_)?value)?"
)
_NNX = re.compile(r"(?:(?P<prefix>.*)[./])?(?P<part>dense_[ih][./](?:kernel|bias))(?:[./]_?(?:raw_)?value)?")
_DIRECTION = re.compile(r"(?P<before>(?:.*[./])?)(?P<way>forward|backward)_rnn(?P<behind>(?:[./].*)?)")

Parts = Mapping[str, str]
"""The names in the file of one cell's arrays, by part: "ir/kernel"."""


_KEYS = re.compile(r"\['?([^'\]]*)'?\]|\(?'([^']*)',?\)?")
"""One key of a path as jax.tree_util.keystr writes it, ['cell'], and as a tuple is written, ('a', 'b')."""


def find(tensors: Mapping[str, Tensor], choices: Choices) -> Found:
    """Every GRUCell of linen and nnx, and the LSTM and simple cells beside them."""
    found = Found()
    plain = {_plain(name): name for name in tensors}
    for convention, pattern in (("flax_linen", _LINEN), ("flax_nnx", _NNX)):
        groups = {
            prefix: {part.replace(".", "/").replace("if_", "if"): plain[name] for part, name in parts.items()}
            for prefix, parts in grouped(plain, pattern).items()
        }
        kinds = {prefix: _kind(convention, parts, tensors) for prefix, parts in groups.items()}
        likeness = {
            prefix: (kind, *(tuple(tensors[name].shape) for _, name in sorted(groups[prefix].items())))
            for prefix, kind in kinds.items()
            if kind
        }
        for path, prefixes in _layers(likeness):
            cells = [groups[prefix] for prefix in prefixes]
            names = {name for cell in cells for name in cell.values()}
            if kinds[prefixes[0]] == "GRU":
                make = partial(_gru, convention=convention, cells=cells, tensors=tensors, choices=choices)
                found.read(path_in_model(path), names, make)
                continue
            layer = _other(path, kinds[prefixes[0]], convention, cells, tensors)
            if layer is not None:
                found.others.append(layer)
                found.used |= names
    return found


def _plain(name: str) -> str:
    """The path with slashes, whichever way jax has written it."""
    if name.startswith(("['", "('")):
        keys = _KEYS.sub(lambda match: f"/{match[1] or match[2]}", name)
        return keys.replace(" ", "").strip("/")
    return name


def _kind(convention: str, parts: Parts, tensors: Mapping[str, Tensor]) -> str:
    """ "GRU", "LSTM" or "RNN" by the parts that are there; "" when they are of no recurrent cell."""
    if convention == "flax_nnx":
        state = parts.get("dense_h/kernel")
        if state is None or "dense_i/kernel" not in parts or not is_matrix(tensors[state]):
            return ""
        units, columns = tensors[state].shape
        return {3 * units: "GRU", 4 * units: "LSTM", units: "RNN"}.get(columns, "GRU")
    if "hr/kernel" in parts or "ir/kernel" in parts:
        return "GRU"
    if {f"{side}{gate}/kernel" for side in "ih" for gate in "ifgo"} <= set(parts):
        return "LSTM"
    return "RNN" if {"i/kernel", "h/kernel"} <= set(parts) else ""


def _layers(likeness: Mapping[str, object]) -> list[tuple[str, list[str]]]:
    """Each layer's path and the prefixes of its cells: two alike for a Bidirectional wrapper, else one."""
    layers: list[tuple[str, list[str]]] = []
    taken: set[str] = set()
    for prefix, like in likeness.items():
        if prefix in taken:
            continue
        match = _DIRECTION.fullmatch(prefix)
        if match:
            ways = [f"{match['before']}{way}_rnn{match['behind']}" for way in ("forward", "backward")]
            if all(likeness.get(way) == like for way in ways):
                layers.append((match["before"], ways))
                taken |= set(ways)
                continue
        layers.append((prefix, [prefix]))
    return layers


def _gru(
    name: str, convention: str, cells: Sequence[Parts], tensors: Mapping[str, Tensor], choices: Choices
) -> GRU:
    made = [_linen(name, c, tensors) if convention == "flax_linen" else _nnx(name, c, tensors) for c in cells]
    inputs, units = made[0][1]
    sizes = checked_sizes(name, inputs, units, 1, len(cells))
    sources = [tensors[of_file] for parts in cells for of_file in parts.values()]
    gru = gru_of_cells(
        name, convention, sizes, [cell for cell, _ in made], sources, "after", choices.gate_activation
    )
    leave_open(gru, choices, "gate_activation", "backwards")
    return gru


def _linen(name: str, parts: Parts, tensors: Mapping[str, Tensor]) -> tuple[Cell, tuple[int, int]]:
    """The cell of six matrices, as rows in the order r, z, n, and its (inputs, units)."""
    kernels = {side: [f"{side}{gate}/kernel" for gate in GATES] for side in "ih"}
    missing = [part for side in "ih" for part in kernels[side] if part not in parts]
    if missing:
        raise incomplete(name, "a Flax GRUCell has ir, iz, in, hr, hz and hn", missing)
    inputs, units = matrix_shape(parts["ir/kernel"], tensors[parts["ir/kernel"]])
    checked_sizes(name, inputs, units)
    weight_x = stacked(tensors, [parts[part] for part in kernels["i"]], (inputs, units), turned=True)
    weight_h = stacked(tensors, [parts[part] for part in kernels["h"]], (units, units), turned=True)
    biases = {}
    for side in "ih":
        blocks = [
            stacked(tensors, [parts[part]], (units,)) if part in parts else weight_x.new_zeros(units)
            for part in (f"{side}{gate}/bias" for gate in GATES)
        ]
        biases[side] = torch.cat(blocks)
    return Cell(weight_x, weight_h, biases["i"], biases["h"]), (inputs, units)


def _nnx(name: str, parts: Parts, tensors: Mapping[str, Tensor]) -> tuple[Cell, tuple[int, int]]:
    """The cell of two packed matrices, as columns in the order r, z, n, and its (inputs, units)."""
    kernels = [parts[f"dense_{side}/kernel"] for side in "ih"]
    inputs, units = (matrix_shape(kernel, tensors[kernel])[0] for kernel in kernels)
    checked_sizes(name, inputs, units)
    weight_x = stacked(tensors, kernels[:1], (inputs, 3 * units))
    weight_h = stacked(tensors, kernels[1:], (units, 3 * units))
    biases = (
        stacked(tensors, [parts[part]], (3 * units,)) if part in parts else None
        for part in ("dense_i/bias", "dense_h/bias")
    )
    return Cell(weight_x, weight_h, *biases), (inputs, units)


def _other(
    path: str, kind: str, convention: str, cells: Sequence[Parts], tensors: Mapping[str, Tensor]
) -> OtherLayer | None:
    """An LSTM or a simple cell, with its core in torch's order, which is Flax's own: i, f, g, o."""
    sides = {
        "flax_nnx": {"i": ["dense_i"], "h": ["dense_h"]},
        "LSTM": {side: [side + gate for gate in "ifgo"] for side in "ih"},
        "RNN": {"i": ["i"], "h": ["h"]},
    }["flax_nnx" if convention == "flax_nnx" else kind]
    made = []
    for parts in cells:
        weights = [joined([tensors[parts[f"{block}/kernel"]] for block in sides[s]], 1) for s in "ih"]
        if weights[0] is None or weights[1] is None:
            return None
        biases = []
        for side in "ih":
            names = [parts.get(f"{block}/bias", "") for block in sides[side]]
            biases.append(joined([tensors[name] for name in names]) if all(names) else None)
        made.append(CoreCell(weights[0].T, weights[1].T, *biases))
    cell = {"LSTM": "an LSTM (LSTMCell or OptimizedLSTMCell)", "RNN": "a plain RNN (SimpleCell)"}[kind]
    note = f"By its names this is {cell} of Flax; its activations are taken to be Flax's usual ones."
    return core_layer(path_in_model(path), kind, made, len(cells), note)


GUIDES = (
    Guide(
        title="Flax linen GRUCell",
        files=".msgpack, .npz",
        holds="Every GRUCell in nn.RNN, whatever it is part of; nn.Bidirectional is one GRU where its names "
        "forward_rnn and backward_rnn are in the file. Activations are not in the file and are read as "
        "sigmoid and tanh.",
        conventions=("flax_linen",),
        example='Path("gru.msgpack").write_bytes(flax.serialization.to_bytes(params))\n'
        'grus = load("gru.msgpack")',
    ),
    Guide(
        title="Flax nnx GRUCell",
        files=".msgpack, .npz",
        holds="Every GRUCell by its kernels dense_i and dense_h, also with the endings value or raw_value of "
        "a state that was written as it is. Activations are read as sigmoid and tanh.",
        conventions=("flax_nnx",),
        example="state = nnx.to_pure_dict(nnx.state(model, nnx.Param)); "
        'Path("gru.msgpack").write_bytes(flax.serialization.msgpack_serialize(state))\n'
        'grus = load("gru.msgpack")',
    ),
)

NAMING = Naming("flax", find, GUIDES)
