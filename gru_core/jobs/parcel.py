"""What travels between the server and its workers: plain values and named blocks of bytes, never code.

    u32 little-endian: header's length | header, JSON in UTF-8 | the blocks, one after the other

The header is `{"head": ..., "blobs": [[name, length], ...]}`.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from gru_core.errors import InputError


@dataclass(frozen=True, eq=False)
class Parcel:
    """`head` holds plain JSON values, `blobs` bytes by name."""

    head: Mapping[str, Any]
    blobs: Mapping[str, bytes] = field(default_factory=dict)

    def to_bytes(self) -> bytes:
        """One block of bytes that `from_bytes` reads back."""
        listed = [[name, len(blob)] for name, blob in self.blobs.items()]
        header = json.dumps({"head": self.head, "blobs": listed}, separators=(",", ":")).encode()
        return b"".join((len(header).to_bytes(4, "little"), header, *self.blobs.values()))

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
        except (ValueError, KeyError, TypeError) as error:
            raise InputError("A message between server and worker is damaged.") from error
        if start != len(data):
            raise InputError(f"A message between server and worker has {len(data)} bytes instead of {start}.")
        return cls(header["head"], blobs)
