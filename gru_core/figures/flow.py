"""Gradient flow over time: a line per setting on a scale of powers of ten, and the chosen one's four routes.

Values are drawn by their logarithms, since they leave the range of floats; what is exactly 0 stands on a
floor of its own under all that is not.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from gru_core.errors import InputError
from gru_core.figures.flow_texts import FLOW_FIGURE_TEXTS
from gru_core.figures.panels import Slot, slots
from gru_core.figures.style import BOTTOM, CLEAR, axis, layout, palette
from gru_core.figures.timeaxis import TimeAxis, thinned, time_axis
from gru_core.symbols import H_TILDE, H, R, Z

if TYPE_CHECKING:
    from gru_core.analysis.flow_lines import FlowLine

ROUTES: Final = (("copy", H.colour), ("update", Z.colour), ("candidate", H_TILDE.colour), ("reset", R.colour))
"""The routes from the bottom of a bar up, each in the colour of what carries it."""

LINES: Final[Mapping[str, tuple[str, str, str]]] = {
    "learned": (H.colour, H.colour, "solid"),
    "now": ("#1B2430", "#F2F5F9", "solid"),
    "rnn": ("#7A4FD0", "#A583F5", "dash"),
    "input_only": ("#7D7D00", "#D8D24A", "dot"),
    "copy": ("#566170", "#A9B4C2", "dashdot"),
    "trained_rnn": ("#8C2F39", "#E07A90", "solid"),
    "trained_lstm": ("#1F7FB0", "#7CCDF5", "solid"),
}
"""Colour in the light and the dark theme, and dash, of each line by its name."""

TALL, LOW = 196, 56
"""Pixels of the lines and of the bars."""

ABOVE, ROW = 62, 19
"""Pixels above the lines for title and formula, and for each row of names."""

LEFT = 60
"""Pixels for powers of ten."""

MARKED = 60
"""Up to so many steps each has a mark."""

BARS = 300
"""At most so many bars; those of a longer way are means."""


def flow_figure(
    lines: Mapping[str, FlowLine],
    of: str,
    now: str,
    routes: FlowLine | None = None,
    labels: Sequence[str] | None = None,
    *,
    where: tuple[int, str] = (0, "forward"),
    factors: Mapping[str, str] | None = None,
    text: str = "",
    theme: str = "light",
    texts: Mapping[str, str] = FLOW_FIGURE_TEXTS,
) -> go.Figure:
    """Lines by the names of LINES, and below them the routes of one.

    of       "state" or "answer", as the lines were asked for
    now      the name of the line of the chosen gates, drawn thickest
    routes   a line with parts, of the chosen gates; None leaves the bars away
    where    layer and direction of the states
    factors  what stands behind a name: its factor per step, in words
    text     what the picture shows, for those who do not see it

    Raises InputError where there are no lines.
    """
    if not lines:
        raise InputError("There is nothing to draw: give at least one setting.")
    line = next(iter(lines.values()))
    time = time_axis(len(line.norms), 1, labels)
    above = ABOVE + ROW * -(-len(lines) // 2)
    places, height = slots([TALL, LOW], [0, 30], top=above) if routes else ([Slot(1, 0, 1)], 380)
    scale = _Scale(lines)
    notes: list[str] = []
    data: list[Any] = []
    for number, (name, one) in enumerate(lines.items()):
        traces, stretch = _line(name, one, scale, time, name == now, theme, factors or {}, texts)
        data += [
            each.update(legend="legend2" if number >= -(-len(lines) // 2) else "legend") for each in traces
        ]
        if stretch > 1 and not notes:
            notes.append(texts["thinned"].format(bin=stretch))
    axes: dict[str, Any] = {"yaxis": scale.axis(theme, texts, places[0])}
    annotations: list[dict[str, Any]] = []
    if routes:
        bars, bin_size = _bars(routes, time, texts)
        data += bars
        axes["yaxis2"] = axis(
            theme,
            domain=[places[1].low, places[1].high],
            range=[0, 1],
            tickvals=[0, 0.5, 1],
            ticktext=["0", "½", "1"],
            fixedrange=True,
        )
        annotations.append(_heading(now, places[1], theme, texts))
        if bin_size > 1:
            notes.append(texts["binned"].format(bin=bin_size))
    error = max(one.error for one in lines.values())
    if error:
        notes.append(texts["estimated"].format(error=f"{error:.0%}"))
    layer, direction = where
    figure = go.Figure(
        data=data,
        layout=layout(
            theme,
            title=texts[f"title {of}"].format(last=line.last),
            subtitle=texts[f"subtitle {of}"].format(last=line.last, layer=layer, direction=texts[direction]),
            how=texts["how"],
            text=text,
            notes=notes,
            height=height,
            legend=True,
            barmode="stack",
            bargap=0,
            annotations=annotations,
            xaxis=time.layout(theme, texts["step"], anchor=places[-1].y),
            **axes,
        ),
    )
    # Two columns of names beside each other, which a telephone has room for too; there one legend would
    # be a single column over the title. Letters below the bars stand upright.
    legend = {
        "xref": "container",
        "xanchor": "left",
        "y": 1,
        "yanchor": "bottom",
        "font": {"size": 12},
        "itemwidth": 30,
    }
    return figure.update_layout(
        margin={"l": LEFT, "r": 12, "t": above, "b": BOTTOM, "autoexpand": False},
        legend=legend | {"x": 0.01, "orientation": "v", "traceorder": "normal"},
        legend2=legend | {"x": 0.5, "orientation": "v", "traceorder": "normal", "bgcolor": CLEAR},
        title_xref="container",
        title_x=0.01,
        xaxis_tickangle=0,
    )


_STEPS: Final = tuple(lead * 10**power for power in range(7) for lead in (1, 2, 5))
"""How many powers of ten from one tick to the next."""


class _Scale:
    """Where log10 of a norm stands, and the floor for what is exactly 0."""

    def __init__(self, lines: Mapping[str, FlowLine]) -> None:
        known = [line.norms[np.isfinite(line.norms)] for line in lines.values()]
        values = np.concatenate([*known, np.zeros(1)])
        self.low, self.high = float(values.min()), float(values.max())
        self.room = max(self.high - self.low, 1.0)
        self.has_zero = any((line.norms == -np.inf).any() for line in lines.values())
        self.floor = self.low - 0.14 * self.room
        self.taken = 0

    def heights(self, norms: NDArray[np.float64]) -> NDArray[np.float64]:
        """What is drawn of norms without NaN; lines that are 0 together stand a little apart."""
        if not (norms == -np.inf).any():
            return norms
        self.taken += 1
        return np.where(norms == -np.inf, self.floor - 0.035 * self.room * (self.taken - 1), norms)

    def axis(self, theme: str, texts: Mapping[str, str], place: Slot) -> dict[str, Any]:
        """Powers of ten at some seven places, and "exactly 0" at the floor."""
        each = next(step for step in _STEPS if step * 7 >= self.room)
        powers = [p for p in range(math.ceil(self.low), math.floor(self.high) + 1) if p % each == 0]
        ticks = {float(p): f"10{_raised(p)}" for p in powers}
        bottom = self.low - 0.06 * self.room
        if self.has_zero:
            drop = 0.035 * self.room * max(self.taken - 1, 0)
            ticks[self.floor - drop / 2] = f"<b>{texts['zero tick']}</b>"
            bottom = self.floor - drop - 0.06 * self.room
        return axis(
            theme,
            domain=[place.low, place.high],
            tickvals=list(ticks),
            ticktext=list(ticks.values()),
            range=[bottom, self.high + 0.06 * self.room],
            showgrid=True,
            gridcolor=palette(theme).grid,
            fixedrange=True,
        )


def _line(
    name: str,
    line: FlowLine,
    scale: _Scale,
    time: TimeAxis,
    chosen: bool,
    theme: str,
    factors: Mapping[str, str],
    texts: Mapping[str, str],
) -> tuple[list[Any], int]:
    """The trace of one line, and how many steps were looked at for each pair of its points."""
    steps = np.flatnonzero(~np.isnan(line.norms))
    norms = line.norms[steps]
    heights = scale.heights(norms)
    kept, stretch = thinned(heights)
    light, dark, dash = LINES[name]
    colour = dark if theme == "dark" else light
    shown = texts[name]
    legend = texts["legend"].format(name=shown, factor=factors[name]) if factors.get(name) else shown
    zero = norms[kept] == -np.inf
    marks = "lines+markers" if len(steps) <= MARKED else "lines"
    hovers = [
        texts["zero"] if nothing else _power(norm) for nothing, norm in zip(zero, norms[kept], strict=True)
    ]
    return [
        go.Scatter(
            x=steps[kept],
            y=heights[kept],
            mode=marks,
            name=legend,
            line={"color": colour, "width": 4.5 if chosen else 2.5, "dash": dash},
            marker={
                "size": [9 if nothing else 7 if chosen else 5 for nothing in zero],
                "symbol": ["x-thin" if nothing else "circle" for nothing in zero],
                "line": {"width": 2, "color": colour},
            },
            customdata=hovers,
            hovertemplate=f"%{{customdata}}<br>{texts['step']} %{{x}}<extra>{shown}</extra>",
        )
    ], stretch


def _bars(line: FlowLine, time: TimeAxis, texts: Mapping[str, str]) -> tuple[list[Any], int]:
    """Four stacked bars per step, and how many steps each stands for."""
    steps = line.portions.shape[1]
    size = -(-steps // BARS)
    starts = np.arange(0, steps, size)
    widths = np.minimum(starts + size, steps) - starts
    data = []
    for index, (route, colour) in enumerate(ROUTES):
        means, signed = (_means(values[index], starts, size) for values in (line.portions, line.shares))
        data.append(
            go.Bar(
                x=starts + (widths - 1) / 2,
                y=np.nan_to_num(means),
                width=widths,
                yaxis="y2",
                marker={"color": colour, "line": {"width": 0}},
                name=texts[f"{route} route"],
                showlegend=False,
                customdata=[
                    ""
                    if math.isnan(share)
                    else texts["route hover"].format(share=f"{share:.1%}", signed=f"{part:+.1%}")
                    for share, part in zip(means, signed, strict=True)
                ],
                hovertemplate=f"%{{customdata}}<br>{texts['step']} %{{x}}<extra>%{{fullData.name}}</extra>",
            )
        )
    return data, size


def _means(values: NDArray[np.float64], starts: NDArray[Any], size: int) -> list[float]:
    """The mean of each stretch over what is known of it; NaN where nothing is."""
    parts = (values[start : start + size] for start in starts)
    known = (part[np.isfinite(part)] for part in parts)
    return [float(part.mean()) if len(part) else math.nan for part in known]


def _heading(now: str, place: Slot, theme: str, texts: Mapping[str, str]) -> dict[str, Any]:
    """The name of the bars, and what each colour of them is."""
    keys = [f"<span style='color:{colour}'>■</span> {texts[f'{route} route']}" for route, colour in ROUTES]
    return {
        "text": f"<b>{texts['routes'].format(name=texts[now])}</b>  " + "  ".join(keys),
        "x": 0,
        "xref": "paper",
        "xanchor": "left",
        "y": place.high,
        "yref": "paper",
        "yanchor": "bottom",
        "showarrow": False,
        "xshift": 6 - LEFT,
        "yshift": 6,
        "font": {"size": 13, "color": palette(theme).text},
    }


def _power(log10: float) -> str:
    if -3 < log10 < 4:
        return f"{10**log10:.3g}"
    exponent = math.floor(log10)
    return f"{10 ** (log10 - exponent):.1f}·10{_raised(exponent)}"


def _raised(power: int) -> str:
    return f"<sup>{str(power).replace('-', '−')}</sup>"
