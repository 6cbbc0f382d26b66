"""The numpy arrays that a pickle describes, made from their bytes after their shapes are checked."""

import math
import re
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gru_core.errors import LimitError, ModelFileError
from gru_core.formats.pickles.plain_pickle import Built
from gru_core.limits import MAX_MODEL_BYTES, MAX_TENSORS

_MULTIARRAY = ("numpy.core.multiarray", "numpy._core.multiarray")
_RECONSTRUCT = frozenset(f"{module}._reconstruct" for module in _MULTIARRAY)
_SCALAR = frozenset(f"{module}.scalar" for module in _MULTIARRAY)
_FROM_BUFFER = frozenset({"numpy.core.numeric._frombuffer", "numpy._core.numeric._frombuffer"})
_ARRAYS = _RECONSTRUCT | _SCALAR | _FROM_BUFFER
ARRAY_NAMES = _ARRAYS | {"numpy.ndarray", "numpy.dtype", "_codecs.encode"}
"""Every name that an array of numbers is described by."""

_NUMBERS = re.compile(r"[<>=|]?(?:f[248]|[iu][1248]|b1)")
_TEXTS = re.compile(r"[<>=|]?[USa]\d{1,9}|[<>=|]?[mM]8(?:\[.{1,9}\])?")


class PickledArrays:
    """Makes the arrays of one pickle, each only once, and not more than a model file may hold.

    `file` is the file's name, for sentences; `texts` counts the arrays of texts and dates, which stay unmade.
    """

    def __init__(self, file: str) -> None:
        self._file = file
        self.texts = 0
        self._made: dict[int, NDArray[np.generic] | None] = {}
        self._bytes = 0

    def array(self, value: Any) -> NDArray[np.generic] | None:
        """The array of numbers that a value of the pickle describes, or None where it describes none.

        Raises ModelFileError when it holds Python objects or declares more than it holds, and LimitError
        when the arrays together are too large.
        """
        if not isinstance(value, Built) or value.path not in _ARRAYS:
            return None
        if id(value) not in self._made:
            self._made[id(value)] = self._make(value)
        return self._made[id(value)]

    def _make(self, value: Built) -> NDArray[np.generic] | None:
        if len(self._made) >= MAX_TENSORS:
            raise LimitError(
                f"A model file may hold at most {MAX_TENSORS:,} arrays, and this one holds more."
            )
        shape, dtype, by_columns, data = self._described(value)
        kind = self._dtype(dtype)
        if kind is None:
            self.texts += 1
            return None
        if not isinstance(shape, tuple) or not all(isinstance(n, int) and 0 <= n < 2**40 for n in shape):
            raise self._damaged("the shape of an array cannot be read")
        if len(shape) > 32:
            raise self._damaged(f"an array has {len(shape):,} axes")
        needed = math.prod(shape) * kind.itemsize
        held = self._held(data)
        if needed != held:
            raise self._damaged(f"an array of shape {shape} needs {needed:,} bytes and has {held:,}")
        self._bytes += needed
        if self._bytes > MAX_MODEL_BYTES:
            raise LimitError(
                f"The arrays of a model may be at most {MAX_MODEL_BYTES:,} bytes together, and "
                f"{self._file!r} holds more."
            )
        try:
            content = data.encode("latin-1") if isinstance(data, str) else data
        except UnicodeEncodeError as problem:
            raise self._damaged("the numbers of an array are not stored as bytes") from problem
        flat = np.frombuffer(bytearray(content), kind) if needed else np.empty(0, kind)
        return flat.reshape(shape, order="F" if by_columns else "C")

    def _described(self, value: Built) -> tuple[Any, Any, Any, Any]:
        """Shape, number type, whether columns come first, and the bytes."""
        try:
            if value.path in _RECONSTRUCT:
                *_, shape, dtype, by_columns, data = value.state
            elif value.path in _SCALAR:
                dtype, data = value.args
                shape, by_columns = (), False
            else:
                data, dtype, shape, order = value.args
                by_columns = order == "F"
        except (TypeError, ValueError) as problem:
            raise self._damaged("the description of an array cannot be read") from problem
        return shape, dtype, by_columns, _bytes_of(data)

    def _dtype(self, described: Any) -> np.dtype[Any] | None:
        """The number type, told by comparing its name with the known ones; numpy never sees another text.

        None for texts and dates.
        """
        letters: Any = ""
        if isinstance(described, Built) and described.path == "numpy.dtype" and described.args:
            letters = described.args[0] if isinstance(described.args, tuple) else ""
        if isinstance(letters, bytes):
            letters = letters.decode("latin-1")
        if isinstance(letters, str) and _TEXTS.fullmatch(letters):
            return None
        if not isinstance(letters, str) or not _NUMBERS.fullmatch(letters):
            shown = letters[:20] if isinstance(letters, str) else ""
            raise ModelFileError(
                f"{self._file!r} holds an array of {shown or 'another kind'!r} and not of numbers, which "
                "could run code when read, so it is refused: save its arrays as numbers alone."
            )
        state = described.state
        kind = np.dtype(letters)
        order = state[1] if isinstance(state, tuple) and len(state) > 1 else None
        return kind.newbyteorder(">" if order in (">", b">") else "<") if order else kind

    def _held(self, data: Any) -> int:
        if isinstance(data, str | bytes | bytearray):
            return len(data)
        raise self._damaged("the numbers of an array are not stored as bytes")

    def _damaged(self, why: str) -> ModelFileError:
        return ModelFileError(f"{self._file!r} is damaged: {why}. Save or copy it again.")


def _bytes_of(data: Any) -> Any:
    """The bytes themselves, where the pickle writes them as a text that is to be encoded (protocol 2)."""
    if not isinstance(data, Built) or data.path != "_codecs.encode":
        return data
    if isinstance(data.args, tuple) and len(data.args) == 2 and data.args[1] in ("latin1", "latin-1"):
        return data.args[0]
    return None
