"""Layers out of arrays that a file keeps apart: one per gate, per direction or per layer.

Where `build_gru` takes packed arrays by their names in the file, a naming whose file holds pieces
checks the pieces here, by their own names, stacks them, and hands over what the convention's row says.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from gru_core.equations import GateActivation, ResetMode
from gru_core.errors import ModelFileError
from gru_core.formats.layers import path_of
from gru_core.formats.weights import PackedCell, Sizes, as_float, build_gru, precision_notes
from gru_core.limits import check_gru_size
from gru_core.model import GRU

WRAPPER = re.compile(r"params?(?:[./]|$)|(?:arg|aux):")
"""What stands before the names in a file and is no part of a model's own path."""


@dataclass(frozen=True, eq=False)
class Cell:
    """One layer in one direction, packed as its convention's row says; a bias (3H,) may be None.

    weight_x (3H, I) and weight_h (3H, H), or (I, 3H) and (H, 3H) where the layout is "columns".
    """

    weight_x: Tensor
    weight_h: Tensor
    bias_x: Tensor | None = None
    bias_h: Tensor | None = None


def grouped(tensors: Iterable[str], pattern: re.Pattern[str]) -> dict[str, dict[str, str]]:
    """The names that match wholly, as {prefix: {part: name}}; the pattern has groups `prefix` and `part`."""
    groups: dict[str, dict[str, str]] = {}
    for name in tensors:
        match = pattern.fullmatch(name)
        if match:
            groups.setdefault(match["prefix"] or "", {}).setdefault(match["part"], name)
    return groups


def path_in_model(prefix: str) -> str:
    """A layer's name from its prefix, without "params/" and the like; "gru" when nothing is left."""
    wrapper = WRAPPER.match(prefix)
    return path_of(prefix[wrapper.end() :] if wrapper else prefix)


def matrix_shape(name: str, tensor: Tensor) -> tuple[int, int]:
    """(rows, columns) of a matrix with entries. Raises ModelFileError that names the array otherwise."""
    if tensor.ndim != 2 or 0 in tensor.shape:
        raise ModelFileError(f"{name} must be a matrix with entries, got the shape {tuple(tensor.shape)}.")
    return tensor.shape[0], tensor.shape[1]


def is_matrix(tensor: Tensor) -> bool:
    """Whether it is a matrix of floating-point numbers, dense and with entries."""
    return tensor.ndim == 2 and 0 not in tensor.shape and _is_plain(tensor)


def is_vector(tensor: Tensor) -> bool:
    """Whether it has one axis and holds floating-point numbers, dense."""
    return tensor.ndim == 1 and _is_plain(tensor)


def _is_plain(tensor: Tensor) -> bool:
    return tensor.layout == torch.strided and tensor.dtype.is_floating_point and tensor.device.type != "meta"


def stacked(
    tensors: Mapping[str, Tensor],
    names: Sequence[str],
    shape: tuple[int, ...],
    turned: bool = False,
    axis: int = 0,
) -> Tensor:
    """The arrays one behind the other along `axis`, in float32 or float64.

    Each must have that shape, and is transposed if `turned`. Raises ModelFileError that names the array
    when its shape, its number type or a value is wrong.
    """
    for name in names:
        check_shape(name, tensors[name], shape)
    floats = [as_float(name, tensors[name]) for name in names]
    return torch.cat([value.T if turned else value for value in floats], dim=axis)


def check_shape(name: str, tensor: Tensor, shape: tuple[int, ...]) -> None:
    """Raise ModelFileError when the array has another shape."""
    if tuple(tensor.shape) != shape:
        raise ModelFileError(f"{name} must have the shape {shape}, got {tuple(tensor.shape)}.")


def gru_of_cells(
    name: str,
    convention: str,
    sizes: Sizes,
    cells: Sequence[Cell],
    sources: Iterable[Tensor],
    reset_mode: ResetMode,
    gate_activation: GateActivation | None = None,
    backwards: bool = False,
) -> GRU:
    """The GRU of packed cells (layer 0 forward, layer 0 backward, layer 1 forward ...).

    `sources` are the arrays of the file that the cells were made of. Raises ModelFileError and LimitError as
    `build_gru` does.
    """
    arrays: dict[str, Tensor] = {}
    packed = []
    for index, cell in enumerate(cells):
        layer, backward = divmod(index, sizes.directions)
        place = f", layer {layer}" if sizes.layers > 1 else ""
        place += ", backwards" if backward else ""
        keys: list[str | None] = []
        for what, tensor in (
            ("the input's matrix", cell.weight_x),
            ("the state's matrix", cell.weight_h),
            ("the input's bias", cell.bias_x),
            ("the state's bias", cell.bias_h),
        ):
            key = None if tensor is None else f"{what} of {name!r}{place}"
            if key is not None and tensor is not None:
                arrays[key] = tensor
            keys.append(key)
        packed.append(PackedCell(str(keys[0]), str(keys[1]), keys[2], keys[3]))
    gates: GateActivation = gate_activation or "sigmoid"
    gru = build_gru(name, convention, sizes, packed, arrays, reset_mode, gates, backwards)
    gru.notes = precision_notes(sources)
    return gru


def incomplete(path: str, what: str, missing: Sequence[str]) -> ModelFileError:
    """The error of a layer of which a part is missing."""
    are = "is" if len(missing) == 1 else "are"
    return ModelFileError(f"{path!r} is incomplete: {what}, and {', '.join(missing)} {are} missing.")


def checked_sizes(name: str, inputs: int, units: int, layers: int = 1, directions: int = 1) -> Sizes:
    """The sizes, found within the limits; raises LimitError."""
    check_gru_size(name, inputs, units, layers, directions)
    return Sizes(inputs, units, layers, directions)
