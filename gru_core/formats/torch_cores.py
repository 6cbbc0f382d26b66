"""LSTM and RNN layers of any framework as torch's own, so that they can be run and traced as those are.

torch's order of the blocks of an LSTM is input, forget, cell, output; its two biases add.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from gru_core.errors import GateScopeError, ModelFileError
from gru_core.formats.contents import OtherLayer
from gru_core.formats.weights import as_float
from gru_core.limits import MAX_PARAMETERS, check_gru_size

BLOCKS = {"LSTM": 4, "RNN": 1}


@dataclass(frozen=True, eq=False)
class CoreCell:
    """One layer in one direction, rows in torch's order: (4H, I), (4H, H) and (4H,); 1 for 4 in an RNN."""

    weight_x: Tensor
    weight_h: Tensor
    bias_x: Tensor | None = None
    bias_h: Tensor | None = None


def joined(tensors: Sequence[Tensor], axis: int = 0) -> Tensor | None:
    """Arrays of one shape one behind the other; None when they differ, are too large or no dense numbers."""
    first = tensors[0]
    if len({tuple(tensor.shape) for tensor in tensors}) > 1 or first.ndim != (2 if axis else first.ndim):
        return None
    if first.ndim not in (1, 2) or 0 in first.shape or len(tensors) * first.numel() > MAX_PARAMETERS:
        return None
    if any(
        t.layout != torch.strided or not t.dtype.is_floating_point or t.device.type == "meta" for t in tensors
    ):
        return None
    return torch.cat([t if t.dtype == torch.float64 else t.to(torch.float32) for t in tensors], dim=axis)


def core_layer(
    name: str,
    kind: str,
    cells: Sequence[CoreCell],
    directions: int,
    note: str,
    activation: str = "tanh",
    backwards: bool = False,
) -> OtherLayer:
    """The layer of these cells (layer 0 forward, layer 0 backward, layer 1 forward ...), with its `core`.

    kind        "LSTM" or "RNN"
    activation  of an RNN, "tanh" or "relu"
    backwards   whether it reads from the last step to the first, and only so

    A layer whose arrays do not fit together is named all the same, without a core, and its note says why.
    """
    first = cells[0]
    inputs, units = first.weight_x.shape[-1], first.weight_h.shape[-1]
    sizes = f"{inputs} -> {units * directions}"
    kind = "LSTM" if kind == "LSTM" else "RNN"
    try:
        core = _core(name, kind, cells, directions, activation)
    except GateScopeError as problem:
        return OtherLayer(name, "LSTM" if kind == "LSTM" else "RNN", sizes, f"{note} {problem}".strip())
    return OtherLayer(name, "LSTM" if kind == "LSTM" else "RNN", sizes, note, core=core, backwards=backwards)


def _core(
    name: str, kind: str, cells: Sequence[CoreCell], directions: int, activation: str
) -> nn.LSTM | nn.RNN:
    inputs, units = cells[0].weight_x.shape[-1], cells[0].weight_h.shape[-1]
    layers = len(cells) // directions
    check_gru_size(name or kind, inputs, units, layers, directions)
    rows = BLOCKS[kind] * units
    for index, cell in enumerate(cells):
        width = inputs if index < directions else units * directions
        shapes = [(rows, width), (rows, units), (rows,), (rows,)]
        given = [cell.weight_x, cell.weight_h, cell.bias_x, cell.bias_h]
        for tensor, shape in zip(given, shapes, strict=True):
            if tensor is not None and (tuple(tensor.shape) != shape or 0 in shape):
                raise ModelFileError(
                    f"Its arrays do not fit each other: one must have the shape {shape}, got "
                    f"{tuple(tensor.shape)}."
                )
    options = {
        "num_layers": layers,
        "bidirectional": directions == 2,
        "batch_first": True,
        "bias": any(cell.bias_x is not None or cell.bias_h is not None for cell in cells),
        "dtype": torch.float64 if any(c.weight_h.dtype == torch.float64 for c in cells) else torch.float32,
    }
    core: nn.LSTM | nn.RNN
    if kind == "LSTM":
        core = nn.LSTM(inputs, units, **options)
    else:
        core = nn.RNN(inputs, units, nonlinearity=activation, **options)
    with torch.no_grad():
        for index, cell in enumerate(cells):
            layer, backward = divmod(index, directions)
            suffix = f"_l{layer}" + ("_reverse" if backward else "")
            for part, tensor in (
                ("weight_ih", cell.weight_x),
                ("weight_hh", cell.weight_h),
                ("bias_ih", cell.bias_x),
                ("bias_hh", cell.bias_h),
            ):
                target = getattr(core, part + suffix, None)
                if target is not None:
                    value = torch.zeros_like(target) if tensor is None else as_float(part, tensor)
                    target.copy_(value)
    return core.eval().requires_grad_(False)
