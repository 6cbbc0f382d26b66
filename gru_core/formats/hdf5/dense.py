"""Objects that HDF5 keeps in a "fractal heap" under a tree: the links of large groups in its newer layout."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

from gru_core.formats.hdf5.bytes import UNDEFINED, Image

_MANAGED = 0
MAX_DEPTH = 8
"""Levels of a tree."""


@dataclass(frozen=True)
class _Heap:
    """A heap's own settings; sizes in bytes."""

    image: Image
    offset_width: int
    length_width: int
    width: int
    first: int
    largest: int
    root: int
    rows: int

    def row_size(self, row: int) -> int:
        """Size of the blocks in a row of the table: they double from the third row on."""
        return self.first << max(0, row - 1)

    def address(self, offset: int) -> int:
        """Where in the file a place in the heap is."""
        block, start, rows = self.root, 0, self.rows
        if rows == 0:
            return block + offset
        for _ in range(64):
            self.image.signed(block, b"FHIB")
            children = block + 13 + self.offset_width
            for row in range(min(rows, 64)):
                size = self.row_size(row)
                span = size * self.width
                if offset >= start + span:
                    start += span
                    continue
                column = (offset - start) // size
                start += column * size
                block = self.image.number(children + 8 * (row * self.width + column))
                if block == UNDEFINED:
                    raise self.image.damaged()
                if size <= self.largest:
                    return block + offset - start
                rows = int(math.log2(size)) - int(math.log2(self.first * self.width)) + 1
                break
            else:
                raise self.image.damaged()
        raise self.image.damaged()


def dense_objects(image: Image, heap: int, index: int, before_id: int) -> Iterator[bytes]:
    """The bytes of each object in a heap, as its index lists them.

    before_id  bytes of an index's record before the object's place: 4 for links by name, 0 for attributes
    """
    image.signed(heap, b"FRHP")
    if image.number(heap + 7, 2):
        raise image.unread("its groups are packed by filters")
    biggest = min(image.number(heap + 10, 4), image.number(heap + 120))
    bits, width, first = image.number(heap + 128, 2), image.number(heap + 110, 2), image.number(heap + 112)
    if not (0 < bits <= 64 and width and first and biggest):
        raise image.damaged()
    found = _Heap(
        image,
        (bits + 7) // 8,
        (biggest.bit_length() + 7) // 8,
        width,
        first,
        image.number(heap + 120),
        image.number(heap + 132),
        image.number(heap + 140, 2),
    )
    for record in _records(image, index):
        place = record[before_id:]
        if not place or place[0] >> 4 & 3 != _MANAGED:
            continue
        offset = int.from_bytes(place[1 : 1 + found.offset_width], "little")
        start = 1 + found.offset_width
        length = int.from_bytes(place[start : start + found.length_width], "little")
        yield image.at(found.address(offset), length)


def _records(image: Image, tree: int) -> Iterator[bytes]:
    """The records of a tree, in its order."""
    image.signed(tree, b"BTHD")
    node, size, depth = image.number(tree + 6, 4), image.number(tree + 10, 2), image.number(tree + 12, 2)
    root, count = image.number(tree + 16), image.number(tree + 24, 2)
    if depth > MAX_DEPTH or size < 5 or node < 64:
        raise image.damaged()
    # A pointer to a node says how many records are in it, and from the second level up, below it as well.
    most = below = (node - 10) // size
    widths, wide = [0], _width(most)
    for level in range(1, depth + 1):
        pointer = 8 + wide + (_width(below) if level > 1 else 0)
        widths.append(pointer)
        most = max(0, node - 10 - pointer) // (size + pointer)
        below = (most + 1) * below + most
    yield from _nodes(image, root, count, size, depth, widths, wide)


def _width(limit: int) -> int:
    """Bytes that hold a number up to `limit`."""
    return (limit.bit_length() + 7) // 8


def _nodes(
    image: Image, address: int, count: int, size: int, level: int, widths: list[int], wide: int
) -> Iterator[bytes]:
    if level == 0:
        yield from _leaf(image, address, count, size)
        return
    image.signed(address, b"BTIN")
    pointers = address + 6 + count * size
    for number in range(count + 1):
        place = pointers + number * widths[level]
        below, records = image.number(place), image.number(place + 8, wide)
        yield from _nodes(image, below, records, size, level - 1, widths, wide)
        if number < count:
            yield image.at(address + 6 + number * size, size)


def _leaf(image: Image, address: int, count: int, size: int) -> Iterator[bytes]:
    if address == UNDEFINED:
        return
    image.signed(address, b"BTLF")
    image.step(count)
    for number in range(count):
        yield image.at(address + 6 + number * size, size)
