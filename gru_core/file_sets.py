"""Several files that are one model: in a folder, in a zip archive, or given together; read by name.

Nothing is unpacked to disk.
A name leads to what the set itself lists and nowhere else, so "../secret" and "/etc/passwd" are names like
any other that is not there.
"""

import io
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import BinaryIO, Protocol

from gru_core.archives import DAMAGED
from gru_core.errors import GateScopeError, ModelFileError

MAX_LISTED = 2_000
"""Entries of a folder that are looked at."""
MAX_FOLDER_DEPTH = 4


class Files(Protocol):
    """Files by name; folders are written with slashes."""

    @property
    def names(self) -> tuple[str, ...]: ...

    def size(self, name: str) -> int:
        """Bytes, unpacked. Raises ModelFileError where there is no such file."""

    def read(self, name: str) -> bytes:
        """All of it. Raises ModelFileError where there is no such file or it is damaged."""


class FolderFiles:
    """The files below a folder; links that lead out of it do not count."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder.resolve()
        self._names: tuple[str, ...] | None = None

    @property
    def names(self) -> tuple[str, ...]:
        if self._names is None:
            found: list[str] = []
            self._list(self._folder, "", found, MAX_FOLDER_DEPTH)
            self._names = tuple(sorted(found))
        return self._names

    def size(self, name: str) -> int:
        return self._path(name).stat().st_size

    def read(self, name: str) -> bytes:
        try:
            return self._path(name).read_bytes()
        except OSError as problem:
            raise ModelFileError(f"{name!r} cannot be read: {problem.strerror}.") from problem

    def _list(self, folder: Path, prefix: str, found: list[str], depth: int) -> None:
        try:
            entries = sorted(folder.iterdir())
        except OSError:  # a folder that may not be read holds nothing for us
            return
        for entry in entries:
            if len(found) >= MAX_LISTED:
                return
            if not entry.resolve().is_relative_to(self._folder):
                continue
            if entry.is_file():
                found.append(prefix + entry.name)
            elif entry.is_dir() and depth:
                self._list(entry, f"{prefix}{entry.name}/", found, depth - 1)

    def _path(self, name: str) -> Path:
        if name not in self.names:
            raise _missing(name)
        return self._folder / name


class ZipFiles:
    """The files in a zip archive whose sizes `open_zip` has checked."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        self.names = tuple(entry.filename for entry in archive.infolist() if not entry.filename.endswith("/"))

    def size(self, name: str) -> int:
        if name not in self.names:
            raise _missing(name)
        return self._archive.getinfo(name).file_size

    def read(self, name: str) -> bytes:
        if name not in self.names:
            raise _missing(name)
        try:
            return self._archive.read(name)
        except GateScopeError:
            raise
        except DAMAGED as problem:
            raise ModelFileError(f"The archive is damaged at {name!r}. Save or copy it again.") from problem


class GivenFiles:
    """Files that were given together, as bytes or open binary files by name."""

    def __init__(self, files: Mapping[str, bytes | BinaryIO]) -> None:
        self._files = {
            name: io.BytesIO(file) if isinstance(file, bytes) else file for name, file in files.items()
        }
        self.names = tuple(self._files)

    def size(self, name: str) -> int:
        if name not in self._files:
            raise _missing(name)
        return self._files[name].seek(0, io.SEEK_END)

    def read(self, name: str) -> bytes:
        if name not in self._files:
            raise _missing(name)
        self._files[name].seek(0)
        return self._files[name].read()


def _missing(name: str) -> ModelFileError:
    return ModelFileError(f"The file {name[:120]!r} is missing: give all files of the model together.")
