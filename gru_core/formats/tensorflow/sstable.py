"""TensorFlow's index files: a sorted table of names and short values, as LevelDB lays it out.

Blocks of entries (bytes shared with the name before, rest of the name, value), an index block of where they
are, and at the end 48 bytes of where that index is. Every place and length is checked against the file,
blocks may not overlap, and names and entries are bounded.
"""

import struct
from collections.abc import Iterator

from gru_core.errors import LimitError, ModelFileError
from gru_core.formats.tensorflow.crc32c import masked_crc32c
from gru_core.formats.wire import WireError, varint
from gru_core.limits import MAX_TENSORS

MAGIC = 0xDB4775248B80FB57
FOOTER, TRAILER = 48, 5
"""Bytes of the table's end, and of the compression and checksum behind each block."""
MAX_NAME = 2_000
MAX_NAMES = 10_000_000
"""Characters of one name, and of all of them."""


def read_table(data: bytes, name: str) -> dict[bytes, bytes]:
    """The values by key.

    Raises ModelFileError when the table is damaged or compressed, LimitError when it is too large.
    """
    if len(data) < FOOTER or struct.unpack("<Q", data[-8:])[0] != MAGIC:
        raise ModelFileError(
            f"{name!r} is not the index of a TensorFlow checkpoint, or is cut off. Save or copy it again."
        )
    try:
        footer = data[-FOOTER:]
        _, place = _handle(footer, 0)
        index, _ = _handle(footer, place)
        table: dict[bytes, bytes] = {}
        reached, characters = 0, 0
        for _, handle in _entries(_block(data, *index, name), name):
            (offset, size), _ = _handle(handle, 0)
            if offset < reached:
                raise WireError
            reached = offset + size
            for key, value in _entries(_block(data, offset, size, name), name):
                characters += len(key)
                if len(table) > MAX_TENSORS or characters > MAX_NAMES:
                    raise LimitError(
                        f"A model file may hold at most {MAX_TENSORS:,} arrays, and {name!r} lists more."
                    )
                table[key] = value
    except (WireError, struct.error) as problem:
        raise ModelFileError(
            f"{name!r} is damaged: its list of arrays cannot be read. Save or copy it again."
        ) from problem
    return table


def _handle(data: bytes, place: int) -> tuple[tuple[int, int], int]:
    """(offset, size) of a block, and where the handle ends."""
    offset, place = varint(data, place)
    size, place = varint(data, place)
    return (offset, size), place


def _block(data: bytes, offset: int, size: int, name: str) -> bytes:
    """The entries' part of a block, without the list of restarts at its end."""
    if offset + size + TRAILER > len(data) - FOOTER or size < 4:
        raise WireError
    if data[offset + size]:
        raise ModelFileError(
            f"{name!r} is compressed, which TensorFlow's own checkpoints are not: save it with "
            "tf.train.Saver or tf.train.Checkpoint."
        )
    stored = struct.unpack("<I", data[offset + size + 1 : offset + size + TRAILER])[0]
    if stored not in (0, masked_crc32c(data[offset : offset + size + 1])):
        raise WireError
    (restarts,) = struct.unpack("<I", data[offset + size - 4 : offset + size])
    end = size - 4 * (restarts + 1)
    if end < 0:
        raise WireError
    return data[offset : offset + end]


def _entries(block: bytes, name: str) -> Iterator[tuple[bytes, bytes]]:
    """(key, value) of each entry; a key begins with as many bytes of the key before it as it says."""
    place, key = 0, b""
    while place < len(block):
        shared, place = varint(block, place)
        rest, place = varint(block, place)
        length, place = varint(block, place)
        if shared > len(key) or rest + length > len(block) - place:
            raise WireError
        if shared + rest > MAX_NAME:
            raise LimitError(
                f"A name in {name!r} may have at most {MAX_NAME:,} characters, and one has more."
            )
        key = key[:shared] + block[place : place + rest]
        place += rest
        yield key, block[place : place + length]
        place += length
