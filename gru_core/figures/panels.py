"""Heatmaps stacked on one time axis: where each panel stands, its heading, its axis and its colour bar."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from gru_core.figures.colours import plotly_scale
from gru_core.figures.style import BOTTOM, TOP, axis, palette, titled
from gru_core.figures.timeaxis import TimeAxis

Scale = Literal["gate", "state", "difference", "answer"]

RANGES: Final[dict[str, tuple[float, float]]] = {
    "gate": (0.0, 1.0),
    "state": (-1.0, 1.0),
    "difference": (-2.0, 2.0),
    "answer": (0.0, 1.0),
}
"""Locked, so that pictures can be compared; a difference of two states lies in [-2, 2]."""

HEADING: Final = 26
"""Pixels above each panel for its heading."""

HOVER_CELLS: Final = 20_000
"""Up to so many cells each knows the name of its step; larger pictures say its number."""


@dataclass(frozen=True)
class Slot:
    """A panel's place: `number` 1 is on top; `low` and `high` are its edges as shares of the plot."""

    number: int
    low: float
    high: float

    @property
    def y(self) -> str:
        """The name of its y axis in a trace ("y", "y2", ...)."""
        return "y" if self.number == 1 else f"y{self.number}"

    @property
    def yaxis(self) -> str:
        """The name of its y axis in a layout ("yaxis", "yaxis2", ...)."""
        return "yaxis" if self.number == 1 else f"yaxis{self.number}"


def slots(heights: list[int], headings: list[int], top: int = TOP) -> tuple[list[Slot], int]:
    """Places for panels of these heights in pixels, each under its heading; and the figure's height.

    The first is on top; `top` is what the layout keeps free above the plot.
    """
    total = sum(heights) + sum(headings)
    found, edge = [], 0
    for number, (height, heading) in enumerate(zip(heights, headings, strict=True), start=1):
        upper = edge + heading
        found.append(Slot(number, 1 - (upper + height) / total, 1 - upper / total))
        edge = upper + height
    return found, top + total + BOTTOM


def heatmap(
    slot: Slot,
    values: NDArray[Any],
    rows: Sequence[str],
    time: TimeAxis,
    coloraxis: str,
    *,
    what: str,
    row_word: str,
    step_word: str,
    order: Sequence[int] | None = None,
) -> go.Heatmap:
    """One panel of values (time, rows) as float32 z (rows, columns).

    `order` says which of the values' rows come first, second, ...; `rows` names them in that order.
    """
    means = time.means(values)
    z = np.ascontiguousarray((means if order is None else means[:, order]).T)
    hover = f"{what} = %{{z:.3f}}<br>{row_word} %{{y}}<br>"
    text = None
    if z.size <= HOVER_CELLS:
        text = [list(time.names(step_word))] * len(z)
        hover += "%{text}<extra></extra>"
    else:
        hover += step_word + " %{x:.0f}<extra></extra>"
    return go.Heatmap(
        z=z,
        x=None if time.bin == 1 else time.centres,
        x0=0 if time.bin == 1 else None,
        dx=1 if time.bin == 1 else None,
        y=rows,
        yaxis=slot.y,
        xaxis="x",
        coloraxis=coloraxis,
        text=text,
        hovertemplate=hover,
        name=what,
        zsmooth=False,
    )


def row_axis(slot: Slot, theme: str, title: str, rows: int, **more: Any) -> dict[str, Any]:
    """The y axis of a heatmap: one category per row, the first on top, few ticks."""
    pixels = axis(theme, type="category", domain=[slot.low, slot.high], anchor="x", autorange="reversed")
    pixels |= {"title": titled(title), "nticks": min(rows, 6), "fixedrange": True, "tickangle": 0}
    return pixels | more


def colour_bar(theme: str, scale: Scale, low: float, high: float, title: str = "") -> dict[str, Any]:
    """A colour axis with the locked range of its scale, its bar beside the plot from `low` to `high`."""
    colours = palette(theme)
    first, last = RANGES[scale]
    middle = (first + last) / 2
    return {
        "cmin": first,
        "cmax": last,
        "cauto": False,
        "colorscale": plotly_scale(scale, theme),
        "colorbar": {
            "thickness": 10,
            "len": high - low,
            "lenmode": "fraction",
            "y": (low + high) / 2,
            "yanchor": "middle",
            "x": 1.0,
            "xanchor": "left",
            "xpad": 6,
            "ypad": 0,
            "outlinewidth": 1,
            "outlinecolor": colours.line,
            "tickvals": [first, middle, last],
            "ticktext": [f"{value:g}".replace("-", "−") for value in (first, middle, last)],
            "tickfont": {"size": 12, "color": colours.text},
            "ticks": "",
            "title": {"text": title, "font": {"size": 12, "color": colours.muted}, "side": "top"},
        },
    }


def heading(slot: Slot, theme: str, symbol: str, words: str, colour: str) -> dict[str, Any]:
    """The line above a panel: a square in the symbol's colour, the symbol, and what it is in words."""
    text = f"<span style='color:{colour}'>■</span> <b>{symbol}</b>"
    return {
        "text": f"{text}  {words}" if words else text,
        "x": 0,
        "xref": "paper",
        "xanchor": "left",
        "y": slot.high,
        "yref": "paper",
        "yanchor": "bottom",
        "yshift": 2,
        "showarrow": False,
        "align": "left",
        "font": {"size": 14, "color": palette(theme).text},
    }
