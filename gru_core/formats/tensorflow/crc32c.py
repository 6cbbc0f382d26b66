"""The checksum that TensorFlow keeps beside what it writes: CRC-32C (Castagnoli), stored in a masked form.

Long data are cut into pieces that are gone through side by side, since a checksum of two pieces follows
from theirs: shifting the first one past the length of the second is linear in its bits.
"""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

_POLYNOMIAL = 0x82F63B78
_PIECE = 8_192
"""Bytes of one piece: so many steps are taken, each for all pieces together."""
_COLUMNS = 128
"""Bytes of each piece that are laid side by side in memory at a time."""
_ALL = 0xFFFFFFFF
_MASK_DELTA = 0xA282EAD8


def masked_crc32c(data: bytes | memoryview) -> int:
    """The masked checksum of the data, as TensorFlow stores it."""
    crc = crc32c(data)
    return (((crc >> 15) | (crc << 17)) + _MASK_DELTA) & _ALL


def crc32c(data: bytes | memoryview) -> int:
    """The checksum of the data, a number of 32 bits."""
    numbers = np.frombuffer(data, np.uint8)
    pieces = len(numbers) // _PIECE
    crc = 0
    if pieces > 1:
        shift = _shift_tables(_PIECE)
        for piece in _side_by_side(numbers[: pieces * _PIECE].reshape(pieces, _PIECE)).tolist():
            low = shift[0][crc & 255] ^ shift[1][crc >> 8 & 255]
            high = shift[2][crc >> 16 & 255] ^ shift[3][crc >> 24]
            crc = low ^ high ^ piece
        numbers = numbers[pieces * _PIECE :]
    table: list[int] = _table().tolist()
    crc ^= _ALL
    for byte in numbers.tolist():
        crc = table[(crc ^ byte) & 255] ^ crc >> 8
    return crc ^ _ALL


def _side_by_side(pieces: NDArray[np.uint8]) -> NDArray[np.uint32]:
    """The checksum of each row."""
    table = _table()
    crc = np.full(len(pieces), _ALL, np.uint32)
    for start in range(0, pieces.shape[1], _COLUMNS):
        for column in np.ascontiguousarray(pieces[:, start : start + _COLUMNS].T):
            crc = table[(crc ^ column) & np.uint32(255)] ^ (crc >> np.uint32(8))
    return crc ^ np.uint32(_ALL)


@lru_cache(maxsize=1)
def _table() -> NDArray[np.uint32]:
    """What one byte does to a checksum, for each of 256."""
    table = np.arange(256, dtype=np.uint32)
    for _ in range(8):
        table = np.where(table & 1, table >> np.uint32(1) ^ np.uint32(_POLYNOMIAL), table >> np.uint32(1))
    return table.astype(np.uint32)


@lru_cache(maxsize=2)
def _shift_tables(length: int) -> list[list[int]]:
    """What `length` zero bytes do to a checksum, for each value of each of its four bytes."""
    table: list[int] = _table().tolist()
    images = []
    for bit in range(32):
        crc = 1 << bit
        for _ in range(length):
            crc = table[crc & 255] ^ crc >> 8
        images.append(crc)
    tables = []
    for byte in range(4):
        values = [0] * 256
        for value in range(256):
            for bit in range(8):
                if value >> bit & 1:
                    values[value] ^= images[8 * byte + bit]
        tables.append(values)
    return tables
