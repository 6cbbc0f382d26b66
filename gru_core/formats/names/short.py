"""PyTorch's names in short, as numpy code that computes a GRU by itself has them: enc_w_ih, enc_b_hh.

Layers beside them are named alike: enc_emb (symbols, width), fc_w (outputs, inputs) with fc_b.
Row of conventions.py: "torch".
"""

import re
from collections.abc import Mapping

from torch import Tensor

from gru_core.formats.choices import Choices
from gru_core.formats.guide import Guide
from gru_core.formats.layers import Found, Naming
from gru_core.formats.names.torch import find_named
from gru_core.formats.plain_layers import embedding_layer, linear_layer

_NAME = re.compile(
    r"(?:(?P<prefix>.+)[._/])?(?P<kind>[wW]|b|weight|bias)_(?P<source>[ih]h)(?P<layer>_l\d{1,4}(?:_reverse)?)?"
)
_EMBEDDING = re.compile(r"(?:.*[._/])?emb(?:ed|edding|eddings)?")
_LINEAR = re.compile(r"(?P<path>.+)[._/][wW]")
READ_AS = (
    "Its names are PyTorch's in short, so it is read as PyTorch's: blocks r, z, n, reset after the product."
)


def find(tensors: Mapping[str, Tensor], choices: Choices) -> Found:
    """Every GRU with both of its matrices under short names, and what stands beside it."""
    layers: dict[str, dict[str, str]] = {}
    for name in tensors:
        if match := _NAME.fullmatch(name):
            kind = "bias" if match["kind"].startswith("b") else "weight"
            prefix = f"{match['prefix']}." if match["prefix"] else ""
            layers.setdefault(prefix, {})[f"{prefix}{kind}_{match['source']}{match['layer'] or ''}"] = name
    names: dict[str, str] = {}
    for prefix, parts in layers.items():
        # PyTorch's own names are not read here, nor the textbook's b_hh and W_hh.
        short = any(new.replace("/", ".") != name.replace("/", ".") for new, name in parts.items())
        kinds = {new.removeprefix(prefix)[:9] for new in parts}
        if short and kinds >= {"weight_ih", "weight_hh"}:
            names |= parts
    found = find_named({new: tensors[name] for new, name in names.items()}, "torch").renamed(names)
    if not found.grus:
        return found
    for gru in found.grus.values():
        gru.notes += (READ_AS,)
    for name, tensor in tensors.items():
        if name in found.used or tensor.ndim != 2:
            continue
        match = _LINEAR.fullmatch(name)
        bias = tensors.get(f"{name[:-1]}b") if match else None
        if _EMBEDDING.fullmatch(name):
            found.others.append(embedding_layer(name, tensor, found.grus))
            found.used.add(name)
        elif match and bias is not None and tuple(bias.shape) in ((tensor.shape[0],), (tensor.shape[1],)):
            rows = tensor if bias.shape[0] == tensor.shape[0] else tensor.T
            found.others.append(linear_layer(match["path"], rows, bias, found.grus))
            found.used |= {name, f"{name[:-1]}b"}
    return found


GUIDE = Guide(
    title="PyTorch's parameters under short names",
    files=".npz, .safetensors, .pt with w_ih, w_hh, b_ih, b_hh",
    holds="Every GRU by what stands before its parameters (enc_w_ih is of the GRU 'enc'), read as PyTorch's. "
    "Matrices named ..._emb are embeddings, fc_w with fc_b is a linear layer.",
    conventions=("torch",),
    example='np.savez("model.npz", enc_w_ih=w_ih, enc_w_hh=w_hh, enc_b_ih=b_ih, enc_b_hh=b_hh)\n'
    'load("model.npz")  # {"enc": GRU(...)}',
)

NAMING = Naming("short", find, (GUIDE,))
