"""The letters of PyTorch's documentation: W_ir, W_hr, b_ir, b_hr and so on, with n for the candidate.

They name one GRU: both biases of each gate, and R after the matrix product. Row of conventions.py: "torch".
"""

import re
from collections.abc import Mapping
from functools import partial

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
from gru_core.formats.guide import Guide
from gru_core.formats.layers import Found, Naming
from gru_core.model import GRU

GATES = "rzn"
_NAME = re.compile(r"(?:(?P<prefix>.*)[./_])?(?P<part>[Wwb]_?[ih][rzn])", re.DOTALL)
SQUARE = (
    "Its matrices are square, so their orientation is taken from PyTorch's documentation: W x, not x W. "
    "If yours computes x W, say how the arrays are packed instead."
)
COLUMNS = "Its matrices are stored as (inputs, units), so they are read as x W, not W x."


def find(tensors: Mapping[str, Tensor], choices: Choices) -> Found:
    """Every GRU with matrices of the input called W_ir, W_iz and W_in, or two of them."""
    found = Found()
    for prefix, named in grouped(tensors, _NAME).items():
        parts = {part.replace("_", "").replace("w", "W"): name for part, name in named.items()}
        if len({"Wir", "Wiz", "Win"} & set(parts)) > 1 and {"Whr", "Whz", "Whn"} & set(parts):
            found.read(path_in_model(prefix), parts.values(), partial(_gru, parts=parts, tensors=tensors))
    return found


def _gru(name: str, parts: Mapping[str, str], tensors: Mapping[str, Tensor]) -> GRU:
    """The GRU of six matrices and up to six biases, those that are missing as zeros."""
    missing = [f"W_{side}{gate}" for side in "ih" for gate in GATES if f"W{side}{gate}" not in parts]
    if missing:
        raise incomplete(name, "a GRU has W_ir, W_iz, W_in, W_hr, W_hz and W_hn", missing)
    units, columns = matrix_shape(parts["Whr"], tensors[parts["Whr"]])
    rows, width = matrix_shape(parts["Wir"], tensors[parts["Wir"]])
    if units != columns or units not in (rows, width):
        raise ModelFileError(
            f"{parts['Whr']} must be (units, units) and {parts['Wir']} (units, inputs), got "
            f"{(units, columns)} and {(rows, width)}."
        )
    by_columns = rows != units
    inputs = rows if by_columns else width
    sizes = checked_sizes(name, inputs, units)
    shapes = {"i": (inputs, units) if by_columns else (units, inputs), "h": (units, units)}
    weights = [
        stacked(tensors, [parts[f"W{side}{gate}"] for gate in GATES], shapes[side], turned=by_columns)
        for side in "ih"
    ]
    biases = []
    for side in "ih":
        bias = weights[0].new_zeros(3 * units)
        for place, gate in enumerate(GATES):
            if f"b{side}{gate}" in parts:
                own = stacked(tensors, [parts[f"b{side}{gate}"]], (units,))
                bias[place * units : (place + 1) * units] = own
        biases.append(bias)
    sources = [tensors[of_file] for of_file in parts.values()]
    gru = gru_of_cells(name, "torch", sizes, [Cell(*weights, *biases)], sources, "after")
    gru.notes += (COLUMNS,) if by_columns else (SQUARE,) * (inputs == units)
    return gru


GUIDE = Guide(
    title="The letters of PyTorch's documentation",
    files=".npz, .safetensors, .pt with W_ir, W_hr, b_ir, b_hr, ...",
    holds="Every GRU of one matrix and up to two biases per gate, read as the documentation of nn.GRU writes "
    "it: W x, and R after the matrix product. Underscores may be left out.",
    conventions=("torch",),
    example="letters = {f'{kind}_{side}{gate}': cell[kind, side, gate] for kind in 'Wb' for side in "
    "'ih' for gate in 'rzn'}; np.savez('gru.npz', **letters)\ngrus = load('gru.npz')",
)

NAMING = Naming("torch_docs", find, (GUIDE,))
