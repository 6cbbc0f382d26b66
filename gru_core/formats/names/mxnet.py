"""MXNet Gluon's names: rnn.GRU (l0_i2h_weight, r1_h2h_bias, ...) and rnn.GRUCell (i2h_weight, ...).

l0, l1, ... are the layers forwards, r0, r1, ... backwards. Names may begin with a block's path ("encoder.")
or name scope ("gru0_"), and in older files with "arg:"; save_parameters writes _unfused.0.i2h_weight for
layer 0, and _unfused.0.l_cell, _unfused.0.r_cell where it has two directions. LSTM and RNN layers use the
same names with 4H and H rows. Row of conventions.py: "mxnet".
"""

import re
from collections.abc import Mapping
from functools import partial

from torch import Tensor

from gru_core.errors import ModelFileError
from gru_core.formats.blocks import (
    Cell,
    checked_sizes,
    gru_of_cells,
    incomplete,
    is_matrix,
    is_vector,
    matrix_shape,
    path_in_model,
    stacked,
)
from gru_core.formats.choices import Choices
from gru_core.formats.contents import OtherLayer
from gru_core.formats.guide import Guide
from gru_core.formats.layers import Found, Naming
from gru_core.formats.open_choices import leave_open
from gru_core.formats.torch_cores import CoreCell, core_layer
from gru_core.model import GRU

_NAME = re.compile(
    r"(?:(?P<prefix>.*?)[./_:])??(?:(?P<way>[lr])(?P<layer>\d{1,4})_)?"
    r"(?P<part>(?:i2h|h2h|h2r)_(?:weight|bias))"
)
_PAIR = re.compile(r"(?P<before>(?:.*[./_:])?)(?P<way>[lr])_cell")
"""A BidirectionalCell's two cells."""
_UNFUSED = re.compile(r"(?P<before>(?:.*[./:])?)_unfused[./](?P<layer>\d{1,4})(?:[./](?P<way>[lr])_cell)?")
"""How save_parameters names the layers of rnn.GRU: as if they were cells, one after the other."""
_CELL = -1
"""Stands for the layer number in the names of cells, which have none."""

Parts = dict[tuple[int, bool], dict[str, str]]
"""The names in the file by (layer, backwards) and part."""


def find(tensors: Mapping[str, Tensor], choices: Choices) -> Found:
    """Every GRU layer and GRUCell, and the LSTMs and RNNs beside them."""
    found = Found()
    for prefix, parts in _groups(tensors):
        first = parts[min(parts)]
        state = tensors[first["h2h_weight"]] if "h2h_weight" in first else None
        if state is None or not is_matrix(state):
            continue
        names = {name for cell in parts.values() for name in cell.values()}
        blocks = state.shape[0] / state.shape[1]
        if "h2r_weight" in first or blocks in (1, 4):
            layer = _other(prefix, parts, tensors, "RNN" if blocks == 1 else "LSTM")
            if layer is not None:
                found.others.append(layer)
                found.used |= names
        else:
            make = partial(_gru, parts=parts, tensors=tensors, choices=choices)
            found.read(path_in_model(prefix), names, make)
    return found


def _groups(tensors: Mapping[str, Tensor]) -> list[tuple[str, Parts]]:
    """The names of each layer with its prefix; the two cells of a BidirectionalCell as one."""
    groups: dict[tuple[str, bool], Parts] = {}
    by_cells: set[str] = set()
    for name in tensors:
        match = _NAME.fullmatch(name)
        if match is None:
            continue
        prefix, way = match["prefix"] or "", match["way"]
        layer = _CELL if match["layer"] is None else int(match["layer"])
        unfused = _UNFUSED.fullmatch(prefix) if layer == _CELL else None
        if unfused:
            prefix, way, layer = unfused["before"], unfused["way"], int(unfused["layer"])
            by_cells.add(prefix)
        parts = groups.setdefault((prefix, layer == _CELL), {})
        parts.setdefault((layer, way == "r"), {})[match["part"]] = name
    merged: dict[tuple[str, bool], Parts] = {}
    for (prefix, is_cell), parts in groups.items():
        pair = _PAIR.fullmatch(prefix) if is_cell else None
        ways = [f"{pair['before']}{way}_cell" for way in "lr"] if pair else []
        cells = [groups[(way, True)][(_CELL, False)] for way in ways if (way, True) in groups]
        if pair and len(cells) == 2 and _shapes(cells[0], tensors) == _shapes(cells[1], tensors):
            both = merged.setdefault((pair["before"], True), {})
            both[(_CELL, pair["way"] == "r")] = parts[(_CELL, False)]
        else:
            merged.setdefault((prefix, is_cell), {}).update(parts)
    return [
        (prefix, _without_dropout(parts) if prefix in by_cells else parts)
        for (prefix, _), parts in merged.items()
    ]


def _shapes(cell: Mapping[str, str], tensors: Mapping[str, Tensor]) -> dict[str, tuple[int, ...]]:
    return {part: tuple(tensors[name].shape) for part, name in cell.items()}


def _without_dropout(parts: Parts) -> Parts:
    """Layers 0, 1, 2 of 0, 2, 4: in older files a cell for the dropout is counted between every two."""
    layers = sorted({layer for layer, _ in parts})
    if len(layers) < 2 or layers != list(range(0, 2 * len(layers), 2)):
        return parts
    return {(layer // 2, backward): cell for (layer, backward), cell in parts.items()}


def _wanted(parts: Parts) -> tuple[list[tuple[int, bool]], int]:
    """The keys of all cells in canonical order, and the number of directions."""
    directions = 2 if any(backward for _, backward in parts) else 1
    last = max(layer for layer, _ in parts)
    layers = [_CELL] if last == _CELL else list(range(last + 1))
    return [(layer, bool(d)) for layer in layers for d in range(directions)], directions


def _gru(name: str, parts: Parts, tensors: Mapping[str, Tensor], choices: Choices) -> GRU:
    wanted, directions = _wanted(parts)
    for layer, backward in wanted:
        label = "" if layer == _CELL else f"{'r' if backward else 'l'}{layer}_"
        missing = [
            label + part
            for part in ("i2h_weight", "h2h_weight")
            if part not in parts.get((layer, backward), {})
        ]
        if missing:
            raise incomplete(name, "every layer and direction has i2h_weight and h2h_weight", missing)
    first = parts[wanted[0]]
    _, inputs = matrix_shape(first["i2h_weight"], tensors[first["i2h_weight"]])
    rows, units = matrix_shape(first["h2h_weight"], tensors[first["h2h_weight"]])
    if rows != 3 * units:
        raise ModelFileError(
            f"{first['h2h_weight']} must have 3 x hidden = {3 * units} rows as a GRU's, got {rows}."
        )
    sizes = checked_sizes(name, inputs, units, len(wanted) // directions, directions)
    cells = []
    for index, key in enumerate(wanted):
        width = sizes.width(index // directions)
        shapes: dict[str, tuple[int, ...]] = {
            "i2h_weight": (3 * units, width),
            "h2h_weight": (3 * units, units),
        }
        shapes |= dict.fromkeys(("i2h_bias", "h2h_bias"), (3 * units,))
        given = {
            part: stacked(tensors, [parts[key][part]], shape)
            for part, shape in shapes.items()
            if part in parts[key]
        }
        cells.append(
            Cell(given["i2h_weight"], given["h2h_weight"], given.get("i2h_bias"), given.get("h2h_bias"))
        )
    sources = [tensors[of_file] for key in wanted for of_file in parts[key].values()]
    # Of a cell people choose both; a layer, which is cuDNN's, has sigmoids and reads forwards.
    is_cell = wanted[0][0] == _CELL
    gates = choices.gate_activation if is_cell else None
    gru = gru_of_cells(name, "mxnet", sizes, cells, sources, "after", gates)
    if is_cell:
        leave_open(gru, choices, "gate_activation", "backwards")
    return gru


def _other(prefix: str, parts: Parts, tensors: Mapping[str, Tensor], kind: str) -> OtherLayer | None:
    """An LSTM (torch's own order of gates) or an RNN; its core where the file says all of it."""
    wanted, directions = _wanted(parts)
    made = []
    for key in wanted:
        given = {part: tensors[name] for part, name in parts.get(key, {}).items()}
        if not {"i2h_weight", "h2h_weight"} <= set(given):
            return None
        if not all(
            is_matrix(tensor) if part.endswith("weight") else is_vector(tensor)
            for part, tensor in given.items()
        ):
            return None
        made.append(
            CoreCell(given["i2h_weight"], given["h2h_weight"], given.get("i2h_bias"), given.get("h2h_bias"))
        )
    note = f"Its h2h_weight has {'4 x hidden' if kind == 'LSTM' else 'hidden'} rows: this is an {kind}."
    if any("h2r_weight" in cell for cell in parts.values()):
        inputs, units = made[0].weight_x.shape[1], made[0].weight_x.shape[0] // 4
        return OtherLayer(
            path_in_model(prefix), "LSTM", f"{inputs} -> {units}", f"{note} It has a projection."
        )
    if kind == "RNN":
        note += " Its activation is not in the file and is taken to be tanh."
    return core_layer(path_in_model(prefix), kind, made, directions, note)


GUIDES = (
    Guide(
        title="MXNet Gluon rnn.GRU and rnn.GRUCell",
        files=".params, .npz",
        holds="Every GRU layer with its layers and directions, every GRUCell, and the two cells of a "
        "BidirectionalCell as one GRU; names with a block's path or a name scope before them are known.",
        conventions=("mxnet",),
        example='net.save_parameters("gru.params")\ngrus = load("gru.params")',
    ),
)

NAMING = Naming("mxnet", find, GUIDES)
