"""R, Z, H~ and H of a single unit as lines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import plotly.graph_objects as go

from gru_core.errors import InputError
from gru_core.figures.heatmaps import where
from gru_core.figures.panels import slots
from gru_core.figures.style import LEGEND_TOP, axis, layout, palette, titled
from gru_core.figures.texts import FIGURE_TEXTS
from gru_core.figures.timeaxis import thinned, time_axis
from gru_core.symbols import TRACED, Symbol

if TYPE_CHECKING:
    from gru_core.trace import GateTrace

DASHES = {"R": "dash", "Z": "solid", "H_tilde": "dot", "H": "solid"}
"""Lines differ by more than their colour."""


def unit_lines(
    trace: GateTrace,
    unit: int,
    labels: Sequence[str] | None = None,
    *,
    theme: str = "light",
    texts: Mapping[str, str] = FIGURE_TEXTS,
) -> go.Figure:
    """One unit of the first sequence of the batch: its gates above, its candidate and state below.

    unit    index, negative ones from the end

    Gates are locked to [0, 1], states to [-1, 1] (wider only where a given first state lies outside).
    Raises InputError when there is no such unit, ShapeError when labels do not fit.
    """
    if not -trace.units <= unit < trace.units:
        raise InputError(
            f"There is no unit {unit}: this trace has {trace.units} units, from 0 to {trace.units - 1}."
        )
    unit %= trace.units
    time = time_axis(trace.steps, 1, labels)
    names = time.names(texts["step"]) if time.bin == 1 else None
    (gates, states), height = slots([130, 200], [0, 26], LEGEND_TOP)
    data, bins = [], 1
    for symbol in TRACED:
        values = getattr(trace, symbol.name)[0, :, unit]
        steps, bin_of = thinned(values)
        bins = max(bins, bin_of)
        data.append(
            go.Scatter(
                x=steps,
                y=values[steps],
                text=None if names is None else [names[t] for t in steps],
                yaxis=(gates if symbol.scale == "gate" else states).y,
                name=f"{symbol.label} {texts[symbol.name]}",
                mode="lines+markers" if trace.steps <= 60 else "lines",
                line={
                    "color": symbol.colour,
                    "width": 3 if symbol.name in ("Z", "H") else 2,
                    "dash": DASHES[symbol.name],
                },
                marker={"size": 6},
                cliponaxis=False,
                hovertemplate=_hover(symbol, names is not None, texts),
            )
        )
    H = trace.H[0, :, unit]
    low, high = (float(v) for v in (min(-1.0, H.min()), max(1.0, H.max())))
    grid = {"showgrid": True, "gridcolor": palette(theme).grid, "fixedrange": True, "anchor": "x"}
    return go.Figure(
        data=data,
        layout=layout(
            theme,
            title=texts["unit title"].format(unit=unit),
            subtitle=where(trace, texts),
            how=texts["unit how"],
            text=_text(trace, unit, texts),
            notes=() if bins == 1 else (texts["thinned"].format(bin=bins),),
            height=height,
            legend=True,
            xaxis=time.layout(theme, texts["step"], anchor=states.y),
            yaxis=axis(
                theme,
                title=titled("R, Z"),
                domain=[gates.low, gates.high],
                range=[0, 1],
                tickvals=[0, 0.5, 1],
                **grid,
            ),
            yaxis2=axis(
                theme,
                title=titled("H̃, H"),
                domain=[states.low, states.high],
                range=[low, high],
                tickvals=[-1, -0.5, 0, 0.5, 1],
                **grid,
            ),
        ),
    )


def _hover(symbol: Symbol, named: bool, texts: Mapping[str, str]) -> str:
    place = "%{text}" if named else texts["step"] + " %{x}"
    return f"{symbol.label} = %{{y:.3f}}<br>{place}<extra></extra>"


def _text(trace: GateTrace, unit: int, texts: Mapping[str, str]) -> str:
    Z, R, H = (array[0, :, unit] for array in (trace.Z, trace.R, trace.H))
    step = int(Z.argmin())
    last = H[0] if trace.direction == "backward" else H[-1]
    numbers: dict[str, Any] = {
        "unit": unit,
        "z_mean": float(Z.mean()),
        "z_step": step,
        "z_low": float(Z[step]),
        "r_mean": float(R.mean()),
        "h_low": float(H.min()),
        "h_high": float(H.max()),
        "h_last": float(last),
    }
    return texts["unit text"].format(**numbers)
