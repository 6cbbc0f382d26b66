"""The gate square as a figure: how often points are where, or scores, and over it the units of a step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import plotly.graph_objects as go

from gru_core.analysis.square import BINS, NEAR, PLACES, Square
from gru_core.analysis.square_facts import square_facts
from gru_core.errors import InputError
from gru_core.figures.colours import plotly_scale
from gru_core.figures.square_texts import SQUARE_FIGURE_TEXTS
from gru_core.figures.style import axis, layout, palette, titled

if TYPE_CHECKING:
    from gru_core.analysis.frozen import FrozenScores
    from gru_core.trace import GateTrace

SIDE = 520
"""Pixels of a side of the square."""

SELECTED = {"light": "#7A4FD0", "dark": "#A583F5"}
"""By theme: selected units, in the colour of no symbol."""

_EDGE = 0.03
"""Room around the square, so that points on its edges are whole."""

_NAMES = {
    "copy": {"x": 0.5, "y": 1 + _EDGE, "xanchor": "center", "yanchor": "bottom", "yshift": 2},
    "rnn": {"x": 1 + _EDGE, "y": -_EDGE, "xanchor": "right", "yanchor": "top", "yshift": -26},
    "input_only": {"x": -_EDGE, "y": -_EDGE, "xanchor": "left", "yanchor": "top", "yshift": -26},
}


def square_figure(
    t: GateTrace,
    square: Square,
    step: int = 0,
    *,
    selected: Sequence[int] = (),
    scores: FrozenScores | None = None,
    sentences: Sequence[str] | None = None,
    theme: str = "light",
    texts: Mapping[str, str] = SQUARE_FIGURE_TEXTS,
) -> go.Figure:
    """The square of the first sequence of a trace at one step.

    square     what `gate_square` says of the trace
    scores     are drawn behind the points, where there are some, instead of how often points are where
    sentences  the words under it; those of `square_facts` in English without

    Raises InputError for a step that does not exist.
    """
    if not 0 <= step < t.steps:
        raise InputError(f"There is no step {step}: this trace has {t.steps} steps, from 0 to {t.steps - 1}.")
    colours = palette(theme)
    said = [fact.text for fact in square_facts(square, scores=scores)] if sentences is None else sentences
    behind = _often(square, theme, texts) if scores is None else _scored(scores, theme, texts)
    chosen = np.isin(np.arange(t.units), list(selected))
    groups = [(~chosen, colours.muted if chosen.any() else colours.text, texts["points"].format(step=step))]
    groups.append((chosen, SELECTED[theme], texts["selected"]))
    data: list[Any] = [behind]
    data += [
        go.Scatter(
            x=t.R[0, step, which],
            y=t.Z[0, step, which],
            mode="markers",
            name=name,
            marker={"size": 11, "color": colour, "line": {"width": 1.5, "color": colours.paper}},
            customdata=np.flatnonzero(which),
            hovertemplate=f"{texts['unit']} %{{customdata}}<br>R %{{x:.3f}}<br>Z %{{y:.3f}}<extra></extra>",
        )
        for which, colour, name in groups
        if which.any()
    ]
    figure = go.Figure(
        data=data,
        layout=layout(
            theme,
            title=texts["title"],
            subtitle=texts["subtitle"].format(
                layer=t.layer, direction=texts[t.direction], units=t.units, steps=t.steps
            ),
            how=texts["how" if scores is None else "how_scores"],
            text=" ".join(said),
            height=SIDE + 170,
            xaxis=_side(theme, texts, "R", scaleanchor="y", constrain="domain"),
            yaxis=_side(theme, texts, "Z", constrain="domain"),
            annotations=[
                {
                    "text": f"<b>{texts[place].format(share=square.share(place))}</b>",
                    **_NAMES[place],
                    "showarrow": False,
                    "font": {"size": 14, "color": colours.text},
                }
                for place in PLACES
            ],
            shapes=[
                {
                    "type": "rect",
                    "x0": x0,
                    "x1": x1,
                    "y0": y0,
                    "y1": y1,
                    "line": {"color": colours.line, "width": 1, "dash": "dot"},
                }
                for x0, x1, y0, y1 in (
                    (0, 1, 1 - NEAR, 1),
                    (0, NEAR, 0, NEAR),
                    (1 - NEAR, 1, 0, NEAR),
                )
            ],
        ),
    )
    return figure.update_layout(margin={"l": 64, "r": 70, "b": 92, "t": 96})


def _often(square: Square, theme: str, texts: Mapping[str, str]) -> go.Heatmap:
    """How often points are in each part, on a scale of powers of ten; unvisited parts are empty."""
    colours = palette(theme)
    share = square.counts / square.points
    with np.errstate(divide="ignore"):
        strength = np.where(square.counts > 0, np.log10(share / share.max()), np.nan)
    middles = (np.arange(BINS) + 0.5) / BINS
    return go.Heatmap(
        x=middles,
        y=middles,
        z=strength,
        zmin=-3,
        zmax=0,
        colorscale=[[0, colours.grid], [1, colours.line]],
        showscale=False,
        customdata=share,
        hovertemplate=f"{texts['often']} %{{customdata:.2%}}<extra></extra>",
    )


def _scored(scores: FrozenScores, theme: str, texts: Mapping[str, str]) -> go.Heatmap:
    colours = palette(theme)
    return go.Heatmap(
        x=scores.values,
        y=scores.values,
        z=scores.scores,
        zmin=min(scores.chance, 0.99),
        zmax=1,
        colorscale=plotly_scale("answer", theme),
        colorbar={
            "thickness": 14,
            "outlinewidth": 0,
            "title": {"text": texts["score"], "font": {"size": 13, "color": colours.text}},
            "tickfont": {"size": 12, "color": colours.text},
        },
        hovertemplate=f"{texts['score']} %{{z:.3f}}<br>R %{{x:.1f}}<br>Z %{{y:.1f}}<extra></extra>",
    )


def _side(theme: str, texts: Mapping[str, str], gate: str, **more: Any) -> dict[str, Any]:
    return axis(
        theme,
        title=titled(texts[gate]),
        range=[-_EDGE, 1 + _EDGE],
        tickvals=[0, 0.5, 1],
        mirror=True,
        fixedrange=True,
        **more,
    )
