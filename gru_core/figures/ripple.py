"""The ripple of one changed input: each unit's difference coloured by what carried it, and what is left."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from gru_core.figures.panels import HEADING, heading, row_axis, slots
from gru_core.figures.ripple_texts import RIPPLE_FIGURE_TEXTS
from gru_core.figures.style import LEGEND_TOP, TOP, axis, layout, palette, plain, titled
from gru_core.figures.timeaxis import time_axis
from gru_core.symbols import H_TILDE, SYMBOLS, H, R, X, Z

if TYPE_CHECKING:
    from gru_core.analysis.change import InputChange
    from gru_core.analysis.ripple import Ripple

WAYS: Final = {"copy": H.colour, "update": Z.colour, "candidate": H_TILDE.colour, "reset": R.colour}
"""The colour of each way, in the order of `jacobian.ROUTES`."""

REACH: Final = (0.001, 1.0)
"""Differences between which the colour grows from none to all of it, with every power of ten by a third."""

RANGE: Final = (-3.0, 1.0)
"""Powers of ten between which what is left is drawn."""


def ripple_figure(
    found: Ripple,
    change: InputChange,
    labels: Sequence[str] | None = None,
    *,
    text: str = "",
    theme: str = "light",
    texts: Mapping[str, str] = RIPPLE_FIGURE_TEXTS,
) -> go.Figure:
    """The map of units and steps over the line of what is left.

    text    what the figure shows, in words, for those who do not see it
    """
    steps, units = found.difference.shape
    time = time_axis(steps, units, labels)
    colours = palette(theme)
    places, _ = slots([min(max(8 * units, 140), 280), 130], [HEADING, HEADING], LEGEND_TOP)
    height = LEGEND_TOP + min(max(8 * units, 140), 280) + 130 + 2 * HEADING + 52
    picture, line = places
    z, hover = _inks(found, change.share, time.starts)
    kind = "number" if change.name else "symbol"
    subtitle = texts[f"subtitle {kind}"].format(
        step=found.step,
        now=plain(change.now),
        was=plain(change.was),
        name=plain(change.name),
        layer=found.layer,
        direction=texts["backward" if found.backward else "forward"],
    )
    data: list[Any] = [
        go.Heatmap(
            z=z,
            x=time.centres,
            y=[str(unit) for unit in range(units)],
            customdata=hover,
            yaxis=picture.y,
            zmin=0,
            zmax=len(WAYS),
            colorscale=_scale(colours.paper),
            showscale=False,
            hovertemplate=f"ΔH = %{{customdata:.4f}}<br>{texts['unit']} %{{y}}<br>"
            f"{texts['step']} %{{x:.0f}}<extra></extra>",
        )
    ]
    data += [
        go.Scatter(
            x=[None],
            y=[None],
            mode="markers",
            name=texts[name],
            marker={"color": colour, "size": 12, "symbol": "square"},
            yaxis=line.y,
        )
        for name, colour in WAYS.items()
    ]
    left = time.largest(found.size) / found.start if found.start else np.zeros(len(time.starts))
    lowest = 10 ** RANGE[0]
    data.append(
        go.Scatter(
            x=time.centres,
            y=np.maximum(left, lowest),
            customdata=left,
            yaxis=line.y,
            mode="lines+markers" if steps <= 60 else "lines",
            line={"color": colours.text, "width": 2, "shape": "hvh" if steps <= 60 else "linear"},
            marker={"size": 5},
            showlegend=False,
            hovertemplate=f"%{{customdata:.2%}}<br>{texts['step']} %{{x:.0f}}<extra></extra>",
        )
    )
    marked = {"type": "line", "x0": found.step, "x1": found.step, "y0": 0, "y1": 1, "yref": "paper"}
    shapes = [marked | {"line": {"color": X.colour, "width": 2}}]
    gone = {"type": "line", "x0": 0, "x1": 1, "xref": "paper", "y0": 0.01, "y1": 0.01, "yref": line.y}
    shapes.append(gone | {"line": {"color": colours.text, "width": 1, "dash": "dash"}})
    return go.Figure(
        data=data,
        layout=layout(
            theme,
            title=texts["title"],
            subtitle=subtitle,
            how=texts["how"],
            text=text,
            notes=() if time.bin == 1 else (texts["binned"].format(bin=time.bin),),
            height=height,
            legend=True,
            xaxis=time.layout(theme, texts["step"], anchor=line.y),
            annotations=[
                heading(picture, theme, "ΔH", texts["units"], SYMBOLS["H"].colour),
                heading(line, theme, "", texts["left"], colours.text),
            ],
            shapes=shapes,
            **{
                picture.yaxis: row_axis(picture, theme, texts["unit"], units),
                line.yaxis: axis(
                    theme,
                    domain=[line.low, line.high],
                    anchor="x",
                    type="log",
                    range=list(RANGE),
                    tickvals=[10, 1, 0.1, 0.01, 0.001],
                    ticktext=["1000%", "100%", "10%", "1%", "0.1%"],
                    fixedrange=True,
                    showgrid=True,
                    gridcolor=colours.grid,
                ),
            },
        ),
    )


def connectivity_figure(
    strength: NDArray[np.float64],
    asked: int,
    labels: Sequence[str] | None = None,
    *,
    text: str = "",
    theme: str = "light",
    texts: Mapping[str, str] = RIPPLE_FIGURE_TEXTS,
) -> go.Figure:
    """Bars of what `connectivity` gave (time,), as shares of the largest; a line at the step asked about."""
    steps = len(strength)
    time = time_axis(steps, 1, labels)
    most = float(strength.max())
    shares = strength / most if most > 0 else strength
    return go.Figure(
        data=[
            go.Bar(
                x=time.centres,
                y=time.largest(shares),
                customdata=time.largest(strength),
                width=time.bin * 0.9,
                marker={"color": X.colour, "line": {"width": 0}},
                hovertemplate="%{y:.1%} (%{customdata:.4g})<br>" + texts["step"] + " %{x:.0f}<extra></extra>",
            )
        ],
        layout=layout(
            theme,
            title=texts["connectivity title"],
            subtitle=texts["connectivity subtitle"],
            how=texts["connectivity how"],
            text=text,
            height=TOP + 240 + 52,
            bargap=0,
            shapes=[
                {
                    "type": "line",
                    "x0": asked,
                    "x1": asked,
                    "y0": 0,
                    "y1": 1,
                    "yref": "paper",
                    "line": {"color": palette(theme).text, "width": 1.5, "dash": "dot"},
                }
            ],
            xaxis=time.layout(theme, texts["step"], anchor="y"),
            yaxis=axis(theme, range=[0, 1], title=titled(texts["connectivity axis"]), fixedrange=True),
        ),
    )


def ink(size: NDArray[np.float64]) -> NDArray[np.float64]:
    """The strength of the colour of differences, in [0, 1]."""
    least, most = REACH
    powers: NDArray[np.float64] = np.log(np.maximum(size, least) / least) / np.log(most / least)
    return np.minimum(powers, 1.0)


def _inks(
    found: Ripple, share: float, starts: NDArray[np.intp]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """(units, columns): the number of the way plus the strength of its colour, and the mean difference."""
    count = np.diff(np.append(starts, len(found.difference)))[:, None]

    def means(values: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray(np.add.reduceat(values, starts, axis=0) / count)

    sums = np.stack([means(np.abs(getattr(found, name))) for name in WAYS])
    strength = ink(means(np.abs(found.difference)) / share)
    # Just below a whole number: the next way begins there.
    z = sums.argmax(axis=0) + strength * 0.998
    return z.T.astype(np.float32), (means(found.difference) / share).T.astype(np.float32)


def _scale(paper: str) -> list[list[float | str]]:
    """From the paper to the colour of each way, one after the other."""
    scale: list[list[float | str]] = []
    for number, colour in enumerate(WAYS.values()):
        scale += [[number / len(WAYS), paper], [(number + 0.999) / len(WAYS), colour]]
    return [*scale, [1.0, paper]]
