"""The sequences of a data set, one by one: of a folder, a Parquet file, an NPZ or NPY file, or another file.

However large the data are, no more is held than one sequence, or a few hundred rows of a Parquet file.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from gru_core.archives import NPY_MAGIC, ZIP_MAGIC
from gru_core.errors import GateScopeError, InputError
from gru_core.limits import MAX_DATA_BYTES
from gru_core.sequences import SEQUENCE_SUFFIXES, Sequence, read_sequence
from gru_core.sequences.from_table import Missing
from gru_core.sequences.parquet_file import MAGIC as PARQUET_MAGIC
from gru_core.sequences.symbols import TextUnit
from gru_core.sources import open_source


@dataclass(frozen=True)
class ReadingOptions:
    """How each sequence is read, as `read_sequence` describes it.

    id_column  of a Parquet file with one step per row: the column that says which sequence a row is of
    """

    columns: tuple[str | int, ...] | None = None
    missing: Missing = "refuse"
    standardise: bool = False
    text_unit: TextUnit = "auto"
    vocabulary: tuple[str, ...] | None = None
    id_column: str | None = None

    @property
    def as_they_are(self) -> bool:
        """Whether numbers are taken as they are: all columns, and missing ones are refused."""
        return self.columns is None and self.missing == "refuse" and not self.standardise


Named = tuple[str, Sequence | GateScopeError]

_PLAIN = ReadingOptions()


def sequences_in(path: str | Path, options: ReadingOptions = _PLAIN) -> Iterator[Named]:
    """Each sequence with its name, or with the reason why it cannot be read.

    A folder: every file in it and below whose ending is one of SEQUENCE_SUFFIXES, in the order of their
    names; each is one sequence, whatever it holds. Files whose names begin with a dot are left out.
    A Parquet file: see survey/of_parquet.py. An NPZ or NPY file: see survey/of_arrays.py.
    Any other file is one sequence, as `read_sequence` reads it.

    Raises InputError when there is no such file or folder, or it holds no sequences.
    """
    place = Path(path)
    if place.is_dir():
        yield from _of_folder(place, options)
        return
    with open_source(
        place, what="A data set", limit=MAX_DATA_BYTES, remedy="split it.", error=InputError
    ) as opened:
        head = opened.head(8)
        if head.startswith(PARQUET_MAGIC):
            # Only who has such a file pays for pyarrow.
            from gru_core.survey.of_parquet import sequences_of_parquet

            yield from sequences_of_parquet(opened, options)
            return
        if options.id_column is not None:
            raise InputError(
                f"An id column is said of a Parquet file, and {opened.name!r} is none: leave it out."
            )
        if head.startswith((ZIP_MAGIC, NPY_MAGIC)):
            from gru_core.survey.of_arrays import sequences_of_arrays

            yield from sequences_of_arrays(opened, options)
            return
    yield _one(place, place.name, options)


def _of_folder(folder: Path, options: ReadingOptions) -> Iterator[Named]:
    if options.id_column is not None:
        raise InputError("An id column is said of a Parquet file, and these data are a folder: leave it out.")
    found = False
    # Folder by folder, so that the names of one are held at a time.
    for inner, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(files):
            if not name.startswith(".") and Path(name).suffix.lower() in SEQUENCE_SUFFIXES:
                found = True
                place = Path(inner) / name
                yield _one(place, place.relative_to(folder).as_posix(), options)
    if not found:
        raise InputError(
            f"{folder.name!r} holds no sequences: a folder of them has files such as "
            f"{', '.join(SEQUENCE_SUFFIXES[:4])}."
        )


def _one(place: Path, name: str, options: ReadingOptions) -> Named:
    try:
        return name, read_sequence(
            place,
            columns=options.columns,
            missing=options.missing,
            standardise=options.standardise,
            text_unit=options.text_unit,
            vocabulary=options.vocabulary,
        )
    except GateScopeError as error:
        return name, error
