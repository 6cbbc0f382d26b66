"""What travels between the server and its workers: plain values and named blocks of bytes, never code.

    u32 little-endian: header's length | header, JSON in UTF-8 | the blocks, one after the other

The header is `{"head": ..., "blobs": [[name, length], ...]}`. In a stream each parcel follows its own
length, u64 little-endian.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import IO, Any

from gru_core.errors import InputError, LimitError

MAX_PARCEL_BYTES = 256_000_000
"""A parcel, as it is sent."""

MARK = b"\n\x00gatescope-worker\x00\n"
"""Comes before the first parcel of a worker: what was printed while its modules were imported is not one."""


@dataclass(frozen=True, eq=False)
class Parcel:
    """`head` holds plain JSON values, `blobs` bytes by name."""

    head: Mapping[str, Any]
    blobs: Mapping[str, bytes] = field(default_factory=dict)

    def to_bytes(self) -> bytes:
        """One block of bytes that `from_bytes` reads back. Raises InputError and LimitError, see `check`."""
        return b"".join(self._parts())

    def check(self) -> None:
        """Raises InputError where `head` is not plain JSON, LimitError above MAX_PARCEL_BYTES."""
        self._parts()

    def _parts(self) -> list[bytes]:
        listed = [[name, len(blob)] for name, blob in self.blobs.items()]
        try:
            header = json.dumps({"head": self.head, "blobs": listed}, separators=(",", ":")).encode()
        except (TypeError, ValueError) as error:
            raise InputError(f"A parcel's head must hold plain JSON values: {error}.") from error
        size = 4 + len(header) + sum(map(len, self.blobs.values()))
        if size > MAX_PARCEL_BYTES:
            raise LimitError(
                f"A message between server and worker may have {MAX_PARCEL_BYTES:,} bytes, "
                f"this one has {size:,}."
            )
        return [len(header).to_bytes(4, "little"), header, *self.blobs.values()]

    @classmethod
    def from_bytes(cls, data: bytes) -> "Parcel":
        """The parcel that `to_bytes` wrote. Raises InputError when the bytes are not whole."""
        try:
            start = 4 + int.from_bytes(data[:4], "little")
            header = json.loads(data[4:start])
            blobs: dict[str, bytes] = {}
            for name, length in header["blobs"]:
                blobs[name] = data[start : start + length]
                start += length
            head = header["head"]
        except (ValueError, KeyError, TypeError) as error:
            raise InputError("A message between server and worker is damaged.") from error
        if start != len(data):
            raise InputError(f"A message between server and worker has {len(data)} bytes instead of {start}.")
        return cls(head, blobs)

    def write(self, stream: IO[bytes]) -> None:
        """Send it down a stream, whole. Raises OSError or ValueError when nobody is at the other end."""
        parts = self._parts()
        # One by one: put together first, a large parcel would be in memory twice.
        for part in (sum(map(len, parts)).to_bytes(8, "little"), *parts):
            stream.write(part)
        stream.flush()

    @classmethod
    def read(cls, stream: IO[bytes]) -> "Parcel | None":
        """The next parcel of a stream; None where the stream ends, be it in the middle of a parcel."""
        announced = stream.read(8)
        length = int.from_bytes(announced, "little")
        if len(announced) < 8 or length > MAX_PARCEL_BYTES:
            return None
        data = stream.read(length)
        return cls.from_bytes(data) if len(data) == length else None
