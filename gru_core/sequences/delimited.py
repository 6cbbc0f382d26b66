"""CSV, TSV and their relatives: which delimiter, is there a header, is the decimal sign a comma."""

import csv
import re
from collections.abc import Iterator
from io import StringIO
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gru_core.errors import InputError, LimitError
from gru_core.limits import MAX_CELLS, MAX_FEATURES, MAX_LINE, MAX_STEPS
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
    _check_lines(text)
    separator = delimiter or find_delimiter(text)
    rows = _rows(text, separator, source)
    if not len(rows):
        raise InputError(f"{source!r} holds no rows: choose a file with at least one.")
    first = _fields(text.split("\n", int(rows[0]))[int(rows[0]) - 1], separator)
    named = not any(map(_is_number, first)) if header is None else header
    values = _all_numbers(text, separator, rows[1:] if named else rows)
    if values is not None:
        found, decimal_comma = named, False
        names = unique_names(first if found else [""] * len(first))
        columns = [_number_column(name, values[:, index]) for index, name in enumerate(names)]
    else:
        cells = _cells(text, separator, source, rows)
        decimal_comma = separator != "," and _has_decimal_comma(cells)
        found = _has_header(cells, decimal_comma) if header is None else header
        names = unique_names(cells.iloc[0] if found else [""] * cells.shape[1])
        body = cells.iloc[1:] if found else cells
        columns = [column_from_texts(n, body.iloc[:, i], decimal_comma) for i, n in enumerate(names)]
    said = [_told_header(found, header is not None, names)]
    said.append(
        f"Delimiter: {_delimiter_name(separator)}." if separator is not None else "One column, no delimiter."
    )
    if decimal_comma:
        said.append("The decimal sign is a comma.")
    elif separator == "," and not delimiter and not found and _could_be_decimal(text, rows):
        said.append(
            "If the comma is a decimal sign, write a name over the numbers, or points instead of commas."
        )
    dropped = int(rows[-1]) - len(rows)
    if dropped:
        said.append(f"Dropped {dropped:,} blank row{'s' if dropped > 1 else ''}.")
    return Table(tuple(columns), rows[1:] if found else rows, source, notes + tuple(said))


def find_delimiter(text: str) -> str | None:
    """The delimiter that splits the first lines into equally many fields, two or more; None without one.

    Tab, semicolon and bar win over the comma, which may be a decimal sign; spaces count when every
    field on every line is a number or a word for a missing one, and most are numbers.
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
    if best == "," and _is_one_decimal_column(lines):
        return None
    if best is not None:
        return best
    for delimiter in DELIMITERS:
        below = [line.split(delimiter) for line in lines[1:]]
        # Rows of numbers, each of another length: a ragged table, of which `_rows` says what is wrong.
        if below and all(len(row) > 1 and all(map(_is_number, row)) for row in below):
            return delimiter
    fields = [line.split() for line in lines]
    cells = [field for line in fields[1:] or fields for field in line]
    numbers = sum(map(_is_number, cells))
    # Missing cells are words, and words alone are text.
    if len(fields[0]) > 1 and 2 * numbers >= len(cells) and all(map(_is_cell, cells)):
        return SPACES
    return None


def _is_one_decimal_column(lines: list[str]) -> bool:
    """Whether a name without a comma stands over numbers with one each, which so is a decimal sign."""
    return (
        len(lines) > 1
        and "," not in lines[0]
        and not _is_number(lines[0])
        and all(_DECIMAL_COMMA.fullmatch(line.strip()) for line in lines[1:])
    )


def _options(separator: str | None) -> dict[str, Any]:
    """What both ways of reading tell pandas; blank rows stay, so that row numbers are those of the file."""
    # A character that no text has: then every line is one field.
    return {
        "sep": separator or "\x1f",
        "header": None,
        "keep_default_na": False,
        "skip_blank_lines": False,
        "skipinitialspace": True,
    }


def _all_numbers(text: str, separator: str | None, rows: NDArray[np.int64]) -> NDArray[np.float64] | None:
    """(rows, columns) when every cell is a plain number or missing, which is quick to read; else None."""
    import pandas as pd

    if not len(rows):
        return None
    try:
        frame = pd.read_csv(
            StringIO(text),
            dtype=np.float64,
            na_values=[form for word in MISSING for form in (word, word.upper(), word.title())],
            skiprows=int(rows[0]) - 1,
            **_options(separator),
        )
    except (pd.errors.ParserError, pd.errors.EmptyDataError, ValueError, OverflowError):
        return None
    values: NDArray[np.float64] = frame.to_numpy(dtype=np.float64)
    places = rows - rows[0]
    return values[places] if len(values) > places[-1] else None


def _number_column(name: str, values: NDArray[np.float64]) -> Column:
    if np.isnan(values).all():
        return Column(name, "empty")
    return Column(name, "numbers", np.ascontiguousarray(values))


def _cells(text: str, separator: str | None, source: str, rows: NDArray[np.int64]) -> Any:
    """Every field of the given rows as text in a pandas frame."""
    import pandas as pd

    try:
        cells = pd.read_csv(StringIO(text), dtype="str", na_values=[], **_options(separator)).fillna("")
        return cells.iloc[rows - 1]
    except (pd.errors.ParserError, pd.errors.EmptyDataError, ValueError, IndexError) as problem:
        raise _not_split(source) from problem


def _not_split(source: str) -> InputError:
    return InputError(f"{source!r} cannot be split into rows and columns: is a quotation mark left open?")


def _rows(text: str, separator: str | None, source: str) -> NDArray[np.int64]:
    """The numbers, from 1, of the rows that are not blank.

    Raises InputError that names the first row with more or fewer fields than the first one.
    """
    numbers: list[int] = []
    expected = cells = 0
    try:
        for number, count, blank in _widths(text, separator):
            if blank:
                continue
            expected = expected or count
            cells += count
            if count != expected:
                raise InputError(
                    f"Row {number} has {count} field{'s' if count != 1 else ''} and the first row has "
                    f"{expected}: every row needs the same number. Leave a field empty where a value is "
                    "missing, and put quotes around a field that holds the delimiter."
                )
            if count > 4 * MAX_FEATURES or cells > MAX_CELLS + 4 * MAX_STEPS:
                raise LimitError(
                    f"A table may have at most {MAX_FEATURES:,} columns and {MAX_CELLS:,} cells, and "
                    "this one "
                    f"has {count:,} columns and at least {cells:,} cells: use fewer rows or columns."
                )
            numbers.append(number)
    except csv.Error as problem:
        raise _not_split(source) from problem
    return np.array(numbers, dtype=np.int64)


def _widths(text: str, separator: str | None) -> Iterator[tuple[int, int, bool]]:
    """Row number, from 1, number of fields, and whether all of them are empty."""
    if '"' in text:
        reader = csv.reader(
            StringIO(text),
            delimiter=separator if separator and len(separator) == 1 else "\x1f",
            skipinitialspace=True,
            strict=True,
        )
        for number, row in enumerate(reader, start=1):
            count = len(" ".join(row).split()) if separator == SPACES else len(row)
            yield number, count, not any(map(str.strip, row))
        return
    for number, line in enumerate(text.split("\n"), start=1):
        if separator is None or separator == SPACES:
            yield number, len(line.split()) if separator else 1, not line.strip()
        else:
            yield number, line.count(separator) + 1, not line.replace(separator, "").strip()


def _fields(line: str, separator: str | None) -> list[str]:
    """The fields of one line; a quoted field that goes on in the next line is cut there."""
    if separator is None or separator == SPACES:
        return line.split() if separator else [line.strip().strip('"')]
    return [
        field.strip() for field in next(csv.reader([line], delimiter=separator, skipinitialspace=True), [""])
    ]


def _check_lines(text: str) -> None:
    lines = text.count("\n") + 1
    if lines > 2 * MAX_STEPS:
        raise LimitError(
            f"A sequence may have at most {MAX_STEPS:,} steps, and this table has {lines:,} rows: "
            "cut it, or keep every tenth row."
        )
    longest = max(map(len, text.split("\n")))
    if longest > MAX_LINE:
        raise LimitError(
            f"A row of a table may have at most {MAX_LINE:,} characters, and this one has a row of "
            f"{longest:,}: "
            "is this really a table?"
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


def _could_be_decimal(text: str, rows: NDArray[np.int64]) -> bool:
    """Whether "20,5" on every row may as well be one number as two."""
    lines = text.split("\n")
    return all(re.fullmatch(r"[+-]?\d+,\d+", lines[row - 1].strip()) for row in rows[:SAMPLE_LINES].tolist())


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


def _is_cell(text: str) -> bool:
    """Whether it is a number or stands for a missing one."""
    return _is_number(text) or text.strip().lower() in MISSING
