""".msgpack: nested dicts of arrays as flax.serialization.to_bytes and msgpack_serialize write them.

Arrays are extension 1, (shape, number type, bytes), and numbers of numpy extension 3; a large array may be
kept in chunks. Nothing else that msgpack can hold is read.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgpack
import torch
from torch import Tensor

from gru_core.errors import GateScopeError, LimitError, ModelFileError
from gru_core.formats.choices import Choices
from gru_core.formats.contents import Contents, TensorInfo
from gru_core.formats.layers import find_layers, with_strangers
from gru_core.formats.msgpack_scan import MAX_NESTING, MAX_PARTS, check_msgpack
from gru_core.formats.namings import NAMINGS
from gru_core.formats.raw_arrays import NUMBER_TYPES, checked_shape, tensor_of
from gru_core.formats.registry import Evidence, Format
from gru_core.limits import MAX_TENSORS
from gru_core.sources import Opened

ARRAY, SCALAR = 1, 3
"""Flax's extension types of an array and of a single number of numpy."""
CHUNKED = "__msgpack_chunked_array__"
TRAINING = ("opt_state", "optim")
"""Beginnings of names that hold the state of a training and no model."""
MAX_NAME = 1_000
_ARRAY_PARTS = 64
"""Parts of one array's description: shape, type and bytes are fewer than 40."""


@dataclass(frozen=True)
class _Extension:
    code: int
    data: bytes


def recognises(evidence: Evidence) -> bool:
    """A map with entries whose first name is text, and a value behind it that a model may have."""
    head = evidence.head
    if evidence.is_bundle or len(head) < 4:
        return False
    start = 1 if 0x81 <= head[0] <= 0x8F else {0xDE: 3, 0xDF: 5}.get(head[0], 0)
    if not start or start + 2 > len(head):
        return False
    if 0xA1 <= head[start] <= 0xBF:
        begin, length = start + 1, head[start] & 0x1F
    elif head[start] == 0xD9:
        begin, length = start + 2, head[start + 1]
    else:
        return False
    name = head[begin : begin + length]
    if len(name) < length or not all(32 <= byte < 127 for byte in name):
        return False
    behind = head[begin + length : begin + length + 1]
    return bool(behind) and behind != b"\xc1"


def read(opened: Opened, choices: Choices) -> Contents:
    """The arrays by their path, "params/cell/ir/kernel", and the layers that they make."""
    data = opened.read()
    parts = check_msgpack(data, opened.name)
    stored = _unpacked(data, opened.name)
    arrays = _Arrays(opened.name, MAX_PARTS - parts)
    notes = arrays.collect(stored)
    if not arrays.tensors:
        raise ModelFileError(
            f"{opened.name!r} is msgpack without arrays of Flax in it: save the parameters with "
            "flax.serialization.to_bytes(params)."
        )
    contents = find_layers(arrays.tensors, NAMINGS, choices, notes)
    return with_strangers(contents, arrays.strangers)


def _unpacked(data: bytes, name: str) -> Any:
    """The value of bytes that `check_msgpack` has been through."""
    try:
        return msgpack.unpackb(data, raw=False, strict_map_key=False, ext_hook=_Extension)
    except (ValueError, TypeError, RuntimeError, msgpack.UnpackException, RecursionError) as problem:
        raise ModelFileError(
            f"{name!r} is damaged: its names or numbers cannot be read. Save or copy it again."
        ) from problem


class _Arrays:
    """The arrays of one file, by path.

    tensors    those of numbers
    strangers  those of a type that is not read
    """

    def __init__(self, file: str, parts: int) -> None:
        self._file, self._parts = file, parts
        self.tensors: dict[str, Tensor] = {}
        self.strangers: list[TensorInfo] = []

    def collect(self, stored: Any) -> tuple[str, ...]:
        """Take every array below `stored`; what belongs to a training is said and left out."""
        training: list[str] = []
        waiting: list[tuple[str, Any, int]] = [("", stored, 0)]
        while waiting:
            path, value, depth = waiting.pop()
            if isinstance(value, Mapping) and CHUNKED in value:
                self._take(path, self._chunks(path, value))
            elif isinstance(value, _Extension):
                self._take(path, self._array(path, value))
            elif isinstance(value, Mapping | list) and depth < MAX_NESTING:
                items = list(value.items() if isinstance(value, Mapping) else enumerate(value))
                for key, below in reversed(items):
                    name = f"{path}/{key}" if path else str(key)
                    if str(key).lower().startswith(TRAINING):
                        training.append(name[:80])
                    elif len(name) > MAX_NAME:
                        raise ModelFileError(
                            f"The names in a msgpack file may have at most {MAX_NAME:,} characters, and "
                            f"{self._file!r} has a longer one: {name[:60]!r} and so on."
                        )
                    else:
                        waiting.append((name, below, depth + 1))
        return tuple(f"{name!r} belongs to the training and is left out." for name in training[:8])

    def _take(self, path: str, found: Tensor | TensorInfo) -> None:
        if len(self.tensors) + len(self.strangers) >= MAX_TENSORS:
            raise LimitError(
                f"A model file may hold at most {MAX_TENSORS:,} arrays, and this one holds more."
            )
        if isinstance(found, Tensor):
            self.tensors[path or "array"] = found
        else:
            self.strangers.append(found)

    def _array(self, path: str, extension: _Extension) -> Tensor | TensorInfo:
        """The array of one extension, or what it is where it cannot be read as numbers."""
        if extension.code not in (ARRAY, SCALAR):
            return TensorInfo(path, (), f"msgpack extension {extension.code}")
        try:
            self._parts -= check_msgpack(extension.data, self._file, min(_ARRAY_PARTS, self._parts))
            described = _unpacked(extension.data, self._file)
        except GateScopeError as problem:
            raise self._damaged(path) from problem
        if not isinstance(described, list) or len(described) != 3:
            raise self._damaged(path)
        shape, kind, data = described
        if not isinstance(shape, list) or not isinstance(kind, str) or not isinstance(data, bytes):
            raise self._damaged(path)
        lengths = checked_shape(path, shape)
        if kind not in NUMBER_TYPES:
            return TensorInfo(path, lengths, kind[:40])
        return tensor_of(path, data, lengths, NUMBER_TYPES[kind])

    def _chunks(self, path: str, value: Mapping[Any, Any]) -> Tensor:
        """An array kept in flat pieces, {"shape": {"0": ...}, "chunks": {"0": ...}}."""
        shape, chunks = _in_order(value.get("shape")), _in_order(value.get("chunks"))
        pieces = [self._array(path, c) for c in chunks or () if isinstance(c, _Extension)]
        tensors = [piece for piece in pieces if isinstance(piece, Tensor) and piece.ndim == 1]
        if shape is None or not tensors or len(tensors) != len(chunks or ()):
            raise self._damaged(path)
        lengths = checked_shape(path, shape)
        count = 1
        for length in lengths:
            count *= length
        if len({piece.dtype for piece in tensors}) > 1 or sum(map(len, tensors)) != count:
            raise self._damaged(path)
        return torch.cat(tensors).reshape(lengths)

    def _damaged(self, path: str) -> ModelFileError:
        return ModelFileError(
            f"{self._file!r} is damaged: the array {path[:120]!r} is not described as Flax does. "
            "Save or copy it again."
        )


def _in_order(value: object) -> list[Any] | None:
    """The entries of {"0": ..., "1": ...} or of a list, in order."""
    if isinstance(value, list):
        return value
    if not isinstance(value, Mapping):
        return None
    keys = [str(number) for number in range(len(value))]
    return [value[key] for key in keys] if all(key in value for key in keys) else None


FORMAT = Format("msgpack", "Flax msgpack", (".msgpack",), recognises, read)
