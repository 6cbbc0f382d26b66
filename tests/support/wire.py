"""Protobuf's wire format, as far as damaging a message needs it: fields by number, without a schema."""

from __future__ import annotations

import numpy as np

Field = tuple[int, int, int | bytes]
"""Number, wire type, and what it holds: a whole number, or bytes."""

_FIXED = {1: 8, 5: 4}


def mutate_message(data: bytes, random: np.random.Generator, numbers: tuple[int, ...]) -> bytes:
    """One field, at any depth, is removed, doubled, renumbered or given another value; lengths are mended.

    Raises ValueError where the bytes are no message.
    """
    fields = _parsed(data)
    at = int(random.integers(len(fields)))
    number, kind, value = fields[at]
    if isinstance(value, bytes) and kind == 2 and len(value) > 1 and random.random() < 0.8:
        try:
            fields[at] = (number, kind, mutate_message(value, random, numbers))
        except (ValueError, IndexError):
            fields[at] = (number, kind, _damaged(value, random))
        return _written(fields)
    match int(random.integers(6)):
        case 0:
            del fields[at]
        case 1:
            fields[at:at] = [fields[at]] * int(random.choice([1, 10, 1_000]))
        case 2:
            fields[at] = (int(random.integers(1, 40)), kind, value)
        case 3:
            fields[at], fields[0] = fields[0], fields[at]
        case _:
            new = int(random.choice(np.array(numbers, dtype=object)))
            fields[at] = (number, kind, new if isinstance(value, int) else _damaged(value, random))
    return _written(fields)


def _damaged(value: bytes, random: np.random.Generator) -> bytes:
    at = int(random.integers(len(value) + 1))
    match int(random.integers(4)):
        case 0:
            return value[:at]
        case 1:
            return value[:at] + random.bytes(int(random.integers(1, 9))) + value[at + 1 :]
        case 2:
            return value * 3
        case _:
            return b"\xff" * len(value)


def _parsed(data: bytes) -> list[Field]:
    fields: list[Field] = []
    at = 0
    while at < len(data):
        tag, at = _varint(data, at)
        kind = tag & 7
        if tag >> 3 == 0:
            raise ValueError("no field has the number 0")
        if kind == 0:
            value, at = _varint(data, at)
            fields.append((tag >> 3, kind, value))
            continue
        length = _FIXED.get(kind)
        if length is None:
            if kind != 2:
                raise ValueError("not a field")
            length, at = _varint(data, at)
        if at + length > len(data):
            raise ValueError("cut off")
        fields.append((tag >> 3, kind, data[at : at + length]))
        at += length
    return fields


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = 0
    for number in range(10):
        if at + number >= len(data):
            break
        byte = data[at + number]
        value |= (byte & 127) << (7 * number)
        if byte < 128:
            return value, at + number + 1
    raise ValueError("not a number")


def _written(fields: list[Field]) -> bytes:
    parts = []
    for number, kind, value in fields:
        parts.append(_as_varint(number << 3 | kind))
        if isinstance(value, int):
            parts.append(_as_varint(value % 2**64))
        else:
            parts += [_as_varint(len(value)), value] if kind == 2 else [value]
    return b"".join(parts)


def _as_varint(value: int) -> bytes:
    parts = bytearray()
    while value > 127:
        parts.append(value & 127 | 128)
        value >>= 7
    parts.append(value)
    return bytes(parts)
