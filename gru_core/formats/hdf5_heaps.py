"""HDF5's heaps of texts, gone through before the library does.

A text of variable length lies in such a heap. The library walks a heap from entry to entry by their sizes,
and one that says 0 keeps it walking for ever.
"""

import re
from typing import BinaryIO

from gru_core.errors import ModelFileError

_HEAP = re.compile(rb"GCOL\x01\x00\x00\x00")
_HEAD = 16
"""Bytes of a heap's own head, and of each of its entries: number, uses, 4 unused, size (8)."""


def largest_text_heap(file: BinaryIO, size: int, name: str) -> int:
    """Bytes of the largest heap of texts in the file: no text of variable length can be longer.

    Raises ModelFileError when a heap or the file's own head is not as the library writes them.
    """
    file.seek(0)
    data = file.read()
    file.seek(0)
    _check_widths(data, name)
    largest = 0
    for found in _HEAP.finditer(data):
        start = found.start()
        end = start + int.from_bytes(data[start + 8 : start + _HEAD], "little")
        if end > size:
            raise _damaged(name)
        _check_entries(data, start + _HEAD, end, name)
        largest = max(largest, end - start)
    return largest


def _check_widths(data: bytes, name: str) -> None:
    """Places and lengths of eight bytes each, as every writer of models has them."""
    at = 13 if data[8:9] in (b"\x00", b"\x01") else 9
    if data[at : at + 2] != b"\x08\x08":
        raise _damaged(name)


def _check_entries(data: bytes, at: int, end: int, name: str) -> None:
    while at + _HEAD <= end:
        length = int.from_bytes(data[at + 8 : at + _HEAD], "little")
        # Entry 0 is the room that is left, its own head included; the others are filled up to eight bytes.
        number = int.from_bytes(data[at : at + 2], "little")
        step = length if number == 0 else _HEAD + (length + 7) // 8 * 8
        if step < _HEAD or at + step > end:
            raise _damaged(name)
        at += step


def _damaged(name: str) -> ModelFileError:
    return ModelFileError(f"{name!r} is damaged: it cannot be read as an HDF5 file. Save or copy it again.")
