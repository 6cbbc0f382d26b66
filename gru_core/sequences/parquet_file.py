"""Parquet, by pyarrow; rows, columns and unpacked size are checked in the file's own summary first."""

from typing import Any

import numpy as np

from gru_core.errors import GateScopeError, InputError, LimitError
from gru_core.limits import (
    MAX_FEATURES,
    MAX_LABEL,
    MAX_SEQUENCE_BYTES,
    MAX_STEPS,
    check_bytes,
    check_sequence_size,
)
from gru_core.sequences.parquet_pages import check_pages
from gru_core.sequences.table import Column, Table, column_from_texts, unique_names
from gru_core.sources import Opened

MAGIC = b"PAR1"
FOOTER_LIMITS = {"thrift_string_size_limit": 10_000_000, "thrift_container_size_limit": 1_000_000}


def read_parquet(opened: Opened) -> Table:
    """The table of a Parquet file: numbers, true/false as 1 and 0, dates and texts as text.

    Raises InputError when it is damaged, LimitError when it is too large.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    opened.file.seek(0)
    try:
        file = pq.ParquetFile(opened.file, **FOOTER_LIMITS)
        summary = file.metadata
        _check_size(summary)
        check_pages(opened.file, summary, opened.name, MAX_SEQUENCE_BYTES)
        texts = [f.name for f in file.schema_arrow if is_text(f.type)]
        # As a dictionary a long text that repeats stays one text; spread out it could be gigabytes.
        opened.file.seek(0)
        table = pq.ParquetFile(opened.file, read_dictionary=texts, **FOOTER_LIMITS).read(use_threads=False)
        return table_from_arrow(table, opened.name)
    except GateScopeError:
        raise
    except (
        pa.ArrowException,
        OSError,
        ValueError,
        TypeError,
        KeyError,
        OverflowError,
        MemoryError,
    ) as problem:
        raise InputError(f"{opened.name!r} is damaged or not Parquet. Save or copy it again.") from problem


def table_from_arrow(table: Any, source: str) -> Table:
    """The table in a pyarrow Table whose columns of text are dictionaries."""
    import pyarrow as pa

    columns = [_column(pa, name, table.column(i)) for i, name in enumerate(unique_names(table.column_names))]
    flags = [
        name for name, f in zip(table.column_names, table.schema, strict=True) if pa.types.is_boolean(f.type)
    ]
    notes: tuple[str, ...] = ("Parquet: names and types as stored.",)
    if flags:
        notes += (f"True and false are read as 1 and 0 in {', '.join(map(repr, flags[:8]))}.",)
    return Table(tuple(columns), np.arange(1, table.num_rows + 1), source, notes)


def _check_size(summary: Any) -> None:
    if summary.num_rows == 0:
        raise InputError("This Parquet file has no rows: a sequence needs at least 1 step.")
    if summary.num_rows > MAX_STEPS or summary.num_columns > 4 * MAX_FEATURES:
        raise LimitError(
            f"A sequence may have at most {MAX_STEPS:,} steps and {MAX_FEATURES:,} features, and this "
            "table has "
            f"{summary.num_rows:,} rows and {summary.num_columns:,} columns: cut it."
        )
    check_sequence_size(summary.num_rows, min(summary.num_columns, MAX_FEATURES))
    unpacked = sum(summary.row_group(i).total_byte_size for i in range(summary.num_row_groups))
    check_bytes("A sequence's file, unpacked,", unpacked, MAX_SEQUENCE_BYTES, "save fewer rows or columns.")


def _column(pa: Any, name: str, column: Any) -> Column:
    kind = column.type
    if (
        pa.types.is_floating(kind)
        or pa.types.is_integer(kind)
        or pa.types.is_boolean(kind)
        or pa.types.is_decimal(kind)
    ):
        values = (
            column.cast(pa.float64())
            if not pa.types.is_boolean(kind)
            else column.cast(pa.int8()).cast(pa.float64())
        )
        numbers = values.to_numpy().astype(np.float64)
        return Column(name, "empty") if np.isnan(numbers).all() else Column(name, "numbers", numbers)
    if pa.types.is_dictionary(kind) and is_text(kind.value_type):
        return column_from_texts(name, _short_texts(column))
    if pa.types.is_temporal(kind):
        return column_from_texts(
            name, ["" if item is None else item for item in column.cast(pa.string()).to_pylist()]
        )
    return Column(name, "empty") if pa.types.is_null(kind) else Column(name, "unusable")


def is_text(kind: Any) -> bool:
    """Whether a column of that type is text."""
    import pyarrow as pa

    checks = ("is_string", "is_large_string", "is_binary", "is_large_binary")
    return any(getattr(pa.types, check)(kind) for check in checks)


def _short_texts(column: Any) -> list[str]:
    """The cells of a dictionary column; each different text is cut to its limit before it is repeated."""
    cells: list[str] = []
    for chunk in column.chunks:
        known = [_short(item) for item in chunk.dictionary.to_pylist()]
        cells += ["" if index is None else known[index] for index in chunk.indices.to_pylist()]
    return cells


def _short(item: Any) -> str:
    text = item.decode("utf-8", "replace") if isinstance(item, bytes) else str(item)
    return text[: MAX_LABEL + 1]
