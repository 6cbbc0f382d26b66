"""PaddlePaddle's LoDTensor, the form of one parameter in its older files: header, description, numbers.

u32 version, u64 count of levels, each u64 bytes and the bytes; u32 version of the tensor, i32 size of a
protobuf TensorDesc (1: number type, 2: dims, one by one or packed), then the numbers, row by row.
"""

import math
import struct

import numpy as np
import torch
from torch import Tensor

from gru_core.errors import ModelFileError

DTYPES = {0: "?", 1: "<i2", 2: "<i4", 3: "<i8", 4: "<f2", 5: "<f4", 6: "<f8", 20: "u1", 21: "i1"}
BFLOAT16 = 22
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
    try:
        tensor, end = _read(data)
    except (_Broken, struct.error) as problem:
        raise ModelFileError(
            f"{name!r} is no whole parameter of PaddlePaddle ({problem}): save or copy it again."
        ) from problem
    if end != len(data):
        raise ModelFileError(
            f"{name!r} holds several parameters one behind the other and no names for them: save each in a "
            "file of its own, or save the state as .pdparams."
        )
    return tensor


def _read(data: bytes) -> tuple[Tensor, int]:
    """The array at the beginning of the bytes, and where it ends."""
    version, levels = struct.unpack_from("<IQ", data)
    if version or levels > MAX_LEVELS:
        raise _Broken(f"version {version}, {levels:,} levels")
    place = 12
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
    kind, shape, place = -1, [], 0
    while place < len(data):
        tag, place = _varint(data, place)
        field, wire = tag >> 3, tag & 7
        if wire == 0:
            value, place = _varint(data, place)
            if field == 1:
                kind = value
            elif field == 2:
                shape.append(value)
        elif wire == 2:
            length, place = _varint(data, place)
            if length > len(data) - place:
                raise _Broken("its description reaches beyond its end")
            end = place + length
            while field == 2 and place < end:
                value, place = _varint(data, place)
                shape.append(value)
            place = end
        else:
            raise _Broken("its description is of another form")
    return kind, shape


def _varint(data: bytes, place: int) -> tuple[int, int]:
    """A protobuf number of at most ten bytes, and where it ends."""
    value = 0
    for count in range(10):
        if place + count >= len(data):
            break
        byte = data[place + count]
        value |= (byte & 0x7F) << 7 * count
        if byte < 0x80:
            return value, place + count + 1
    raise _Broken("a number in its description does not end")
