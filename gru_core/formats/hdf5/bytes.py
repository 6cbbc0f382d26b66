"""The bytes of an HDF5 file and the messages of its objects, read with every place and length checked.

The format is HDF5's File Format Specification, versions 1 to 3, as far as models need it. The HDF5 library is
not used on files that people bring: damaged ones keep it walking for ever or asking for gigabytes.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from gru_core.errors import LimitError, ModelFileError

HDF5_MAGIC = b"\x89HDF\r\n\x1a\n"
UNDEFINED = 2**64 - 1
"""The address of what is not there."""

DATASPACE, LINK_INFO, DATATYPE, LINK, EXTERNAL_FILES, LAYOUT = 0x01, 0x02, 0x03, 0x06, 0x07, 0x08
FILTERS, ATTRIBUTE, CONTINUATION, SYMBOLS, ATTRIBUTE_INFO = 0x0B, 0x0C, 0x10, 0x11, 0x15

MAX_STEPS = 3_000_000
"""Parts of a file that are looked at; a model of 20,000 arrays has about 500,000."""


@dataclass(frozen=True, eq=False)
class Message:
    """One message of an object: what it is about, its flags and its bytes."""

    kind: int
    flags: int
    data: bytes

    @property
    def is_shared(self) -> bool:
        """Whether it only says where the real message is."""
        return bool(self.flags & 2)


class Image:
    """A whole file in memory. `name` is what it is called in sentences."""

    def __init__(self, data: bytes, name: str) -> None:
        self.data, self.name, self._steps = data, name, 0
        self.heaps: dict[int, dict[int, tuple[int, int]]] = {}

    def damaged(self, why: str = "it cannot be read as an HDF5 file") -> ModelFileError:
        """The error to raise for bytes that cannot be."""
        return ModelFileError(f"{self.name!r} is damaged: {why}. Save or copy it again.")

    def unread(self, why: str) -> ModelFileError:
        """The error to raise for what HDF5 may do and models do not."""
        return ModelFileError(f"{self.name!r} is not read: {why}. Save the model with Keras' own save.")

    def step(self, count: int = 1) -> None:
        """Count what is looked at, so that no file keeps a reader busy for ever."""
        self._steps += count
        if self._steps > MAX_STEPS:
            raise LimitError(f"{self.name!r} has more parts than a model file may have.")

    def at(self, address: int, count: int) -> bytes:
        """`count` bytes from an address; ModelFileError where the file has none."""
        if count < 0 or address < 0 or address + count > len(self.data):
            raise self.damaged()
        return self.data[address : address + count]

    def number(self, address: int, width: int = 8) -> int:
        """A whole number of `width` bytes."""
        return int.from_bytes(self.at(address, width), "little")

    def signed(self, address: int, signature: bytes) -> None:
        """Check that a structure begins with its four letters."""
        self.step()
        if self.at(address, 4) != signature:
            raise self.damaged()

    def root(self) -> int:
        """The address of the root group's header."""
        version = self.number(8, 1)
        if version in (0, 1):
            widths, base = self.at(13, 2), 24 if version == 0 else 28
            start, root = self.number(base), self.number(base + 40)
        elif version in (2, 3):
            widths, start, root = self.at(9, 2), self.number(12), self.number(36)
        else:
            raise self.unread(f"its version of HDF5, {version}, is not known here")
        if widths != b"\x08\x08" or start != 0:
            raise self.damaged()
        return root

    def messages(self, address: int) -> list[Message]:
        """All messages of the object whose header is at an address."""
        if self.at(address, 4) == b"OHDR":
            return list(self._messages_2(address))
        if self.number(address, 1) != 1:
            raise self.damaged()
        return list(self._messages_1(address))

    def _messages_1(self, address: int) -> Iterator[Message]:
        left = self.number(address + 2, 2)
        blocks, seen = [(address + 16, self.number(address + 8, 4))], {address + 16}
        while blocks:
            place, length = blocks.pop(0)
            end = place + length
            while left > 0 and place + 8 <= end:
                self.step()
                left -= 1
                kind, size, flags = struct.unpack("<HHB", self.at(place, 5))
                found = Message(kind, flags, self.at(place + 8, size))
                place += 8 + size
                yield from self._followed(found, blocks, seen)

    def _messages_2(self, address: int) -> Iterator[Message]:
        flags = self.number(address + 5, 1)
        if self.number(address + 4, 1) != 2:
            raise self.damaged()
        place = address + 6 + (16 if flags & 0x20 else 0) + (4 if flags & 0x10 else 0)
        width = 1 << (flags & 3)
        head = 6 if flags & 4 else 4
        blocks, seen = [(place + width, self.number(place, width))], {place + width}
        first = True
        while blocks:
            place, length = blocks.pop(0)
            if not first:
                self.signed(place, b"OCHK")
                place, length = place + 4, length - 8
            first, end = False, place + length
            while place + head <= end:
                self.step()
                kind, size, marks = struct.unpack("<BHB", self.at(place, 4))
                found = Message(kind, marks, self.at(place + head, size))
                place += head + size
                yield from self._followed(found, blocks, seen)

    def _followed(self, found: Message, blocks: list[tuple[int, int]], seen: set[int]) -> Iterator[Message]:
        """The message, or for a continuation nothing, and the block it names is put to the others."""
        if found.kind != CONTINUATION:
            yield found
            return
        if len(found.data) < 16:
            raise self.damaged()
        place, length = struct.unpack("<QQ", found.data[:16])
        if place in seen:
            raise self.damaged()
        seen.add(place)
        blocks.append((place, length))

    def heap_object(self, address: int, index: int) -> bytes:
        """One entry of a heap of texts."""
        if address not in self.heaps:
            self.heaps[address] = dict(self._heap(address))
        entry = self.heaps[address].get(index)
        if entry is None:
            raise self.damaged()
        return self.at(*entry)

    def _heap(self, address: int) -> Iterator[tuple[int, tuple[int, int]]]:
        self.signed(address, b"GCOL")
        end = min(address + self.number(address + 8), len(self.data))
        place = address + 16
        while place + 16 <= end:
            self.step()
            index, length = self.number(place, 2), self.number(place + 8)
            if index == 0:
                return
            yield index, (place + 16, length)
            place += 16 + (length + 7) // 8 * 8


class Fields:
    """The bytes of one message, taken from the front."""

    def __init__(self, data: bytes, image: Image) -> None:
        self.data, self.place, self._image = data, 0, image

    def take(self, count: int) -> bytes:
        """The next `count` bytes; ModelFileError where there are fewer."""
        found = self.data[self.place : self.place + count]
        if count < 0 or len(found) != count:
            raise self._image.damaged()
        self.place += count
        return found

    def number(self, width: int) -> int:
        """The next whole number of `width` bytes."""
        return int.from_bytes(self.take(width), "little")

    def rest(self) -> bytes:
        """All that is left."""
        return self.data[self.place :]
