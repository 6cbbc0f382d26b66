"""Keras' layers that are no GRU: LSTM and SimpleRNN as torch's own, Dense, Embedding, the rest by name."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import torch
from torch import Tensor, nn

from gru_core.errors import ModelFileError
from gru_core.formats.contents import LayerKind, OtherLayer
from gru_core.formats.keras.blocks import BIAS, EMBEDDINGS, KERNEL, Block
from gru_core.formats.keras.cells import CellArrays, cell_arrays
from gru_core.formats.keras.config import Layer, activation_of
from gru_core.formats.keras.graph import Graph
from gru_core.formats.keras.match import Owned
from gru_core.formats.keras.plan import Plan, said
from gru_core.formats.keras.version import Written
from gru_core.formats.plain_layers import embedding_layer, linear_layer
from gru_core.limits import MAX_INPUTS, MAX_PARAMETERS, MAX_UNITS
from gru_core.model import GRU

_KINDS: dict[str, LayerKind] = {"LSTM": "LSTM", "CuDNNLSTM": "LSTM", "SimpleRNN": "RNN"}


def recurrent_other(owned: Owned, plan: Plan, tensors: Mapping[str, Tensor], written: Written) -> OtherLayer:
    """An LSTM or a SimpleRNN, with the same layer of torch where there is one."""
    name = owned.layer.path
    kind = _KINDS.get(next(iter(plan.kinds)), "other") if len(plan.kinds) == 1 else "other"
    title = next(iter(plan.kinds)) if kind != "other" else "mixture of recurrent cells"
    try:
        cells = [
            cell_arrays(block, cell.kind, tensors, name)
            for cell, block in zip(plan.cells, owned.blocks, strict=True)
        ]
    except (ModelFileError, ValueError):
        return OtherLayer(name, kind, "", f"It is a Keras {title}, and its arrays are not those of one.")
    sizes = f"{cells[0].inputs} -> {cells[0].units}"
    why, core = _core(owned, plan, cells, kind, written)
    parts = [f"It is a Keras {title}."]
    if why:
        parts.append(f"It cannot be run here: {why}.")
    elif owned.guessed:
        taken = "sigmoid gates and tanh" if kind == "LSTM" else "tanh"
        parts.append(f"{owned.guessed}, which does not say its activation: {taken} is taken.")
    note = " ".join((*parts, *plan.notes))
    return OtherLayer(name, kind, sizes, note, core=core)


def _core(
    owned: Owned, plan: Plan, cells: Sequence[CellArrays], kind: LayerKind, written: Written
) -> tuple[str, nn.LSTM | nn.RNN | None]:
    """Why torch has no such layer, or "", and the layer."""
    backwards = [direction.backwards for direction in plan.directions]
    stacked = len(plan.directions[0].cells)
    units, inputs = cells[0].units, cells[0].inputs
    if len({cell.units for cell in cells}) > 1 or kind not in ("LSTM", "RNN"):
        return "its cells differ in size or kind", None
    if backwards not in ([False], [False, True]) or (stacked > 1 and len(backwards) > 1):
        return "it reads backwards in a way that torch's layers do not", None
    if units > MAX_UNITS or inputs > MAX_INPUTS or sum(c.kernel.numel() for c in cells) > MAX_PARAMETERS:
        return "it is too large", None
    activations = {activation_of(cell.config, "activation", "tanh") for cell in plan.cells}
    if kind == "LSTM":
        gates = {_gates(cell.kind, cell.config, written) for cell in plan.cells}
        if gates != {"sigmoid"}:
            return f"its gates are {' and '.join(sorted(gates))}, those of torch's layers sigmoid", None
    if len(activations) > 1 or activations - ({"tanh"} if kind == "LSTM" else {"tanh", "relu"}):
        return f"its activation is {' and '.join(sorted(activations))}", None
    core: nn.LSTM | nn.RNN
    if kind == "LSTM":
        core = nn.LSTM(inputs, units, stacked, batch_first=True, bidirectional=len(backwards) == 2)
    else:
        core = nn.RNN(
            inputs,
            units,
            stacked,
            nonlinearity=activations.pop(),
            batch_first=True,
            bidirectional=len(backwards) == 2,
        )
    dtype = torch.float64 if any(cell.kernel.dtype == torch.float64 for cell in cells) else torch.float32
    core = core.to(dtype).eval()
    weights: dict[str, Tensor] = {}
    for index, cell in enumerate(cells):
        # Two cells of one direction are two layers; of two directions, one layer read both ways.
        suffix = "_l0_reverse" if len(backwards) == 2 and index else f"_l{index}"
        zeros = torch.zeros(cell.kernel.shape[1])
        bias = zeros if cell.bias is None else cell.bias
        rows = bias if bias.ndim == 2 else torch.stack([bias, torch.zeros_like(bias)])
        rows = rows.to(dtype)
        weights |= {f"weight_ih{suffix}": cell.kernel.T, f"weight_hh{suffix}": cell.recurrent.T}
        weights |= {f"bias_ih{suffix}": rows[0], f"bias_hh{suffix}": rows[1]}
    try:
        core.load_state_dict(weights)
    except RuntimeError:  # a shape that fits no such layer
        return "its arrays do not fit each other", None
    return "", core


def _gates(kind: str, config: Mapping[str, object], written: Written) -> str:
    if kind.startswith("CuDNN"):
        return "sigmoid"
    key = said(config, "recurrent_activation", "inner_activation")
    usual = "sigmoid" if written.default_gates(reset_after=False) == "sigmoid" else "hard_sigmoid"
    return activation_of(config, key, usual)


def plain_other(
    owned: Owned, tensors: Mapping[str, Tensor], grus: Mapping[str, GRU], graph: Graph | None
) -> OtherLayer:
    """Any layer that is not recurrent."""
    layer = owned.layer
    if len(owned.blocks) == 1:
        block, kind = owned.blocks[0], _inside(layer)
        if kind in ("Dense", "TimeDistributedDense"):
            found = _dense(layer, block, tensors, grus, graph)
        elif kind == "Embedding":
            found = _embedding(layer, block, tensors, grus, graph)
        else:
            found = None
        if found is not None:
            return found
    names = [name for block in owned.blocks for name in block.parts.values()]
    shapes = [" x ".join(map(str, tensors[name].shape)) or "one number" for name in names if name in tensors]
    sizes = ", ".join(shapes[:6]) + (", ..." if len(shapes) > 6 else "")
    note = f"Keras {layer.kind[:60]}" if layer.kind else ""
    if layer.kind == "Lambda":
        note = "Keras Lambda: its code is not read and not run"
    return OtherLayer(layer.path, "other", sizes, note)


def _inside(layer: Layer) -> str:
    """The class of a layer, or of the layer in its TimeDistributed."""
    if layer.kind != "TimeDistributed":
        return layer.kind
    below = layer.config.get("layer")
    return str(below.get("class_name")) if isinstance(below, Mapping) else ""


def _dense(
    layer: Layer,
    block: Block,
    tensors: Mapping[str, Tensor],
    grus: Mapping[str, GRU],
    graph: Graph | None,
) -> OtherLayer | None:
    kernel, bias = _found(block, tensors, KERNEL, "W", 0), _found(block, tensors, BIAS, "b", 1)
    if kernel is None or kernel.ndim != 2 or (bias is not None and bias.shape != kernel.shape[1:]):
        return None
    if graph is None:
        return linear_layer(layer.path, kernel.T, bias, grus)
    before = graph.recurrent_before(layer)
    fits = tuple(
        n for n in before if n in grus and grus[n].hidden_size * grus[n].num_directions == kernel.shape[0]
    )
    found = linear_layer(layer.path, kernel.T, bias, grus, graph.activation_after(layer), fits)
    note = f"follows {' and '.join(map(repr, fits))}: it could be the readout" if fits else ""
    return replace(found, note=note)


def _embedding(
    layer: Layer,
    block: Block,
    tensors: Mapping[str, Tensor],
    grus: Mapping[str, GRU],
    graph: Graph | None,
) -> OtherLayer | None:
    table = _found(block, tensors, EMBEDDINGS, "W", 0)
    if table is None or table.ndim != 2:
        return None
    found = embedding_layer(layer.path, table, grus)
    if graph is None:
        return found
    fits = tuple(n for n in graph.readers_of(layer) if n in grus and grus[n].input_size == table.shape[1])
    return replace(found, fits=fits, note=f"feeds {' and '.join(map(repr, fits))}" if fits else "")


def _found(block: Block, tensors: Mapping[str, Tensor], new: str, old: str, number: int) -> Tensor | None:
    name = block.parts.get(old) or block.part(new, number)
    tensor = tensors.get(name) if name is not None else None
    return tensor if tensor is None or tensor.dtype in (torch.float32, torch.float64) else tensor.float()
