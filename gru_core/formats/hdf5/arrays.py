"""The numbers of one HDF5 dataset, checked against what is stored before memory is spent."""

import itertools
import math
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from gru_core.errors import LimitError, ModelFileError
from gru_core.formats.hdf5.bytes import (
    DATASPACE,
    DATATYPE,
    EXTERNAL_FILES,
    FILTERS,
    LAYOUT,
    UNDEFINED,
    Fields,
    Image,
    Message,
)
from gru_core.formats.hdf5.types import BFLOAT16, NumberType, shape_of, type_of
from gru_core.limits import MAX_MODEL_BYTES, MAX_TENSORS, check_bytes

MAX_CHUNKS = 100_000
MAX_AXES = 8
_COMPACT, _CONTIGUOUS, _CHUNKED = 0, 1, 2
_DEFLATE, _SHUFFLE, _CHECKSUM = 1, 2, 3


@dataclass
class Allowance:
    """What may still be read from one file."""

    name: str
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


@dataclass(frozen=True)
class _Dataset:
    """One dataset whose numbers are read."""

    image: Image
    path: str
    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    filters: tuple[int, ...]
    allowance: Allowance

    @property
    def nbytes(self) -> int:
        return math.prod(self.shape) * self.dtype.itemsize

    def cut_off(self, stored: int) -> ModelFileError:
        return ModelFileError(
            f"{self.path!r} is cut off: it declares the shape {self.shape}, which needs {self.nbytes:,} "
            f"bytes, and {stored:,} are stored. Save or copy the file again."
        )


def is_dataset(messages: Sequence[Message]) -> bool:
    """Whether an object is an array."""
    return any(message.kind == LAYOUT for message in messages)


def read_array(
    messages: Sequence[Message], image: Image, path: str, allowance: Allowance
) -> tuple[tuple[int, ...], str, Tensor | None]:
    """Shape, number type and numbers of a dataset; None for the numbers when they are no floats.

    Raises ModelFileError when it is stored in a way that is not read, or is less than it declares.
    """
    parts = {message.kind: message for message in messages}
    space, kind = parts.get(DATASPACE), parts.get(DATATYPE)
    if space is None or kind is None:
        raise image.damaged()
    shape = shape_of(space.data, image) if not space.is_shared else None
    type_ = type_of(kind.data, image) if not kind.is_shared else NumberType("", "an unusual number type", 0)
    if shape is None or type_.code in ("", "text", "heap text"):
        allowance.spend(0)
        return shape or (), type_.words, None
    if len(shape) > MAX_AXES:
        raise ModelFileError(f"{path!r} has {len(shape)} axes; weights have at most {MAX_AXES}.")
    dtype = np.dtype("<u2" if type_.code == BFLOAT16 else type_.code)
    filters = _filters(parts[FILTERS].data, image) if FILTERS in parts else ()
    dataset = _Dataset(image, path, shape, dtype, filters, allowance)
    allowance.spend(dataset.nbytes)
    if EXTERNAL_FILES in parts:
        raise _elsewhere(path)
    numbers = _numbers(dataset, parts[LAYOUT].data) if dataset.nbytes else np.zeros(shape, dtype)
    return shape, type_.words, _tensor(numbers, type_.words)


def _elsewhere(path: str) -> ModelFileError:
    return ModelFileError(
        f"{path!r} keeps its numbers in another file, which is not followed: "
        "save the model with its weights in this one file."
    )


def _filters(data: bytes, image: Image) -> tuple[int, ...]:
    fields = Fields(data, image)
    version, count = fields.number(1), fields.number(1)
    if version == 1:
        fields.take(6)
    codes = []
    for _ in range(min(count, 32)):
        code = fields.number(2)
        named = fields.number(2) if version == 1 or code >= 256 else 0
        fields.take(2)
        values = fields.number(2)
        fields.take((named + 7) // 8 * 8 if version == 1 else named)
        fields.take(4 * values + (4 if version == 1 and values % 2 else 0))
        codes.append(code)
    return tuple(codes)


def _numbers(dataset: _Dataset, layout: bytes) -> NDArray[Any]:
    image = dataset.image
    fields = Fields(layout, image)
    version, kind = fields.number(1), fields.number(1)
    if version not in (3, 4):
        raise image.unread(f"{dataset.path!r} is laid out as version {version} of its kind")
    if kind == _COMPACT:
        raw = fields.take(fields.number(2))
    elif kind == _CONTIGUOUS:
        start, stored = fields.number(8), fields.number(8)
        if start == UNDEFINED or stored < dataset.nbytes or start + dataset.nbytes > len(image.data):
            raise dataset.cut_off(0 if start == UNDEFINED else stored)
        return np.frombuffer(image.data, dataset.dtype, math.prod(dataset.shape), start).reshape(
            dataset.shape
        )
    elif kind == _CHUNKED and version == 3:
        return _from_chunks(dataset, fields)
    elif kind == _CHUNKED:
        raise image.unread(f"{dataset.path!r} is cut into pieces in HDF5's newest layout")
    else:
        raise _elsewhere(dataset.path)
    if len(raw) < dataset.nbytes:
        raise dataset.cut_off(len(raw))
    return np.frombuffer(raw, dataset.dtype, math.prod(dataset.shape)).reshape(dataset.shape)


def _from_chunks(dataset: _Dataset, fields: Fields) -> NDArray[Any]:
    image, path = dataset.image, dataset.path
    rank, tree = fields.number(1) - 1, fields.number(8)
    if rank != len(dataset.shape):
        raise image.damaged()
    chunk = tuple(fields.number(4) for _ in range(rank))
    if any(code not in (_DEFLATE, _SHUFFLE, _CHECKSUM) for code in dataset.filters):
        raise ModelFileError(
            f"{path!r} is packed by a filter other than gzip and shuffle, and no plug-in is loaded: "
            "save the model without compression."
        )
    if 0 in chunk:
        raise image.damaged()
    counts = [math.ceil(length / width) for length, width in zip(dataset.shape, chunk, strict=True)]
    dataset.allowance.chunks += math.prod(counts)
    size = math.prod(chunk) * dataset.dtype.itemsize
    if dataset.allowance.chunks > MAX_CHUNKS:
        raise LimitError(
            f"{path!r} is cut into too many pieces; at most {MAX_CHUNKS:,} are read from one file."
        )
    check_bytes(f"A piece of {path!r}", size, MAX_MODEL_BYTES // 2, "save the model without compression.")
    pieces = {} if tree == UNDEFINED else _pieces(dataset, tree, rank)
    numbers = np.empty(dataset.shape, dataset.dtype)
    for place in itertools.product(*map(range, counts)):
        start = tuple(index * width for index, width in zip(place, chunk, strict=True))
        if start not in pieces:
            raise dataset.cut_off(0)
        address, length, mask = pieces[start]
        raw = _unpacked(image.at(address, length), dataset, mask, size)
        target = tuple(
            slice(first, min(first + width, end))
            for first, width, end in zip(start, chunk, dataset.shape, strict=True)
        )
        block = np.frombuffer(raw, dataset.dtype).reshape(chunk)
        numbers[target] = block[tuple(slice(0, part.stop - part.start) for part in target)]
    return numbers


def _pieces(dataset: _Dataset, root: int, rank: int) -> dict[tuple[int, ...], tuple[int, int, int]]:
    """Address, length and left-out filters of each piece by where it begins."""
    image = dataset.image
    found: dict[tuple[int, ...], tuple[int, int, int]] = {}
    waiting, seen = [(root, 256)], set()
    key = 8 + 8 * (rank + 1)
    while waiting:
        node, above = waiting.pop()
        if node in seen:
            raise image.damaged()
        seen.add(node)
        image.signed(node, b"TREE")
        level = image.number(node + 5, 1)
        if image.number(node + 4, 1) != 1 or level >= above:
            raise image.damaged()
        for number in range(image.number(node + 6, 2)):
            image.step()
            place = node + 24 + number * (key + 8)
            child = image.number(place + key)
            if level:
                waiting.append((child, level))
                continue
            start = tuple(image.number(place + 8 + 8 * axis) for axis in range(rank))
            found[start] = (child, image.number(place, 4), image.number(place + 4, 4))
    return found


def _unpacked(packed: bytes, dataset: _Dataset, mask: int, size: int) -> bytes:
    """A piece's bytes with its filters undone, last first; never more than `size` bytes are made."""
    for index in reversed(range(len(dataset.filters))):
        if mask & (1 << index):
            continue
        if dataset.filters[index] == _DEFLATE:
            try:
                # Four bytes more than the numbers, for a checksum that was written before packing.
                packed = zlib.decompressobj().decompress(packed, size + 4)
            except zlib.error as problem:
                raise ModelFileError(
                    f"{dataset.path!r} is damaged where it is packed. Save or copy it again."
                ) from problem
        elif dataset.filters[index] == _CHECKSUM:
            packed = packed[:-4]
        elif len(packed) % dataset.dtype.itemsize == 0:
            packed = np.frombuffer(packed, np.uint8).reshape(dataset.dtype.itemsize, -1).T.tobytes()
    if len(packed) != size:
        raise ModelFileError(
            f"{dataset.path!r} is damaged: a piece of {size:,} bytes unpacks to {len(packed):,}. "
            "Save or copy it again."
        )
    return packed


def _tensor(numbers: NDArray[Any], in_words: str) -> Tensor:
    if in_words == BFLOAT16:
        return torch.from_numpy(numbers.astype(np.int16)).view(torch.bfloat16)
    return torch.from_numpy(numbers.astype(numbers.dtype.newbyteorder("=")))
