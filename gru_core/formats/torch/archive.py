"""The entries of a zip that torch.save or torch.jit.save wrote: a pickle, and the storages beside it."""

import zipfile

from gru_core.archives import DAMAGED, open_zip
from gru_core.errors import GateScopeError, ModelFileError
from gru_core.limits import MAX_HEADER_BYTES, MAX_MODEL_BYTES, check_bytes
from gru_core.sources import Opened


class TorchArchive:
    """An archive with a data.pkl, whose unpacked size has been checked.

    `big_endian` says whether its numbers were written by a machine of the other byte order.
    """

    def __init__(self, opened: Opened) -> None:
        self._file = opened.name
        self._zip: zipfile.ZipFile = open_zip(opened.file, "A model file", MAX_MODEL_BYTES, ModelFileError)
        self._names = frozenset(self._zip.namelist())
        described = next(name for name in self._zip.namelist() if name.rpartition("/")[2] == "data.pkl")
        self._folder = described.removesuffix("data.pkl")
        order = self._folder + "byteorder"
        self.big_endian = order in self._names and self._entry(order, 100).strip() == b"big"

    def pickle(self) -> bytes:
        """The description of its contents. Raises ModelFileError, and LimitError when it is too long."""
        return self._entry(self._folder + "data.pkl", MAX_HEADER_BYTES)

    def storage(self, key: str) -> bytes:
        """The numbers of one storage. Raises ModelFileError when they are missing or damaged."""
        return self._entry(f"{self._folder}data/{key}", MAX_MODEL_BYTES)

    def _entry(self, name: str, limit: int) -> bytes:
        if name not in self._names:
            raise ModelFileError(
                f"{self._file!r} is damaged: its entry {name[:120]!r} is missing. Save or copy it again."
            )
        try:
            size = self._zip.getinfo(name).file_size
            check_bytes("The description in a checkpoint", size, limit, "save the weights alone.")
            return self._zip.read(name)
        except GateScopeError:
            raise
        except (*DAMAGED, KeyError) as problem:
            raise ModelFileError(
                f"{self._file!r} is damaged at {name[:120]!r}. Save or copy it again."
            ) from problem
