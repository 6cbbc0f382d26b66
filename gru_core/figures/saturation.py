"""A survey in pictures: how often gates are saturated, how long units keep, where the gates are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from gru_core.figures.colours import plotly_scale
from gru_core.figures.saturation_texts import SATURATION_FIGURE_TEXTS
from gru_core.figures.style import axis, layout, palette, titled
from gru_core.symbols import SYMBOLS, Z

if TYPE_CHECKING:
    from gru_core.survey.statistics import Survey

SHAPES: Final = ("circle", "square", "diamond", "triangle-up", "pentagon", "star", "x", "cross")
"""A layer's dots, by its index among the layers and directions; later ones begin again."""

HEIGHT: Final = 400
_GAP: Final = 0.1
_AXES: Final = ("", "2")


def saturation_figure(
    found: Survey,
    *,
    cell: int = 0,
    unit: int = -1,
    theme: str = "light",
    height: int = HEIGHT,
    text: str = "",
    texts: Mapping[str, str] = SATURATION_FIGURE_TEXTS,
) -> go.Figure:
    """One dot per unit, a panel for R and one for Z: x the share of steps above 0.9, y the share below 0.1.

    cell, unit  the unit with a ring around it; -1 for none
    text        the text twin
    Each dot's `customdata` is (cell, unit). Karpathy, Johnson & Fei-Fei 2015, arXiv:1506.02078.
    """
    several = len(found.about.places) > 1
    data: list[Any] = []
    names: list[Any] = []
    for panel, gate in enumerate("RZ"):
        left, right = found.left_saturated(gate), found.right_saturated(gate)
        axes = {"xaxis": f"x{_AXES[panel]}", "yaxis": f"y{_AXES[panel]}"}
        data.append(_edge(axes, theme))
        for place in range(len(left)):
            name = where_text(found, place, texts)
            data.append(
                go.Scatter(
                    x=right[place],
                    y=left[place],
                    customdata=[(place, index) for index in range(found.units)],
                    mode="markers",
                    name=name,
                    legendgroup=name,
                    showlegend=several and panel == 0,
                    marker=_marker(SYMBOLS[gate].colour, place, found.units, theme),
                    # A chart on which one can select dims what is not; here the ring says what is chosen.
                    selected={"marker": {"opacity": 0.75}},
                    unselected={"marker": {"opacity": 0.75}},
                    text=[texts["unit_of"].format(unit=index, where=name) for index in range(found.units)],
                    hovertemplate="<b>%{text}</b><br>> 0.9: %{x:.1%}<br>< 0.1: %{y:.1%}<extra></extra>",
                    **axes,
                )
            )
        if 0 <= unit < found.units:
            x, y = float(right[cell, unit]), float(left[cell, unit])
            data.append(_ring(x, y, axes, theme))
            marks = {"xref": axes["xaxis"], "yref": axes["yaxis"]}
            names.append(_name(x, y, unit, x > 0.5, theme, texts, **marks))
    half = (1 - _GAP) / 2
    more: dict[str, Any] = {}
    for panel in range(2):
        number = _AXES[panel]
        start = panel * (half + _GAP)
        more[f"xaxis{number}"] = _share(theme, texts["right"], [start, start + half], f"y{number}")
        more[f"yaxis{number}"] = _share(theme, texts["left"] if panel == 0 else "", [0, 1], f"x{number}")
    figure = go.Figure(
        data=data,
        layout=layout(
            theme,
            title=texts["saturation title"],
            subtitle=_subtitle(found, texts),
            how=texts["saturation how"],
            text=text or texts["saturation how"],
            height=height,
            legend=several,
            **more,
        ),
    )
    for panel, gate in enumerate("RZ"):
        figure.add_annotation(
            text=f"<b>{gate}</b>",
            x=panel * (half + _GAP) + half,
            y=1,
            xref="paper",
            yref="paper",
            xanchor="right",
            yanchor="top",
            xshift=-14,
            showarrow=False,
            font={"size": 20, "color": palette(theme).text},
        )
    for name in names:
        figure.add_annotation(name)
    return figure


def time_scale_figure(
    found: Survey,
    *,
    cell: int = 0,
    unit: int = -1,
    theme: str = "light",
    height: int = HEIGHT,
    text: str = "",
    texts: Mapping[str, str] = SATURATION_FIGURE_TEXTS,
) -> go.Figure:
    """Every unit's time scale, a layer's units in the order of it; arguments as in `saturation_figure`."""
    scale = found.time_scale()
    finite = scale[np.isfinite(scale)]
    top = 10.0 ** np.ceil(np.log10(max(float(finite.max(initial=1.0)), 10.0)) + 0.3)
    several = len(scale) > 1
    data: list[Any] = []
    names: list[Any] = []
    for place, of_units in enumerate(scale):
        order = np.argsort(-of_units, kind="stable")
        drawn = np.minimum(of_units, top)
        name = where_text(found, place, texts)
        said = [f"{value:,.3g}" if np.isfinite(value) else texts["forever"] for value in of_units[order]]
        data.append(
            go.Scatter(
                x=np.arange(1, found.units + 1),
                y=drawn[order],
                customdata=[(place, int(index)) for index in order],
                mode="lines+markers",
                name=name,
                showlegend=several,
                line={"color": palette(theme).line, "width": 1},
                marker=_marker(Z.colour, place, found.units, theme),
                selected={"marker": {"opacity": 0.75}},
                unselected={"marker": {"opacity": 0.75}},
                text=[
                    f"<b>{texts['unit_of'].format(unit=index, where=name)}</b><br>{steps} {texts['steps']}"
                    for index, steps in zip(order, said, strict=True)
                ],
                hovertemplate="%{text}<extra></extra>",
            )
        )
        if place == cell and 0 <= unit < found.units:
            rank = int(np.flatnonzero(order == unit)[0]) + 1
            data.append(_ring(rank, float(drawn[unit]), {}, theme))
            left = rank > found.units / 2
            names.append(_name(rank, float(np.log10(drawn[unit])), unit, left, theme, texts))
    figure = go.Figure(
        data=data,
        layout=layout(
            theme,
            title=texts["times title"],
            subtitle=_subtitle(found, texts),
            how=texts["times how"],
            text=text or texts["times how"],
            height=height,
            legend=several,
            xaxis=axis(theme, title=titled(texts["rank"]), nticks=8, range=[0.3, found.units + 0.7]),
            yaxis=axis(
                theme,
                title=titled(texts["steps"]),
                type="log",
                range=[-0.08, float(np.log10(top)) + 0.12],
                dtick=1,
                showgrid=True,
                gridcolor=palette(theme).grid,
            ),
        ),
    )
    for name in names:
        figure.add_annotation(name)
    return figure


def square_figure(
    found: Survey,
    *,
    cell: int = 0,
    unit: int = -1,
    theme: str = "light",
    height: int = HEIGHT,
    text: str = "",
    texts: Mapping[str, str] = SATURATION_FIGURE_TEXTS,
) -> go.Figure:
    """How many steps have which R and Z, in one layer and direction, or of one of its units."""
    chosen = 0 <= unit < found.units
    counts: NDArray[np.int64] = found.tally.unit_square[cell, unit] if chosen else found.tally.square[cell]
    shares = counts / float(counts.sum())
    side = len(counts)
    name = where_text(found, cell, texts)
    lowest = 1e-5
    with np.errstate(divide="ignore"):
        drawn = np.where(shares > 0, np.log10(np.maximum(shares, lowest)), np.nan)
    ticks = list(range(-5, 1))
    colours = palette(theme)
    figure = go.Figure(
        data=go.Heatmap(
            # A row is one value of Z.
            z=drawn.T,
            x0=0.5 / side,
            dx=1 / side,
            y0=0.5 / side,
            dy=1 / side,
            customdata=shares.T,
            coloraxis="coloraxis",
            hovertemplate="R %{x:.2f}<br>Z %{y:.2f}<br>"
            + texts["share"]
            + " %{customdata:.2%}<extra></extra>",
        ),
        layout=layout(
            theme,
            title=texts["square title"],
            subtitle=texts["square subtitle"].format(
                where=texts["unit_of"].format(unit=unit, where=name) if chosen else name,
                steps=f"{found.steps:,}",
            ),
            how=texts["square how"],
            text=text or texts["square how"],
            height=height,
            xaxis=axis(theme, title=titled(texts["R"]), range=[0, 1], dtick=0.25),
            yaxis=axis(theme, title=titled(texts["Z"]), range=[0, 1], dtick=0.25),
            coloraxis={
                "colorscale": plotly_scale("answer", theme),
                "cmin": -5,
                "cmax": 0,
                "colorbar": {
                    "title": {"text": texts["share"], "side": "right", "font": {"color": colours.text}},
                    "tickvals": ticks,
                    "ticktext": ["≤ 0.001%", "0.01%", "0.1%", "1%", "10%", "100%"],
                    "tickfont": {"size": 12, "color": colours.text},
                    "thickness": 14,
                    "outlinewidth": 0,
                },
            },
        ),
    )
    for key, x, y, xanchor, yanchor in (
        ("copy", 0.5, 1.0, "center", "bottom"),
        ("rnn", 1.0, 0.0, "right", "bottom"),
        ("input", 0.0, 0.0, "left", "bottom"),
    ):
        figure.add_annotation(
            text=texts[f"corner {key}"],
            x=x,
            y=y,
            xanchor=xanchor,
            yanchor=yanchor,
            showarrow=False,
            font={"size": 12, "color": colours.text},
            bgcolor=colours.paper,
            opacity=0.85,
        )
    return figure


def where_text(found: Survey, cell: int, texts: Mapping[str, str] = SATURATION_FIGURE_TEXTS) -> str:
    """What a layer and direction is called."""
    layer, direction = found.about.places[cell]
    return texts[direction].format(layer=layer)


def _subtitle(found: Survey, texts: Mapping[str, str]) -> str:
    sizes = {"sequences": f"{found.sequences:,}", "steps": f"{found.steps:,}", "units": f"{found.units:,}"}
    return texts["subtitle_one" if found.sequences == 1 else "subtitle"].format(**sizes)


def _marker(colour: str, place: int, units: int, theme: str) -> dict[str, Any]:
    # On dark a dark dot needs a light edge, on light several dots need one between them.
    outline = palette(theme).text if theme == "dark" else palette(theme).paper
    return {
        "symbol": SHAPES[place % len(SHAPES)] + ("-open" if place % 2 else ""),
        "size": 11 if units <= 64 else 8,
        "color": colour,
        "opacity": 0.75,
        "line": {"width": 2 if place % 2 else 1, "color": colour if place % 2 else outline},
    }


def _ring(x: float, y: float, axes: dict[str, str], theme: str) -> Any:
    return go.Scatter(
        x=[x],
        y=[y],
        mode="markers",
        marker={"symbol": "circle-open", "size": 20, "color": palette(theme).text, "line": {"width": 3}},
        hoverinfo="skip",
        showlegend=False,
        cliponaxis=False,
        **axes,
    )


def _name(
    x: float, y: float, unit: int, left: bool, theme: str, texts: Mapping[str, str], **axes: str
) -> Any:
    """What the ring is around, beside it; on a surface, since dots may lie below."""
    return {
        "text": f"<b>{texts['unit'].format(unit=unit)}</b>",
        "x": x,
        "y": y,
        "xanchor": "right" if left else "left",
        "xshift": -14 if left else 14,
        "showarrow": False,
        "bgcolor": palette(theme).paper,
        "opacity": 0.9,
        "font": {"size": 13, "color": palette(theme).text},
        **axes,
    }


def _edge(axes: dict[str, str], theme: str) -> Any:
    """No dot lies beyond it: the two shares are of the same steps."""
    return go.Scatter(
        x=[0, 1],
        y=[1, 0],
        mode="lines",
        line={"color": palette(theme).line, "width": 1, "dash": "dash"},
        hoverinfo="skip",
        showlegend=False,
        **axes,
    )


def _share(theme: str, title: str, domain: list[float], anchor: str) -> dict[str, Any]:
    return axis(
        theme,
        title=titled(title),
        range=[-0.06, 1.06],
        tickvals=[0, 0.5, 1],
        tickangle=0,
        tickformat=".0%",
        domain=domain,
        anchor=anchor,
        showgrid=True,
        gridcolor=palette(theme).grid,
    )
