"""One stored tensor of an ONNX file as torch's, once its numbers were found as many as its shape says."""

import math

import numpy as np
import torch
from onnx import TensorProto
from torch import Tensor

from gru_core.errors import ModelFileError
from gru_core.formats.contents import TensorInfo
from gru_core.formats.onnx.graph import readable

TORCH_TYPES: dict[int, torch.dtype] = {
    TensorProto.FLOAT: torch.float32,
    TensorProto.DOUBLE: torch.float64,
    TensorProto.FLOAT16: torch.float16,
    TensorProto.BFLOAT16: torch.bfloat16,
    TensorProto.INT8: torch.int8,
    TensorProto.UINT8: torch.uint8,
    TensorProto.INT16: torch.int16,
    TensorProto.INT32: torch.int32,
    TensorProto.INT64: torch.int64,
    TensorProto.BOOL: torch.bool,
}
"""The number types that are read, by ONNX's numbers for them."""
MAX_AXES = 16
_HALVES = (torch.float16, torch.bfloat16)


def tensor_info(tensor: TensorProto, name: str) -> TensorInfo:
    """What the file lists: name, shape, number type."""
    return TensorInfo(readable(name), tuple(tensor.dims[:MAX_AXES]), _type_name(tensor.data_type))


def read_tensor(tensor: TensorProto, name: str) -> Tensor:
    """The numbers of a stored tensor, in its own number type.

    Raises ModelFileError when there are more or fewer than its shape says, or of a type not read here.
    """
    shape = tuple(tensor.dims[: MAX_AXES + 1])
    dtype = TORCH_TYPES.get(tensor.data_type)
    if dtype is None:
        raise ModelFileError(
            f"{readable(name)} is of the type {_type_name(tensor.data_type)}, which is not read here: "
            "save the model with float32 weights."
        )
    if any(length < 0 for length in shape) or len(shape) > MAX_AXES:
        raise ModelFileError(f"{readable(name)} has the impossible shape {shape}: the file is damaged.")
    flat = _raw(tensor, dtype) if tensor.HasField("raw_data") else _typed(tensor, dtype)
    expected = math.prod(shape)
    if flat is None or flat.numel() != expected:
        stored = "an uneven number of bytes" if flat is None else f"{flat.numel():,} numbers"
        raise ModelFileError(
            f"{readable(name)} says it is {' x '.join(map(str, shape)) or 'one number'}, which is "
            f"{expected:,} numbers, and the file has {stored}: it is damaged, save or copy it again."
        )
    return flat.reshape(shape)


def _raw(tensor: TensorProto, dtype: torch.dtype) -> Tensor | None:
    raw = tensor.raw_data
    if len(raw) % dtype.itemsize:
        return None
    return torch.frombuffer(bytearray(raw), dtype=dtype) if raw else torch.empty(0, dtype=dtype)


def _typed(tensor: TensorProto, dtype: torch.dtype) -> Tensor:
    """From the list of the tensor's own type; halves are stored as whole numbers of the same bits."""
    if dtype == torch.float32:
        return torch.from_numpy(np.array(tensor.float_data, np.float32))
    if dtype == torch.float64:
        return torch.from_numpy(np.array(tensor.double_data, np.float64))
    if dtype == torch.int64:
        return torch.from_numpy(np.array(tensor.int64_data, np.int64))
    whole = np.array(tensor.int32_data, np.int32)
    if dtype in _HALVES:
        return torch.from_numpy(whole.astype(np.uint16).view(np.int16)).view(dtype)
    return torch.from_numpy(whole).to(dtype)


def _type_name(number: int) -> str:
    return TensorProto.DataType.Name(number).lower() if number in TensorProto.DataType.values() else "unknown"
