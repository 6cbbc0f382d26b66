"""What the heatmap component is sent: one block of bytes, of bounded size however long the input is.

    u32 little-endian: header's length | header, JSON in UTF-8, padded with spaces | arrays, 8-byte aligned

Every array in the header is a reference `{"dtype", "offset", "length"}` into the third part.

A picture is no wider than a screen, so at most `MAX_COLUMNS` columns travel. A longer input travels as
*levels*: a coarse one over all steps, whose columns are means of `bin` neighbouring steps, and a fine one
around the window that is looked at. The browser paints the coarse one stretched and the fine one over it.

Values are quantised over a locked range. Up to `FINE_CELLS` cells they travel as uint16 (a step of 1/65535 of
the range: three decimals are exact); above that as uint8 (1/255: two decimals), because at 512 units x 1000
steps the bytes on the wire, not the painting, are what people would wait for.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gru_core.errors import InputError, ShapeError

MAX_COLUMNS = 1500
"""Columns of the finest level: more than a projector has pixels across a picture."""

OVERVIEW_COLUMNS = 500
"""Columns of the coarse level when a fine one is sent along with it."""

FINE_CELLS = 2**18
"""Cells, over all panels and levels, up to which values travel with 16 bits."""

GRID = 250
"""Fine levels start at multiples of this, so that panning a little asks for nothing new."""

_ALIGN = 8
_DTYPES = {
    np.dtype("uint8"): "u1",
    np.dtype("uint16"): "u2",
    np.dtype("int16"): "i2",
    np.dtype("float32"): "f4",
    np.dtype("float64"): "f8",
}


@dataclass(frozen=True)
class Level:
    """Steps `start` to `stop` (excluded) as columns of `bin` steps each; the last column may be shorter."""

    start: int
    stop: int
    bin: int

    @property
    def columns(self) -> int:
        """How many columns this level has."""
        return -(-(self.stop - self.start) // self.bin)


def plan_levels(steps: int, window: tuple[int, int] | None = None) -> tuple[Level, ...]:
    """The levels to send for `steps` steps when `window` (first step, step after the last) is looked at.

    Coarse first. One level when everything fits, or when the window would be no finer than the whole.

    Raises:
        ShapeError: no steps at all.
    """
    if steps < 1:
        raise ShapeError(f"A picture needs at least one step, got {steps}.")
    whole = -(-steps // MAX_COLUMNS)
    if whole == 1 or window is None:
        return (Level(0, steps, whole),)
    first = min(max(int(window[0]), 0), steps - 1)
    last = min(max(int(window[1]), first + 1), steps)
    fine = -(-(last - first) // MAX_COLUMNS)
    if fine >= whole:
        return (Level(0, steps, whole),)
    if fine == 1:
        start = max((first + last - MAX_COLUMNS) // 2 // GRID * GRID, 0)
        if start + MAX_COLUMNS < last:
            start = max(last - MAX_COLUMNS, 0)
        detail = Level(start, min(start + MAX_COLUMNS, steps), 1)
    else:
        detail = Level(first // fine * fine, last, fine)
    return (Level(0, steps, -(-steps // OVERVIEW_COLUMNS)), detail)


def bin_means(values: NDArray[Any], level: Level) -> NDArray[np.float32]:
    """Mean of `values` (steps, width) in each column of `level`: (columns, width).

    A product with a row of ones adds the steps of a column some twenty times faster than `np.add.reduceat`.
    """
    part = values[level.start : level.stop]
    if level.bin == 1:
        return np.asarray(part, dtype=np.float32)
    whole, rest = divmod(len(part), level.bin)
    means = np.empty((level.columns, part.shape[1]), dtype=np.float32)
    weights = np.full(level.bin, 1 / level.bin, dtype=np.float32)
    full = np.asarray(part[: whole * level.bin], dtype=np.float32)
    means[:whole] = weights @ full.reshape(whole, level.bin, part.shape[1])
    if rest:
        means[whole] = part[-rest:].mean(axis=0, dtype=np.float32)
    return means


def wire_dtype(cells: int) -> np.dtype[Any]:
    """The type that `cells` values travel in."""
    return np.dtype("uint16") if cells <= FINE_CELLS else np.dtype("uint8")


def quantise(
    values: NDArray[np.floating[Any]], low: float, high: float, dtype: np.dtype[Any]
) -> NDArray[np.unsignedinteger[Any]]:
    """`values` (columns, rows) in [low, high] as whole numbers from 0 to the largest of `dtype`.

    Transposed to (rows, columns), for the browser paints row by row.
    """
    top = int(np.iinfo(dtype).max)
    scaled = np.multiply(values, np.float32(top / (high - low)), dtype=np.float32)
    scaled += np.float32(0.5 - low * top / (high - low))
    np.clip(scaled, 0, top, out=scaled)
    return np.ascontiguousarray(scaled.astype(dtype).T)


def value_range(parts: Sequence[NDArray[Any]], low: float, high: float, what: str) -> tuple[float, float]:
    """The locked range (low, high), widened where values lie outside it (a state may, if H_0 does).

    Colours stop at the locked range; the numbers on the screen must not.

    Raises:
        InputError: a value that is not finite.
    """
    smallest = min(float(part.min()) for part in parts)
    largest = max(float(part.max()) for part in parts)
    if not np.isfinite(smallest + largest):
        raise InputError(f"{what} holds values that are not finite (NaN or infinity): they cannot be drawn.")
    return min(low, smallest), max(high, largest)


class Packer:
    """Collects arrays, hands out a reference for each, and joins everything to one block of bytes."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self._size = 0

    def add(self, array: NDArray[Any]) -> dict[str, Any]:
        """The reference under which the browser finds `array` (C order)."""
        data = np.ascontiguousarray(array)
        reference = {"dtype": _DTYPES[data.dtype], "offset": self._size, "length": int(data.size)}
        raw = data.tobytes()
        padding = -len(raw) % _ALIGN
        self._parts += (raw, b"\0" * padding)
        self._size += len(raw) + padding
        return reference

    def finish(self, header: Mapping[str, Any]) -> bytes:
        """`header` and the collected arrays as one block."""
        text = json.dumps(header, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()
        text += b" " * (-(4 + len(text)) % _ALIGN)
        return b"".join((len(text).to_bytes(4, "little"), text, *self._parts))
