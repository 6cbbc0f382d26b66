"""Two traces side by side and their difference, as heatmaps on one time axis."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import plotly.graph_objects as go

from gru_core.figures.comparison_texts import COMPARISON_FIGURE_TEXTS
from gru_core.figures.panels import HEADING, colour_bar, heading, heatmap, row_axis, slots
from gru_core.figures.style import layout, plain
from gru_core.figures.timeaxis import time_axis
from gru_core.symbols import SYMBOLS

if TYPE_CHECKING:
    from gru_core.analysis.comparison import Comparison


def comparison_figure(
    found: Comparison,
    quantity: str,
    names: tuple[str, str],
    labels: Sequence[str] | None = None,
    *,
    text: str = "",
    theme: str = "light",
    texts: Mapping[str, str] = COMPARISON_FIGURE_TEXTS,
) -> go.Figure:
    """The left side, the right side and right minus left.

    quantity  a name in SYMBOLS: "R", "Z", "H_tilde" or "H"
    names     what the left and the right side are
    labels    one per step that stands beside another
    text      what the figure shows, in words, for those who do not see it

    Colours are locked: [0, 1] for gates, [-1, 1] for states, and what two of them can differ by.
    """
    symbol = SYMBOLS[quantity]
    rows = [f"{row}%" if found.sorted else str(row) for row in found.rows]
    time = time_axis(found.overlap.steps, len(rows), labels)
    tall = min(max(6 * len(rows), 110), 180)
    places, height = slots([tall] * 3, [HEADING] * 3)
    row_word = texts["share" if found.sorted else "unit"]
    sides = ((names[0], found.left), (names[1], found.right), (texts["difference"], found.difference))
    axes: dict[str, Any] = {}
    data, annotations = [], []
    for index, (place, (name, values)) in enumerate(zip(places, sides, strict=True)):
        what = f"Δ{symbol.label}" if index == 2 else symbol.label
        data.append(
            heatmap(
                place,
                values,
                rows,
                time,
                "coloraxis2" if index == 2 else "coloraxis",
                what=what,
                row_word=row_word,
                step_word=texts["step"],
            )
        )
        axes[place.yaxis] = row_axis(place, theme, row_word, len(rows))
        annotations.append(heading(place, theme, what, plain(name, 60), symbol.colour))
    difference: dict[str, Any] = colour_bar(theme, "difference", places[2].low, places[2].high)
    if symbol.scale == "gate":
        difference |= {"cmin": -1.0, "cmax": 1.0}
        difference["colorbar"] |= {"tickvals": [-1, 0, 1], "ticktext": ["−1", "0", "1"]}
    return go.Figure(
        data=data,
        layout=layout(
            theme,
            title=texts["title"].format(quantity=symbol.label),
            subtitle=texts["subtitle"].format(left=plain(names[0], 60), right=plain(names[1], 60)),
            how=texts["how"],
            text=text,
            notes=() if time.bin == 1 else (texts["binned"].format(bin=time.bin),),
            height=height,
            xaxis=time.layout(theme, texts["step"], anchor=places[-1].y),
            coloraxis=colour_bar(theme, symbol.scale, places[1].low, places[0].high),
            coloraxis2=difference,
            annotations=annotations,
            **axes,
        ),
    )
