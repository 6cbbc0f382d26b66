"""PaddlePaddle's LoDTensor, the form of one parameter in its older files: header, description, numbers.

u32 version, u64 count of levels, each u64 bytes and the bytes; u32 version of the tensor, i32 size of a
protobuf TensorDesc (1: number type, 2: dims, one by one or packed), then the numbers, row by row.
"""

import math
import struct
from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from gru_core.errors import ModelFileError
from gru_core.formats.wire import WireError, fields, varint

DTYPES = {0: "?", 1: "<i2", 2: "<i4", 3: "<i8", 4: "<f2", 5: "<f4", 6: "<f8", 20: "u1", 21: "i1"}
BFLOAT16 = 22
KIND, DIMS = 1, 2
"""The fields of a TensorDesc."""
MAX_LEVELS = 16
MAX_DESCRIPTION = 512
"""Bytes of a TensorDesc; one of nine axes has less than 100."""
MAX_AXES = 9
MAX_DIM = 2**40


class _Broken(Exception):
    """The bytes do not follow the form; the text says where."""


def looks_like_lod_tensor(head: bytes) -> bool:
    """Whether a file's first bytes are a parameter's: versions 0, no levels, a short description."""
    if len(head) < 24 or head[:16] != bytes(16) or head[20] != 8:
        return False
    return 0 < int.from_bytes(head[16:20], "little") <= MAX_DESCRIPTION


def read_lod_tensor(data: bytes, name: str) -> Tensor:
    """The array of a file that is one LoDTensor and nothing else.

    Raises ModelFileError when it is cut off, declares another size than it has, or holds no numbers.
    """
    (tensor,) = read_lod_tensors(data, (name,)).values()
    return tensor


def read_lod_tensors(data: bytes, names: Sequence[str]) -> dict[str, Tensor]:
    """The arrays of a file that has one of each name, in that order, and nothing else. Raises as above."""
    tensors, place = {}, 0
    for name in names:
        try:
            tensors[name], place = _read(data, place)
        except (_Broken, WireError, struct.error) as problem:
            why = str(problem) if isinstance(problem, _Broken) else "its description cannot be read"
            raise ModelFileError(
                f"{name!r} is no whole parameter of PaddlePaddle ({why}): save or copy it again."
            ) from problem
    if place != len(data):
        raise ModelFileError(
            f"{len(data) - place:,} bytes behind {names[-1] if names else 'the beginning'!r} belong to no "
            "parameter with a name: save each parameter in a file of its own, or save the state as .pdparams."
        )
    return tensors


def _read(data: bytes, place: int) -> tuple[Tensor, int]:
    """The array that begins at a place, and where it ends."""
    version, levels = struct.unpack_from("<IQ", data, place)
    if version or levels > MAX_LEVELS:
        raise _Broken(f"version {version}, {levels:,} levels")
    place += 12
    for _ in range(levels):
        (size,) = struct.unpack_from("<Q", data, place)
        if size > len(data) - place:
            raise _Broken("its levels reach beyond its end")
        place += 8 + size
    version, size = struct.unpack_from("<Ii", data, place)
    place += 8
    if version or not 0 < size <= min(MAX_DESCRIPTION, len(data) - place):
        raise _Broken("its description reaches beyond its end")
    kind, shape = _description(data[place : place + size])
    place += size
    if kind not in DTYPES and kind != BFLOAT16:
        raise _Broken(f"its number type {kind} is not read here")
    if len(shape) > MAX_AXES or not all(0 <= length < MAX_DIM for length in shape):
        raise _Broken(f"its shape of {len(shape):,} axes cannot be")
    dtype = np.dtype(DTYPES.get(kind, "<u2"))
    count = math.prod(shape)
    if count * dtype.itemsize > len(data) - place:
        raise _Broken(
            f"its shape {tuple(shape)} needs {count * dtype.itemsize:,} bytes, it has {len(data) - place:,}"
        )
    array = np.frombuffer(data, dtype, count, place).astype(dtype.newbyteorder("=")).reshape(shape)
    tensor = torch.from_numpy(array)
    return tensor.view(torch.bfloat16) if kind == BFLOAT16 else tensor, place + count * dtype.itemsize


def _description(data: bytes) -> tuple[int, list[int]]:
    """The number type's code and the dims of a TensorDesc."""
    kind, shape = -1, []
    for field, value in fields(data):
        if field == KIND and isinstance(value, int):
            kind = value
        elif field == DIMS and isinstance(value, int):
            shape.append(value)
        elif field == DIMS and isinstance(value, bytes):
            place = 0
            while place < len(value):
                length, place = varint(value, place)
                shape.append(length)
    return kind, shape
