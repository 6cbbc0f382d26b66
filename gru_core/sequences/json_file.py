"""JSON: a list of numbers or symbols, a list of rows, a list of records, or a dict of columns."""

import json
from typing import Any

from gru_core.errors import InputError, LimitError
from gru_core.limits import MAX_CELLS, MAX_ENTRIES, MAX_STEPS, check_sequence_size
from gru_core.sequences.sequence import Sequence
from gru_core.sequences.symbols import sequence_from_symbols
from gru_core.sequences.table import Table, table_from_values

FORMS = "a list of numbers, a list of rows of numbers, a list of records, or a dict of columns"


def read_json(text: str, source: str, notes: tuple[str, ...] = ()) -> Table | Sequence:
    """A table, or a symbolic sequence where the JSON is a list of texts.

    Raises InputError that says what was found where one of the known forms was expected, LimitError
    when there are too many values; those are counted before anything is parsed.
    """
    # Every value but the first is behind a comma, a bracket or a colon: this bounds them without parsing.
    values, entries = text.count(","), text.count(":")
    rows = text.count("[") + text.count("{")
    if values > MAX_CELLS + MAX_STEPS or rows > 3 * MAX_STEPS or entries > MAX_ENTRIES:
        raise LimitError(
            f"JSON may have at most {MAX_CELLS:,} values in {MAX_STEPS:,} rows and {MAX_ENTRIES:,} "
            "named entries, "
            f"and this has about {values:,} values in {rows:,} lists or records and {entries:,} entries: "
            "use less of it, or save it as CSV."
        )
    try:
        data = json.loads(text)
    except RecursionError as problem:
        raise InputError(f"{source!r} is nested too deeply: JSON is read as {FORMS}.") from problem
    except ValueError as problem:
        where = (
            f"line {problem.lineno}, column {problem.colno}"
            if isinstance(problem, json.JSONDecodeError)
            else ""
        )
        reason = (
            f"it breaks at {where} ({problem.msg})"
            if isinstance(problem, json.JSONDecodeError)
            else "a number in it is far too long"
        )
        raise InputError(f"{source!r} is not valid JSON: {reason}. Correct it there.") from problem
    if isinstance(data, dict):
        return _from_dict(data, source, notes)
    if isinstance(data, list):
        return _from_list(data, source, notes)
    raise InputError(f"{source!r} holds a single {_kind(data)}: JSON is read as {FORMS}.")


def _from_list(data: list[Any], source: str, notes: tuple[str, ...]) -> Table | Sequence:
    if not data:
        raise InputError(f"{source!r} is an empty list: a sequence needs at least 1 step.")
    check_sequence_size(len(data), 1)
    kinds = {_kind(item) for item in data}
    if kinds == {"text"}:
        return sequence_from_symbols(data, source, (*notes, "JSON: a list of texts, one symbol per step."))
    if kinds <= {"number", "null"}:
        return table_from_values({"value": data}, source, (*notes, "JSON: a list of numbers, one per step."))
    if kinds == {"list"}:
        return _from_rows(data, source, notes)
    if kinds == {"dict"}:
        return _from_records(data, source, notes)
    first = next(
        i for i, item in enumerate(data) if _kind(item) != _kind(data[0]) or _kind(item) == "true/false"
    )
    raise InputError(
        f"{source!r} mixes {' and '.join(sorted(kinds))} (item {first + 1} is a {_kind(data[first])}): "
        f"JSON is read as {FORMS}."
    )


def _from_rows(
    data: list[list[Any]], source: str, notes: tuple[str, ...], names: list[str] | None = None
) -> Table:
    width = len(names) if names is not None else len(data[0])
    for row, cells in enumerate(data):
        if not isinstance(cells, list):
            raise InputError(
                f"Row {row + 1} of {source!r} is a {_kind(cells)}: every row must be a list of numbers."
            )
        if len(cells) != width:
            raise InputError(
                f"Row {row + 1} has {len(cells)} value{'s' if len(cells) != 1 else ''} and "
                f"{'the columns are' if names else 'the first row has'} {width}: every row needs the "
                "same number. "
                "Write null where a value is missing."
            )
    if not width:
        raise InputError(f"{source!r} has rows without values: a sequence needs at least 1 number per step.")
    check_sequence_size(len(data), width)
    columns = {str(index): [row[index] for row in data] for index in range(width)}
    _check_cells(columns, source)
    keys = names if names is not None else [f"column {index + 1}" for index in range(width)]
    named = dict(zip(_distinct(keys), columns.values(), strict=True))
    return table_from_values(named, source, (*notes, "JSON: a list of rows, one per step."))


def _from_records(data: list[dict[str, Any]], source: str, notes: tuple[str, ...]) -> Table:
    names = list(dict.fromkeys(name for record in data for name in record))
    if not names:
        raise InputError(f"{source!r} has records without entries: name the numbers in each.")
    check_sequence_size(len(data), len(names))
    columns = {name: [record.get(name) for record in data] for name in names}
    _check_cells(columns, source)
    gaps = sum(len(names) - len(record) for record in data)
    told = f" {gaps:,} entries are not there and count as missing." if gaps else ""
    return table_from_values(columns, source, (*notes, f"JSON: a list of records, one per step.{told}"))


def _from_dict(data: dict[str, Any], source: str, notes: tuple[str, ...]) -> Table:
    if isinstance(data.get("data"), list) and isinstance(data.get("columns"), list):
        return _from_rows(data["data"], source, notes, [str(name) for name in data["columns"]])
    lists = {str(name): column for name, column in data.items() if isinstance(column, list)}
    if not lists:
        raise InputError(f"{source!r} is a dict without lists: JSON is read as {FORMS}.")
    lengths = {name: len(column) for name, column in lists.items()}
    if len(set(lengths.values())) > 1:
        short, long = min(lengths, key=lambda n: lengths[n]), max(lengths, key=lambda n: lengths[n])
        raise InputError(
            f"Column {short!r} has {lengths[short]:,} values and column {long!r} has {lengths[long]:,}: "
            "all columns need the same number."
        )
    check_sequence_size(max(1, next(iter(lengths.values()))), len(lists))
    _check_cells(lists, source)
    others = [str(name) for name, column in data.items() if not isinstance(column, list)]
    told = tuple(f"Entry {name!r} left out: it is not a list." for name in others[:8])
    return table_from_values(lists, source, (*notes, "JSON: a dict of columns.", *told))


def _check_cells(columns: dict[str, list[Any]], source: str) -> None:
    for cells in columns.values():
        for row, cell in enumerate(cells):
            if isinstance(cell, list | dict):
                raise InputError(
                    f"Row {row + 1} of {source!r} is nested one level too deep: each cell must be one "
                    "number. "
                    f"JSON is read as {FORMS}; of several sequences, give one."
                )


def _distinct(names: list[str]) -> list[str]:
    from gru_core.sequences.table import unique_names

    return unique_names(names)


def _kind(item: Any) -> str:
    if isinstance(item, bool):
        return "true/false"
    return {"int": "number", "float": "number", "str": "text", "NoneType": "null"}.get(
        type(item).__name__, type(item).__name__
    )
