"""What all figures share: two themes, fonts, margins, hover, and how a title and its words travel.

Backgrounds are transparent, so that a figure sits on any page. The default template of Plotly is not used:
its colours fit neither theme.
"""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

import plotly.graph_objects as go

from gru_core.analysis.fact import shortened
from gru_core.errors import InputError

Theme = Literal["light", "dark"]

FONT: Final = (
    "system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', 'PingFang SC', 'Microsoft YaHei', sans-serif"
)
CLEAR: Final = "rgba(0,0,0,0)"

TOP: Final = 72
LEGEND_TOP: Final = 116
BOTTOM: Final = 52
"""Pixels above and below the plot: title and subtitle, with two rows of legend, and the time axis."""


@dataclass(frozen=True)
class Palette:
    """The neutral colours of a theme; `paper` is what a saved picture is put on."""

    paper: str
    text: str
    muted: str
    line: str
    grid: str


PALETTES: Final[dict[str, Palette]] = {
    "light": Palette(paper="#FFFFFF", text="#1B2430", muted="#566170", line="#8A94A2", grid="#DFE4EA"),
    "dark": Palette(paper="#11161D", text="#E6EBF1", muted="#A9B4C2", line="#6B7684", grid="#2B343F"),
}


def palette(theme: str) -> Palette:
    """The neutral colours of "light" or "dark". Raises InputError for another name."""
    if theme not in PALETTES:
        raise InputError(f"The theme of a figure must be 'light' or 'dark', got {theme!r}.")
    return PALETTES[theme]


def plain(label: str, most: int = 20) -> str:
    """A person's label as a figure may show it: shortened, and with markup shown instead of obeyed."""
    # Plotly obeys a few HTML tags in texts, and reads $...$ as a formula where MathJax is loaded.
    return html.escape(shortened(label, most), quote=False).replace("$", "&#36;").replace("%{", "&#37;{")


def layout(
    theme: str,
    *,
    title: str,
    subtitle: str = "",
    how: str,
    text: str,
    height: int,
    notes: Sequence[str] = (),
    legend: bool = False,
    **more: Any,
) -> go.Layout:
    """The layout that every figure starts from.

    `how` says in a sentence how to read it, `text` says what it shows here (its text twin, also for people
    who do not see it), `notes` what was done to the numbers. They travel in `layout.meta` as "title", "how",
    "text" and "notes", with "theme" and its background "paper": a page prints them where they wrap, under
    the figure, as the plain text that they are.
    `legend` keeps room above the plot and names the lines there.
    """
    colours = palette(theme)
    return go.Layout(
        template=go.layout.Template(),
        title={
            "text": f"<b>{title}</b><br><span style='font-size:13px;color:{colours.muted}'>{subtitle}</span>",
            "font": {"size": 17, "color": colours.text},
            "x": 0,
            "xref": "paper",
            "xanchor": "left",
            "y": 1,
            "yref": "container",
            "yanchor": "top",
            "pad": {"t": 26},
            "automargin": False,
        },
        height=height,
        margin={"l": 52, "r": 12, "t": LEGEND_TOP if legend else TOP, "b": BOTTOM, "pad": 0},
        showlegend=legend,
        legend={
            "orientation": "h",
            "x": 0,
            "xanchor": "left",
            "y": 1.0,
            "yanchor": "bottom",
            "font": {"size": 13, "color": colours.text},
            "bgcolor": CLEAR,
        },
        paper_bgcolor=CLEAR,
        plot_bgcolor=CLEAR,
        font={"family": FONT, "size": 13, "color": colours.text},
        hoverlabel={
            "bgcolor": colours.paper,
            "bordercolor": colours.line,
            "font": {"family": FONT, "size": 13, "color": colours.text},
        },
        hovermode="closest",
        dragmode="zoom",
        meta={
            "title": title,
            "how": how,
            "text": text,
            "notes": list(notes),
            "theme": theme,
            "paper": colours.paper,
        },
        **more,
    )


def axis(theme: str, **more: Any) -> dict[str, Any]:
    """A plain axis: no grid, a thin frame on its own side, ticks that stay out of the picture."""
    colours = palette(theme)
    return {
        "showgrid": False,
        "zeroline": False,
        "showline": True,
        "linecolor": colours.line,
        "ticks": "outside",
        "ticklen": 4,
        "tickcolor": colours.line,
        "tickfont": {"size": 12, "color": colours.text},
        "title": {"font": {"size": 13, "color": colours.text}, "standoff": 6},
        "automargin": False,
    } | more


def titled(text: str, **more: Any) -> dict[str, Any]:
    """An axis title."""
    return {"text": text, "standoff": 6, "font": {"size": 13}} | more
