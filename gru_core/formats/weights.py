"""From stored arrays to one GRU: number types, finite values, shapes, all checked by name."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

import torch
from torch import Tensor

from gru_core.cell import GRUCell
from gru_core.conventions import CONVENTIONS, to_canonical
from gru_core.equations import GateActivation, ResetMode
from gru_core.errors import ModelFileError
from gru_core.limits import MAX_WEIGHT, check_gru_size
from gru_core.model import GRU

FLOATS = (torch.float32, torch.float64)


@dataclass(frozen=True)
class PackedCell:
    """The names in the file of one layer and direction's parameters; a bias that is not there is None."""

    weight_x: str
    weight_h: str
    bias_x: str | None = None
    bias_h: str | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """Those that are there."""
        return tuple(n for n in (self.weight_x, self.weight_h, self.bias_x, self.bias_h) if n is not None)


@dataclass(frozen=True)
class Sizes:
    """The sizes of one GRU."""

    inputs: int
    units: int
    layers: int
    directions: int

    def width(self, layer: int) -> int:
        """Inputs per step of one layer."""
        return self.inputs if layer == 0 else self.units * self.directions


def build_gru(
    name: str,
    convention: str,
    sizes: Sizes,
    cells: Sequence[PackedCell],
    tensors: Mapping[str, Tensor],
    reset_mode: ResetMode,
    gate_activation: GateActivation = "sigmoid",
    backwards: bool = False,
) -> GRU:
    """The GRU whose cells (layer 0 forward, layer 0 backward, layer 1 forward ...) are packed as said.

    The matrices are (3H, I) and (3H, H), or (I, 3H) and (H, 3H) where the convention's layout is "columns";
    parts that a file keeps separate come stacked, as rows in the convention's order.

    Raises ModelFileError that names the array when a shape, a number type or a value is wrong, and
    LimitError when the GRU is too large; shapes are checked before anything is computed.
    """
    check_gru_size(name, sizes.inputs, sizes.units, sizes.layers, sizes.directions)
    by_columns = CONVENTIONS[convention].layout == "columns"
    for index, cell in enumerate(cells):
        _check_shapes(cell, sizes, index // sizes.directions, tensors, by_columns)
    used = {key: as_float(key, tensors[key]) for cell in cells for key in cell.names}
    dtype = torch.float64 if any(value.dtype == torch.float64 for value in used.values()) else torch.float32
    gru = GRU(
        sizes.inputs,
        sizes.units,
        sizes.layers,
        bidirectional=sizes.directions == 2,
        reset_mode=reset_mode,
        gate_activation=gate_activation,
        backwards=backwards,
    ).to(dtype)
    for cell, module in zip(cells, gru.cells, strict=True):
        weight_x, weight_h = used[cell.weight_x].to(dtype), used[cell.weight_h].to(dtype)
        bias_x, bias_h = (None if key is None else used[key].to(dtype) for key in (cell.bias_x, cell.bias_h))
        canonical = to_canonical(CONVENTIONS[convention], weight_x, weight_h, bias_x, bias_h, reset_mode)
        cast(GRUCell, module).set_canonical(canonical)
    gru.convention = convention
    gru.notes = precision_notes(tensors[key] for cell in cells for key in cell.names)
    return gru


def as_float(name: str, tensor: Tensor) -> Tensor:
    """The array as float32 or float64, dense; half precision becomes float32, exactly.

    Raises ModelFileError when it is quantised, sparse, complex or whole numbers, or has a NaN, an
    infinity or a value above MAX_WEIGHT.
    """
    if tensor.layout != torch.strided or tensor.is_quantized or not tensor.dtype.is_floating_point:
        kind = dtype_name(tensor.dtype) if tensor.layout == torch.strided else "sparse"
        raise ModelFileError(
            f"{name} is {kind}, and the weights of a GRU are read as dense floating-point numbers: "
            "save the model before it is quantised or pruned."
        )
    if tensor.device.type == "meta":
        raise ModelFileError(
            f"{name} has a shape and no numbers (a 'meta' tensor): save the model with its weights."
        )
    plain = tensor.detach() if tensor.dtype in FLOATS else tensor.detach().to(torch.float32)
    bad = int(plain.numel() - torch.isfinite(plain).sum())
    if bad:
        raise ModelFileError(
            f"{name} has {bad:,} of {plain.numel():,} values that are NaN or infinite, so no state "
            "can be computed: "
            "did the training diverge? Choose an earlier checkpoint."
        )
    largest = float(plain.abs().max()) if plain.numel() else 0.0
    if largest > MAX_WEIGHT:
        raise ModelFileError(
            f"{name} has a value of the size {largest:.1e}, and weights of up to {MAX_WEIGHT:.0e} are read, "
            "since sums of larger ones are no numbers: the file is damaged, or the training diverged."
        )
    return plain


def precision_notes(tensors: Iterable[Tensor]) -> tuple[str, ...]:
    """What was done to number types: a sentence when weights were in half precision or less, else nothing."""
    lifted = sorted({dtype_name(t.dtype) for t in tensors if t.dtype not in FLOATS})
    if not lifted:
        return ()
    return (f"Its weights are stored as {' and '.join(lifted)}; they are computed with as float32.",)


def dtype_name(dtype: torch.dtype) -> str:
    """ "float32" for torch.float32."""
    return str(dtype).removeprefix("torch.")


def _check_shapes(
    cell: PackedCell, sizes: Sizes, layer: int, tensors: Mapping[str, Tensor], by_columns: bool
) -> None:
    blocks, width = 3 * sizes.units, sizes.width(layer)
    what = "columns" if by_columns else "rows"
    expected: dict[str, tuple[int, ...]] = {
        cell.weight_h: (blocks, sizes.units),
        cell.weight_x: (blocks, width),
    }
    if by_columns:
        expected = {name: shape[::-1] for name, shape in expected.items()}
    expected |= {bias: (blocks,) for bias in (cell.bias_x, cell.bias_h) if bias is not None}
    for name, shape in expected.items():
        got = tuple(tensors[name].shape)
        if got == shape:
            continue
        if len(got) != len(shape):
            raise ModelFileError(f"{name} must have {len(shape)} axes, {_times(shape)}, got the shape {got}.")
        packed = got[-1] if by_columns else got[0]
        if packed != blocks:
            guess = {4 * sizes.units: ": is this an LSTM?", sizes.units: ": is this a plain RNN?"}.get(packed)
            raise ModelFileError(
                f"{name} must have 3 x hidden = {blocks} {what}, got {packed}"
                + (guess or ": all layers of one GRU have the same number of units.")
            )
        why = (
            f"layer {layer} reads the {width} outputs of the layer before it"
            if name == cell.weight_x and layer
            else f"this GRU has {sizes.units} units and reads {sizes.inputs} inputs"
        )
        raise ModelFileError(f"{name} must have {_times(shape)} entries, got {_times(got)}: {why}.")


def _times(shape: tuple[int, ...]) -> str:
    return " x ".join(map(str, shape))
