"""PyTorch's names: nn.GRU (weight_ih_l0, weight_hh_l1_reverse, ...) and nn.GRUCell (weight_ih, ...).

Equinox's cells have them too, with `bias` of the input and `bias_n` of the candidate's state.

nn.LSTM and nn.RNN use the same names; the rows of weight_hh tell them apart: 3, 4 or 1 times its columns.
Row of conventions.py: "torch".
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Literal

import torch
from torch import Tensor

from gru_core.errors import ModelFileError
from gru_core.formats.blocks import stacked
from gru_core.formats.choices import Choices
from gru_core.formats.contents import LayerKind, OtherLayer
from gru_core.formats.guide import Guide
from gru_core.formats.layers import Found, Naming, path_of
from gru_core.formats.torch_cores import CoreCell, core_layer
from gru_core.formats.weights import PackedCell, Sizes, build_gru, precision_notes
from gru_core.limits import check_gru_size
from gru_core.model import GRU

_NAME = re.compile(
    r"(?:(?P<prefix>.+)[./])?(?P<part>weight_ih|weight_hh|bias_ih|bias_hh|weight_hr)"
    r"(?:_l(?P<layer>\d{1,4})(?P<reverse>_reverse)?)?"
)
_CELL = -1
"""Stands for the layer number in the names of nn.GRUCell, which have none."""
_A = {"GRU": "a GRU", "LSTM": "an LSTM", "RNN": "an RNN"}
_ROWS = {"GRU": "3 x hidden", "LSTM": "4 x hidden", "RNN": "hidden"}
EQUINOX = (
    "Its biases are named as Equinox names them: `bias` of the input, `bias_n` inside the reset product."
)

Parts = dict[tuple[int, bool], dict[str, str]]


def find(tensors: Mapping[str, Tensor], choices: Choices) -> Found:
    """Every nn.GRU and nn.GRUCell, and the LSTMs and RNNs beside them."""
    return find_named(tensors, "torch")


def find_named(tensors: Mapping[str, Tensor], convention: str) -> Found:
    """The same, of a framework that names its parameters as PyTorch does."""
    groups: dict[tuple[str, bool], Parts] = {}
    for name in tensors:
        match = _NAME.fullmatch(name)
        if match is None:
            continue
        layer = _CELL if match["layer"] is None else int(match["layer"])
        parts = groups.setdefault((match["prefix"] or "", layer == _CELL), {})
        parts.setdefault((layer, match["reverse"] is not None), {})[match["part"]] = name

    found = Found()
    for (prefix, is_cell), parts in groups.items():
        if is_cell:
            _add_equinox(parts[(_CELL, False)], tensors)
        names = {name for cell in parts.values() for name in cell.values()}
        kind, in_words, why = _kind(parts, tensors)
        path = path_of(prefix)
        if kind != "GRU":
            found.others.append(_other(prefix, kind, in_words, why, parts, tensors))
            found.used |= names
            continue
        path = path if path not in found.grus else f"{path} (cell)"
        found.read(path, names, partial(_gru, convention=convention, parts=parts, tensors=tensors))
    return found


def _add_equinox(cell: dict[str, str], tensors: Mapping[str, Tensor]) -> None:
    """Add the biases of Equinox: `bias` of the input, and of a GRU `bias_n` inside the reset product."""
    name = cell.get("weight_hh", "")
    begin = name.removesuffix("weight_hh")
    bias, inner = f"{begin}bias", f"{begin}bias_n"
    if not name.endswith("weight_hh") or bias not in tensors or {"bias_ih", "bias_hh"} & set(cell):
        return
    shape = tuple(tensors[name].shape)
    if len(shape) == 2 and shape[0] == 4 * shape[1]:
        cell["bias_ih"] = bias
    elif inner in tensors:
        cell |= {"bias_ih": bias, "bias_n": inner}


def _gru(name: str, convention: str, parts: Parts, tensors: Mapping[str, Tensor]) -> GRU:
    """The GRU of all layers and directions."""
    sizes, cells = _cells(name, "GRU", parts, tensors)
    inner = parts.get((_CELL, False), {}).get("bias_n")
    if inner is None:
        return build_gru(name, convention, sizes, cells, tensors, "after")
    check_gru_size(name, sizes.inputs, sizes.units, 1, 1)
    value = stacked(tensors, [inner], (sizes.units,))
    arrays = {**tensors, inner: torch.cat([value.new_zeros(2 * sizes.units), value])}
    gru = build_gru(name, convention, sizes, [replace(cells[0], bias_h=inner)], arrays, "after")
    gru.notes += (EQUINOX,)
    return gru


def _kind(parts: Parts, tensors: Mapping[str, Tensor]) -> tuple[LayerKind | Literal["GRU"], str, str]:
    """What the first layer is, its sizes in words, and how that was told."""
    first = parts[min(parts)]
    name = first.get("weight_hh")
    if name is None or tensors[name].ndim != 2 or 0 in tensors[name].shape:
        missing = "weight_hh" if name is None else name
        shape = "it is missing" if name is None else f"got the shape {tuple(tensors[missing].shape)}"
        return "other", "", f"{missing} must be a matrix of 3 x hidden rows and hidden columns, {shape}."
    rows, columns = tensors[name].shape
    inputs = tensors[first["weight_ih"]].shape[-1:] if "weight_ih" in first else ()
    sizes = f"{inputs[0] if inputs else '?'} -> {columns}"
    if "weight_hr" in first:
        return "LSTM", sizes, f"{first['weight_hr']} is the projection of an LSTM, which cannot be traced."
    told = f"{name} must have 3 x hidden = {3 * columns} rows, got {rows}"
    if rows == 4 * columns:
        return "LSTM", sizes, f"{told}: is this an LSTM?"
    if rows == columns:
        return "RNN", sizes, f"{told}: is this a plain RNN?"
    if rows != 3 * columns:
        return "other", sizes, f"{told}."
    return "GRU", sizes, ""


def _other(
    prefix: str, kind: LayerKind, in_words: str, why: str, parts: Parts, tensors: Mapping[str, Tensor]
) -> OtherLayer:
    """An LSTM or RNN as torch's own layer; without one, and with the reason, where it cannot be made."""
    if kind not in ("LSTM", "RNN") or any("weight_hr" in cell for cell in parts.values()):
        return OtherLayer(prefix, kind, in_words, why)
    try:
        sizes, packed = _cells(prefix or kind.lower(), kind, parts, tensors)
    except ModelFileError as problem:
        return OtherLayer(prefix, kind, in_words, str(problem))
    cells = [
        CoreCell(
            tensors[cell.weight_x],
            tensors[cell.weight_h],
            None if cell.bias_x is None else tensors[cell.bias_x],
            None if cell.bias_h is None else tensors[cell.bias_h],
        )
        for cell in packed
    ]
    notes = (
        ["Its file does not say whether it has tanh or relu: it is read as tanh."] if kind == "RNN" else []
    )
    notes += precision_notes(tensors[name] for cell in packed for name in cell.names)
    return core_layer(prefix, kind, cells, sizes.directions, " ".join(notes))


def _cells(
    path: str, kind: str, parts: Parts, tensors: Mapping[str, Tensor]
) -> tuple[Sizes, list[PackedCell]]:
    """The sizes of one GRU and its cells in canonical order; ModelFileError says what is missing."""
    layers = sorted({layer for layer, _ in parts})
    directions = 2 if any(reverse for _, reverse in parts) else 1
    count = 1 if layers == [_CELL] else layers[-1] + 1
    wanted = [
        (layer, bool(d)) for layer in (layers if count == 1 else range(count)) for d in range(directions)
    ]
    cells = []
    for layer, reverse in wanted:
        suffix = "" if layer == _CELL else f"_l{layer}" + ("_reverse" if reverse else "")
        cell = parts.get((layer, reverse), {})
        for part in ("weight_ih", "weight_hh"):
            if part not in cell:
                raise ModelFileError(
                    f"{path!r} is incomplete: {part}{suffix} is missing, which {_A[kind]} of {count} "
                    f"layer{'s' if count > 1 else ''} in {directions} "
                    f"direction{'s' if directions > 1 else ''} has."
                )
        cells.append(
            PackedCell(cell["weight_ih"], cell["weight_hh"], cell.get("bias_ih"), cell.get("bias_hh"))
        )
    weight_x, weight_h = tensors[cells[0].weight_x], tensors[cells[0].weight_h]
    if weight_x.ndim != 2 or 0 in weight_x.shape:
        raise ModelFileError(
            f"{cells[0].weight_x} must be a matrix of {_ROWS[kind]} rows, got {tuple(weight_x.shape)}."
        )
    return Sizes(weight_x.shape[1], weight_h.shape[1], count, directions), cells


EQUINOX_GUIDE = Guide(
    title="Equinox nn.GRUCell",
    files=".npz with weight_ih, weight_hh, bias and bias_n",
    holds="Every GRUCell by the names of its fields, with and without biases. Files of "
    "tree_serialise_leaves keep no names and are not read.",
    conventions=("torch",),
    example="np.savez('gru.npz', **{name: a for name, a in vars(cell).items() if eqx.is_array(a)})\n"
    "grus = load('gru.npz')",
)

NAMING = Naming("torch", find, (EQUINOX_GUIDE,))
