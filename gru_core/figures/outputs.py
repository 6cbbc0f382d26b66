"""The model's answer at every step, beside the right one where it is known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from gru_core.analysis.fact import quoted
from gru_core.errors import InputError, ShapeError
from gru_core.figures.panels import Slot, colour_bar, heatmap, row_axis, slots
from gru_core.figures.style import axis, layout, palette, plain, titled
from gru_core.figures.texts import FIGURE_TEXTS
from gru_core.figures.timeaxis import TimeAxis, thinned, time_axis

if TYPE_CHECKING:
    from gru_core.model import ModelCard

Array = NDArray[np.floating]

LINE_COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7")
"""Of the first outputs of a model that answers in numbers; more are drawn in the same four again."""


def answer_figure(
    answers: Array,
    card: ModelCard,
    labels: Sequence[str] | None = None,
    target: Sequence[str] = (),
    *,
    theme: str = "light",
    texts: Mapping[str, str] = FIGURE_TEXTS,
) -> go.Figure:
    """What the model answers at every step: a heatmap of probabilities, or lines of numbers.

    answers  (time, outputs) or (batch, time, outputs), of which the first sequence is drawn; probabilities,
             or numbers in the units of the data, as `SequenceModel.answers` gives them
    target   per step the right class or number as text, "" where none is asked; () when it is not known

    Probabilities are locked to [0, 1]; an axis of numbers covers answers and targets.
    Raises InputError for a model without answers, ShapeError when sizes do not fit together.
    """
    if card.answer == "none":
        raise InputError(
            "This model has no readout, so there is no answer to draw: choose a model with answers."
        )
    values = answers_per_step(answers, card, None)
    if len(target) not in (0, len(values)):
        raise ShapeError(f"Answers at {len(values)} steps need as many targets, got {len(target)}.")
    draw = _classes if card.answer == "class" else _numbers
    return draw(values, card, labels, target, theme, texts)


def answers_per_step(answers: Array, card: ModelCard, steps: int | None) -> Array:
    """Answers as (time, outputs). Raises ShapeError unless there is one per output and step."""
    values = answers[0] if answers.ndim == 3 else answers
    wanted = len(values) if steps is None else steps
    if values.shape != (wanted, len(card.outputs)):
        raise ShapeError(
            f"Answers must be (steps, outputs) = ({wanted}, {len(card.outputs)}), got {values.shape}."
        )
    return values


def answer_text(values: Array, card: ModelCard, target: Sequence[str], texts: Mapping[str, str]) -> str:
    """The text twin of answers (time, outputs): the last one, and how good they are where that is known."""
    step = len(values) - 1
    known = [t for t, wanted in enumerate(target) if wanted != ""]
    if card.answer == "class":
        chosen = values.argmax(axis=1)
        name, best = quoted(card.outputs[chosen[-1]]), float(values[-1].max())
        said = texts["class text"].format(step=step, answer=name, probability=best)
        if known:
            right = sum(card.outputs[chosen[t]] == target[t] for t in known)
            said += " " + texts["hits text"].format(asked=len(known), right=right)
        return said
    said = texts["number text"].format(step=step, name=card.outputs[0], value=float(values[-1, 0]))
    if known:
        error = np.mean([abs(float(values[t, 0]) - float(target[t])) for t in known])
        said += " " + texts["error text"].format(error=float(error))
    return said


def target_dots(
    card: ModelCard, target: Sequence[str], slot: Slot, theme: str, word: str
) -> go.Scatter | None:
    """A dot at the right class of every step where it is known; None when it is nowhere."""
    known = [(t, wanted) for t, wanted in enumerate(target) if wanted in card.outputs]
    if not known:
        return None
    return go.Scatter(
        x=[t for t, _ in known],
        y=[plain(wanted) for _, wanted in known],
        yaxis=slot.y,
        mode="markers",
        name=word,
        hoverinfo="skip",
        showlegend=False,
        # White in black stands out from every colour below.
        marker={"symbol": "circle", "size": 7, "color": "#FFFFFF", "line": {"width": 2, "color": "#000000"}},
    )


def _classes(
    values: Array, card: ModelCard, labels: Any, target: Sequence[str], theme: str, texts: Mapping[str, str]
) -> go.Figure:
    classes = len(card.outputs)
    time = time_axis(len(values), classes, labels)
    (slot,), height = slots([min(max(26 * classes, 90), 320)], [0])
    names = [plain(name) for name in card.outputs]
    picture = heatmap(
        slot,
        values,
        names,
        time,
        "coloraxis",
        what=texts["probability"],
        row_word=texts["output"],
        step_word=texts["step"],
    )
    dots = target_dots(card, target, slot, theme, texts["target"]) if time.bin == 1 else None
    return go.Figure(
        data=[picture] if dots is None else [picture, dots],
        layout=layout(
            theme,
            title=texts["answer title"],
            subtitle=plain(card.title, 60),
            how=texts["class how"],
            text=answer_text(values, card, target, texts),
            notes=_notes(time, texts),
            height=height,
            xaxis=time.layout(theme, texts["step"]),
            yaxis=row_axis(slot, theme, texts["output"], classes, nticks=min(classes, 12)),
            coloraxis=colour_bar(theme, "answer", 0, 1),
        ),
    )


def _numbers(
    values: Array, card: ModelCard, labels: Any, target: Sequence[str], theme: str, texts: Mapping[str, str]
) -> go.Figure:
    time = time_axis(len(values), 1, labels)
    names = time.names(texts["step"]) if time.bin == 1 else None
    data = []
    bins = 1
    for output, name in enumerate(card.outputs):
        steps, bins = thinned(values[:, output])
        data.append(
            go.Scatter(
                x=steps,
                y=values[steps, output],
                text=None if names is None else [names[t] for t in steps],
                name=plain(name),
                mode="lines+markers" if len(values) <= 60 else "lines",
                line={"color": LINE_COLOURS[output % len(LINE_COLOURS)], "width": 2.5},
                marker={"size": 6},
                hovertemplate=("%{text}" if names else texts["step"] + " %{x}") + "<br>%{y:.4g}",
            )
        )
    known = [(t, float(wanted)) for t, wanted in enumerate(target) if wanted != ""]
    if known:
        data.append(
            go.Scatter(
                x=[t for t, _ in known],
                y=[value for _, value in known],
                name=texts["target"],
                mode="lines+markers" if len(known) <= 60 else "lines",
                line={"color": palette(theme).text, "width": 1.5, "dash": "dash"},
                marker={"size": 8, "symbol": "circle-open"},
                hovertemplate=texts["step"] + " %{x:d}<br>%{y:.4g}",
            )
        )
    return go.Figure(
        data=data,
        layout=layout(
            theme,
            title=texts["answer title"],
            subtitle=plain(card.title, 60),
            how=texts["number how"],
            text=answer_text(values, card, target, texts),
            notes=() if bins == 1 else (texts["thinned"].format(bin=bins),),
            height=340,
            legend=True,
            xaxis=time.layout(theme, texts["step"]),
            yaxis=axis(theme, title=titled(texts["value"]), nticks=6, showgrid=True)
            | {"gridcolor": palette(theme).grid},
        ),
    )


def _notes(time: TimeAxis, texts: Mapping[str, str]) -> tuple[str, ...]:
    return () if time.bin == 1 else (texts["binned"].format(bin=time.bin),)
