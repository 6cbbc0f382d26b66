""".params: MXNet's own list of arrays by name, as save_parameters and nd.save write it.

    uint64 0x112, uint64 0, uint64 count, the arrays, uint64 count, the names (uint64 length, bytes)

An array begins with a mark: V2 (storage type, shape of int64), V1 (shape of int64), or in the oldest files
with the number of its axes (lengths of uint32). Then device, number type and numbers follow.
"""

import struct

from torch import Tensor

from gru_core.errors import LimitError, ModelFileError
from gru_core.formats.choices import Choices
from gru_core.formats.contents import Contents
from gru_core.formats.layers import find_layers
from gru_core.formats.namings import NAMINGS
from gru_core.formats.raw_arrays import MAX_AXES, NUMBER_TYPES, array_bytes, checked_shape, tensor_of
from gru_core.formats.registry import Evidence, Format
from gru_core.limits import MAX_TENSORS
from gru_core.sources import Opened

LIST_MAGIC = 0x112
V1, V2, V3 = 0xF993FAC8, 0xF993FAC9, 0xF993FACA
"""How an array begins, since MXNet 0.9, 1.0 and with numpy's shapes (1.6)."""
DENSE = 0
MAX_NAME = 1_000
NUMBERS = {
    0: "float32",
    1: "float64",
    2: "float16",
    3: "uint8",
    4: "int32",
    5: "int8",
    6: "int64",
    7: "bool",
    8: "int16",
    9: "uint16",
    10: "uint32",
    11: "uint64",
    12: "bfloat16",
}
"""MXNet's numbers of the number types."""


def recognises(evidence: Evidence) -> bool:
    """The mark of a list of arrays, and eight bytes that are zero."""
    return evidence.head.startswith(struct.pack("<QQ", LIST_MAGIC, 0))


def read(opened: Opened, choices: Choices) -> Contents:
    """The arrays by name, and the layers that they make."""
    reader = _Reader(opened.read(), opened.name)
    reader.take("<QQ")
    (count,) = reader.take("<Q")
    _check_count(count)
    arrays = [reader.array(index) for index in range(count)]
    (names_count,) = reader.take("<Q")
    _check_count(names_count)
    names = [reader.text() for _ in range(names_count)]
    if names_count != count or len(set(names)) != count:
        raise ModelFileError(
            f"{opened.name!r} has {count:,} arrays and {len(set(names)):,} names for them: save it with "
            "save_parameters, which names every array."
        )
    tensors = {name: array for name, array in zip(names, arrays, strict=True) if array is not None}
    return find_layers(tensors, NAMINGS, choices)


def _check_count(count: int) -> None:
    if count > MAX_TENSORS:
        raise LimitError(
            f"A model file may hold at most {MAX_TENSORS:,} arrays, and this one declares {count:,}."
        )


class _Reader:
    """The bytes of one file, taken from front to back; what is not there is said."""

    def __init__(self, data: bytes, name: str) -> None:
        self._data, self._name, self._place = memoryview(data), name, 0

    def take(self, form: str) -> tuple[int, ...]:
        """Numbers as `struct` describes them."""
        return struct.unpack(form, self.bytes(struct.calcsize(form)))

    def bytes(self, count: int) -> memoryview:
        """The next bytes. Raises ModelFileError when there are fewer."""
        if count > len(self._data) - self._place:
            raise ModelFileError(
                f"{self._name!r} is damaged or cut off: it declares {count:,} bytes where "
                f"{len(self._data) - self._place:,} are left. Save or copy it again."
            )
        self._place += count
        return self._data[self._place - count : self._place]

    def text(self) -> str:
        """A name: its length and its letters."""
        (length,) = self.take("<Q")
        if length > MAX_NAME:
            raise ModelFileError(
                f"A name in {self._name!r} declares {length:,} characters; {MAX_NAME:,} are the most. "
                "Save or copy it again."
            )
        return bytes(self.bytes(length)).decode("utf-8", "replace")

    def array(self, index: int) -> Tensor | None:
        """The next array; None where it has no numbers, such as one that was never initialised."""
        name = f"number {index}"
        (mark,) = self.take("<I")
        if mark in (V2, V3):
            (storage,) = self.take("<i")
            if storage != DENSE:
                raise ModelFileError(
                    f"Array {name} of {self._name!r} is sparse: save the model with dense weights."
                )
        if mark in (V1, V2, V3):
            (axes,) = self.take("<i")
            form = "q"
        else:
            axes, form = mark, "I"
        if axes > MAX_AXES:
            raise ModelFileError(
                f"{self._name!r} is damaged: array {name} declares {axes:,} axes. Save or copy it again."
            )
        if axes < 0 or (axes == 0 and mark != V3):
            return None
        shape = checked_shape(name, self.take(f"<{axes}{form}"))
        _, _, number = self.take("<iii")
        if number not in NUMBERS:
            raise ModelFileError(
                f"{self._name!r} is damaged: array {name} has the number type {number}, which MXNet does not "
                "have. Save or copy it again."
            )
        dtype = NUMBER_TYPES[NUMBERS[number]]
        return tensor_of(name, self.bytes(array_bytes(shape, dtype)), shape, dtype)


FORMAT = Format("mxnet", "MXNet parameters", (".params",), recognises, read)
