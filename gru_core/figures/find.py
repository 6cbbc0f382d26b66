"""A brushed stretch with the units that are on in it, and under it the places where they are on as well."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import plotly.graph_objects as go

from gru_core.analysis.find import RANGES, Found, decoded
from gru_core.analysis.find_facts import Brushed
from gru_core.errors import ShapeError
from gru_core.figures.find_texts import FIND_FIGURE_TEXTS
from gru_core.figures.style import TOP, axis, layout, palette, plain, titled
from gru_core.symbols import SYMBOLS

if TYPE_CHECKING:
    from gru_core.trace import GateTrace

MOST_LINES: Final = 40
MOST_PLACES: Final = 12
BEFORE, AFTER = 12, 36
"""Steps before and after the beginning of each place that are drawn."""

LINES, ROW, GAP = 200, 24, 62


def find_figure(
    trace: GateTrace,
    brushed: Brushed,
    labels: Sequence[str],
    found: Found | None = None,
    contexts: Sequence[Sequence[str]] = (),
    *,
    lengths: Sequence[int] = (),
    text: str = "",
    theme: str = "light",
    texts: Mapping[str, str] = FIND_FIGURE_TEXTS,
) -> go.Figure:
    """The lines of the chosen units over the first sequence of the trace's batch, and the best places.

    labels    one text per step of that sequence
    found     the places; None while they are not known
    contexts  the labels of every sequence searched, `lengths` its steps
    text      the text twin

    Raises ShapeError when labels do not fit.
    """
    if len(labels) != len(brushed.codes):
        raise ShapeError(f"A picture of {len(brushed.codes)} steps needs as many labels, got {len(labels)}.")
    rows = 0 if found is None else min(len(found), MOST_PLACES)
    below = max(rows, 1) * ROW
    total = LINES + GAP + below
    colours, symbol = palette(theme), SYMBOLS[brushed.rule.quantity]
    data: list[Any] = _lines(brushed, symbol.colour, texts)
    top = f"<b>{symbol.label}</b>"
    more: dict[str, Any] = {}
    if found is not None and rows:
        data.append(_heat(found, lengths, contexts, rows, symbol.colour, texts))
        more["xaxis2"] = axis(
            theme, title=titled(texts["from start"]), range=[-BEFORE - 0.5, AFTER - 0.5], anchor="y2"
        )
        more["yaxis2"] = axis(
            theme,
            domain=[0, below / total],
            range=[rows - 0.5, -0.5],
            tickvals=list(range(rows)),
            ticktext=[str(row + 1) for row in range(rows)],
            title=titled(texts["place"]),
            anchor="x2",
        )
    low, high = RANGES[brushed.rule.quantity]
    band = {"type": "rect", "xref": "x", "yref": "y", "y0": low, "y1": high, "line": {"width": 0}}
    level = {"type": "line", "xref": "x", "yref": "y", "x0": -0.5}
    return go.Figure(
        data=data,
        layout=layout(
            theme,
            title=texts["title"],
            subtitle=texts["where"].format(
                layer=trace.layer,
                direction=texts[trace.direction],
                units=len(brushed.chosen),
                all=brushed.codes.shape[1],
            ),
            how=texts["how"],
            text=text,
            height=TOP + total + 56,
            xaxis=axis(
                theme, title=titled(texts["step"]), range=[-0.5, len(brushed.codes) - 0.5], anchor="y"
            ),
            yaxis=axis(
                theme,
                domain=[(below + GAP) / total, 1],
                range=[low, high],
                tickvals=[low, (low + high) / 2, high],
                title=titled(top),
                anchor="x",
            ),
            shapes=[
                band
                | {
                    "x0": brushed.start - 0.5,
                    "x1": brushed.stop - 0.5,
                    "fillcolor": colours.line,
                    "opacity": 0.3,
                    "layer": "below",
                },
                level
                | {
                    "x1": len(brushed.codes) - 0.5,
                    "y0": brushed.rule.threshold,
                    "y1": brushed.rule.threshold,
                    "line": {"color": colours.text, "width": 1.5, "dash": "dash"},
                },
            ],
            annotations=[] if rows else [_nothing(texts, colours.muted)],
            **more,
        ),
    )


def _lines(brushed: Brushed, colour: str, texts: Mapping[str, str]) -> list[go.Scatter]:
    values = decoded(brushed.codes, brushed.rule.quantity)
    return [
        go.Scatter(
            x=np.arange(len(values)),
            y=values[:, unit],
            mode="lines" if len(values) > 1 else "markers",
            name=texts["unit"].format(unit=unit),
            line={"color": colour, "width": 1.4},
            opacity=0.8,
        )
        for unit in brushed.chosen[:MOST_LINES]
    ]


def _heat(
    found: Found,
    lengths: Sequence[int],
    contexts: Sequence[Sequence[str]],
    rows: int,
    colour: str,
    texts: Mapping[str, str],
) -> go.Heatmap:
    """Rows of counts around each beginning; what lies outside its sequence stays empty."""
    firsts = np.concatenate(([0], np.cumsum(lengths)))
    z = np.full((rows, BEFORE + AFTER), np.nan)
    words = [[""] * (BEFORE + AFTER) for _ in range(rows)]
    hover = [[""] * (BEFORE + AFTER) for _ in range(rows)]
    for row in range(rows):
        place = found.place(row)
        for column in range(BEFORE + AFTER):
            step = place.start - BEFORE + column
            if 0 <= step < lengths[place.sequence]:
                count = int(found.counts[firsts[place.sequence] + step])
                z[row, column] = count / len(found.units)
                label = contexts[place.sequence][step] if contexts else ""
                words[row][column] = plain(label, 4) if len(label) <= 4 else ""
                hover[row][column] = texts["hover"].format(
                    place=row + 1, step=step, count=count, of=len(found.units)
                )
    return go.Heatmap(
        x=np.arange(-BEFORE, AFTER),
        y=np.arange(rows),
        z=z,
        xaxis="x2",
        yaxis="y2",
        zmin=0,
        zmax=1,
        colorscale=[[0, _tint(colour, 0.03)], [1, _tint(colour, 0.8)]],
        showscale=False,
        text=words,
        texttemplate="%{text}",
        textfont={"size": 12},
        hovertext=hover,
        hoverinfo="text",
        xgap=1,
        ygap=3,
    )


def _tint(colour: str, share: float) -> str:
    red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    return f"rgba({red},{green},{blue},{share})"


def _nothing(texts: Mapping[str, str], colour: str) -> dict[str, Any]:
    return {
        "text": texts["none"],
        "x": 0,
        "y": 0,
        "xref": "paper",
        "yref": "paper",
        "xanchor": "left",
        "yanchor": "bottom",
        "showarrow": False,
        "font": {"color": colour, "size": 14},
    }
