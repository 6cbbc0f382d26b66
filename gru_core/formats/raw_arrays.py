"""Arrays out of raw bytes, made only after the declared shape was checked against the bytes there are."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

import torch
from torch import Tensor

from gru_core.errors import ModelFileError

NUMBER_TYPES: Mapping[str, torch.dtype] = MappingProxyType(
    {
        name: getattr(torch, torch_name)
        for name, torch_name in (
            ("float16", "float16"),
            ("bfloat16", "bfloat16"),
            ("float32", "float32"),
            ("float64", "float64"),
            ("int8", "int8"),
            ("int16", "int16"),
            ("int32", "int32"),
            ("int64", "int64"),
            ("uint8", "uint8"),
            ("uint16", "uint16"),
            ("uint32", "uint32"),
            ("uint64", "uint64"),
            ("bool", "bool"),
        )
    }
)
"""The number types that are read, by numpy's names and ml_dtypes' bfloat16; little-endian as stored."""

MAX_AXES = 32
MAX_LENGTH = 2**40
"""Entries along one axis; larger ones would overflow sums of sizes even where no entry is there."""


def checked_shape(name: str, shape: Sequence[object]) -> tuple[int, ...]:
    """The shape as whole numbers. Raises ModelFileError when it is none."""
    lengths = tuple(length for length in shape if isinstance(length, int) and 0 <= length <= MAX_LENGTH)
    if len(lengths) != len(shape) or len(shape) > MAX_AXES:
        shown = str(tuple(shape[:8]))[:80]
        raise ModelFileError(f"The array {name[:120]!r} declares the shape {shown}, which cannot be.")
    return lengths


def array_bytes(shape: Sequence[int], dtype: torch.dtype) -> int:
    """Bytes of an array of that shape."""
    size = dtype.itemsize
    for length in shape:
        size *= length
    return size


def tensor_of(name: str, data: bytes | memoryview, shape: Sequence[int], dtype: torch.dtype) -> Tensor:
    """The array of these bytes, copied. Raises ModelFileError when the shape needs more or fewer of them."""
    if array_bytes(shape, dtype) != len(data):
        raise ModelFileError(
            f"The array {name[:120]!r} is damaged: the shape {tuple(shape)} needs "
            f"{array_bytes(shape, dtype):,} bytes, and {len(data):,} are there."
        )
    if not len(data):
        return torch.zeros(0, dtype=dtype)
    return torch.frombuffer(bytearray(data), dtype=dtype).reshape(tuple(shape))
