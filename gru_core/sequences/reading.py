"""The ways in: `read_sequence` for files, `read_pasted` for the clipboard, `read_table` for a look first."""

import re
from collections.abc import Sequence as ListLike
from typing import Literal, get_args

from gru_core.archives import NPY_MAGIC, ZIP_MAGIC
from gru_core.errors import InputError
from gru_core.limits import MAX_SEQUENCE_BYTES, MAX_STEPS, check_bytes, check_sequence_size
from gru_core.sequences.arrays import read_npy_sequence, read_npz_sequence
from gru_core.sequences.decoding import decode
from gru_core.sequences.delimited import find_delimiter, read_delimited
from gru_core.sequences.from_table import Missing, sequence_from_table
from gru_core.sequences.json_file import read_json
from gru_core.sequences.parquet_file import MAGIC as PARQUET_MAGIC
from gru_core.sequences.parquet_file import read_parquet
from gru_core.sequences.sequence import Sequence
from gru_core.sequences.symbols import TextUnit, check_unit, count_symbols, sequence_from_text
from gru_core.sequences.table import Table, table_from_values
from gru_core.sources import Opened, Source, open_source

Kind = Literal["csv", "tsv", "json", "npy", "npz", "parquet", "text", "pasted"]

SUFFIXES: dict[str, Kind] = {
    ".csv": "csv",
    ".tsv": "tsv",
    ".tab": "tsv",
    ".json": "json",
    ".npy": "npy",
    ".npz": "npz",
    ".parquet": "parquet",
    ".pq": "parquet",
    ".txt": "pasted",
    ".text": "text",
    ".md": "text",
}
"""What the ending of a name says; a .txt may hold anything, so it is read as pasted text is."""
SEQUENCE_SUFFIXES: tuple[str, ...] = tuple(SUFFIXES)

_PACKED = {
    b"\x1f\x8b": "gzip",
    b"BZh": "bzip2",
    b"\xfd7zXZ": "xz",
    b"\x28\xb5\x2f\xfd": "zstd",
    b"7z\xbc\xaf": "7z",
}
_SPREADSHEET = "[Content_Types].xml"
_JSON_VALUE = re.compile(r'[0-9"]|true|false|null')
_TOKENS = re.compile(r"[\s,;]+")


def read_sequence(
    source: Source,
    *,
    name: str | None = None,
    kind: Kind | None = None,
    columns: ListLike[str | int] | None = None,
    missing: Missing = "refuse",
    standardise: bool = False,
    text_unit: TextUnit = "auto",
    header: bool | None = None,
    delimiter: str | None = None,
    label_column: str | None = "auto",
    array: str | None = None,
    vocabulary: tuple[str, ...] | None = None,
) -> Sequence:
    """The sequence in a file, with notes on how it was read.

    source       a path, an open binary file (read from its beginning) or bytes
    name         the file's name, where the source does not know it; its ending tells the kind
    kind         overrides what name and content say: "csv", "tsv", "json", "npy", "npz", "parquet", "text"
    columns, missing, standardise, label_column   for tables, see `sequence_from_table`
    header, delimiter                             for CSV and TSV, see `read_delimited`
    text_unit, vocabulary                         for text, see `sequence_from_text`
    array        which array of an .npz

    Raises InputError that says what is wrong and where, or LimitError.
    """
    check_unit(text_unit)
    read = _read(source, name, kind, header, delimiter, array, text_unit, vocabulary)
    if isinstance(read, Sequence):
        return read
    return sequence_from_table(
        read, columns=columns, missing=missing, standardise=standardise, label_column=label_column
    )


def read_table(
    source: Source,
    *,
    name: str | None = None,
    kind: Kind | None = None,
    header: bool | None = None,
    delimiter: str | None = None,
    array: str | None = None,
    text_unit: TextUnit = "auto",
    vocabulary: tuple[str, ...] | None = None,
) -> Table | Sequence:
    """What is in a file before columns are chosen: a Table, or a symbolic Sequence where it is text.

    Arguments and errors as in `read_sequence`; `sequence_from_table` takes the next step.
    """
    check_unit(text_unit)
    return _read(source, name, kind, header, delimiter, array, text_unit, vocabulary)


def read_pasted(
    text: str,
    *,
    columns: ListLike[str | int] | None = None,
    missing: Missing = "refuse",
    standardise: bool = False,
    text_unit: TextUnit = "auto",
    header: bool | None = None,
    vocabulary: tuple[str, ...] | None = None,
    source: str = "pasted",
) -> Sequence:
    """The sequence in pasted text: numbers in a row or in lines, a table, JSON, or running text.

    With `vocabulary` (the symbols a model reads) text made of those symbols stays text, even if they are
    digits. Without it, a single run of digits such as 0110 is four characters, and 0 1 1 0 four numbers.

    Raises InputError or LimitError as `read_sequence` does.
    """
    check_unit(text_unit)
    check_bytes("Pasted text", len(text), MAX_SEQUENCE_BYTES, "paste less of it.")
    read = _from_text(text, source, (), header, None, text_unit, vocabulary)
    if isinstance(read, Sequence):
        return read
    return sequence_from_table(read, columns=columns, missing=missing, standardise=standardise)


def _read(
    source: Source,
    name: str | None,
    kind: Kind | None,
    header: bool | None,
    delimiter: str | None,
    array: str | None,
    unit: TextUnit,
    vocabulary: tuple[str, ...] | None,
) -> Table | Sequence:
    if kind is not None and kind not in get_args(Kind):
        raise InputError(f"Files are read as {', '.join(get_args(Kind))}, got {kind!r}.")
    with open_source(
        source,
        what="A sequence's file",
        limit=MAX_SEQUENCE_BYTES,
        remedy="cut it, or keep every tenth step.",
        error=InputError,
        name=name,
    ) as opened:
        found = kind or _kind_of(opened)
        if found == "npy":
            return read_npy_sequence(opened)
        if found == "npz":
            return read_npz_sequence(opened, array)
        if found == "parquet":
            return read_parquet(opened)
        text, notes = decode(opened.read(), opened.name)
        if found in ("csv", "tsv"):
            separator = delimiter or ("\t" if found == "tsv" and "\t" in text else None)
            return read_delimited(text, opened.name, header=header, delimiter=separator, notes=notes)
        if found == "json":
            return read_json(text, opened.name, notes)
        if found == "text":
            return sequence_from_text(text, opened.name, unit, vocabulary, notes)
        return _from_text(text, opened.name, notes, header, delimiter, unit, vocabulary)


def _kind_of(opened: Opened) -> Kind:
    """The kind by content where that is plain, else by the name's ending, else as pasted text."""
    head = opened.head(16)
    if head.startswith(NPY_MAGIC):
        return "npy"
    if head.startswith(PARQUET_MAGIC):
        return "parquet"
    for magic, title in _PACKED.items():
        if head.startswith(magic):
            raise InputError(
                f"{opened.name!r} is compressed ({title}), which is not unpacked here: unpack it first."
            )
    if head.startswith(ZIP_MAGIC):
        if opened.suffix in (".xlsx", ".xlsm", ".ods"):
            raise InputError(f"{opened.name!r} is a spreadsheet: save the sheet as CSV and choose that.")
        return "npz"
    if head.startswith(b"\xd0\xcf\x11\xe0"):
        raise InputError(
            f"{opened.name!r} is a spreadsheet or document: save the sheet as CSV and choose that."
        )
    by_name = SUFFIXES.get(opened.suffix, "pasted")
    if by_name in ("npy", "npz", "parquet"):
        raise InputError(
            f"{opened.name!r} is not a {opened.suffix} file by its content: save or copy it again."
        )
    return by_name


def _from_text(
    text: str,
    source: str,
    notes: tuple[str, ...],
    header: bool | None,
    delimiter: str | None,
    unit: TextUnit,
    vocabulary: tuple[str, ...] | None,
) -> Table | Sequence:
    """Decide what loose text is: symbols a model knows, JSON, numbers, a table, or running text."""
    body = text.strip("\ufeff \t\r\n")
    if not body:
        raise InputError("There is nothing here: paste numbers, a table or text.")
    if unit != "auto" or (vocabulary is not None and _speaks(body, vocabulary)):
        return sequence_from_text(text, source, unit, vocabulary, notes)
    if body[0] in "[{":
        try:
            return read_json(body, source, notes)
        except InputError:
            # Brackets are also symbols; only what ends as JSON does is meant as JSON.
            if body[-1] in "]}" and _JSON_VALUE.search(body):
                raise
            return sequence_from_text(text, source, unit, vocabulary, notes)
    numbers = _loose_numbers(body, source, notes)
    if numbers is not None:
        return numbers
    if _mostly_numbers(body):
        return read_delimited(body, source, header=header, delimiter=delimiter, notes=notes)
    if "\n" in body or header:
        separator = delimiter or find_delimiter(body)
        if separator is not None:
            table = read_delimited(body, source, header=header, delimiter=separator, notes=notes)
            if table.number_names:
                return table
    return sequence_from_text(text, source, unit, vocabulary, notes)


def _speaks(body: str, vocabulary: tuple[str, ...]) -> bool:
    """Whether the text is made of a model's symbols alone, with or without spaces between."""
    known = set(vocabulary)
    if len(body) > MAX_SEQUENCE_BYTES // 10:
        return set(body) - {" ", "\n", "\r", "\t", ",", ";"} <= known
    return (
        set(body) <= known or set("".join(body.split())) <= known or set(_TOKENS.split(body)) - {""} <= known
    )


def _mostly_numbers(body: str) -> bool:
    """Whether most of the first fields on several lines are numbers: then it is meant as a table."""
    if "\n" not in body:
        return False
    fields = [field for field in _TOKENS.split(body[:20_000])[:2_000] if field]
    return 2 * sum(map(_is_number, fields)) > len(fields)


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _loose_numbers(body: str, source: str, notes: tuple[str, ...]) -> Table | None:
    """Numbers on one line, each a step of one feature; None where it is a table or text."""
    if "\n" in body or "\r" in body:
        return None
    semicolons = ";" in body
    line = body.replace(",", ".") if semicolons and re.search(r"\d,\d", body) else body
    if line.isdigit() and len(line) > 1:
        return None
    if len(line) > 2 * MAX_STEPS:
        check_sequence_size(count_symbols(line), 1)
    parts = [part for part in _TOKENS.split(line) if part]
    if not all(map(_is_number, parts)):
        return None
    values = [float(part) for part in parts]
    check_sequence_size(len(values), 1)
    told = ("The decimal sign is a comma.",) if line != body else ()
    return table_from_values({"value": values}, source, (*notes, "Numbers in a row, one per step.", *told))
