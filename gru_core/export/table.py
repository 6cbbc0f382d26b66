"""A trace as a table with one row per layer, step and unit, for spreadsheets and data frames."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from gru_core.errors import LimitError, ShapeError
from gru_core.symbols import TRACED

if TYPE_CHECKING:
    from gru_core.trace import GateTrace

MAX_ROWS: Final = 1_000_000
"""Rows of a table: spreadsheets open 1,048,576 at most."""

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def trace_to_csv(traces: Sequence[GateTrace], labels: Sequence[str] | None = None) -> bytes:
    """CSV in UTF-8 with the columns layer, direction, step, symbol, unit, R, Z, H_tilde, H.

    labels  one text per step for the column symbol; empty without them

    Steps and units count from 0. Numbers have as many digits as give the same number back. A label that a
    spreadsheet would take for a formula (it starts with =, +, - or @ and is no number) gets an apostrophe
    before it, which a spreadsheet shows as plain text. A batch of several sequences has their number in a
    first column, sequence.

    Raises LimitError above MAX_ROWS rows, ShapeError when there is not one label per step.
    """
    import pyarrow as pa
    from pyarrow import csv

    rows = sum(trace.Z.size for trace in traces)
    if rows > MAX_ROWS:
        raise LimitError(
            f"A table may have at most {MAX_ROWS:,} rows (steps x units x layers), and this trace would have "
            f"{rows:,}: save it as NPZ, or take fewer steps."
        )
    batch, steps, units = traces[0].Z.shape
    given = [""] * steps if labels is None else [as_text(label) for label in labels]
    if len(given) != steps:
        raise ShapeError(f"A trace of {steps} steps needs as many labels, got {len(given)}.")

    count = batch * steps * units
    sequence, step, unit = np.indices((batch, steps, units), dtype=np.int32).reshape(3, count)
    symbol = pa.DictionaryArray.from_arrays(pa.array(step), pa.array(given, pa.string())).cast(pa.string())
    tables = []
    for trace in traces:
        columns: dict[str, Any] = {"sequence": pa.array(sequence)} if batch > 1 else {}
        columns["layer"] = pa.array(np.full(count, trace.layer, np.int32))
        columns["direction"] = pa.array([trace.direction]).take(pa.array(np.zeros(count, np.int32)))
        columns |= {"step": pa.array(step), "symbol": symbol, "unit": pa.array(unit)}
        columns |= {s.name: pa.array(getattr(trace, s.name).reshape(-1)) for s in TRACED}
        tables.append(pa.table(columns))
    buffer = io.BytesIO()
    options = csv.WriteOptions(quoting_style="needed", quoting_header="none")
    csv.write_csv(pa.concat_tables(tables), buffer, options)
    return buffer.getvalue()


def as_text(label: str) -> str:
    """A label that no spreadsheet takes for a formula."""
    return f"'{label}" if label.startswith(_FORMULA) and not _is_number(label) else label


def _is_number(label: str) -> bool:
    try:
        float(label)
    except ValueError:
        return False
    return True
