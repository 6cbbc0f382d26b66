"""The memory ledger: the map of who wrote which state, and above it the row of one state as bars."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from gru_core.analysis.ledger_facts import LEDGER_TEXTS, ledger_facts
from gru_core.analysis.ledger_map import LedgerMap, Quantity, ledger_map, mean_row
from gru_core.analysis.memory_age import HalfLives
from gru_core.errors import ShapeError
from gru_core.figures.colours import COLOUR_MAPS, ramp
from gru_core.figures.ledger_texts import LEDGER_FIGURE_TEXTS
from gru_core.figures.style import TOP, axis, layout, palette, plain, titled
from gru_core.symbols import H_TILDE, H

if TYPE_CHECKING:
    from gru_core.trace import GateTrace

LEDGER_COLOURS: Final[dict[str, dict[str, tuple[str, ...]]]] = {
    "written": {
        "light": ramp((0.975, 0.004, 345), (0.70, 0.14, 345), (0.38, 0.14, 345)),
        "dark": ramp((0.23, 0.01, 320), (0.56, 0.15, 345), (0.92, 0.07, 345)),
    },
    "start": {
        "light": ramp((0.975, 0.004, 165), (0.68, 0.13, 165), (0.38, 0.09, 165)),
        "dark": ramp((0.23, 0.01, 200), (0.56, 0.12, 165), (0.92, 0.08, 165)),
    },
    "content": COLOUR_MAPS["state"],
}
"""0 is the paper. What steps wrote is in the candidate's hue, what is left of H_0 in that of the state."""

BARS, MAP, GAP, HEADING = 110, 380, 40, 22


def ledger_figure(
    t: GateTrace,
    step: int,
    units: Sequence[int] = (),
    labels: Sequence[str] | None = None,
    *,
    quantity: Quantity = "share",
    shown: LedgerMap | None = None,
    lives: HalfLives | None = None,
    theme: str = "light",
    texts: Mapping[str, str] = LEDGER_FIGURE_TEXTS,
    sentences: Mapping[str, str] = LEDGER_TEXTS,
) -> go.Figure:
    """The map of the first sequence of the batch, and the row of the state at `step`.

    units, quantity   as for `ledger_map`
    labels            one text per step
    shown, lives      what `ledger_map` and `measured_half_lives` gave for just these, where known already
    texts, sentences  the words of the figure, and of the facts in its text twin

    Shares are locked to [0, 1], contents to [-1, 1].
    Raises InputError when there is no such step or unit, ShapeError when labels do not fit.
    """
    if labels is not None and len(labels) != t.steps:
        raise ShapeError(f"A picture of {t.steps} steps needs as many labels, got {len(labels)}.")
    found = shown or ledger_map(t, units, quantity)
    row = in_columns(mean_row(t, step, found.units, quantity), found.bin)
    columns = found.rows
    # The column of H_0 stands apart from the steps', and is wide enough to be seen.
    wide = max(1.0, t.steps * 0.03)
    start = -0.5 - wide
    places = np.arange(columns) * found.bin + (found.bin - 1) / 2
    colours = palette(theme)
    values = [found.values[:, :1], found.values[:, 1:]]
    kinds = ["start", "written"] if quantity == "share" else ["content", "content"]
    maps = [
        _map(part, x, places, kind, quantity, theme, texts, of_steps=of_steps)
        for part, x, kind, of_steps in zip(values, ([start], places), kinds, (False, True), strict=True)
    ]
    inks = [H.colour, *[H_TILDE.colour] * columns]
    bars = go.Bar(
        x=[start, *places],
        y=row,
        yaxis="y2",
        width=[wide, *[float(found.bin)] * columns],
        marker={"color": inks, "line": {"width": 0}},
        hovertemplate="%{y:.3f}<extra></extra>",
    )
    top = step // found.bin * found.bin - 0.5
    total = BARS + GAP + MAP
    notes = [texts["root"]] if found.bin == 1 else [texts["root"], texts["binned"].format(bin=found.bin)]
    said = ledger_facts(t, step, found.units, quantity=quantity, labels=labels, lives=lives)
    ticks = _ticks(t.steps, labels)
    reach = (0.0, 1.0) if quantity == "share" else (-1.0, 1.0)
    figure = go.Figure(
        data=[*maps, bars],
        layout=layout(
            theme,
            title=texts[f"title {quantity}"],
            subtitle=texts["where"].format(
                layer=t.layer, direction=texts[t.direction], whose=_whose(t, found, texts), steps=t.steps
            ),
            how=texts["how"],
            text=" ".join(fact.said_by(sentences) for fact in said),
            notes=notes,
            height=TOP + HEADING + total + 56,
            bargap=0,
            xaxis=axis(
                theme,
                title=titled(texts["written"]),
                range=[start - wide / 2, t.steps - 0.5],
                tickvals=[start, *ticks],
                ticktext=["H₀", *ticks.values()],
                tickangle=0,
                anchor="y",
            ),
            yaxis=axis(
                theme,
                title=titled(texts["state"]),
                domain=[0, MAP / total],
                range=[t.steps - 0.5, -0.5],
                tickvals=list(ticks),
                ticktext=list(ticks.values()),
            ),
            yaxis2=axis(
                theme,
                domain=[(MAP + GAP) / total, 1],
                range=list(reach),
                tickvals=[reach[0], (reach[0] + reach[1]) / 2, reach[1]],
                tickformat=".0%" if quantity == "share" else "+g",
                showgrid=True,
                gridcolor=colours.grid,
            ),
            shapes=[
                {
                    "type": "rect",
                    "x0": start - wide / 2,
                    "x1": t.steps - 0.5,
                    "y0": top,
                    "y1": top + found.bin,
                    "line": {"color": colours.text, "width": 2},
                }
            ],
            annotations=[
                {
                    "text": texts[f"bars {quantity}"].format(step=step),
                    "x": 0,
                    "xref": "paper",
                    "xanchor": "left",
                    "y": 1,
                    "yref": "paper",
                    "yanchor": "bottom",
                    "showarrow": False,
                    "font": {"size": 13, "color": colours.text},
                }
            ],
        ),
    )
    # The heading of the bars stands between them and the subtitle.
    return figure.update_layout(margin_t=TOP + HEADING)


def in_columns(row: NDArray[np.float64], bin_of: int) -> NDArray[np.float64]:
    """(columns + 1,): a row of single steps in the columns of a map; what shares a column is added up."""
    if bin_of == 1:
        return row
    return np.concatenate([row[:1], np.add.reduceat(row[1:], np.arange(0, len(row) - 1, bin_of))])


def rooted(values: NDArray[np.floating]) -> NDArray[np.float64]:
    """Where on the colour scale values in [-1, 1] stand: the square root of their size, with their sign."""
    return np.asarray(np.sign(values) * np.sqrt(np.abs(values)), np.float64)


def _map(
    values: NDArray[np.float64],
    x: Any,
    y: NDArray[np.floating],
    kind: str,
    quantity: Quantity,
    theme: str,
    texts: Mapping[str, str],
    *,
    of_steps: bool,
) -> go.Heatmap:
    """The cells of H_0, or those of all steps; a colour bar stands beside the latter."""
    colours = palette(theme)
    stops = LEDGER_COLOURS[kind][theme]
    shares = quantity == "share"
    marks = np.array([0.0, 0.01, 0.1, 0.5, 1.0] if shares else [-1.0, -0.25, 0.0, 0.25, 1.0])
    hover = texts[f"hover {quantity}" if of_steps else f"hover start {quantity}"].format(
        value="%{customdata:.1%}" if shares else "%{customdata:+.3f}", state="%{y:.0f}", source="%{x:.0f}"
    )
    return go.Heatmap(
        z=rooted(values).astype(np.float32),
        x=list(x),
        y=list(y),
        zmin=0 if shares else -1,
        zmax=1,
        colorscale=[[place / (len(stops) - 1), colour] for place, colour in enumerate(stops)],
        showscale=of_steps,
        colorbar={
            "thickness": 10,
            "len": MAP / (BARS + GAP + MAP),
            "y": 0,
            "yanchor": "bottom",
            "xpad": 6,
            "ypad": 0,
            "outlinewidth": 1,
            "outlinecolor": colours.line,
            "tickvals": rooted(marks).tolist(),
            "ticktext": [f"{mark:.0%}" if shares else f"{mark:+g}".replace("+0", "0") for mark in marks],
            "tickfont": {"size": 12, "color": colours.text},
        },
        customdata=values.astype(np.float32),
        hovertemplate=hover + "<extra></extra>",
        zsmooth=False,
    )


def _whose(t: GateTrace, found: LedgerMap, texts: Mapping[str, str]) -> str:
    if len(found.units) == 1:
        return texts["one"].format(unit=found.units[0])
    return texts["all" if len(found.units) == t.units else "some"].format(units=len(found.units), all=t.units)


def _ticks(steps: int, labels: Sequence[str] | None) -> dict[int, str]:
    """Steps to mark on both axes, and how: by short labels where all of them fit, else by number."""
    if labels is not None and steps <= 30 and all(0 < len(label) <= 2 for label in labels):
        return {step: plain(label) for step, label in enumerate(labels)}
    each = next(each for each in _STRIDES if steps <= 12 * each)
    return {step: str(step) for step in range(0, steps, each)}


_STRIDES = tuple(base * 10**power for power in range(6) for base in (1, 2, 5))
