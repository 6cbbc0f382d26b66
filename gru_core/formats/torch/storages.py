"""Tensors that a pickle of PyTorch describes, made from an archive's entries once they are checked."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import Tensor

from gru_core.errors import ModelFileError
from gru_core.formats.pickles.plain_pickle import Built, Name, Reference

DTYPES = {
    "torch.FloatStorage": torch.float32,
    "torch.DoubleStorage": torch.float64,
    "torch.HalfStorage": torch.float16,
    "torch.BFloat16Storage": torch.bfloat16,
    "torch.LongStorage": torch.int64,
    "torch.IntStorage": torch.int32,
    "torch.ShortStorage": torch.int16,
    "torch.CharStorage": torch.int8,
    "torch.ByteStorage": torch.uint8,
    "torch.BoolStorage": torch.bool,
}
REBUILD = frozenset({"torch._utils._rebuild_tensor", "torch._utils._rebuild_tensor_v2"})
PARAMETER = "torch._utils._rebuild_parameter"
MAX_AXES = 16


class TorchStorages:
    """Makes the tensors of one archive; each storage is read once.

    file        the archive's name, for sentences
    read        the bytes of the storage of that key, or a ModelFileError
    big_endian  whether the numbers were written by a machine of the other byte order
    """

    def __init__(self, file: str, read: Callable[[str], bytes], big_endian: bool = False) -> None:
        self._file, self._read, self._big_endian = file, read, big_endian
        self._storages: dict[str, tuple[bytearray, int]] = {}

    def tensor(self, value: Any) -> Tensor | None:
        """The tensor that a value of the pickle describes, or None where it describes none that is read here.

        Raises ModelFileError when it reaches beyond what is stored.
        """
        if isinstance(value, Built) and value.path == PARAMETER and isinstance(value.args, tuple):
            value = value.args[0] if value.args else None
        if not isinstance(value, Built) or value.path not in REBUILD:
            return None
        try:
            reference, offset, size, stride = value.args[:4]
            kind, storage_type, key = reference.value[:3]
        except (TypeError, ValueError, AttributeError) as problem:
            raise self._damaged("the description of a tensor cannot be read") from problem
        if (
            not isinstance(reference, Reference)
            or kind != "storage"
            or not isinstance(storage_type, Name)
            or not isinstance(key, str)
            or not _is_shape(size)
            or not _is_shape(stride)
            or len(size) != len(stride)
            or not _is_shape((offset,))
        ):
            raise self._damaged("the description of a tensor cannot be read")
        if storage_type.path not in DTYPES:
            return None
        storage = self._storage(key, DTYPES[storage_type.path])
        last = offset + sum((n - 1) * step for n, step in zip(size, stride, strict=True))
        if math.prod(size) and last >= storage.numel():
            raise self._damaged(
                f"a tensor of shape {size} reaches beyond the {storage.numel():,} numbers stored"
            )
        if math.prod(size) > storage.numel():
            return None  # an expanded tensor: its numbers repeat, as no weight's do
        return storage.as_strided(size, stride, offset)

    def _storage(self, key: str, dtype: torch.dtype) -> Tensor:
        """All numbers of a storage; its bytes are kept once, however they are called."""
        width = dtype.itemsize
        if key not in self._storages:
            raw = bytearray(self._read(key))
            if self._big_endian and width > 1 and len(raw) % width == 0:
                raw = bytearray(np.frombuffer(raw, f"u{width}").byteswap().tobytes())
            self._storages[key] = raw, width
        raw, first = self._storages[key]
        if len(raw) % width:
            raise self._damaged(f"its storage {key[:40]!r} is cut off")
        if self._big_endian and width != first:
            raise self._damaged(f"its storage {key[:40]!r} has numbers of two widths")
        return torch.frombuffer(raw, dtype=dtype) if raw else torch.empty(0, dtype=dtype)

    def _damaged(self, why: str) -> ModelFileError:
        return ModelFileError(f"{self._file!r} is damaged: {why}. Save or copy it again.")


def _is_shape(value: Any) -> bool:
    """Whether it is a short tuple of whole numbers that a machine's own arithmetic can hold."""
    return (
        isinstance(value, tuple)
        and len(value) <= MAX_AXES
        and all(isinstance(n, int) and 0 <= n < 2**40 for n in value)
    )
