"""One way to open what people give: a path, an open binary file, bytes, or several files of one model.

Sizes are checked first.
"""

import io
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO

from gru_core.errors import GateScopeError
from gru_core.file_sets import Files, FolderFiles, GivenFiles
from gru_core.limits import check_bytes

Source = str | os.PathLike[str] | BinaryIO | bytes
"""What every reader takes: a path, an open binary file, or the bytes themselves."""

Sources = Source | Mapping[str, bytes | BinaryIO]
"""What readers of models take besides: files by name that are one model, or the path of their folder."""


@dataclass(frozen=True, eq=False)
class Opened:
    """A file at hand: `file` is seekable and at its beginning, `size` in bytes, `name` for people.

    files   what lies beside it, where it came by a path or together with others
    is_set  True for a folder or several files given together; `file` is empty then, and all is in `files`
    """

    file: BinaryIO
    size: int
    name: str
    files: Files | None = None
    is_set: bool = False

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
def open_sources(
    source: Sources, *, what: str, limit: int, remedy: str, error: type[GateScopeError]
) -> Iterator[Opened]:
    """As `open_source`, and a folder or a mapping of files too; the limit is for all of its files together.

    A mapping of one file is that file. What lies beside a path can be reached through `Opened.files`.
    """
    if isinstance(source, Mapping):
        if len(source) == 1:
            ((name, file),) = source.items()
            with open_source(file, what=what, limit=limit, remedy=remedy, error=error, name=name) as opened:
                yield opened
            return
        files: Files = GivenFiles(source)
        yield _checked_set(files, f"{len(source)} files", what, limit, remedy, error)
        return
    if isinstance(source, str | os.PathLike):
        path = Path(source)
        if path.is_dir():
            yield _checked_set(FolderFiles(path), path.name, what, limit, remedy, error)
            return
        with open_source(source, what=what, limit=limit, remedy=remedy, error=error) as opened:
            yield replace(opened, files=FolderFiles(path.parent))
        return
    with open_source(source, what=what, limit=limit, remedy=remedy, error=error) as opened:
        yield opened


def _checked_set(
    files: Files, name: str, what: str, limit: int, remedy: str, error: type[GateScopeError]
) -> Opened:
    if not files.names:
        raise error(f"{what} {name!r} holds no files: choose another one.")
    check_bytes(what, size := sum(map(files.size, files.names)), limit, remedy)
    return Opened(io.BytesIO(), size, name, files, is_set=True)


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
        with _open_path(Path(source), what, error) as opened:
            file = _seekable(opened, limit)
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
