"""Many sequences in one Parquet file, a few hundred rows at a time.

a column of lists   each row is one sequence: a list of numbers is one input per step, a list of lists of
                    numbers (time, inputs), a list of texts one symbol per step; several columns of numbers
                    are the inputs, in their order
an id column        each row is one step; rows that follow each other with the same id are one sequence. It
                    is the one that `id_column` names, or one called sequence_id, sequence, series_id or
                    series
a column of texts   where there is nothing else, each row is one text
otherwise           the whole table is one sequence, as `read_sequence` reads it
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from gru_core.errors import GateScopeError, InputError, LimitError
from gru_core.limits import MAX_CELLS, MAX_GROUP_BYTES, MAX_STEPS, check_sequence_size
from gru_core.sequences.from_table import sequence_from_table
from gru_core.sequences.parquet_file import FOOTER_LIMITS, is_text, table_from_arrow
from gru_core.sequences.parquet_pages import check_pages
from gru_core.sequences.reading import read_sequence
from gru_core.sequences.sequence import Sequence
from gru_core.sequences.symbols import sequence_from_symbols, sequence_from_text
from gru_core.sources import Opened
from gru_core.survey.data import Named, ReadingOptions

ID_NAMES = ("sequence_id", "sequence", "series_id", "series")

ROWS_OF_LISTS = 64
ROWS_OF_STEPS = 16_384
"""Rows that are unpacked at a time."""

_DAMAGED = (pa.ArrowException, OSError, ValueError, TypeError, KeyError, OverflowError, MemoryError)


def sequences_of_parquet(opened: Opened, options: ReadingOptions) -> Iterator[Named]:
    """Each sequence with its name, or why it cannot be read. Raises InputError for a damaged file."""
    try:
        opened.file.seek(0)
        schema = pq.ParquetFile(opened.file, **FOOTER_LIMITS).schema_arrow
    except _DAMAGED as problem:
        raise _damaged(opened) from problem
    lists = [field.name for field in schema if _is_list(field.type)]
    id_column = options.id_column or next((name for name in ID_NAMES if name in schema.names), None)
    if options.id_column is not None and options.id_column not in schema.names:
        known = ", ".join(map(repr, schema.names[:12]))
        raise InputError(f"There is no column {options.id_column!r} in {opened.name!r}: it has {known}.")
    if lists:
        yield from _of_lists(opened, _chosen(lists, options, opened), options)
    elif id_column is not None:
        yield from _of_steps(opened, id_column, options)
    elif len(schema) == 1 and is_text(schema[0].type):
        yield from _of_texts(opened, schema.names[0], options)
    else:
        opened.file.seek(0)
        try:
            yield (
                opened.name,
                read_sequence(
                    opened.file,
                    name=opened.name,
                    columns=options.columns,
                    missing=options.missing,
                    standardise=options.standardise,
                ),
            )
        except GateScopeError as error:
            yield opened.name, error


def _is_list(kind: Any) -> bool:
    checks = (pa.types.is_list, pa.types.is_large_list, pa.types.is_fixed_size_list)
    return any(check(kind) for check in checks)


def _chosen(lists: list[str], options: ReadingOptions, opened: Opened) -> list[str]:
    if options.columns is None:
        return lists
    names = [
        lists[which] if isinstance(which, int) and which < len(lists) else which for which in options.columns
    ]
    missing = [name for name in names if name not in lists]
    if missing:
        known = ", ".join(map(repr, lists[:12]))
        raise InputError(f"There is no column of lists {missing[0]!r} in {opened.name!r}: it has {known}.")
    return [str(name) for name in names]


def _batches(opened: Opened, columns: list[str] | None, texts: list[str], rows: int) -> Iterator[Any]:
    """Record batches of at most so many rows, each row group's size checked before it is unpacked."""
    try:
        opened.file.seek(0)
        file = pq.ParquetFile(opened.file, read_dictionary=texts, pre_buffer=False, **FOOTER_LIMITS)
        summary = file.metadata
        for group in range(summary.num_row_groups):
            check_pages(opened.file, summary, opened.name, MAX_GROUP_BYTES, group)
            yield from file.iter_batches(rows, row_groups=[group], columns=columns, use_threads=False)
    except GateScopeError:
        raise
    except _DAMAGED as problem:
        raise _damaged(opened) from problem


def _damaged(opened: Opened) -> InputError:
    return InputError(f"{opened.name!r} is damaged or not Parquet. Save or copy it again.")


def _of_lists(opened: Opened, columns: list[str], options: ReadingOptions) -> Iterator[Named]:
    number = 0
    for batch in _batches(opened, columns, [], ROWS_OF_LISTS):
        for row in range(batch.num_rows):
            name = f"row {number}"
            number += 1
            try:
                cells = [batch.column(batch.schema.get_field_index(column))[row] for column in columns]
                yield name, _from_lists(cells, columns, name, options)
            except GateScopeError as error:
                yield name, error


def _from_lists(cells: list[Any], names: list[str], name: str, options: ReadingOptions) -> Sequence:
    """One row's lists as a sequence."""
    if any(cell.values is None for cell in cells):
        raise InputError("It has no value: leave the row out.")
    values = [cell.values for cell in cells]
    lengths = sorted({len(value) for value in values})
    if lengths[0] == 0 or len(lengths) > 1:
        told = " and ".join(map(str, lengths))
        raise InputError(f"The lists of one row must have one length of at least 1, got {told}.")
    check_sequence_size(lengths[0], len(values))
    if len(values) == 1 and is_text(values[0].type):
        return sequence_from_symbols([text or "" for text in values[0].to_pylist()], name)
    if len(values) == 1 and _is_list(values[0].type):
        flat = values[0].flatten()
        widths = set(pa.compute.list_value_length(values[0]).to_pylist())
        if len(widths) != 1 or None in widths or 0 in widths:
            raise InputError("Every step of a sequence must have the same number of inputs, at least 1.")
        check_sequence_size(lengths[0], max(widths))
        table = _numbers(flat).reshape(lengths[0], -1)
        names = [f"column {index + 1}" for index in range(table.shape[1])]
    else:
        table = np.column_stack([_numbers(value) for value in values])
    if options.missing == "refuse" and not np.isfinite(table).all():
        raise InputError("It has missing or infinite values: fill or drop them.")
    arrow = pa.table({called: table[:, index] for index, called in enumerate(names)})
    return sequence_from_table(
        table_from_arrow(arrow, name),
        columns=names,
        missing=options.missing,
        standardise=options.standardise,
    )


def _numbers(values: Any) -> np.ndarray[Any, np.dtype[np.float64]]:
    if pa.types.is_boolean(values.type):
        values = values.cast(pa.int8())
    try:
        return np.asarray(values.cast(pa.float64()).to_numpy(zero_copy_only=False), np.float64)
    except pa.ArrowException as problem:
        raise InputError(
            f"Its list holds {values.type} values, and a sequence is numbers or texts."
        ) from problem


def _of_texts(opened: Opened, column: str, options: ReadingOptions) -> Iterator[Named]:
    number = 0
    for batch in _batches(opened, [column], [], ROWS_OF_LISTS):
        for text in batch.column(0).to_pylist():
            name = f"row {number}"
            number += 1
            try:
                text = text.decode("utf-8", "replace") if isinstance(text, bytes) else text or ""
                yield name, sequence_from_text(text, name, options.text_unit, options.vocabulary)
            except GateScopeError as error:
                yield name, error


def _of_steps(opened: Opened, id_column: str, options: ReadingOptions) -> Iterator[Named]:
    """Rows with one id that follow each other; what is longer than a sequence may be is not held."""
    held = _Held(id_column, options)
    opened.file.seek(0)
    schema = pq.ParquetFile(opened.file, **FOOTER_LIMITS).schema_arrow
    texts = [field.name for field in schema if is_text(field.type) and field.name != id_column]
    for batch in _batches(opened, None, texts, ROWS_OF_STEPS):
        ids = batch.column(batch.schema.get_field_index(id_column)).to_pylist()
        start = 0
        for row in range(1, len(ids) + 1):
            if row == len(ids) or ids[row] != ids[start]:
                yield from held.take(ids[start], batch.slice(start, row - start))
                start = row
    yield from held.end()


class _Held:
    """The steps of the sequence that is being read."""

    def __init__(self, id_column: str, options: ReadingOptions) -> None:
        self._column, self._options = id_column, options
        self._id: Any = None
        self._parts: list[Any] = []
        self._steps = 0

    def take(self, own_id: Any, part: Any) -> Iterator[Named]:
        """Some rows of one id; gives the sequence before it when this is another."""
        if self._steps and own_id != self._id:
            yield from self.end()
        self._id = own_id
        self._steps += part.num_rows
        if self._steps <= MAX_STEPS and self._steps * part.num_columns <= 2 * MAX_CELLS:
            self._parts.append(part)
        else:
            self._parts = []

    def end(self) -> Iterator[Named]:
        """The sequence that is complete, if there is one."""
        if not self._steps:
            return
        name, steps, parts = f"{self._column} {self._id}", self._steps, self._parts
        self._parts, self._steps = [], 0
        try:
            if not parts:
                raise LimitError(
                    f"A sequence may have at most {MAX_STEPS:,} steps, and this one has {steps:,}: cut it."
                )
            table = pa.Table.from_batches(parts).drop_columns([self._column])
            yield (
                name,
                sequence_from_table(
                    table_from_arrow(table, name),
                    columns=self._options.columns,
                    missing=self._options.missing,
                    standardise=self._options.standardise,
                ),
            )
        except GateScopeError as error:
            yield name, error
