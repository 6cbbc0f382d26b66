"""Zip archives and npy headers, looked at before anything is unpacked.

A zip of 400 kB can unpack to 400 MB, and an npy header of 100 bytes can declare a terabyte. The sizes
are therefore added up from the headers, and only then is anything read.
"""

import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from tokenize import TokenError
from typing import Any, BinaryIO

import numpy as np
from numpy.lib import format as npy_format
from numpy.typing import NDArray

from gru_core.errors import GateScopeError
from gru_core.limits import MAX_TENSORS, check_bytes

ZIP_MAGIC = b"PK\x03\x04"
NPY_MAGIC = b"\x93NUMPY"
UNREADABLE = (SyntaxError, TokenError, TypeError, KeyError, MemoryError)
"""What numpy's reading of a header may end in: it is the text of a dictionary, read as Python's own are."""

DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError, ValueError)
"""What a damaged archive may raise in Python's and numpy's readers."""


_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
"""The others are unpacked in pieces of any size, so that a few bytes can fill the memory."""

_LISTED = b"PK\x01\x02"
"""Before each entry in an archive's list of contents, which is read as a whole, as long as it is."""
_MOST_LISTED = 2 * MAX_TENSORS
"""Leaves room for archives inside an archive."""


@dataclass(frozen=True)
class ArrayHeader:
    """What an npy file declares: name in the archive, shape and number type, size in bytes.

    by_columns  the last axis changes slowest, as Fortran lays arrays out
    """

    name: str
    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    by_columns: bool = False

    @property
    def nbytes(self) -> int:
        """Bytes of its numbers; Python's whole numbers, so that no declared shape overflows."""
        size = self.dtype.itemsize
        for length in self.shape:
            size *= length
        return size


def listed_zip(file: BinaryIO, what: str, error: type[GateScopeError]) -> zipfile.ZipFile:
    """The archive, after its list of contents was found to be no longer than is read here.

    Raises `error` when it is too long, and what DAMAGED says when it cannot be read.
    """
    file.seek(0)
    entries, overlap = 0, b""
    while block := file.read(1 << 20):
        block = overlap + block
        entries += block.count(_LISTED)
        overlap = block[1 - len(_LISTED) :]
        if entries > _MOST_LISTED:
            raise error(f"{what} may hold at most {MAX_TENSORS:,} entries, and this one holds more.")
    file.seek(0)
    return zipfile.ZipFile(file)


def open_zip(file: BinaryIO, what: str, limit: int, error: type[GateScopeError]) -> zipfile.ZipFile:
    """The archive, after its entries' unpacked sizes were added up and found within `limit` bytes.

    Raises LimitError when they are not, `error` when it is damaged, encrypted or has too many entries.
    """
    try:
        archive = listed_zip(file, what, error)
    except GateScopeError:
        raise
    except DAMAGED as problem:
        raise error(
            f"{what} is damaged: its list of contents cannot be read. Save or copy it again."
        ) from problem
    entries = archive.infolist()
    if len(entries) > MAX_TENSORS:
        raise error(f"{what} may hold at most {MAX_TENSORS:,} entries, and this one holds {len(entries):,}.")
    names = [entry.filename for entry in entries]
    if len(set(names)) != len(names) or not all(names):
        raise error(f"{what} is damaged: two of its entries have one name, or one has none. Save it again.")
    if any(entry.flag_bits & 0x1 for entry in entries):
        raise error(f"{what} is encrypted: save it without a password.")
    if any(entry.compress_type not in _METHODS for entry in entries):
        raise error(
            f"{what} is packed by a method that is rare in zip archives (bzip2, lzma), and only the "
            "usual one is read: save it again, or pack it as an ordinary zip."
        )
    check_bytes(f"{what}, unpacked,", sum(entry.file_size for entry in entries), limit, "save a smaller one.")
    return archive


def read_npy_header(file: Any, name: str, error: type[GateScopeError]) -> ArrayHeader:
    """The header at the start of an npy file; nothing is allocated for its numbers.

    Raises `error` when it is no npy file or holds Python objects, which could run code.
    """
    readers: dict[tuple[int, int], Callable[..., Any]] = {
        (1, 0): npy_format.read_array_header_1_0,
        (2, 0): npy_format.read_array_header_2_0,
    }
    try:
        version = npy_format.read_magic(file)
        if version not in readers:
            raise error(
                f"The array {name!r} is in version {version} of the npy format, which is not read here."
            )
        shape, by_columns, dtype = readers[version](file)
    except GateScopeError:
        raise
    except (*DAMAGED, *UNREADABLE, RecursionError) as problem:
        raise error(f"The array {name!r} is damaged: its header cannot be read. Save it again.") from problem
    if dtype.hasobject:
        raise error(
            f"The array {name!r} holds Python objects, which could run code when read, so it is refused: "
            "save it as numbers, np.asarray(values, dtype=float)."
        )
    if any(not 0 <= length < 2**63 for length in shape):
        raise error(f"The array {name!r} declares the shape {shape}, which cannot be. Save it again.")
    return ArrayHeader(name, tuple(int(length) for length in shape), dtype, bool(by_columns))


def npz_headers(
    archive: zipfile.ZipFile, what: str, limit: int, error: type[GateScopeError]
) -> list[ArrayHeader]:
    """The header of every array of an npz archive, in the archive's order.

    Raises `error` when an entry is not an array, is damaged, or declares more than it holds.
    """
    headers = []
    for entry in archive.infolist():
        if entry.filename.endswith("/"):
            continue
        name = entry.filename.removesuffix(".npy")
        try:
            with archive.open(entry) as file:
                header = read_npy_header(file, name, error)
                # The header itself is at least 10 bytes, the numbers are the rest of the entry.
                held = entry.file_size - 10
        except GateScopeError:
            raise
        except DAMAGED as problem:
            raise error(f"{what} is damaged at {name!r}. Save or copy it again.") from problem
        if header.nbytes > held:
            raise error(
                f"{what} is damaged: the array {name!r} declares the shape {header.shape}, "
                f"which needs {header.nbytes:,} bytes, and holds at most {max(held, 0):,}."
            )
        headers.append(header)
    check_bytes(f"{what}, unpacked,", sum(header.nbytes for header in headers), limit, "save a smaller one.")
    return headers


def read_npz_array(
    archive: zipfile.ZipFile, name: str, what: str, error: type[GateScopeError]
) -> NDArray[Any]:
    """One array of an archive whose headers `npz_headers` has checked."""
    entry = name if name in archive.NameToInfo else f"{name}.npy"
    try:
        with archive.open(entry) as file:
            return read_npy(file, name, error)
    except GateScopeError:
        raise
    except (*DAMAGED, KeyError) as problem:
        raise error(f"{what} is damaged at {name!r}. Save or copy it again.") from problem


def read_npy(file: Any, name: str, error: type[GateScopeError]) -> NDArray[Any]:
    """The array of an npy file whose header was checked before; never unpickles."""
    try:
        array: NDArray[Any] = npy_format.read_array(file, allow_pickle=False)
    except (*DAMAGED, *UNREADABLE) as problem:
        raise error(f"The array {name!r} is damaged or cut off. Save or copy it again.") from problem
    return array


def checked_npy(
    file: BinaryIO, size: int, name: str, limit: int, error: type[GateScopeError]
) -> NDArray[Any]:
    """The array of a single .npy file, its declared size checked against the file and the limit first."""
    file.seek(0)
    header = read_npy_header(file, name, error)
    check_bytes("An array", header.nbytes, limit, "save a smaller one.")
    if header.nbytes > size - file.tell():
        raise error(
            f"The array {name!r} is cut off: it declares the shape {header.shape}, which needs "
            f"{header.nbytes:,} bytes, and {size - file.tell():,} are there."
        )
    file.seek(0)
    return read_npy(file, name, error)
