"""CSV, TSV and their relatives: which delimiter, is there a header, is the decimal sign a comma."""

import csv
import re
from collections.abc import Iterator
from io import StringIO
from typing import Any

import numpy as np

from gru_core.errors import InputError, LimitError
from gru_core.limits import MAX_CELLS, MAX_FEATURES, MAX_STEPS
from gru_core.sequences.table import MISSING, Column, Table, as_numbers, column_from_texts, unique_names

DELIMITERS = {"\t": "tab", ";": "semicolon", "|": "bar", ",": "comma"}
SPACES = r"\s+"
_QUOTED = re.compile(r'"(?:[^"]|"")*"')
_DECIMAL_COMMA = re.compile(r"[+-]?(?:\d{1,3}(?:\.\d{3})+|\d*),\d+(?:[eE][+-]?\d+)?")
_GROUPED = re.compile(r"[+-]?[1-9]\d{0,2}(?:,\d{3})+")
SAMPLE_LINES = 60


def read_delimited(
    text: str,
    source: str,
    *,
    header: bool | None = None,
    delimiter: str | None = None,
    notes: tuple[str, ...] = (),
) -> Table:
    """The table in delimited text. What is not given is found out from the text and said in the notes.

    header     whether the first row holds names; None: it does when none of its cells is a number
    delimiter  one character, or None

    Raises InputError for ragged rows (naming the row) and texts without rows, LimitError when too large.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if not text.strip():
        raise InputError(f"{source!r} holds no rows: choose a file with at least one.")
    separator = delimiter or find_delimiter(text)
    _check_size(text, separator)
    if separator is not None:
        _check_widths(text, separator, source)
    cells = _cells(text, separator, source).fillna("")
    blank = (cells == "").all(axis=1)
    rows = np.flatnonzero(~blank.to_numpy()) + 1
    cells = cells[~blank]
    if not len(cells):
        raise InputError(f"{source!r} holds no rows: choose a file with at least one.")
    decimal_comma = separator != "," and _has_decimal_comma(cells)

    found = _has_header(cells, decimal_comma) if header is None else header
    names = unique_names(cells.iloc[0] if found else [""] * cells.shape[1])
    body = cells.iloc[1:] if found else cells
    columns: list[Column] = [
        column_from_texts(name, body.iloc[:, index], decimal_comma) for index, name in enumerate(names)
    ]
    said = [_told_header(found, header is not None, names)]
    said.append(
        f"Delimiter: {_delimiter_name(separator)}." if separator is not None else "One column, no delimiter."
    )
    if decimal_comma:
        said.append("The decimal sign is a comma.")
    dropped = int(blank.sum()) - int(blank.iloc[-1])
    if dropped:
        said.append(f"Dropped {dropped:,} blank row{'s' if dropped > 1 else ''}.")
    return Table(tuple(columns), rows[1:] if found else rows, source, notes + tuple(said))


def find_delimiter(text: str) -> str | None:
    """The delimiter that splits the first lines into equally many fields, two or more; None without one.

    Tab, semicolon and bar win over the comma, which may be a decimal sign; spaces count when every
    field on every line is a number.
    """
    # Quoted fields may hold delimiters and line ends of their own.
    lines = [line for line in _QUOTED.sub("", text[:100_000]).split("\n")[:SAMPLE_LINES] if line.strip()]
    if not lines:
        return None
    best, best_score = None, 0.0
    for delimiter in DELIMITERS:
        counts = [line.count(delimiter) for line in lines]
        usual = max(set(counts), key=counts.count)
        share = counts.count(usual) / len(counts)
        # A ragged file still has a delimiter; a sentence with a comma somewhere has none.
        if usual and share > 0.6 and share > best_score + 0.2:
            best, best_score = delimiter, share
    if best is not None:
        return best
    fields = [line.split() for line in lines]
    if len(fields[0]) > 1 and all(_is_number(field) for line in fields[1:] or fields for field in line):
        return SPACES
    return None


def _cells(text: str, separator: str | None, source: str) -> Any:
    """Every field as text in a pandas frame, missing where a row is too short."""
    import pandas as pd

    if separator is None:
        # No delimiter: one column of whole lines.
        lines = text.rstrip("\n").split("\n")
        return pd.DataFrame(
            {0: pd.Series([_QUOTED.sub(lambda m: m[0][1:-1], line.strip()) for line in lines], dtype="str")}
        )
    try:
        return pd.read_csv(
            StringIO(text),
            sep=separator,
            header=None,
            dtype="str",
            keep_default_na=False,
            na_values=[],
            skip_blank_lines=False,
            skipinitialspace=True,
        )
    except (pd.errors.ParserError, pd.errors.EmptyDataError, ValueError) as problem:
        raise InputError(
            f"{source!r} cannot be split into rows and columns: is a quotation mark left open?"
        ) from problem


def _check_widths(text: str, separator: str, source: str) -> None:
    """Raise InputError that names the first row with more or fewer fields than the first one."""
    expected = None
    try:
        for row, count in _widths(text, separator):
            if expected is None:
                expected = count
            if count != expected:
                raise InputError(
                    f"Row {row} has {count} field{'s' if count != 1 else ''} and the first row has "
                    f"{expected}: every "
                    "row needs the same number. Leave a field empty where a value is missing, and "
                    "put quotes around "
                    "a field that holds the delimiter."
                )
    except csv.Error as problem:
        raise InputError(
            f"{source!r} cannot be split into rows and columns: is a quotation mark left open?"
        ) from problem


def _widths(text: str, separator: str) -> Iterator[tuple[int, int]]:
    """Row number, from 1, and number of fields of every row that is not blank."""
    if separator == SPACES or '"' not in text:
        for number, line in enumerate(text.split("\n"), start=1):
            if line.strip():
                yield number, len(line.split()) if separator == SPACES else line.count(separator) + 1
        return
    rows = csv.reader(StringIO(text), delimiter=separator, skipinitialspace=True, strict=True)
    for number, row in enumerate(rows, start=1):
        if any(row):
            yield number, len(row)


def _check_size(text: str, separator: str | None) -> None:
    lines = text.count("\n") + 1
    if lines > 2 * MAX_STEPS:
        raise LimitError(
            f"A sequence may have at most {MAX_STEPS:,} steps, and this table has {lines:,} rows: "
            "cut it, or keep every tenth row."
        )
    if separator is None:
        return
    single = separator if len(separator) == 1 else " "
    widest = max(line.count(single) for line in text.split("\n")) + 1
    cells = text.count(single) + lines
    if widest > 4 * MAX_FEATURES or cells > MAX_CELLS + 4 * MAX_STEPS:
        raise LimitError(
            f"A table may have at most {MAX_FEATURES:,} columns and {MAX_CELLS:,} cells, and this one has "
            f"{widest:,} and {cells:,}: use fewer rows or columns."
        )


def _has_header(cells: Any, decimal_comma: bool) -> bool:
    """Whether the first row holds names: none of its cells is a number, and a column below is.

    Without any numbers it does when there are several columns, or when the single column's first cell
    never comes again.
    """
    first = [str(cell).strip() for cell in cells.iloc[0]]
    if any(_is_number(cell.replace(",", ".") if decimal_comma else cell) for cell in first) or not any(first):
        return False
    if all(cell.lower() in MISSING for cell in first):
        return False
    if len(cells) == 1:
        return len(first) > 1
    body = cells.iloc[1:]
    for index in range(body.shape[1]):
        numbers = as_numbers(body.iloc[:500, index].str.strip(), decimal_comma)
        if 2 * int(numbers.notna().sum()) >= max(1, len(numbers)):
            return True
    return len(first) > 1 or first[0] not in set(body.iloc[:, 0])


def _has_decimal_comma(cells: Any) -> bool:
    sample = [str(cell).strip() for cell in cells.iloc[:500].to_numpy().ravel()[:5000] if "," in str(cell)]
    decimal = [cell for cell in sample if _DECIMAL_COMMA.fullmatch(cell)]
    return bool(decimal) and any(not _GROUPED.fullmatch(cell) for cell in decimal)


def _told_header(found: bool, given: bool, names: list[str]) -> str:
    how = "as you said" if given else "found"
    shown = ", ".join(repr(name) for name in names[:6]) + (" ..." if len(names) > 6 else "")
    if found:
        return f"Header in the first row ({how}): {shown}."
    return f"No header ({how if given else 'the first row is data'}); columns are numbered."


def _delimiter_name(separator: str) -> str:
    return "spaces" if separator == SPACES else DELIMITERS.get(separator, repr(separator))


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return text.strip().lower() not in MISSING
