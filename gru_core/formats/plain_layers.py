"""Layers that are not recurrent, told by the names and shapes of what is left over."""

from collections.abc import Mapping

import torch
from torch import Tensor

from gru_core.formats.contents import OtherLayer
from gru_core.model import GRU

_NAMES = {
    "weight": ("bias", True),
    "kernel": ("bias", False),
    "W": ("b", True),
}
"""What a Linear's matrix is called, what then its bias, and whether the matrix is (outputs, inputs)."""
_TABLES = ("embedding", "embeddings")
_SCOPED = "_weight"
"""How MXNet's name scopes end: dense0_weight, embedding0_weight."""


def plain_layers(tensors: Mapping[str, Tensor], grus: Mapping[str, GRU]) -> list[OtherLayer]:
    """Linear layers and embeddings by name and sizes, readout candidates marked, and the rest as "other".

    A matrix named `weight` or `W` (outputs, inputs), `kernel` or `W_..` (inputs, outputs) with a bias of as
    many outputs is a Linear; without one it is an Embedding when its name says so. A Linear that reads as
    many numbers as a GRU gives could be its readout.
    """
    places = {name: place for place, name in enumerate(tensors)}
    layers: list[tuple[int, OtherLayer]] = []
    used: set[str] = set()
    for name, tensor in tensors.items():
        named = _named(name, tensors) if name not in used and tensor.ndim == 2 else None
        if named is None:
            continue
        path, bias, by_rows = named
        used.add(name)
        place, with_bias = places[name], False
        if bias:
            layer, with_bias = _matrix(path, tensor, by_rows, tensors.get(bias), grus)
        else:
            layer = embedding_layer(path, tensor, grus)
        if with_bias:
            used.add(bias)
            place = min(place, places[bias])
        layers.append((place, layer))
    for name, tensor in tensors.items():
        if name not in used:
            sizes = " x ".join(map(str, tensor.shape)) or "one number"
            layers.append((places[name], OtherLayer(name, "other", sizes)))
    return [layer for _, layer in sorted(layers, key=lambda placed: placed[0])]


def _named(name: str, tensors: Mapping[str, Tensor]) -> tuple[str, str, bool] | None:
    """(path of the layer, name of its bias, whether the matrix is by rows), or None where no name tells."""
    parent, part = _split(name)
    begin = name.removesuffix(part)
    if part in _TABLES:
        return parent or part, "", True
    if part.startswith("W_"):
        # Beside W_hq, from states to outputs q, textbooks write b_q.
        return name, f"{begin}b_{part[-1]}", False
    if part.endswith(_SCOPED):
        bias = f"{name.removesuffix(_SCOPED)}_bias"
        found = name.removesuffix(_SCOPED), bias, True
    elif part in _NAMES:
        ending, by_rows = _NAMES[part]
        bias = begin + ending
        found = parent, bias, by_rows
    else:
        return None
    # Under these two names there is much else: only a bias or the layer's own name tells.
    if part in ("weight", "kernel") or bias in tensors or "emb" in name.lower():
        return found
    return None


def _matrix(
    path: str, tensor: Tensor, by_rows: bool, bias: Tensor | None, grus: Mapping[str, GRU]
) -> tuple[OtherLayer, bool]:
    """The layer of one matrix, and whether the bias is its."""
    rows = tensor if by_rows else tensor.T
    outputs = rows.shape[0]
    with_bias = (
        bias is not None and bias.layout == torch.strided and tuple(bias.shape) in ((outputs,), (1, outputs))
    )
    if not with_bias and "emb" in path.lower():
        return embedding_layer(path, tensor, grus), False
    return linear_layer(
        path, rows, bias.reshape(-1) if with_bias and bias is not None else None, grus
    ), with_bias


def linear_layer(
    name: str,
    weight: Tensor,
    bias: Tensor | None,
    grus: Mapping[str, GRU],
    activation: str = "",
    fits: tuple[str, ...] | None = None,
) -> OtherLayer:
    """A Linear of weight (outputs, inputs); `fits` as the file says which GRUs it follows, else by sizes."""
    outputs, inputs = weight.shape
    if fits is None:
        fits = tuple(n for n, gru in grus.items() if gru.hidden_size * gru.num_directions == inputs)
    note = (
        f"reads as many numbers as {' and '.join(map(repr, fits))} gives: it could be the readout"
        if fits
        else ""
    )
    return OtherLayer(name, "Linear", f"{inputs} -> {outputs}", note, weight, bias, activation, fits)


def embedding_layer(name: str, weight: Tensor, grus: Mapping[str, GRU]) -> OtherLayer:
    """An Embedding of weight (symbols, width), and which GRUs it could feed by its width."""
    symbols, width = weight.shape
    fits = tuple(n for n, gru in grus.items() if gru.input_size == width)
    note = f"as wide as the inputs of {' and '.join(map(repr, fits))}: it could feed them" if fits else ""
    return OtherLayer(name, "Embedding", f"{symbols} x {width}", note, weight, fits=fits)


def _split(name: str) -> tuple[str, str]:
    """("encoder.fc", "weight") from "encoder.fc.weight"; npz files may use a slash."""
    cut = max(name.rfind("."), name.rfind("/"))
    return (name[:cut], name[cut + 1 :]) if cut >= 0 else ("", name)
