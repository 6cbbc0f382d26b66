"""One way to open what people give: a path, an open binary file, or bytes, with its size checked first."""

import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from gru_core.errors import GateScopeError
from gru_core.limits import check_bytes

Source = str | os.PathLike[str] | BinaryIO | bytes
"""What every reader takes: a path, an open binary file, or the bytes themselves."""


@dataclass(frozen=True, eq=False)
class Opened:
    """A file at hand: `file` is seekable and at its beginning, `size` in bytes, `name` for people."""

    file: BinaryIO
    size: int
    name: str

    @property
    def suffix(self) -> str:
        """The ending of the name in small letters, ".csv"; "" where there is none."""
        return Path(self.name).suffix.lower()

    def head(self, count: int = 64) -> bytes:
        """The first bytes; the file stands at its beginning afterwards."""
        self.file.seek(0)
        start = self.file.read(count)
        self.file.seek(0)
        return start

    def read(self) -> bytes:
        """All of it."""
        self.file.seek(0)
        return self.file.read()


@contextmanager
def open_source(
    source: Source,
    *,
    what: str,
    limit: int,
    remedy: str,
    error: type[GateScopeError],
    name: str | None = None,
) -> Iterator[Opened]:
    """Open a source for reading; a file object is read from its beginning and stays open.

    what    names the thing in sentences, such as "A model file"
    limit   bytes; more raises LimitError with `remedy`, before anything is read
    error   the class to raise when it cannot be opened or is empty
    name    overrides the name it has by itself
    """
    if isinstance(source, bytes | bytearray | memoryview):
        yield _checked(io.BytesIO(source), len(source), name or "pasted bytes", what, limit, remedy, error)
        return
    if isinstance(source, str | os.PathLike):
        with _open_path(Path(source), what, error) as file:
            size = file.seek(0, io.SEEK_END)
            yield _checked(file, size, name or Path(source).name, what, limit, remedy, error)
        return
    if not hasattr(source, "read"):
        raise error(f"{what} is given as a path, an open binary file or bytes, got {type(source).__name__}.")
    shown = name or _name_of(source)
    file = _seekable(source, limit)
    size = file.seek(0, io.SEEK_END)
    if not isinstance(file.read(0), bytes):
        raise error(f"{what} must be opened in binary mode, open(path, 'rb').")
    yield _checked(file, size, shown, what, limit, remedy, error)


def _open_path(path: Path, what: str, error: type[GateScopeError]) -> BinaryIO:
    try:
        return path.open("rb")
    except OSError as problem:
        reason = "there is no such file" if isinstance(problem, FileNotFoundError) else problem.strerror
        raise error(f"{what} {path.name!r} cannot be opened: {reason or 'it cannot be read'}.") from problem
    except ValueError as problem:  # a zero byte in the path
        raise error(f"{what} cannot be opened: {path.name[:80]!r} is not a path.") from problem


def _checked(
    file: BinaryIO, size: int, name: str, what: str, limit: int, remedy: str, error: type[GateScopeError]
) -> Opened:
    check_bytes(what, size, limit, remedy)
    if size == 0:
        raise error(f"{what} {name!r} is empty (0 bytes): choose another one.")
    file.seek(0)
    return Opened(file, size, name)


def _name_of(source: BinaryIO) -> str:
    name = getattr(source, "name", None)
    return Path(name).name if isinstance(name, str) and name else "an open file"


def _seekable(source: BinaryIO, limit: int) -> BinaryIO:
    """The source itself, or, for a pipe, what it holds up to one byte past the limit."""
    if source.seekable():
        return source
    return io.BytesIO(source.read(limit + 1))
