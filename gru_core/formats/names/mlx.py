"""MLX's names: nn.GRU (Wx, Wh, b, bhn), nn.LSTM (Wx, Wh, bias) and nn.RNN (Wxh, Whh, bias).

`b` is the bias of the input and `bhn` that of the state inside the reset product; a GRU without
biases has neither. Row of conventions.py: "mlx".
"""

import re
from collections.abc import Mapping
from functools import partial

import torch
from torch import Tensor

from gru_core.formats.blocks import (
    Cell,
    checked_sizes,
    grouped,
    gru_of_cells,
    is_matrix,
    matrix_shape,
    path_in_model,
    stacked,
)
from gru_core.formats.choices import Choices
from gru_core.formats.guide import Guide
from gru_core.formats.layers import Found, Naming
from gru_core.formats.torch_cores import CoreCell, core_layer
from gru_core.model import GRU

_NAME = re.compile(r"(?:(?P<prefix>.*)[./])?(?P<part>Wx|Wh|Wxh|Whh|b|bhn|bias)")


def find(tensors: Mapping[str, Tensor], choices: Choices) -> Found:
    """Every nn.GRU, and the LSTMs and RNNs beside them."""
    found = Found()
    for prefix, parts in grouped(tensors, _NAME).items():
        packed = {"Wx", "Wh"} <= set(parts)
        if not packed and not {"Wxh", "Whh"} <= set(parts):
            continue
        kind, told = "RNN", "By its names this is a plain RNN of MLX; its activation is taken to be tanh."
        used = ("Wx", "Wh") if packed else ("Wxh", "Whh")
        weight_x, weight_h = (tensors[parts[part]] for part in used)
        if not is_matrix(weight_x) or not is_matrix(weight_h):
            continue
        if packed:
            rows, units = weight_h.shape
            if rows == 3 * units:
                # `bias` is an LSTM's: beside a GRU it stays unread, and the GRU is refused.
                names = {parts[part] for part in ("Wx", "Wh", "b", "bhn") if part in parts}
                found.read(path_in_model(prefix), names, partial(_gru, parts=parts, tensors=tensors))
                continue
            if rows != 4 * units:
                continue
            kind, told = "LSTM", "Its Wh has 4 x hidden rows: this is an LSTM."
        bias = tensors[parts["bias"]] if "bias" in parts else None
        cell = CoreCell(weight_x, weight_h, bias)
        found.others.append(core_layer(path_in_model(prefix), kind, [cell], 1, told))
        found.used |= {parts[part] for part in (*used, "bias") if part in parts}
    return found


def _gru(name: str, parts: Mapping[str, str], tensors: Mapping[str, Tensor]) -> GRU:
    weight_x, weight_h = tensors[parts["Wx"]], tensors[parts["Wh"]]
    _, units = matrix_shape(parts["Wh"], weight_h)
    _, inputs = matrix_shape(parts["Wx"], weight_x)
    sizes = checked_sizes(name, inputs, units)
    shapes = {"Wx": (3 * units, inputs), "Wh": (3 * units, units), "b": (3 * units,), "bhn": (units,)}
    given = {part: stacked(tensors, [parts[part]], shape) for part, shape in shapes.items() if part in parts}
    inner = given.get("bhn")
    bias_h = None if inner is None else torch.cat([inner.new_zeros(2 * units), inner])
    cell = Cell(given["Wx"], given["Wh"], given.get("b"), bias_h)
    sources = [tensors[parts[part]] for part in given]
    return gru_of_cells(name, "mlx", sizes, [cell], sources, "after")


GUIDES = (
    Guide(
        title="MLX nn.GRU",
        files=".safetensors, .npz",
        holds="Every nn.GRU, with and without biases, whatever it is part of. One nn.GRU is one layer in one "
        "direction, so layers put one on the other are one GRU each.",
        conventions=("mlx",),
        example='model.save_weights("gru.safetensors")\ngrus = load("gru.safetensors")',
    ),
)

NAMING = Naming("mlx", find, GUIDES)
