""".npy and .npz: arrays whose headers are checked before any of their numbers are read."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from gru_core.archives import ArrayHeader, checked_npy, npz_headers, open_zip, read_npz_array
from gru_core.errors import InputError
from gru_core.limits import MAX_SEQUENCE_BYTES, check_sequence_size
from gru_core.sequences.sequence import Sequence
from gru_core.sequences.symbols import sequence_from_symbols
from gru_core.sequences.table import Column, Table, unique_names
from gru_core.sources import Opened

USUAL_NAMES = ("values", "x", "X", "data", "sequence", "arr_0")


def read_npy_sequence(opened: Opened) -> Table | Sequence:
    """The array of a .npy file: (time,), (time, features), or (1, time, features); texts become symbols.

    Raises InputError for objects, complex numbers and other shapes, LimitError when it is too large.
    """
    array = checked_npy(opened.file, opened.size, opened.name, MAX_SEQUENCE_BYTES, InputError)
    return from_array(array, opened.name, opened.name, ())


def read_npz_sequence(opened: Opened, array: str | None = None) -> Table | Sequence:
    """One array of a .npz file, or its one-dimensional arrays of equal length as columns.

    array  which one; None takes the only one, or one with a usual name ("values", "x", ...)
    """
    archive = open_zip(opened.file, "A sequence's file", MAX_SEQUENCE_BYTES, InputError)
    headers = npz_headers(archive, "A sequence's file", MAX_SEQUENCE_BYTES, InputError)
    if not headers:
        raise InputError(f"{opened.name!r} holds no arrays: save one with np.savez(path, values=array).")
    names = [header.name for header in headers]
    listed = ", ".join(f"{header.name!r} {header.shape}" for header in headers[:8])
    if array is not None and array not in names:
        raise InputError(f"There is no array {array!r} in {opened.name!r}: it holds {listed}.")
    chosen = array or _only(headers)
    if chosen is not None:
        values = read_npz_array(archive, chosen, "A sequence's file", InputError)
        return from_array(values, chosen, opened.name, (f"Array {chosen!r} of {len(names)}.",))
    lengths = {header.shape for header in headers}
    if (
        len(lengths) == 1
        and len(headers[0].shape) == 1
        and all(header.dtype.kind in "fiub" for header in headers)
    ):
        check_sequence_size(headers[0].shape[0], len(headers))
        columns = [read_npz_array(archive, name, "A sequence's file", InputError) for name in names]
        return _table(np.column_stack(columns), names, opened.name, ("Every array is one column.",))
    raise InputError(f"{opened.name!r} holds {len(names)} arrays ({listed}): say which one is the sequence.")


def _only(headers: list[ArrayHeader]) -> str | None:
    if len(headers) == 1:
        return headers[0].name
    names = [header.name for header in headers]
    return next((name for name in USUAL_NAMES if name in names), None)


def from_array(array: NDArray[Any], name: str, source: str, notes: tuple[str, ...]) -> Table | Sequence:
    """A table (or, for texts, a sequence) from an array; `notes` come before what is said here."""
    if array.dtype.names is not None:
        return _from_fields(array, source, notes)
    if array.dtype.kind in "US" and array.ndim == 1:
        if not array.size:
            raise InputError(f"{source!r} holds an array of 0 symbols: a sequence needs at least 1 step.")
        check_sequence_size(len(array), 1)
        texts = [item.decode("latin-1") if isinstance(item, bytes) else str(item) for item in array.tolist()]
        return sequence_from_symbols(texts, source, (*notes, "An array of texts, one symbol per step."))
    if array.dtype.kind not in "fiub":
        raise InputError(
            f"The array {name!r} holds {array.dtype} values: a sequence is numbers (or "
            "one-dimensional texts), "
            "so save it with dtype float."
        )
    shape = array.shape
    if array.ndim == 3 and shape[0] == 1:
        array, notes = array[0], (*notes, f"A batch of one: {shape} read as (time, features) = {shape[1:]}.")
    elif array.ndim == 1:
        array, notes = array[:, None], (*notes, f"One-dimensional: {shape[0]:,} steps of 1 feature.")
    elif array.ndim == 2:
        told = f"Read as (time, features) = {shape}; transpose it if time runs along the second axis."
        notes = (*notes, told)
    else:
        remedy = (
            "save one sequence of the batch, array[0]" if array.ndim == 3 else "save it as (time, features)"
        )
        raise InputError(
            f"The array {name!r} has the shape {shape}, and a sequence is (time, features): {remedy}."
        )
    if 0 in array.shape:
        raise InputError(
            f"The array {name!r} has the shape {shape}: a sequence needs at least 1 step and 1 feature."
        )
    check_sequence_size(*array.shape)
    if array.dtype.kind == "b":
        notes = (*notes, "True and false are read as 1 and 0.")
    return _table(array, [f"column {index + 1}" for index in range(array.shape[1])], source, notes)


def _from_fields(array: NDArray[Any], source: str, notes: tuple[str, ...]) -> Table:
    names = array.dtype.names or ()
    kinds = {name: array.dtype[name] for name in names}
    if array.ndim != 1 or any(kind.kind not in "fiub" or kind.shape for kind in kinds.values()):
        raise InputError(
            f"{source!r} holds records that are not rows of numbers: save them as (time, features)."
        )
    check_sequence_size(max(1, len(array)), max(1, len(names)))
    return _table(
        np.column_stack([array[name] for name in names]), list(names), source, (*notes, "Named fields.")
    )


def _table(values: NDArray[Any], names: list[str], source: str, notes: tuple[str, ...]) -> Table:
    numbers = values.astype(np.float64)
    columns = tuple(
        Column(name, "numbers", np.ascontiguousarray(numbers[:, index]))
        for index, name in enumerate(unique_names(names))
    )
    return Table(columns, np.arange(1, len(numbers) + 1), source, notes)
