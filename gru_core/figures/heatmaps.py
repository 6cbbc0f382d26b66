"""R, Z, H~ and H of one layer and direction as four heatmaps on one time axis."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from gru_core.analysis.facts import TEMPLATES, facts
from gru_core.errors import ShapeError
from gru_core.figures.outputs import answer_text, answers_per_step
from gru_core.figures.panels import HEADING, colour_bar, heading, heatmap, row_axis, slots
from gru_core.figures.style import layout, plain
from gru_core.figures.texts import FIGURE_TEXTS
from gru_core.figures.timeaxis import time_axis
from gru_core.symbols import TRACED

if TYPE_CHECKING:
    from gru_core.model import ModelCard
    from gru_core.trace import GateTrace


def gate_heatmaps(
    trace: GateTrace,
    labels: Sequence[str] | None = None,
    *,
    outputs: NDArray[np.floating] | None = None,
    card: ModelCard | None = None,
    order: Sequence[int] | None = None,
    theme: str = "light",
    texts: Mapping[str, str] = FIGURE_TEXTS,
    sentences: Mapping[str, str] = TEMPLATES,
) -> go.Figure:
    """One figure of four panels, R, Z, H~ and H, over the first sequence of the batch.

    labels   one text per step, shown at the ticks where there is room, and in the hover
    outputs  (time, outputs), the probabilities of a classifier: a fifth panel below; needs `card`
    order    the units from top to bottom, as `unit_orders` gives them; all of them, each once
    theme    "light" or "dark"
    texts, sentences   the words of the figure, and of the facts in its text twin

    Colours are locked to [0, 1] for gates and probabilities and to [-1, 1] for states. A trace longer than a
    screen is drawn as means over equal stretches, and `layout.meta["notes"]` says so.
    Raises ShapeError when labels, outputs or order do not fit the trace.
    """
    rows = list(range(trace.units)) if order is None else [int(unit) for unit in order]
    if sorted(rows) != list(range(trace.units)):
        raise ShapeError(
            f"The order of {trace.units} units must name each of them once, got {len(rows)} entries."
        )
    time = time_axis(trace.steps, trace.units, labels)
    answers = None
    if outputs is not None and card is not None and card.answer == "class":
        answers = answers_per_step(outputs, card, trace.steps)

    tall = min(max(7 * trace.units, 110), 200)
    heights, headings = [tall] * len(TRACED), [HEADING] * len(TRACED)
    if answers is not None:
        heights.append(min(max(16 * answers.shape[1], 48), 150))
        headings.append(HEADING)
    places, height = slots(heights, headings)

    panels: list[go.Heatmap] = []
    axes: dict[str, Any] = {}
    annotations = []
    names, step_word = [str(unit) for unit in rows], texts["step"]
    for slot, symbol in zip(places, TRACED, strict=False):
        bar = "coloraxis" if symbol.scale == "gate" else "coloraxis2"
        panels.append(
            heatmap(
                slot,
                getattr(trace, symbol.name)[0],
                names,
                time,
                bar,
                what=symbol.label,
                row_word=texts["unit"],
                step_word=step_word,
                order=rows,
            )
        )
        axes[slot.yaxis] = row_axis(slot, theme, texts["unit"], trace.units)
        annotations.append(heading(slot, theme, symbol.label, texts[symbol.name], symbol.colour))
    if answers is not None and card is not None:
        slot, classes = places[-1], [plain(name) for name in card.outputs]
        what, word = texts["probability"], texts["output"]
        panels.append(
            heatmap(slot, answers, classes, time, "coloraxis3", what=what, row_word=word, step_word=step_word)
        )
        axes[slot.yaxis] = row_axis(slot, theme, "", len(classes))
        annotations.append(heading(slot, theme, "Y", word, "#7F7F7F"))
    said = [fact.said_by(sentences) for fact in facts(trace, labels)]
    if answers is not None and card is not None:
        said.append(answer_text(answers, card, (), texts))
    return go.Figure(
        data=panels,
        layout=layout(
            theme,
            title=texts["gates title"],
            subtitle=where(trace, texts),
            how=texts["gates how"],
            text=" ".join(said),
            notes=() if time.bin == 1 else (texts["binned"].format(bin=time.bin),),
            height=height,
            xaxis=time.layout(theme, texts["step"], anchor=places[-1].y, domain=[0, 1]),
            coloraxis=colour_bar(theme, "gate", places[1].low, places[0].high),
            coloraxis2=colour_bar(theme, "state", places[3].low, places[2].high),
            coloraxis3=colour_bar(theme, "answer", 0, 1) | {"showscale": False},
            annotations=annotations,
            **axes,
        ),
    )


def where(trace: GateTrace, texts: Mapping[str, str]) -> str:
    """ "layer 0 forward · 16 units · 20 steps"."""
    return texts["where"].format(
        layer=trace.layer, direction=texts[trace.direction], units=trace.units, steps=trace.steps
    )
