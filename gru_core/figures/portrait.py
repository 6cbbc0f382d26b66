"""The phase portrait of two units: arrows, nullclines, fixed points, and the way of the sequence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from gru_core.figures.portrait_texts import PHASE_FIGURE_TEXTS
from gru_core.figures.style import axis, layout, palette, titled
from gru_core.symbols import H_TILDE, H

if TYPE_CHECKING:
    from gru_core.analysis.portrait import FixedPoint, Portrait

Array = NDArray[np.floating]

REACH: Final = 0.95
"""Length of the arrow of a step of 1, in distances between two arrows' starts."""

HEAD: Final = 0.36
"""Length of an arrow's head, as a share of the arrow."""

RIM: Final = 1.06

MARKS: Final = {"stable": "circle", "saddle": "diamond", "unstable": "circle-open", "neutral": "square-open"}


def arrow_strokes(starts: Array, steps: Array, gap: float) -> NDArray[np.float64]:
    """(arrows, 6, 2): shaft and head of each arrow as one line: tail, tip, one barb, tip, other barb, tip.

    Lengths grow with the root of the step, so that a step of 0.01 is still seen beside one of 1.
    """
    size = np.linalg.norm(steps, axis=-1, keepdims=True)
    shown = REACH * gap * np.sqrt(size) * np.divide(steps, size, where=size > 0, out=np.zeros_like(steps))
    across = np.stack([-shown[..., 1], shown[..., 0]], axis=-1)
    tip = starts + shown
    barbs = [tip - HEAD * shown + side * 0.6 * HEAD * across for side in (1, -1)]
    return np.stack([starts, tip, barbs[0], tip, barbs[1], tip], axis=-2)


def phase_portrait(
    found: Portrait,
    *,
    said: Sequence[str] = (),
    sequence: Array | None = None,
    step: int | None = None,
    dropped: Sequence[Array] = (),
    subtitle: str = "",
    theme: str = "light",
    height: int = 640,
    texts: Mapping[str, str] = PHASE_FIGURE_TEXTS,
) -> go.Figure:
    """The figure of a portrait.

    said      the sentences of the text twin, in the reader's language
    sequence  (time + 1, 2) the states of the sequence, the one before the first step first
    step      of which the state before and after are marked
    dropped   ways (steps, 2) of states that were let go somewhere
    """
    colours = palette(theme)
    data: list[Any] = []
    strokes = arrow_strokes(found.starts, found.arrows, 2 / (len(found.starts) - 1)).reshape(-1, 6, 2)
    data.append(
        _line(
            list(strokes),
            texts["arrows"],
            {"color": colours.line, "width": 1.3},
            hoverinfo="skip",
            legend=False,
        )
    )
    for unit, lines in enumerate(found.nullclines):
        style = {"color": H_TILDE.colour, "width": 3, "dash": "solid" if unit == 0 else "dot"}
        if lines:
            data.append(_line(lines, texts["nullcline"].format(unit=unit), style, hoverinfo="skip"))
    for way in dropped:
        data.append(_path(way, texts["dropped"], {"color": colours.muted, "width": 2}, 5, texts))
    if sequence is not None:
        data.append(_path(sequence, texts["sequence"], {"color": H.colour, "width": 2}, 6, texts))
        if step is not None:
            data.append(
                go.Scatter(
                    x=sequence[step : step + 2, 0],
                    y=sequence[step : step + 2, 1],
                    mode="lines+markers",
                    name=texts["now"],
                    line={"color": H.colour, "width": 5},
                    marker={"size": [8, 15], "color": H.colour, "line": {"color": colours.text, "width": 2}},
                    hoverinfo="skip",
                )
            )
    for kind, mark in MARKS.items():
        points = [point for point in found.points if point.stability == kind]
        if points:
            data.append(_points(points, texts[kind], mark, colours.text, texts))
    span = {"range": [-RIM, RIM], "tickvals": [-1, -0.5, 0, 0.5, 1], "constrain": "domain"}
    return go.Figure(
        data=data,
        layout=layout(
            theme,
            title=texts["title"],
            subtitle=subtitle,
            how=texts["how"],
            text=" ".join(said),
            height=height,
            legend=True,
            xaxis=axis(theme, title=titled(texts["unit"].format(unit=0)), **span),
            yaxis=axis(
                theme, title=titled(texts["unit"].format(unit=1)), scaleanchor="x", scaleratio=1, **span
            ),
        ),
    )


def _line(
    lines: Sequence[Array], name: str, style: dict[str, Any], *, legend: bool = True, **more: Any
) -> go.Scatter:
    """Many lines as one, with gaps between them."""
    gap = np.full((1, 2), np.nan)
    joined = np.concatenate([part for line in lines for part in (line, gap)]).round(5)
    return go.Scatter(
        x=joined[:, 0], y=joined[:, 1], mode="lines", name=name, line=style, showlegend=legend, **more
    )


def _path(way: Array, name: str, style: dict[str, Any], size: float, texts: Mapping[str, str]) -> go.Scatter:
    return go.Scatter(
        x=way[:, 0],
        y=way[:, 1],
        mode="lines+markers",
        name=name,
        line=style,
        marker={"size": size, "color": style["color"]},
        text=[texts["at_step"].format(step=index - 1) for index in range(len(way))],
        hovertemplate="(%{x:.3f}, %{y:.3f})<br>%{text}<extra></extra>",
    )


def _points(
    points: Sequence[FixedPoint], name: str, mark: str, colour: str, texts: Mapping[str, str]
) -> go.Scatter:
    return go.Scatter(
        x=[float(point.h[0]) for point in points],
        y=[float(point.h[1]) for point in points],
        mode="markers",
        name=name,
        marker={"size": 15, "symbol": mark, "color": colour, "line": {"color": colour, "width": 3}},
        text=[
            texts["eigenvalues"].format(first=_complex(first), second=_complex(second))
            for first, second in (point.eigenvalues for point in points)
        ],
        hovertemplate="(%{x:.3f}, %{y:.3f})<br>%{text}<extra>" + name + "</extra>",
    )


def _complex(value: complex) -> str:
    if abs(value.imag) < 1e-9:
        return f"{value.real:.3f}"
    return f"{value.real:.3f} {'+' if value.imag > 0 else '−'} {abs(value.imag):.3f}i"
