"""The numbers of one HDF5 dataset, checked against what is stored before memory is spent.

Packed chunks are taken as they are and unpacked here, with a bound: the library's own unpacking would go on
for as long as the packed bytes say.
"""

import itertools
import math
import zlib
from dataclasses import dataclass
from typing import Any

import h5py
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from gru_core.errors import LimitError, ModelFileError
from gru_core.limits import MAX_MODEL_BYTES, MAX_TENSORS, check_bytes

FLOAT_SIZES = (2, 4, 8)
MAX_CHUNKS = 100_000
MAX_AXES = 8
BFLOAT16 = "bfloat16"


@dataclass
class Allowance:
    """What may still be read from one file: arrays and bytes, and how large the file itself is."""

    name: str
    size: int
    arrays: int = 0
    spent: int = 0
    chunks: int = 0

    def spend(self, count: int) -> None:
        """Count one array of `count` bytes. Raises LimitError past the limits of limits.py."""
        self.arrays += 1
        self.spent += count
        if self.arrays > MAX_TENSORS:
            raise LimitError(
                f"A model file may hold at most {MAX_TENSORS:,} arrays, and {self.name!r} holds more."
            )
        check_bytes(f"What {self.name!r} declares", self.spent, MAX_MODEL_BYTES, "save a smaller model.")


def read_array(dataset: Any, path: str, allowance: Allowance) -> tuple[tuple[int, ...], str, Tensor | None]:
    """Shape, number type and numbers of a dataset; None for the numbers when they are no floats.

    Raises ModelFileError when it is stored in a way that is not read, or is less than it declares.
    """
    shape = tuple(int(length) for length in dataset.shape or ())
    dtype, in_words = _float_type(dataset)
    if dtype is None or dataset.get_space().get_simple_extent_type() == h5py.h5s.NULL:
        return shape, in_words, None
    if len(shape) > MAX_AXES:
        raise ModelFileError(f"{path!r} has {len(shape)} axes; weights have at most {MAX_AXES}.")
    nbytes = math.prod(shape) * dtype.itemsize
    allowance.spend(nbytes)
    numbers = _numbers(dataset, path, shape, dtype, nbytes, allowance)
    return shape, in_words, _tensor(numbers, in_words)


def _float_type(dataset: Any) -> tuple[np.dtype[Any] | None, str]:
    """The number type and its name; None for what is not floating-point."""
    kind = dataset.get_type()
    if kind.get_class() == h5py.h5t.OPAQUE and kind.get_size() == 2:
        # HDF5 has no bfloat16: Keras stores it as two bytes without a meaning.
        return np.dtype("<u2"), BFLOAT16
    if kind.get_class() != h5py.h5t.FLOAT or kind.get_size() not in FLOAT_SIZES:
        words = {h5py.h5t.INTEGER: "whole numbers", h5py.h5t.STRING: "text"}
        return None, words.get(kind.get_class(), "not numbers")
    dtype = np.dtype(kind.dtype)
    if kind == h5py.h5t.py_create(dtype):
        return dtype, dtype.newbyteorder("=").name
    return None, "an unusual number type"


def _numbers(
    dataset: Any, path: str, shape: tuple[int, ...], dtype: np.dtype[Any], nbytes: int, allowance: Allowance
) -> NDArray[Any]:
    plan = dataset.get_create_plist()
    layout = plan.get_layout()
    if plan.get_external_count() or layout not in (h5py.h5d.COMPACT, h5py.h5d.CONTIGUOUS, h5py.h5d.CHUNKED):
        raise ModelFileError(
            f"{path!r} keeps its numbers in another file, which is not followed: "
            "save the model with its weights in this one file."
        )
    if nbytes == 0:
        return np.zeros(shape, dtype)
    if layout == h5py.h5d.CHUNKED:
        return _from_chunks(dataset, plan, path, shape, dtype, allowance)
    stored = dataset.get_storage_size()
    start = dataset.get_offset() if layout == h5py.h5d.CONTIGUOUS else 0
    if stored < nbytes or (
        layout == h5py.h5d.CONTIGUOUS and (start is None or start + nbytes > allowance.size)
    ):
        raise _cut_off(path, shape, nbytes, stored)
    numbers = np.empty(shape, dtype)
    dataset.read(h5py.h5s.ALL, h5py.h5s.ALL, numbers, mtype=dataset.get_type())
    return numbers


def _from_chunks(
    dataset: Any,
    plan: Any,
    path: str,
    shape: tuple[int, ...],
    dtype: np.dtype[Any],
    allowance: Allowance,
) -> NDArray[Any]:
    chunk = tuple(int(length) for length in plan.get_chunk())
    filters = [plan.get_filter(index)[0] for index in range(min(plan.get_nfilters(), 8))]
    if any(code not in _FILTERS for code in filters):
        raise ModelFileError(
            f"{path!r} is packed by a filter other than gzip and shuffle, and no plug-in is loaded: "
            "save the model without compression."
        )
    counts = [
        math.ceil(length / width) if width > 0 else MAX_CHUNKS + 1
        for length, width in zip(shape, chunk, strict=True)
    ]
    allowance.chunks += math.prod(counts)
    if allowance.chunks > MAX_CHUNKS:
        raise LimitError(
            f"{path!r} is cut into too many pieces; at most {MAX_CHUNKS:,} are read from one file."
        )
    chunk_bytes = math.prod(chunk) * dtype.itemsize
    check_bytes(
        f"A chunk of {path!r}", chunk_bytes, MAX_MODEL_BYTES // 2, "save the model without compression."
    )
    numbers = np.empty(shape, dtype)
    for place in itertools.product(*map(range, counts)):
        start = tuple(index * width for index, width in zip(place, chunk, strict=True))
        info = dataset.get_chunk_info_by_coord(start)
        if info.byte_offset is None or info.byte_offset + info.size > allowance.size:
            raise _cut_off(path, shape, numbers.nbytes, 0)
        mask, packed = dataset.read_direct_chunk(start)
        raw = _unpacked(bytes(packed), filters, mask, chunk_bytes, dtype.itemsize, path)
        block = np.frombuffer(raw, dtype).reshape(chunk)
        target = tuple(
            slice(first, min(first + width, length))
            for first, width, length in zip(start, chunk, shape, strict=True)
        )
        numbers[target] = block[tuple(slice(0, part.stop - part.start) for part in target)]
    return numbers


_FILTERS = (h5py.h5z.FILTER_DEFLATE, h5py.h5z.FILTER_SHUFFLE, h5py.h5z.FILTER_FLETCHER32)


def _unpacked(packed: bytes, filters: list[int], mask: int, size: int, width: int, path: str) -> bytes:
    """A chunk's bytes with its filters undone, last first; never more than `size` bytes are made."""
    for index in reversed(range(len(filters))):
        if mask & (1 << index):
            continue
        if filters[index] == h5py.h5z.FILTER_DEFLATE:
            try:
                # Four bytes more than the numbers, for a checksum that was written before packing.
                packed = zlib.decompressobj().decompress(packed, size + 4)
            except zlib.error as problem:
                raise ModelFileError(
                    f"{path!r} is damaged where it is packed. Save or copy it again."
                ) from problem
        elif filters[index] == h5py.h5z.FILTER_FLETCHER32:
            packed = packed[:-4]
        elif len(packed) % width == 0:
            packed = np.frombuffer(packed, np.uint8).reshape(width, -1).T.tobytes()
    if len(packed) != size:
        raise ModelFileError(
            f"{path!r} is damaged: a piece of {size:,} bytes unpacks to {len(packed):,}. "
            "Save or copy it again."
        )
    return packed


def _tensor(numbers: NDArray[Any], in_words: str) -> Tensor:
    if in_words == BFLOAT16:
        return torch.from_numpy(numbers.view(np.int16)).view(torch.bfloat16)
    return torch.from_numpy(np.ascontiguousarray(numbers.astype(numbers.dtype.newbyteorder("="), copy=False)))


def _cut_off(path: str, shape: tuple[int, ...], nbytes: int, stored: int) -> ModelFileError:
    return ModelFileError(
        f"{path!r} is cut off: it declares the shape {shape}, which needs {nbytes:,} bytes, and "
        f"{stored:,} are stored. Save or copy the file again."
    )
