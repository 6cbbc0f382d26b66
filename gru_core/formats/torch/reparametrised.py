"""Weights that a file keeps in parts: PyTorch's weight_norm (length and direction) put together, exactly.

What cannot be put together from the file alone, such as spectral_norm, is refused with the way out.
"""

import re
from collections.abc import Mapping

import torch
from torch import Tensor

from gru_core.errors import ModelFileError
from gru_core.formats.weights import as_float
from gru_core.limits import MAX_PARAMETERS

_WEIGHT = r"(?P<weight>weight_[ih]h(?:_l\d{1,4}(?:_reverse)?)?)"
_OLD = re.compile(rf"(?P<prefix>(?:.+\.)?){_WEIGHT}_(?P<part>g|v|orig|u)")
_NEW = re.compile(rf"(?P<prefix>(?:.+\.)?)parametrizations\.{_WEIGHT}\.(?P<part>original[01]?)")
_PARTS = {"original0": "g", "original1": "v", "original": "orig"}


def whole_weights(tensors: Mapping[str, Tensor]) -> tuple[dict[str, Tensor], tuple[str, ...]]:
    """The arrays with the recurrent weights whole, in the place of their parts, and what was done, in words.

    Raises ModelFileError when a weight is kept in parts that do not make it up.
    """
    parts: dict[str, dict[str, str]] = {}
    for name in tensors:
        if match := _OLD.fullmatch(name) or _NEW.fullmatch(name):
            part = _PARTS.get(match["part"], match["part"])
            parts.setdefault(match["prefix"] + match["weight"], {})[part] = name
    made: dict[str, str] = {}
    whole: dict[str, Tensor] = {}
    for name, kept in parts.items():
        if name in tensors or not kept.keys() & {"g", "orig"}:
            continue
        if not kept.keys() >= {"g", "v"}:
            raise ModelFileError(
                f"{name} is stored in parts ({', '.join(sorted(kept.values()))}), as by spectral_norm: save "
                "the model after torch.nn.utils.parametrize.remove_parametrizations or remove_spectral_norm."
            )
        whole[name] = _product(name, tensors[kept["g"]], tensors[kept["v"]])
        made[kept["g"]] = name
        made[kept["v"]] = ""
    if not whole:
        return dict(tensors), ()
    arrays: dict[str, Tensor] = {}
    for name, tensor in tensors.items():
        if name not in made:
            arrays[name] = tensor
        elif made[name]:
            arrays[made[name]] = whole[made[name]]
    listed = ", ".join(list(whole)[:4])
    return arrays, (f"Stored as length and direction (weight_norm) and put together: {listed}.",)


def _product(name: str, length: Tensor, direction: Tensor) -> Tensor:
    """g * v / |v|, the norm over the axes along which g is 1."""
    shape = tuple(direction.shape)
    axes = tuple(
        axis for axis in range(len(shape)) if length.ndim == 0 or length.shape[axis : axis + 1] == (1,)
    )
    expected = tuple(1 if axis in axes else n for axis, n in enumerate(shape))
    if direction.ndim != 2 or length.ndim not in (0, 2) or (length.ndim and tuple(length.shape) != expected):
        raise ModelFileError(
            f"{name} is stored as length {tuple(length.shape)} and direction {shape}, which do not fit each "
            "other: save the model after torch.nn.utils.remove_weight_norm."
        )
    if direction.numel() > MAX_PARAMETERS:
        raise ModelFileError(
            f"{name} may have at most {MAX_PARAMETERS:,} weights, got {direction.numel():,}."
        )
    v, g = as_float(name, direction), as_float(name, length)
    return v * (g / torch.linalg.vector_norm(v, dim=axes or None, keepdim=bool(length.ndim)))
