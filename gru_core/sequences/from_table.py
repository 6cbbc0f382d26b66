"""From a table to a sequence: which columns, what about missing cells, standardised or not; all said."""

from collections.abc import Sequence as ListLike
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from gru_core.errors import InputError
from gru_core.limits import check_sequence_size
from gru_core.sequences.sequence import Sequence
from gru_core.sequences.symbols import sequence_from_symbols
from gru_core.sequences.table import Column, Table

Missing = Literal["refuse", "fill", "drop"]
Floats = NDArray[np.float64]

FLOAT32_MAX = float(np.finfo(np.float32).max)
_COUNTERS = ("index", "id", "t", "time", "step", "n", "unnamed: 0", "__index_level_0__")
_DATES = ("date", "datetime", "timestamp", "year", "quarter", "month", "day", "hour", "period")
INDEX_NAMES = frozenset((*_COUNTERS, *_DATES, "时间", "日期", "年份"))
"""Names, in small letters, of a first column that counts or dates the rows rather than measures anything."""


def sequence_from_table(
    table: Table,
    *,
    columns: ListLike[str | int] | None = None,
    missing: Missing = "refuse",
    standardise: bool = False,
    label_column: str | None = "auto",
) -> Sequence:
    """The sequence in chosen columns of a table, with notes on everything that was decided.

    columns       names or positions (from 0), in the order wanted; None takes every column of numbers,
                  except a first one that only counts or dates the rows
    missing       "refuse" missing or infinite cells, "fill" them along a straight line between their
                  neighbours (the ends repeat the nearest), or "drop" the steps that have one
    standardise   subtract each column's mean and divide by its standard deviation
    label_column  the column that gives the steps their labels; "auto" takes one that is not used, None none

    A table without numbers whose only column is text gives a symbolic sequence, one symbol per row.

    Raises InputError (a text in a column of numbers, missing cells, unknown names, no rows) or LimitError.
    """
    if missing not in get_args(Missing):
        raise InputError(f"Missing values are treated by 'refuse', 'fill' or 'drop', got {missing!r}.")
    if not len(table):
        raise InputError(f"{table.source!r} has no rows below its header: a sequence needs at least 1 step.")
    index = _index_column(table) if columns is None else None
    notes: tuple[str, ...]
    chosen, notes = _chosen(table, columns, index)
    if [column.kind for column in chosen] == ["text"]:
        return _symbols(table, chosen[0], missing, notes)
    check_sequence_size(len(table), len(chosen))
    values = np.column_stack([_numbers(table, column) for column in chosen])
    kept = np.ones(len(table), dtype=bool)
    bad = ~np.isfinite(values)
    if bad.any():
        values, kept, told = _treated(table, chosen, values, bad, missing)
        notes += told
    labels, told = _labels(table, label_column, index, {column.name for column in chosen}, kept)
    notes += told
    if standardise:
        values, told = _standardised(values, chosen)
        notes += told
    else:
        notes += ("Numbers are as in the file, not standardised.",)
    if len(values) == 1:
        notes += ("It has a single step: there is no past for the gates to keep.",)
    names = tuple(column.name for column in chosen)
    return Sequence(values.astype(np.float32), labels, names, False, table.source, table.notes + notes)


def _chosen(
    table: Table, columns: ListLike[str | int] | None, index: Column | None
) -> tuple[list[Column], tuple[str, ...]]:
    if columns is not None:
        chosen = [_named(table, which) for which in columns]
        if not chosen:
            raise InputError(f"Choose at least one column of {table.source!r}: {_listed(table.names)}.")
        if len({column.name for column in chosen}) < len(chosen):
            raise InputError("Each column can be chosen once; one of them was chosen twice.")
        unfit = [column for column in chosen if column.kind != "numbers"]
        if unfit and [column.kind for column in chosen] != ["text"]:
            raise InputError(
                f"Column {unfit[0].name!r} is {_kind(unfit[0])}, not numbers: choose among "
                f"{_listed(table.number_names) or 'none, there is no column of numbers'}."
            )
        return chosen, (f"Columns used, as chosen: {_listed(tuple(column.name for column in chosen))}.",)
    chosen = [column for column in table.columns if column.kind == "numbers" and column is not index]
    texts = [column for column in table.columns if column.kind == "text"]
    if not chosen and len(texts) == 1:
        return texts, ()
    if not chosen:
        raise InputError(
            f"{table.source!r} has no column of numbers: its columns are {_described(table)}. "
            "Choose a column of text to read it as symbols, or a file with numbers."
        )
    left = tuple(
        f"Column {column.name!r} left out: it is {_kind(column)}."
        for column in table.columns
        if column.kind != "numbers"
    )
    used = tuple(column.name for column in chosen)
    return chosen, (f"Column{'s' if len(used) > 1 else ''} used: {_listed(used)}.", *left)


def _named(table: Table, which: str | int) -> Column:
    if isinstance(which, str):
        return table.column(which)
    if not 0 <= which < len(table.columns):
        raise InputError(
            f"There is no column {which}: the table has {len(table.columns)}, numbered from 0 to "
            f"{len(table.columns) - 1}."
        )
    return table.columns[which]


def _index_column(table: Table) -> Column | None:
    """The first column, when it is named like a counter and grows, and another column has numbers."""
    first = table.columns[0]
    others = any(column.kind == "numbers" for column in table.columns[1:])
    if not others or first.kind != "numbers" or first.values is None or first.wrong or len(table) < 2:
        return None
    steps = np.diff(first.values)
    if first.name.lower().strip() in INDEX_NAMES:
        return first if bool((steps > 0).all()) else None
    # Without a name beside columns that have one (as pandas writes its index) it must count in ones.
    unnamed = first.name == "column 1" and any(
        column.name != f"column {index + 2}" for index, column in enumerate(table.columns[1:])
    )
    return first if unnamed and bool((steps == 1).all()) else None


def _numbers(table: Table, column: Column) -> Floats:
    """The column's numbers as float64, NaN where missing; raises for a text or a number too large."""
    if column.wrong:
        place, text = column.wrong[0]
        more = f" (and {len(column.wrong) - 1:,} more such cells)" if len(column.wrong) > 1 else ""
        raise InputError(
            f"Column {column.name!r} is numbers, but row {table.rows[place]} has {text[:60]!r}{more}: "
            "correct it, or leave the column out."
        )
    values = column.values
    if values is None:  # only columns of numbers get here
        raise InputError(f"Column {column.name!r} is {_kind(column)}, not numbers.")
    large = (np.abs(values) > FLOAT32_MAX) & np.isfinite(values)
    if large.any():
        place = int(np.argmax(large))
        raise InputError(
            f"Column {column.name!r} has {values[place]:g} in row {table.rows[place]}: numbers must "
            "be below 3.4e38."
        )
    return values


def _treated(
    table: Table, chosen: list[Column], values: Floats, bad: NDArray[np.bool_], missing: Missing
) -> tuple[Floats, NDArray[np.bool_], tuple[str, ...]]:
    """Values without missing cells, which rows are kept, and what was done; raises where told to refuse."""
    count, steps = int(bad.sum()), int(bad.any(axis=1).sum())
    row, column = (int(axis) for axis in np.argwhere(bad)[0])
    infinite = int(np.isinf(values).sum())
    kind = "missing" if not infinite else "infinite" if infinite == count else "missing or infinite"
    what = f"{count:,} {kind} value{'s' if count > 1 else ''}"
    where = f"first in row {table.rows[row]}, column {chosen[column].name!r}"
    kept: NDArray[np.bool_] = np.ones(len(values), dtype=bool)
    if missing == "refuse":
        raise InputError(
            f"{table.source!r} has {what} ({where}), and a GRU needs a number at "
            "every step: choose to fill or to drop them, or correct the file."
        )
    if missing == "drop":
        kept = np.logical_not(bad.any(axis=1))
        if not kept.any():
            raise InputError(
                f"Every row has a missing value ({where}), so dropping them leaves no step: fill them."
            )
        return values[kept], kept, (f"Dropped {steps:,} of {len(values):,} steps, for {what} ({where}).",)
    filled = values.copy()
    places = np.arange(len(values))
    for index in range(values.shape[1]):
        known = ~bad[:, index]
        if not known.any():
            raise InputError(
                f"Column {chosen[index].name!r} has no value at all, so it cannot be filled: leave it out."
            )
        filled[~known, index] = np.interp(places[~known], places[known], values[known, index])
    return filled, kept, (f"Filled {what} by straight lines between neighbours ({where}).",)


def _standardised(values: Floats, chosen: list[Column]) -> tuple[Floats, tuple[str, ...]]:
    means, stds = values.mean(axis=0), values.std(axis=0)
    constant = stds == 0
    told = "; ".join(
        f"{column.name!r} mean {mean:.6g}, std {std:.6g}"
        for column, mean, std in zip(chosen[:8], means[:8], stds[:8], strict=True)
    )
    more = f"; and {len(chosen) - 8} more" if len(chosen) > 8 else ""
    notes: tuple[str, ...] = (f"Standardised over these steps: {told}{more}.",)
    if constant.any():
        names = _listed(tuple(column.name for column, flat in zip(chosen, constant, strict=True) if flat))
        notes += (f"Constant, so only centred: {names}.",)
    return (values - means) / np.where(constant, 1.0, stds), notes


def _labels(
    table: Table, label_column: str | None, index: Column | None, used: set[str], kept: NDArray[np.bool_]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    source = None
    if label_column == "auto":
        source = index or next((c for c in table.columns if c.kind == "text" and c.name not in used), None)
    elif label_column is not None:
        source = table.column(label_column)
    if source is None:
        return ("",) * int(kept.sum()), ()
    labels = tuple(source.label(int(row)) for row in np.flatnonzero(kept))
    why = " (it counts or dates the rows, so it is no input unless you choose it)" if source is index else ""
    return labels, (f"Labels of the steps from column {source.name!r}{why}.",)


def _symbols(table: Table, column: Column, missing: Missing, notes: tuple[str, ...]) -> Sequence:
    texts = column.texts or ()
    there = [text for text in texts if text]
    gaps = len(texts) - len(there)
    if gaps and missing != "drop":
        first = next(row for row, text in zip(table.rows, texts, strict=True) if not text)
        raise InputError(
            f"Column {column.name!r} has {gaps:,} empty cells (first in row {first}), and a symbol "
            "cannot be made up: "
            "choose to drop them, or correct the file."
        )
    notes += (f"Column {column.name!r} is text, so each row is one symbol.",)
    if gaps:
        notes += (f"Dropped {gaps:,} of {len(texts):,} steps with an empty cell.",)
    return sequence_from_symbols(there, table.source, table.notes + notes)


def _kind(column: Column) -> str:
    return {"text": "text", "empty": "empty", "unusable": "neither numbers nor text"}.get(
        column.kind, "numbers"
    )


def _described(table: Table) -> str:
    return ", ".join(f"{column.name[:60]!r} ({_kind(column)})" for column in table.columns[:8])


def _listed(names: tuple[str, ...], most: int = 8) -> str:
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(repr(name[:60]) for name in names[:most]) + more
