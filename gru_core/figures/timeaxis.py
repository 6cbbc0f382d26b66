"""The time axis of the figures: at most as many columns as a screen shows, and ticks that can be read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from gru_core.errors import ShapeError
from gru_core.figures.style import axis, palette, plain, titled

MAX_COLUMNS: Final = 1_500
"""More columns than a projector has pixels across a picture are not drawn."""

MAX_CELLS: Final = 400_000
"""Cells of one heatmap; a picture of many units gets fewer columns."""

MAX_POINTS: Final = 3_000
"""Points of one line."""

FIT: Final = 44
"""Characters of tick labels side by side that a telephone shows."""

Array = NDArray[Any]


@dataclass(frozen=True)
class TimeAxis:
    """Steps 0 to `steps` - 1 in columns of `bin` steps; the last column may be shorter.

    labels  one text per step, or () for none
    """

    steps: int
    bin: int
    labels: tuple[str, ...] = ()

    @property
    def starts(self) -> NDArray[np.intp]:
        """The first step of each column (columns,)."""
        return np.arange(0, self.steps, self.bin)

    @property
    def centres(self) -> NDArray[np.float64]:
        """Where each column stands on the axis (columns,): the mean of its steps."""
        stops = np.minimum(self.starts + self.bin, self.steps)
        return np.asarray((self.starts + stops - 1) / 2)

    def means(self, values: Array) -> NDArray[np.float32]:
        """(columns, width) float32: the mean in each column of values (time, width)."""
        if self.bin == 1:
            return np.asarray(values, np.float32)
        whole = self.steps // self.bin * self.bin
        parts = [values[:whole].reshape(-1, self.bin, values.shape[1]).mean(axis=1)]
        if whole < self.steps:
            parts.append(values[whole:].mean(axis=0, keepdims=True))
        return np.concatenate(parts).astype(np.float32)

    def largest(self, values: Array) -> NDArray[np.float32]:
        """(columns,) float32: the largest in each column of values (time,)."""
        return np.asarray(np.maximum.reduceat(values, self.starts), np.float32)

    def names(self, step_word: str) -> tuple[str, ...]:
        """What a hover says of each column: "step 7 (b)", or "step 10 to 19"."""
        if self.bin > 1:
            stops = np.minimum(self.starts + self.bin, self.steps) - 1
            return tuple(f"{step_word} {a} – {b}" for a, b in zip(self.starts, stops, strict=True))
        if not self.labels:
            return tuple(f"{step_word} {t}" for t in range(self.steps))
        return tuple(f"{step_word} {t}" + (f" ({plain(s)})" if s else "") for t, s in enumerate(self.labels))

    def layout(self, theme: str, title: str, **more: Any) -> dict[str, Any]:
        """The x axis: every label where all fit, every few of long ones (dates), step numbers otherwise."""
        ticks: dict[str, Any] = {"tickformat": "d", "nticks": 12}
        texts = [plain(label, 12) for label in self.labels]
        widest = max((len(label) for label in self.labels), default=0)
        widest = min(widest, 12)
        if texts and self.steps * widest <= FIT:
            ticks = {"tickvals": list(range(self.steps)), "ticktext": texts}
        elif widest > 2:
            each = -(-self.steps // max(FIT // (widest + 2), 2))
            ticks = {"tickvals": list(range(0, self.steps, each)), "ticktext": texts[::each]}
        return axis(
            theme,
            title=titled(title),
            range=[-0.5, self.steps - 0.5],
            minallowed=-0.5,
            maxallowed=self.steps - 0.5,
            # A thin line through all panels at the step under the pointer.
            showspikes=True,
            spikemode="across",
            spikesnap="hovered data",
            spikethickness=1,
            spikedash="solid",
            spikecolor=palette(theme).text,
            **ticks,
            **more,
        )


def time_axis(steps: int, rows: int, labels: Sequence[str] | None) -> TimeAxis:
    """The axis for pictures of `rows` rows. Raises ShapeError when there is not one label per step."""
    given = tuple(labels or ())
    if given and len(given) != steps:
        raise ShapeError(f"A picture of {steps} steps needs as many labels, got {len(given)}.")
    columns = max(min(MAX_COLUMNS, MAX_CELLS // max(rows, 1)), 1)
    # Labels that only count the steps say nothing that the step's number does not.
    counted = all(not label or label == str(t) for t, label in enumerate(given))
    return TimeAxis(steps, -(-steps // columns), () if counted else given)


def thinned(values: Array) -> tuple[NDArray[np.intp], int]:
    """The steps to draw of a line (time,), in order, and how many steps were looked at for each pair.

    All of them up to MAX_POINTS; of a longer line the smallest and the largest of each stretch, so that no
    peak is lost.
    """
    steps = len(values)
    if steps <= MAX_POINTS:
        return np.arange(steps), 1
    stretch = -(-2 * steps // MAX_POINTS)
    padded = np.pad(values, (0, -steps % stretch), mode="edge").reshape(-1, stretch)
    starts = np.arange(len(padded)) * stretch
    ends = np.array([0, steps - 1])
    kept = np.concatenate([starts + padded.argmin(axis=1), starts + padded.argmax(axis=1), ends])
    return np.unique(np.minimum(kept, steps - 1)), stretch
