"""Going through msgpack bytes without building anything: what unpacking them would cost.

A byte can become a hundred in memory, and lengths are declared before what they count. Here every length is
checked against the bytes that are there, and parts and nesting are counted; only then is anything unpacked.
"""

from gru_core.errors import LimitError, ModelFileError

MAX_PARTS = 500_000
"""Maps, keys, values; a model of 20,000 arrays has about 200,000."""
MAX_NESTING = 64

_FIXED = {0xC0: 0, 0xC2: 0, 0xC3: 0, 0xCA: 4, 0xCB: 8, 0xCC: 1, 0xCD: 2, 0xCE: 4, 0xCF: 8} | {
    0xD0: 1,
    0xD1: 2,
    0xD2: 4,
    0xD3: 8,
    0xD4: 2,
    0xD5: 3,
    0xD6: 5,
    0xD7: 9,
    0xD8: 17,
}
"""Bytes behind the first one: nothing, numbers, and extensions of a fixed size with their type."""
_COUNTED = {0xC4: (1, 0), 0xC5: (2, 0), 0xC6: (4, 0), 0xC7: (1, 1), 0xC8: (2, 1), 0xC9: (4, 1)} | {
    0xD9: (1, 0),
    0xDA: (2, 0),
    0xDB: (4, 0),
}
"""Bytes, extensions and texts: (bytes of the length, bytes of the type)."""
_HOLDING = {0xDC: (2, 1), 0xDD: (4, 1), 0xDE: (2, 2), 0xDF: (4, 2)}
"""Arrays and maps: (bytes of the count, parts per entry)."""


def check_msgpack(data: bytes, name: str, limit: int = MAX_PARTS) -> int:
    """The number of parts of one msgpack value that takes all of `data`.

    Raises ModelFileError when it is damaged, cut off or nested too deeply, LimitError when it has more than
    `limit` parts.
    """
    place, parts, size = 0, 0, len(data)
    open_parts = [1]
    while open_parts:
        if not open_parts[-1]:
            open_parts.pop()
            continue
        open_parts[-1] -= 1
        parts += 1
        if parts > limit:
            raise LimitError(
                f"A msgpack file may have at most {MAX_PARTS:,} parts (names, numbers, arrays), and {name!r} "
                "has more: save the parameters alone, flax.serialization.to_bytes(params)."
            )
        if place >= size:
            raise _damaged(name)
        below, place = _part(data, place, name)
        if below:
            # Each part takes a byte at least, so no count is believed that the file cannot hold.
            if below > size - place or len(open_parts) > MAX_NESTING:
                raise _damaged(name)
            open_parts.append(below)
    if place != size:
        raise _damaged(name)
    return parts


def _part(data: bytes, place: int, name: str) -> tuple[int, int]:
    """The number of parts inside the one at `place`, and where the next one begins."""
    first = data[place]
    place += 1
    if first <= 0x7F or first >= 0xE0:
        return 0, place
    if first <= 0x9F:
        count = first & 0x0F
        return (2 * count if first <= 0x8F else count), place
    if first in _HOLDING:
        width, each = _HOLDING[first]
        return each * _number(data, place, width, name), place + width
    if first <= 0xBF:
        end = place + (first & 0x1F)
    elif first in _COUNTED:
        width, typed = _COUNTED[first]
        end = place + width + typed + _number(data, place, width, name)
    elif first in _FIXED:
        end = place + _FIXED[first]
    else:
        raise _damaged(name)
    if end > len(data):
        raise _damaged(name)
    return 0, end


def _number(data: bytes, place: int, width: int, name: str) -> int:
    if place + width > len(data):
        raise _damaged(name)
    return int.from_bytes(data[place : place + width], "big")


def _damaged(name: str) -> ModelFileError:
    return ModelFileError(
        f"{name!r} is damaged or cut off: it is not one whole msgpack value. Save or copy it again."
    )
