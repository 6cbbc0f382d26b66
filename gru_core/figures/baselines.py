"""What an LSTM or an RNN did: F, I, O, C~, C and H, or H alone, as heatmaps on one time axis."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from gru_core.figures.panels import HEADING, colour_bar, heading, heatmap, row_axis, slots
from gru_core.figures.style import layout
from gru_core.figures.texts import FIGURE_TEXTS
from gru_core.figures.timeaxis import time_axis
from gru_core.symbols import LSTM_TRACED, H, Symbol

if TYPE_CHECKING:
    from gru_core.baselines import LSTMTrace, RNNTrace


@dataclass(frozen=True)
class _Bar:
    """One colour axis for the panels `first` to `last`, from 0; `most` ends a range of its own."""

    scale: str
    first: int
    last: int
    most: float | None = None


def baseline_heatmaps(
    trace: LSTMTrace | RNNTrace,
    labels: Sequence[str] | None = None,
    *,
    theme: str = "light",
    texts: Mapping[str, str] = FIGURE_TEXTS,
) -> go.Figure:
    """One figure over the first sequence of the batch: six panels of an LSTM, one of an RNN.

    labels  one text per step, shown at the ticks where there is room, and in the hover
    theme   "light" or "dark"

    Colours are locked to [0, 1] for gates and to [-1, 1] for C~ and H. The cell state C has no bounds, and
    neither has H of an RNN with relu: their colours run to the same number on both sides of 0, which
    `layout.meta["notes"]` says. A trace longer than a screen is drawn as means over equal stretches, which is
    said there too. Raises ShapeError when there is not one label per step.
    """
    is_lstm = hasattr(trace, "C")
    symbols: tuple[Symbol, ...] = LSTM_TRACED if is_lstm else (H,)
    _, steps, units = trace.H.shape
    time = time_axis(steps, units, labels)
    tall = min(max(7 * units, 70), 135) if is_lstm else min(max(7 * units, 150), 300)
    places, height = slots([tall] * len(symbols), [HEADING] * len(symbols))
    bars, notes = _bars(trace, texts)

    panels, annotations = [], []
    axes: dict[str, Any] = {}
    names = [str(unit) for unit in range(units)]
    for index, (slot, symbol) in enumerate(zip(places, symbols, strict=True)):
        number = next(n for n, bar in enumerate(bars) if bar.first <= index <= bar.last)
        panels.append(
            heatmap(
                slot,
                getattr(trace, symbol.name)[0],
                names,
                time,
                _axis_name(number),
                what=symbol.label,
                row_word=texts["unit"],
                step_word=texts["step"],
            )
        )
        axes[slot.yaxis] = row_axis(slot, theme, texts["unit"], units)
        annotations.append(heading(slot, theme, symbol.label, texts[symbol.name], symbol.colour))
    for number, bar in enumerate(bars):
        axes[_axis_name(number)] = _colours(theme, bar, places[bar.last].low, places[bar.first].high)
    if time.bin > 1:
        notes.append(texts["binned"].format(bin=time.bin))
    title, how = ("lstm title", "lstm how") if is_lstm else ("rnn title", "rnn how")
    return go.Figure(
        data=panels,
        layout=layout(
            theme,
            title=texts[title],
            subtitle=texts["where"].format(
                layer=trace.layer, direction=texts[trace.direction], units=units, steps=steps
            ),
            how=texts[how],
            text=_facts(trace, texts),
            notes=notes,
            height=height,
            xaxis=time.layout(theme, texts["step"], anchor=places[-1].y, domain=[0, 1]),
            annotations=annotations,
            **axes,
        ),
    )


def _bars(trace: LSTMTrace | RNNTrace, texts: Mapping[str, str]) -> tuple[list[_Bar], list[str]]:
    """The colour axes from top to bottom, and what must be said of them."""
    if hasattr(trace, "C"):
        most = symmetric_range(trace.C[0])
        note = texts["unbounded"].format(symbol="C", most=f"{most:g}")
        return [_Bar("gate", 0, 2), _Bar("state", 3, 3), _Bar("state", 4, 4, most), _Bar("state", 5, 5)], [
            note
        ]
    if getattr(trace, "nonlinearity", "tanh") == "tanh":
        return [_Bar("state", 0, 0)], []
    most = symmetric_range(trace.H[0])
    return [_Bar("state", 0, 0, most)], [texts["unbounded"].format(symbol=H.label, most=f"{most:g}")]


def symmetric_range(values: NDArray[Any]) -> float:
    """A round number that no value is farther from 0 than: 1, or more with one digit, such as 3 or 20."""
    largest = float(np.abs(values).max())
    if largest <= 1:
        return 1.0
    power = 10.0 ** math.floor(math.log10(largest))
    # Rounded first, so that 3.0000001, a tanh's error away from 3, stays 3.
    return math.ceil(round(largest / power, 6)) * power


def _axis_name(number: int) -> str:
    return "coloraxis" if number == 0 else f"coloraxis{number + 1}"


def _colours(theme: str, bar: _Bar, low: float, high: float) -> dict[str, Any]:
    axis = colour_bar(theme, "gate" if bar.scale == "gate" else "state", low, high)
    if bar.most is not None:
        axis |= {"cmin": -bar.most, "cmax": bar.most}
        axis["colorbar"] |= {
            "tickvals": [-bar.most, 0, bar.most],
            "ticktext": [f"−{bar.most:g}", "0", f"{bar.most:g}"],
        }
    return axis


def _facts(trace: LSTMTrace | RNNTrace, texts: Mapping[str, str]) -> str:
    """What the picture shows, from the numbers."""
    H_all = trace.H[0]
    said = {"low": float(H_all.min()), "high": float(H_all.max())}
    if not hasattr(trace, "C"):
        return texts["rnn text"].format(**said)
    F, I, O, C = (getattr(trace, name)[0] for name in "FIOC")
    said |= {"F": float(F.mean()), "I": float(I.mean()), "O": float(O.mean())}
    said |= {"kept": float((F > 0.9).mean()), "c_low": float(C.min()), "c_high": float(C.max())}
    return texts["lstm text"].format(**said)
