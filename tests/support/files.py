"""Files made in memory for the tests of what people bring."""

import io
import struct
import zipfile
from collections.abc import Callable

import numpy as np
import pandas as pd
import torch

from gru_core.errors import GateScopeError
from gru_core.sequences import Sequence, read_sequence


def torch_file(content: object, **options: object) -> bytes:
    """What torch.save writes."""
    file = io.BytesIO()
    torch.save(content, file, **options)
    return file.getvalue()


def npy(array: object, **options: object) -> bytes:
    """What np.save writes."""
    file = io.BytesIO()
    np.save(file, array, **options)
    return file.getvalue()


def npy_header(shape: tuple[int, ...]) -> bytes:
    """The head of an npy file of float32 numbers that declares a shape, whatever follows it."""
    header = repr({"descr": "<f4", "fortran_order": False, "shape": shape}).encode()
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header


def npz(**arrays: object) -> bytes:
    """What np.savez_compressed writes."""
    file = io.BytesIO()
    np.savez_compressed(file, **arrays)
    return file.getvalue()


def zipped(entries: dict[str, bytes], method: int = zipfile.ZIP_STORED) -> bytes:
    """A zip archive of these entries."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return file.getvalue()


def parquet(frame: pd.DataFrame, **options: object) -> bytes:
    """What pandas writes as Parquet."""
    file = io.BytesIO()
    frame.to_parquet(file, **options)
    return file.getvalue()


def sequence_in(content: str | bytes, name: str = "a.csv", **options: object) -> Sequence:
    """What read_sequence reads from a file of that content and name."""
    return read_sequence(content if isinstance(content, bytes) else content.encode(), name=name, **options)


def sentence_of(read: Callable[[], object]) -> str | None:
    """The sentence of the GateScopeError that `read` ends in, None when it ends well; others pass through."""
    try:
        read()
    except GateScopeError as error:
        return str(error)
    return None
