"""The same sequence under several gate settings: how far the state moves away from the first of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import plotly.graph_objects as go

from gru_core.errors import InputError, ShapeError
from gru_core.figures.panels import HEADING, colour_bar, heading, heatmap, row_axis, slots
from gru_core.figures.style import axis, layout, plain, titled
from gru_core.figures.texts import FIGURE_TEXTS
from gru_core.figures.timeaxis import time_axis
from gru_core.symbols import H

if TYPE_CHECKING:
    from gru_core.trace import GateTrace


def state_difference(
    traces: Mapping[str, GateTrace],
    labels: Sequence[str] | None = None,
    *,
    order: Sequence[int] | None = None,
    theme: str = "light",
    texts: Mapping[str, str] = FIGURE_TEXTS,
) -> go.Figure:
    """Small multiples, one per setting after the first: H minus the first one's H, and bars of its size.

    traces  by the name of their setting, all of the same layer, direction and sequence; the first is what the
            others are compared with
    order   the units from top to bottom, as `unit_orders` gives them

    Colours are locked to [-2, 2], all that two states in [-1, 1] can differ by; bars, max |difference| over
    the units at each step, to [0, 2]. A trace longer than a screen is drawn as means, its bars as maxima.
    Raises InputError below two traces, ShapeError when they, labels or order do not fit together.
    """
    if len(traces) < 2:
        raise InputError(f"A comparison needs at least two settings, got {len(traces)}.")
    (reference, base), *others = traces.items()
    for name, trace in others:
        if trace.H.shape != base.H.shape:
            raise ShapeError(
                "Only traces of one layer and sequence can be compared: "
                f"{reference} has (batch, time, units) {base.H.shape}, {name} has {trace.H.shape}."
            )
    rows = list(range(base.units)) if order is None else [int(unit) for unit in order]
    if sorted(rows) != list(range(base.units)):
        raise ShapeError(
            f"The order of {base.units} units must name each of them once, got {len(rows)} entries."
        )
    time = time_axis(base.steps, base.units, labels)
    tall = min(max(6 * base.units, 90), 180)
    places, height = slots([tall, 46] * len(others), [HEADING, 14] * len(others))

    data: list[Any] = []
    axes: dict[str, Any] = {}
    annotations, sentences = [], []
    for (name, trace), picture, bars in zip(others, places[::2], places[1::2], strict=True):
        difference = trace.H[0] - base.H[0]
        largest = np.abs(difference).max(axis=1)
        data.append(
            heatmap(
                picture,
                difference,
                [str(unit) for unit in rows],
                time,
                "coloraxis",
                what="ΔH",
                row_word=texts["unit"],
                step_word=texts["step"],
                order=rows,
            )
        )
        data.append(
            go.Bar(
                x=time.centres,
                y=time.largest(largest),
                width=time.bin * 0.9,
                yaxis=bars.y,
                marker={"color": H.colour, "line": {"width": 0}},
                name=plain(name),
                showlegend=False,
                hovertemplate=f"{texts['largest']} = %{{y:.3f}}<br>{texts['step']} %{{x:.0f}}<extra></extra>",
            )
        )
        axes[picture.yaxis] = row_axis(picture, theme, texts["unit"], base.units)
        axes[bars.yaxis] = axis(
            theme,
            domain=[bars.low, bars.high],
            anchor="x",
            range=[0, 2],
            tickvals=[0, 2],
            fixedrange=True,
            title=titled(texts["largest"], font={"size": 11}),
        )
        annotations.append(heading(picture, theme, plain(name, 40), "", H.colour))
        step = int(largest.argmax())
        key = "difference text" if largest[step] > 0 else "difference none"
        sentences.append(texts[key].format(name=name, reference=reference, largest=largest[step], step=step))
    return go.Figure(
        data=data,
        layout=layout(
            theme,
            title=texts["difference title"],
            subtitle=texts["difference subtitle"].format(
                reference=plain(reference), layer=base.layer, direction=texts[base.direction]
            ),
            how=texts["difference how"].format(reference=reference),
            text=" ".join(sentences),
            notes=() if time.bin == 1 else (texts["binned"].format(bin=time.bin),),
            height=height,
            bargap=0,
            xaxis=time.layout(theme, texts["step"], anchor=places[-1].y),
            coloraxis=colour_bar(theme, "difference", places[1].low, 1.0, "ΔH"),
            annotations=annotations,
            **axes,
        ),
    )
