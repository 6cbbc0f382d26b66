"""Many sequences in one .npz or .npy file, read one after the other.

    x (sequences, time, inputs), lengths (sequences,)   sequence i is x[i, :lengths[i]]; without lengths, all
                                                        of x[i]. x (sequences, time) with lengths has one
                                                        input per step, or texts: one symbol per step
    otherwise                                           each array is a sequence, (time, inputs) or (time,)

The array may be called x, X, values, sequences or data. A large x is never in memory as a whole: its rows are
read as they lie in the file.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from functools import lru_cache
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from gru_core.archives import (
    DAMAGED,
    NPY_MAGIC,
    ArrayHeader,
    checked_npy,
    read_npy,
    read_npy_header,
)
from gru_core.errors import GateScopeError, InputError, LimitError
from gru_core.limits import MAX_LENGTHS, MAX_SEQUENCE_BYTES, check_bytes, check_sequence_size
from gru_core.sequences.arrays import from_array
from gru_core.sequences.from_table import sequence_from_table
from gru_core.sequences.sequence import Sequence
from gru_core.sources import Opened
from gru_core.survey.data import Named, ReadingOptions

USUAL_NAMES = ("x", "X", "values", "sequences", "data")
LENGTHS = "lengths"


def sequences_of_arrays(opened: Opened, options: ReadingOptions) -> Iterator[Named]:
    """Each sequence with its name, or why it cannot be read. Raises InputError for a damaged file."""
    if opened.head(8).startswith(NPY_MAGIC):
        header = read_npy_header(opened.file, opened.name, InputError)
        opened.file.seek(0)
        if len(header.shape) == 3 and header.shape[0] > 1:
            yield from _rows(opened.file, header.name, None, options)
        else:
            array = checked_npy(opened.file, opened.size, opened.name, MAX_SEQUENCE_BYTES, InputError)
            yield _sequence(array, opened.name, options)
        return
    try:
        archive = zipfile.ZipFile(opened.file)
        entries = [entry for entry in archive.infolist() if entry.filename.endswith(".npy")]
    except DAMAGED as problem:
        raise InputError(f"{opened.name!r} is damaged: save or copy it again.") from problem
    if not entries:
        raise InputError(f"{opened.name!r} holds no arrays: save some with np.savez(path, first=array, ...).")
    by_name = {entry.filename.removesuffix(".npy"): entry for entry in entries}
    padded = next((name for name in USUAL_NAMES if name in by_name), None)
    if LENGTHS in by_name and padded is None:
        raise InputError(
            f"{opened.name!r} has lengths, and no array that they are of: call it x, "
            "(sequences, time, inputs)."
        )
    if padded is not None and (LENGTHS in by_name or _header(archive, by_name[padded]).shape[2:]):
        lengths = None if LENGTHS not in by_name else _lengths(archive, by_name[LENGTHS])
        with _open(archive, by_name[padded]) as file:
            yield from _rows(file, padded, lengths, options)
        return
    for name, entry in by_name.items():
        try:
            header = _header(archive, entry)
            check_bytes("A sequence", header.nbytes, MAX_SEQUENCE_BYTES, "cut it.")
            if header.nbytes > entry.file_size:
                raise InputError(f"The array {name!r} is cut off. Save or copy it again.")
            with _open(archive, entry) as file:
                array = read_npy(file, name, InputError)
        except GateScopeError as error:
            yield name, error
            continue
        yield _sequence(array, name, options)


def _open(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> IO[bytes]:
    if entry.flag_bits & 0x1 or entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise InputError(
            f"The array {entry.filename!r} is packed in a way that is not read here: save it again."
        )
    try:
        return archive.open(entry)
    except DAMAGED as problem:
        raise InputError(f"The array {entry.filename!r} is damaged. Save or copy it again.") from problem


def _header(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> ArrayHeader:
    with _open(archive, entry) as file:
        return read_npy_header(file, entry.filename.removesuffix(".npy"), InputError)


def _lengths(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> NDArray[np.int64]:
    header = _header(archive, entry)
    if header.dtype.kind not in "iu" or len(header.shape) != 1:
        raise InputError(
            f"The lengths of sequences are whole numbers (sequences,), got {header.dtype} {header.shape}."
        )
    if header.shape[0] > MAX_LENGTHS or header.nbytes > entry.file_size:
        raise LimitError(
            f"There may be at most {MAX_LENGTHS:,} lengths, got {header.shape[0]:,}: split the file."
        )
    with _open(archive, entry) as file:
        return np.asarray(read_npy(file, LENGTHS, InputError).astype(np.int64))


def _rows(
    file: Any, name: str, lengths: NDArray[np.int64] | None, options: ReadingOptions
) -> Iterator[Named]:
    """The rows of an array as they lie in its file."""
    header = read_npy_header(file, name, InputError)
    count, steps = header.shape[:2] if len(header.shape) > 1 else (0, 0)
    if len(header.shape) not in (2, 3) or 0 in header.shape:
        raise InputError(
            f"The array {name!r} has the shape {header.shape}, and many sequences are "
            "(sequences, time, inputs): save it like that."
        )
    if header.by_columns:
        raise InputError(
            f"The array {name!r} lies in the file column by column: save np.ascontiguousarray of it."
        )
    if lengths is not None and len(lengths) != count:
        raise InputError(
            f"The array {name!r} has {count:,} sequences, and there are {len(lengths):,} lengths."
        )
    one = ArrayHeader(name, header.shape[1:], header.dtype)
    check_bytes("A sequence", one.nbytes, MAX_SEQUENCE_BYTES, "save shorter ones.")
    for index in range(count):
        data = file.read(one.nbytes)
        if len(data) < one.nbytes:
            raise InputError(
                f"The array {name!r} ends in its sequence {index:,} of {count:,}: save it again."
            )
        called = f"{name}[{index}]"
        length = steps if lengths is None else int(lengths[index])
        if not 1 <= length <= steps:
            yield called, InputError(f"Its length must be from 1 to {steps:,}, got {length:,}.")
            continue
        row = np.frombuffer(data, header.dtype).reshape(one.shape)[:length]
        yield _sequence(row, called, options)


def _sequence(array: NDArray[Any], name: str, options: ReadingOptions) -> Named:
    try:
        if array.ndim == 2 and array.dtype.kind == "f" and options.as_they_are:
            return name, _as_it_is(array, name)
        read = from_array(array, name, name, ())
        if isinstance(read, Sequence):
            return name, read
        return name, sequence_from_table(
            read, columns=options.columns, missing=options.missing, standardise=options.standardise
        )
    except GateScopeError as error:
        return name, error


def _as_it_is(array: NDArray[Any], name: str) -> Sequence:
    """Numbers (time, inputs) without the detour of a table: a data set has many short ones."""
    check_sequence_size(*array.shape)
    with np.errstate(over="ignore"):
        values = array.astype(np.float32)
    if not np.isfinite(values).all():
        raise InputError("It has missing or infinite values: fill or drop them.")
    return Sequence(values, ("",) * len(values), _names(values.shape[1]), source=name)


@lru_cache
def _names(columns: int) -> tuple[str, ...]:
    return tuple(f"column {index + 1}" for index in range(columns))
