"""How large a Parquet file's pages are unpacked, from the head of every page.

The summary at a file's end states sizes too, but the reader believes the pages' own heads: a file of
50 kB whose summary says 1 kB may unpack to gigabytes. A head is a Thrift struct in compact protocol
(parquet.thrift, PageHeader: field 2 is the unpacked size, field 3 the stored one).
"""

from typing import Any, BinaryIO

from gru_core.errors import InputError, LimitError
from gru_core.limits import check_bytes

HEAD_BYTES = (4_096, 1_000_000)
"""Bytes read to find the end of one head: enough for most, and for one whose statistics hold long texts."""
MAX_PAGES = 50_000
"""Pages of one file; a page usually holds thousands of values."""


def check_pages(file: BinaryIO, summary: Any, name: str, limit: int, group: int | None = None) -> int:
    """The unpacked bytes of all pages, or of those of one row group.

    Raises LimitError above `limit`, InputError when a head is damaged.
    """
    total = pages = 0
    for number in range(summary.num_row_groups) if group is None else (group,):
        for index in range(summary.num_columns):
            chunk = summary.row_group(number).column(index)
            starts = (
                chunk.dictionary_page_offset if chunk.has_dictionary_page else None,
                chunk.data_page_offset,
            )
            place = min(start for start in starts if start is not None)
            end = place + chunk.total_compressed_size
            while place < end:
                unpacked, stored, head = _sizes(file, place, name)
                pages += 1
                if pages > MAX_PAGES:
                    raise LimitError(
                        f"A Parquet file may have at most {MAX_PAGES:,} pages: write it with larger ones."
                    )
                total += unpacked
                check_bytes("A sequence's file, unpacked,", total, limit, "save fewer rows or columns.")
                place += head + stored
    return total


def _sizes(file: BinaryIO, place: int, name: str) -> tuple[int, int, int]:
    """Unpacked size, stored size and length of the head of the page that starts at `place`."""
    for count in HEAD_BYTES:
        file.seek(place)
        head = _Compact(file.read(count))
        try:
            numbers = head.struct()
            unpacked, stored = numbers[2], numbers[3]
        except IndexError:
            continue
        except (KeyError, RecursionError) as problem:
            raise _damaged(name) from problem
        if unpacked >= 0 and stored >= 0:
            return unpacked, stored, head.at
    raise _damaged(name)


def _damaged(name: str) -> InputError:
    return InputError(f"{name!r} is damaged or not Parquet. Save or copy it again.")


class _Compact:
    """Thrift's compact protocol, as far as it takes to step over a struct and keep its whole numbers."""

    def __init__(self, data: bytes) -> None:
        self.data, self.at = data, 0

    def byte(self) -> int:
        self.at += 1
        return self.data[self.at - 1]

    def varint(self) -> int:
        value = shift = 0
        while True:
            byte = self.byte()
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                return value
            shift += 7
            if shift > 63:
                raise IndexError("a whole number is too long")

    def zigzag(self) -> int:
        value = self.varint()
        return (value >> 1) ^ -(value & 1)

    def struct(self, depth: int = 0) -> dict[int, int]:
        """The whole numbers among the fields, by field number; everything else is stepped over."""
        if depth > 16:
            raise RecursionError("structs are nested too deeply")
        numbers: dict[int, int] = {}
        field = 0
        while True:
            head = self.byte()
            if head == 0:
                return numbers
            field = field + (head >> 4) if head >> 4 else self.zigzag()
            value = self.value(head & 0x0F, depth)
            if value is not None:
                numbers[field] = value

    def value(self, kind: int, depth: int) -> int | None:
        """Step over a value of that kind; gives it when it is a whole number of 16 bits or more."""
        if kind in (1, 2):
            return None
        if kind == 3:
            self.at += 1
        elif kind in (4, 5, 6):
            return self.zigzag()
        elif kind == 7:
            self.at += 8
        elif kind == 8:
            length = self.varint()
            self.at += length
        elif kind in (9, 10):
            head = self.byte()
            count = head >> 4 if head >> 4 != 15 else self.varint()
            if count > len(self.data):
                raise IndexError("a list is longer than the file")
            for _ in range(count):
                # In a list a true or false takes a byte of its own.
                self.value(3 if head & 0x0F in (1, 2) else head & 0x0F, depth + 1)
        elif kind == 12:
            self.struct(depth + 1)
        else:
            raise KeyError(kind)
        return None
