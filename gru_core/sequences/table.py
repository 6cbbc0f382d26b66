"""A table as it was read, before it is decided which columns become a sequence."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from gru_core.errors import InputError
from gru_core.sequences.decoding import clean_label

ColumnKind = Literal["numbers", "text", "empty", "unusable"]
MISSING = frozenset({"", "na", "n/a", "nan", "null", "none", "-", "--", "?", ".", "#n/a", "nil", "missing"})
"""Cells that stand for "no value here", in small letters."""


@dataclass(frozen=True, eq=False)
class Column:
    """One column of a table.

    kind    "numbers"; "text"; "empty" when every cell is missing; "unusable" for lists and the like
    values  (rows,) float64, NaN where missing and possibly infinite; only for numbers
    texts   the cells as they stand; only for text
    wrong   in a column of numbers, the cells that are none: (row index, what stands there)
    """

    name: str
    kind: ColumnKind
    values: NDArray[np.float64] | None = None
    texts: tuple[str, ...] | None = None
    wrong: tuple[tuple[int, str], ...] = ()

    def label(self, row: int) -> str:
        """The cell as a label."""
        if self.texts is not None:
            return clean_label(self.texts[row])
        if self.values is not None and np.isfinite(self.values[row]):
            return f"{self.values[row]:.10g}"
        return ""


@dataclass(frozen=True, eq=False)
class Table:
    """What was read from a file of rows and columns.

    columns    in the file's order, names unique
    rows       (rows,) the number of each row as people count them in the file, from 1
    source     where it came from
    notes      how it was read, one honest sentence each
    """

    columns: tuple[Column, ...]
    rows: NDArray[np.int64]
    source: str
    notes: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def names(self) -> tuple[str, ...]:
        """The columns' names."""
        return tuple(column.name for column in self.columns)

    @property
    def number_names(self) -> tuple[str, ...]:
        """The names of the columns of numbers."""
        return tuple(column.name for column in self.columns if column.kind == "numbers")

    def column(self, name: str) -> Column:
        """The column of that name. Raises InputError that lists the names there are."""
        for column in self.columns:
            if column.name == name:
                return column
        known = ", ".join(repr(known) for known in self.names[:12])
        raise InputError(f"There is no column {name!r}: the table has {known}.")

    def to_frame(self) -> Any:
        """A pandas DataFrame for an editor on the screen; `table_from_frame` reads it back."""
        import pandas as pd

        data: dict[str, Any] = {}
        for column in self.columns:
            if column.wrong or column.values is None:
                texts = dict(column.wrong)
                cells = column.texts or tuple(texts.get(i, column.label(i)) for i in range(len(self)))
                data[column.name] = list(cells)
            else:
                data[column.name] = column.values
        return pd.DataFrame(data)


def table_from_frame(frame: Any, source: str, notes: tuple[str, ...] = ()) -> Table:
    """The table in a pandas DataFrame, for example one that was edited on the screen.

    Raises InputError for true/false or nested cells in a column, as for a file.
    """
    columns = {str(name): list(frame[name]) for name in frame.columns}
    return table_from_values(columns, source, notes)


def table_from_values(
    columns: Mapping[str, Sequence[Any]], source: str, notes: tuple[str, ...] = (), first_row: int = 1
) -> Table:
    """A table from Python's own values by column: numbers, texts, None.

    Raises InputError that names column and row of a cell that is neither.
    """
    names = unique_names(columns)
    made = tuple(
        column_from_values(name, cells, first_row)
        for name, cells in zip(names, columns.values(), strict=True)
    )
    count = len(next(iter(columns.values()))) if columns else 0
    return Table(made, np.arange(first_row, first_row + count), source, notes)


def column_from_values(name: str, cells: Sequence[Any], first_row: int = 1) -> Column:
    """A column from numbers, texts and None. Raises InputError for anything else, naming the row."""
    kinds = {type(cell) for cell in cells}
    if kinds <= {int, float}:
        return Column(name, "numbers", _floats(name, cells, first_row))
    texts = []
    for row, cell in enumerate(cells):
        if isinstance(cell, bool | np.bool_):
            raise InputError(
                f"Column {name!r} has {str(bool(cell)).lower()} in row {row + first_row}, which is "
                "not a number: "
                "write 1 and 0 instead of true and false."
            )
        if cell is None or (isinstance(cell, float | np.floating) and np.isnan(cell)):
            texts.append("")
        elif isinstance(cell, str):
            texts.append(cell)
        elif isinstance(cell, int | float | np.integer | np.floating):
            texts.append(_number_text(name, cell, row + first_row))
        else:
            raise InputError(
                f"Column {name!r} has a {_kind_of(cell)} in row {row + first_row}: each cell must be "
                "one number or "
                "one text, so spread it over several columns."
            )
    return column_from_texts(name, texts)


def column_from_texts(name: str, cells: Iterable[str], decimal_comma: bool = False) -> Column:
    """A column from texts: of numbers when at least half of the cells that are there are numbers."""
    import pandas as pd

    series = pd.Series(cells, dtype="str").reset_index(drop=True).str.strip()
    numbers = pd.to_numeric(series, errors="coerce").astype("float64")
    if decimal_comma or numbers.isna().any():
        # Only the cells that are no plain number need a closer look.
        rest = series if decimal_comma else series[numbers.isna()]
        missing = rest.str.lower().isin(MISSING)
        numbers = as_numbers(rest.mask(missing), decimal_comma).combine_first(numbers.drop(rest.index))
        blank = missing.reindex(series.index, fill_value=False)
    else:
        blank = numbers.isna()
    wrong = numbers.isna() & ~blank
    present = int((~blank).sum())
    if present == 0:
        return Column(name, "empty")
    if 2 * int(wrong.sum()) > present:
        return Column(name, "text", texts=tuple(series))
    # The first few are enough to say where to look; the count tells the rest.
    places = [int(place) for place in np.flatnonzero(wrong)]
    return Column(
        name,
        "numbers",
        numbers.to_numpy(dtype=np.float64),
        wrong=tuple((place, clean_label(series.iloc[place])) for place in places),
    )


def as_numbers(series: Any, decimal_comma: bool) -> Any:
    """A pandas series of texts as float64, NaN where a text is no number; reads 1,234.5 or 1.234,5."""
    import pandas as pd

    point, group = (",", ".") if decimal_comma else (".", ",")
    grouped = series.str.contains(
        rf"^[+-]?\d{{1,3}}(?:\{group}\d{{3}})+(?:\{point}\d+)?$", regex=True, na=False
    )
    if grouped.any():
        series = series.mask(grouped, series.str.replace(group, "", regex=False))
    if decimal_comma:
        # A point that is no grouping is not a number here: 1.5 beside 2,5 would be read in two ways.
        series = series.mask(series.str.contains(".", regex=False, na=False) & ~grouped)
        series = series.str.replace(",", ".", regex=False)
    return pd.to_numeric(series, errors="coerce").astype("float64")


def unique_names(names: Iterable[Any]) -> list[str]:
    """Names that can be shown and told apart: cut to size, "column 3" where empty, "a (2)" where repeated."""
    made: list[str] = []
    seen: set[str] = set()
    for index, name in enumerate(names):
        wanted = clean_label(str(name).strip()) or f"column {index + 1}"
        free, number = wanted, 2
        while free in seen:
            free, number = f"{wanted} ({number})", number + 1
        seen.add(free)
        made.append(free)
    return made


def _floats(name: str, cells: Sequence[Any], first_row: int) -> NDArray[np.float64]:
    try:
        return np.array(cells, dtype=np.float64)
    except OverflowError:
        for row, cell in enumerate(cells):
            _number_text(name, cell, row + first_row)
        raise


def _number_text(name: str, cell: Any, row: int) -> str:
    try:
        return repr(float(cell))
    except OverflowError:
        raise InputError(
            f"Column {name!r} has a whole number of {len(str(cell))} digits in row {row}: numbers "
            "must be below 3.4e38."
        ) from None


def _kind_of(cell: Any) -> str:
    return {"list": "list", "dict": "set of named values"}.get(type(cell).__name__, type(cell).__name__)
