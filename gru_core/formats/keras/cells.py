"""One recurrent cell's arrays as Keras 2 and 3 pack them: kernel (I, nH), recurrent kernel (H, nH), bias.

Keras 1 kept one array per gate; the layers for cuDNN keep each gate's matrix in the GPU's own order.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from gru_core.errors import ModelFileError
from gru_core.formats.keras.blocks import BIAS, KERNEL, RECURRENT, Block
from gru_core.formats.weights import as_float

GATES = {"GRU": "zrh", "LSTM": "ifco", "SimpleRNN": ""}
"""Keras' order of the gates in its packed arrays."""


@dataclass(frozen=True, eq=False)
class CellArrays:
    """Packed arrays of one cell: kernel (I, nH), recurrent (H, nH), bias (nH,), (2, nH) or None, in n blocks.

    names  what the three are called in the file
    """

    kernel: Tensor
    recurrent: Tensor
    bias: Tensor | None
    names: tuple[str, str, str]

    @property
    def inputs(self) -> int:
        """Inputs per step."""
        return self.kernel.shape[0]

    @property
    def units(self) -> int:
        """Units of the cell."""
        return self.recurrent.shape[0]


def cell_arrays(block: Block, kind: str, tensors: Mapping[str, Tensor], layer: str) -> CellArrays:
    """The arrays of a cell of `kind` ("GRU", "CuDNNGRU", "LSTM", "CuDNNLSTM", "SimpleRNN").

    Raises ModelFileError when one is missing, is not of floats or has a shape that no such cell has.
    """
    plain = kind.removeprefix("CuDNN")
    gates = GATES[plain]
    if gates and f"U_{gates[0]}" in block.parts:
        found = _of_keras1(block, gates, tensors, layer)
    else:
        kernel, recurrent, bias = (
            block.parts.get(old) or block.part(new, number)
            for number, (old, new) in enumerate((("W", KERNEL), ("U", RECURRENT), ("b", BIAS)))
        )
        if kernel is None or recurrent is None:
            raise ModelFileError(
                f"{layer!r} is incomplete: a {plain} has a kernel and a recurrent kernel, and its arrays are "
                f"{', '.join(block.parts) or 'none'}."
            )
        found = CellArrays(
            _floats(kernel, tensors),
            _floats(recurrent, tensors),
            None if bias is None else _floats(bias, tensors),
            (kernel, recurrent, bias or f"{layer} bias"),
        )
    _check(found, max(1, len(gates)), plain)
    return _from_cudnn(found, len(gates)) if kind.startswith("CuDNN") else found


def _floats(name: str, tensors: Mapping[str, Tensor]) -> Tensor:
    if name not in tensors:
        raise ModelFileError(
            f"{name} is missing or is not of floating-point numbers: save the model whole, "
            "and before it is quantised."
        )
    as_float(name, tensors[name])
    return tensors[name]


def _of_keras1(block: Block, gates: str, tensors: Mapping[str, Tensor], layer: str) -> CellArrays:
    """One array per gate, put side by side in Keras 2's order."""
    packed: list[Tensor] = []
    for letter in "WUb":
        names = [block.parts.get(f"{letter}_{gate}") for gate in gates]
        parts = [_floats(name, tensors) for name in names if name is not None]
        if len(parts) != len(gates) or len({part.shape for part in parts}) != 1:
            raise ModelFileError(
                f"{layer!r} is incomplete: it must have {letter} for each of the gates {', '.join(gates)}, "
                f"all of one shape, and its arrays are {', '.join(block.parts)}."
            )
        packed.append(torch.cat(parts, dim=-1))
    kernel, recurrent, bias = packed
    return CellArrays(kernel, recurrent, bias, (f"{layer} W", f"{layer} U", f"{layer} b"))


def _check(cell: CellArrays, count: int, kind: str) -> None:
    """Check that the shapes are those of a cell of `count` blocks."""
    for name, array in zip(cell.names, (cell.kernel, cell.recurrent), strict=False):
        if array.ndim != 2 or 0 in array.shape:
            raise ModelFileError(f"{name} must be a matrix, got the shape {tuple(array.shape)}.")
    units, columns = cell.recurrent.shape
    if columns != count * units:
        guess = {
            4 * units: ": is this an LSTM?",
            3 * units: ": is this a GRU?",
            units: ": is this a plain RNN?",
        }
        raise ModelFileError(
            f"{cell.names[1]} of a {kind} of {units} units must have {count} x units = {count * units} "
            f"columns, got {columns}{guess.get(columns, '.')}"
        )
    if cell.kernel.shape[1] != columns:
        raise ModelFileError(
            f"{cell.names[0]} must have as many columns as {cell.names[1]}, {columns}, "
            f"got {cell.kernel.shape[1]}."
        )
    allowed = ((columns,), (2, columns), (2 * columns,)) if count > 1 else ((columns,),)
    if cell.bias is not None and tuple(cell.bias.shape) not in allowed:
        raise ModelFileError(
            f"{cell.names[2]} of a {kind} of {units} units must have the shape "
            f"{' or '.join(map(str, allowed))}, got {tuple(cell.bias.shape)}."
        )


def _from_cudnn(cell: CellArrays, count: int) -> CellArrays:
    """The arrays of a layer for cuDNN in the plain order, as Keras itself turns one into the other.

    Each gate's input matrix holds the numbers of (units, inputs) row by row in an array that says
    (inputs, units); its recurrent matrix is transposed; the biases of input and state stand in one row.
    """
    inputs, units = cell.inputs, cell.units
    kernels = [block.reshape(units, inputs).T for block in cell.kernel.split(units, dim=1)]
    recurrents = [block.T for block in cell.recurrent.split(units, dim=1)]
    bias = cell.bias
    if bias is not None and bias.numel() == 2 * count * units:
        bias = bias.reshape(2, count * units)
    return CellArrays(torch.cat(kernels, dim=1), torch.cat(recurrents, dim=1), bias, cell.names)
