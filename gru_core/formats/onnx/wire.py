"""What the bytes of an ONNX file show before it is parsed: whether it is one, and what parsing would cost.

ONNX is a protobuf message without a mark of its own. A few bytes on the wire can become a hundred in
memory, so every field is counted here first, by the lengths that the bytes declare, and nothing is copied.
"""

from functools import lru_cache
from typing import Any

from onnx import ModelProto

from gru_core.errors import LimitError, ModelFileError

MAX_FIELDS = 500_000
"""Fields of all messages together; a model of 5,000 nodes has about 200,000."""
MAX_NODES = 50_000
"""Operators of a graph, subgraphs and functions included."""
MAX_PACKED_BYTES = 20_000_000
"""Bytes of numbers written as varints, of which each byte can become eight."""
MAX_NESTING = 60
"""Messages in messages; a subgraph in a subgraph takes three."""

_VARINT, _FIXED64, _BYTES, _START, _END, _FIXED32 = range(6)
_TEXT = {2, 3, 4, 6}
"""Fields of the outermost message that are text: producer's name and version, domain, description."""
_TOP = {1: _VARINT, 2: _BYTES, 3: _BYTES, 4: _BYTES, 5: _VARINT, 6: _BYTES, 7: _BYTES, 8: _BYTES} | {
    14: _BYTES,
    20: _BYTES,
    25: _BYTES,
    26: _BYTES,
}
_GRAPH_STARTS = {0x0A, 0x12, 0x2A, 0x52, 0x5A, 0x62, 0x6A, 0x72, 0x7A, 0x82}
_TENSOR, _NODE = "onnx.TensorProto", "onnx.NodeProto"
_EXTERNAL, _LOCATION = 13, 14


class _Cut(Exception):
    """The bytes end inside a field."""


def looks_like_onnx(head: bytes, size: int) -> bool:
    """Whether the first bytes of a file of that size are an ONNX model's.

    It begins with fields that such a model has, each of its right kind: a version of the format from 1
    to 100, texts that are text, and a graph. Other protobuf files number their fields otherwise.
    """
    place, version, whole = 0, False, size <= len(head)
    try:
        while place < len(head):
            key, place = _varint(head, place)
            number, kind = key >> 3, key & 7
            if _TOP.get(number) != kind:
                return False
            value, place = _varint(head, place)
            if kind == _VARINT:
                if number == 1 and not 1 <= value <= 100:
                    return False
                version = version or number == 1
                continue
            if number == 7:
                return version and value > 0 and (place >= len(head) or head[place] in _GRAPH_STARTS)
            if place + value > size:
                return False
            if number in _TEXT and not _is_text(head[place : place + value]):
                return False
            place += value
    except _Cut:
        return version and not whole
    return version and not whole


def check_wire(data: bytes, name: str) -> None:
    """Walk through all messages of a model without parsing them, by the definition of the format.

    Raises ModelFileError when the bytes are damaged, cut off or nested too deeply, or when a tensor's
    numbers lie in another file; LimitError when parsing would take more memory than such a model may.
    """
    try:
        _walk(data, name)
    except _Cut as problem:
        raise ModelFileError(
            f"{name!r} is damaged or cut off: its parts are not as long as they say. Save or copy it again."
        ) from problem


def _walk(data: bytes, name: str) -> None:
    fields = nodes = packed = 0
    waiting: list[tuple[Any, int, int, int]] = [(ModelProto.DESCRIPTOR, 0, len(data), 0)]
    while waiting:
        message, place, end, depth = waiting.pop()
        below, varints, texts = _kinds(message)
        kind_of_message = message.full_name
        while place < end:
            key = data[place]
            place += 1
            if key > 127:
                key, place = _varint(data, place - 1)
            fields += 1
            if fields > MAX_FIELDS:
                raise LimitError(
                    f"An ONNX file may hold at most {MAX_FIELDS:,} parts (nodes, names, attributes), and "
                    f"{name!r} holds more: is it more than one model?"
                )
            number, kind = key >> 3, key & 7
            if kind == _VARINT:
                value, place = _varint(data, place)
                if kind_of_message == _TENSOR and number == _LOCATION and value == 1:
                    raise _external(name)
            elif kind == _BYTES:
                length, place = _varint(data, place)
                start, place = place, place + length
                if place > end:
                    raise _Cut
                if number in varints:
                    packed += length
                    if packed > MAX_PACKED_BYTES:
                        raise LimitError(
                            f"{name!r} stores more than {MAX_PACKED_BYTES // 1_000_000} MB of its numbers "
                            "one by one: save them as raw data, onnx.numpy_helper.from_array."
                        )
                elif number in texts:
                    _check_text(data[start:place], name)
                elif number in below:
                    if kind_of_message == _TENSOR and number == _EXTERNAL:
                        raise _external(name)
                    if below[number].full_name == _NODE:
                        nodes += 1
                    if depth >= MAX_NESTING:
                        raise ModelFileError(
                            f"{name!r} nests graphs or types more than {MAX_NESTING} deep, as no model does."
                        )
                    waiting.append((below[number], start, place, depth + 1))
            elif kind == _FIXED32:
                place += 4
            elif kind == _FIXED64:
                place += 8
            elif kind not in (_START, _END):
                raise _Cut
        if place > end:
            raise _Cut
    if nodes > MAX_NODES:
        raise LimitError(f"An ONNX graph may have at most {MAX_NODES:,} nodes, and {name!r} has {nodes:,}.")


def _check_text(raw: bytes, name: str) -> None:
    """The parser gives bytes where a name is not UTF-8, which nothing behind it expects."""
    try:
        raw.decode()
    except UnicodeDecodeError as problem:
        raise ModelFileError(
            f"{name!r} is damaged: a name in it is not text. Save or copy it again."
        ) from problem


def _external(name: str) -> ModelFileError:
    return ModelFileError(
        f"{name!r} keeps its weights in another file, and no file is opened on a model's word: save it as "
        "one file, onnx.save(onnx.load('model.onnx'), 'whole.onnx')."
    )


@lru_cache(maxsize=64)
def _kinds(message: Any) -> tuple[dict[int, Any], frozenset[int], frozenset[int]]:
    """Of one kind of message: the fields that are messages, lists of varints, and text."""
    below, varints, texts = {}, set(), set()
    for number, entry in message.fields_by_number.items():
        if entry.message_type is not None:
            below[number] = entry.message_type
        elif entry.type == entry.TYPE_STRING:
            texts.add(number)
        elif entry.is_repeated and entry.cpp_type in (
            entry.CPPTYPE_INT32,
            entry.CPPTYPE_INT64,
            entry.CPPTYPE_UINT32,
            entry.CPPTYPE_UINT64,
            entry.CPPTYPE_ENUM,
        ):
            varints.add(number)
    return below, frozenset(varints), frozenset(texts)


def _varint(data: bytes, place: int) -> tuple[int, int]:
    """A whole number of up to ten bytes at a place, and the place behind it."""
    value = shift = 0
    size = len(data)
    while place < size and shift < 70:
        byte = data[place]
        place += 1
        value |= (byte & 127) << shift
        if byte < 128:
            return value, place
        shift += 7
    raise _Cut


def _is_text(raw: bytes) -> bool:
    """UTF-8 without control characters; it may be cut off at its end."""
    text = raw.decode("utf-8", errors="replace")
    if "�" in text[:-1]:
        return False
    return all(character.isprintable() or character in "\r\n\t" for character in text[:-1])
