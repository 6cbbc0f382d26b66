"""What HDF5's messages say of shapes, number types and texts."""

import struct
from dataclasses import dataclass

from gru_core.formats.hdf5.bytes import Fields, Image

BFLOAT16 = "bfloat16"
Text = str | tuple[str, ...]

_FLOATS = {
    # exponent at, bits; mantissa at, bits; bias
    (2, 10, 5, 0, 10, 15): "f2",
    (2, 7, 8, 0, 7, 127): BFLOAT16,
    (4, 23, 8, 0, 23, 127): "f4",
    (8, 52, 11, 0, 52, 1023): "f8",
}
_NO_ENTRIES = 2
_INTEGER, _FLOAT, _STRING, _OPAQUE, _VARIABLE = 0, 1, 3, 5, 9
_WORDS = {_INTEGER: "whole numbers", _STRING: "text", _VARIABLE: "text"}


@dataclass(frozen=True)
class NumberType:
    """A type of one entry.

    code   numpy's code of a floating-point type, "bfloat16", "text" or "heap text"; "" for all others
    words  for people
    size   bytes of one entry
    """

    code: str
    words: str
    size: int


def shape_of(data: bytes, image: Image) -> tuple[int, ...] | None:
    """The shape in a dataspace message; () for one entry, None for no entries at all."""
    fields = Fields(data, image)
    version, rank, _, kind = (fields.number(1) for _ in range(4))
    if version == 1:
        fields.take(4)
    elif version != 2:
        raise image.damaged()
    if version == 2 and kind == _NO_ENTRIES:
        return None
    return tuple(fields.number(8) for _ in range(rank))


def type_of(data: bytes, image: Image) -> NumberType:
    """The type in a datatype message."""
    fields = Fields(data, image)
    kind = fields.number(1) & 0x0F
    bits, size = fields.take(3), fields.number(4)
    if kind == _FLOAT:
        places = struct.unpack("<HHBBBBI", fields.take(12))
        code = _FLOATS.get((size, *places[2:]), "")
        normal = places[:2] == (0, 8 * size) and bits[0] & 0x30 == 0x20 and bits[1] == 8 * size - 1
        if not code or not normal or bits[0] & 0x40:
            return NumberType("", "an unusual number type", size)
        order = ">" if bits[0] & 1 else "<"
        words = code if code == BFLOAT16 else f"float{8 * size}"
        return NumberType(code if code == BFLOAT16 else order + code, words, size)
    if kind == _OPAQUE and size == 2:
        # HDF5 has no bfloat16 of old: Keras stores it as two bytes without a meaning.
        return NumberType(BFLOAT16, BFLOAT16, size)
    if kind == _STRING:
        return NumberType("text", "text", size)
    if kind == _VARIABLE and bits[0] & 0x0F == 1:
        return NumberType("heap text", "text", size)
    return NumberType("", _WORDS.get(kind, "not numbers"), size)


def attribute(
    data: bytes, image: Image, wanted: frozenset[str], budget: list[int]
) -> tuple[str, Text] | None:
    """Name and text of an attribute message; None when it is not wanted or no text.

    budget  one number: bytes of text that may still be read
    """
    fields = Fields(data, image)
    version, flags = fields.number(1), fields.number(1)
    lengths = [fields.number(2) for _ in range(3)]
    if version == 3:
        fields.number(1)
    elif version not in (1, 2):
        raise image.damaged()
    padded = version == 1
    name, kind, space = (
        fields.take((length + 7) // 8 * 8 if padded else length)[:length] for length in lengths
    )
    own = name.rstrip(b"\0").decode("utf-8", "replace")
    if (own.rstrip("0123456789") not in wanted and own not in wanted) or flags & 3:
        return None
    shape, type_ = shape_of(space, image), type_of(kind, image)
    count = 1
    for length in shape or ():
        count *= length
    if shape is None or count == 0:
        return own, ()
    if type_.code not in ("text", "heap text") or type_.size == 0:
        return None
    if count * type_.size > len(fields.rest()):
        raise image.damaged()
    texts = []
    for _ in range(count):
        image.step()
        texts.append(_text(fields.take(type_.size), type_, image, budget))
    return own, (texts[0] if shape == () else tuple(texts))


def _text(raw: bytes, type_: NumberType, image: Image, budget: list[int]) -> str:
    """One text: in place and filled up, or in a heap."""
    if type_.code == "heap text":
        if len(raw) != 16:
            raise image.damaged()
        length, address, index = struct.unpack("<IQI", raw)
        raw = image.heap_object(address, index)[:length] if length else b""
    budget[0] -= len(raw)
    if budget[0] < 0:
        raise image.unread("its texts are longer than a model's description may be")
    return raw.rstrip(b"\0").decode("utf-8", "replace")
