"""How far a gradient reaches back: one line per setting, on a scale of powers of ten."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from gru_core.errors import InputError
from gru_core.figures.style import axis, layout, palette, plain, titled
from gru_core.figures.texts import FIGURE_TEXTS
from gru_core.figures.timeaxis import time_axis
from gru_core.symbols import H

SMALLEST = 1e-12
"""Lower end of the scale: what is smaller, or exactly 0, is drawn there."""


def gradient_lines(
    norms: Mapping[str, NDArray[np.float64]],
    labels: Sequence[str] | None = None,
    *,
    theme: str = "light",
    height: int = 420,
    texts: Mapping[str, str] = FIGURE_TEXTS,
) -> go.Figure:
    """Lines of what `state_gradients` gave, by the name of their setting; the first in the colour of H.

    Raises InputError where there are none.
    """
    if not norms:
        raise InputError("There is nothing to draw: give at least one setting.")
    colours = palette(theme)
    dashes = ("solid", "dash", "dot", "dashdot")
    steps = len(next(iter(norms.values())))
    time = time_axis(steps, 1, labels)
    data, sentences = [], []
    for index, (name, values) in enumerate(norms.items()):
        known = np.flatnonzero(np.isfinite(values))
        first = int(known[0])
        sentences.append(
            texts["gradient text"].format(
                name=name, first=values[first], step=first, steps=int(known[-1]) - first
            )
        )
        data.append(
            go.Scatter(
                x=known,
                y=np.maximum(values[known], SMALLEST),
                mode="lines+markers" if len(known) <= 60 else "lines",
                name=plain(name, 40),
                line={
                    "color": H.colour if index == 0 else colours.text,
                    "width": 4 if index == 0 else 3,
                    "dash": dashes[index % len(dashes)],
                },
                marker={"size": 7},
                hovertemplate=f"%{{y:.2e}}<br>{texts['step']} %{{x}}<extra>{plain(name, 40)}</extra>",
            )
        )
    lowest = min(float(np.nanmin(values)) for values in norms.values())
    figure = go.Figure(
        data=data,
        layout=layout(
            theme,
            title=texts["gradient title"],
            subtitle=texts["gradient subtitle"],
            how=texts["gradient how"],
            text=" ".join(sentences),
            height=height,
            legend=True,
            xaxis=time.layout(theme, texts["step"], anchor="y"),
            yaxis=axis(
                theme,
                title=titled(texts["gradient axis"], standoff=2),
                type="log",
                range=[np.log10(max(lowest, SMALLEST)) - 0.5, 1.2],
                dtick=2,
                exponentformat="power",
                showgrid=True,
                gridcolor=colours.grid,
                fixedrange=True,
            ),
        ),
    )
    # Powers of ten need more room than the other figures' ticks.
    return figure.update_layout(margin_l=84)
