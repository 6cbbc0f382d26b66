"""The live heatmaps of a view, as pages show them."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from gru_core.model import ModelCard
from gru_core.symbols import TRACED
from gru_core.trace import GateTrace
from gru_ui import cache, state
from gru_ui.components.heatmaps import Outputs, Panel, heatmaps
from gru_ui.texts import say
from gru_ui.view import View

GATES_HEIGHT = 545
"""Pixels: with the frame above, all of it is on a projector's 768 lines."""


def show_gates(view: View, *, key: str, summary: str, filename: str) -> None:
    """R, Z, H~ and H of the chosen layer with the model's answers."""
    show_panels(
        view,
        gate_panels(view.trace),
        key=key,
        summary=summary,
        filename=filename,
        outputs=outputs(view),
        height=GATES_HEIGHT,
    )
    cache.prepare(view.model, view.x, view.x_fingerprint)


def gate_panels(trace: GateTrace) -> list[Panel]:
    """R, Z, H~ and H of one layer and direction, for the first sequence of the batch."""
    return [
        Panel(
            symbol.name,
            say(f"gates.{symbol.name}_title"),
            getattr(trace, symbol.name)[0],
            symbol.scale,
            say(f"gates.{symbol.name}_hint"),
        )
        for symbol in TRACED
    ]


def show_panels(
    view: View,
    panels: list[Panel],
    *,
    key: str,
    summary: str,
    filename: str,
    outputs: Outputs | None = None,
    height: int | None = None,
    units: Sequence[int] | None = None,
    group: str = "",
) -> None:
    """Panels on the view's time axis; the link follows cursor, unit and order.

    `units`, rising, are those that the panels hold; None for all of the layer. Pictures with the same
    `group` play together.
    """
    chosen = state.workspace()
    orders, unit = view.orders, chosen.unit if chosen.unit >= 0 else None
    if units is not None:
        row = {number: index for index, number in enumerate(units)}
        orders = {name: tuple(row[each] for each in order if each in row) for name, order in orders.items()}
        unit = row.get(chosen.unit)
    event = heatmaps(
        key=key,
        panels=panels,
        ticks=view.ticks,
        outputs=outputs,
        orders=orders,
        cursor=chosen.cursor,
        unit=unit,
        order=chosen.order,
        passes_back=True,
        on_change=state.touched,
        summary=summary,
        filename=filename,
        height=height,
        names=units,
        group=group,
    )
    state.choose(cursor=event.cursor, order=event.order)
    if event.unit != unit:
        number = event.unit if event.unit is None or units is None else units[event.unit]
        state.choose(unit=-1 if number is None else number)


def outputs(view: View, under: str = "") -> Outputs | None:
    """The strip under the heatmaps: what the model answers at every step; None without a readout.

    `under` names the gate setting in the strip's title, where the heatmaps above are of several.
    """
    answers = view.answers()
    card = view.model.card
    if answers is None:
        return None
    is_class = card.answer == "class"
    what = say("gates.output_classes" if is_class else "gates.output_numbers")
    if under:
        what = say("extremes.output_under", name=under, what=what[0].lower() + what[1:])
    names = tuple(map(view.in_words, card.outputs))
    if is_class:
        return Outputs("classes", names, answers, class_targets(card, view.target), what)
    return Outputs("numbers", names, answers, number_targets(view.target, answers.shape), what)


def class_targets(card: ModelCard, target: tuple[str, ...]) -> list[int | None] | None:
    """The index of the right class per step, None where none is asked; None when nothing is known."""
    if not any(target):
        return None
    return [card.outputs.index(wanted) if wanted in card.outputs else None for wanted in target]


def number_targets(target: tuple[str, ...], shape: tuple[int, ...]) -> NDArray[np.float32] | None:
    """The right numbers (time, outputs), NaN where none is asked; None when nothing is known."""
    if not any(target):
        return None
    found = np.full(shape, np.nan, np.float32)
    found[:, 0] = [float(wanted) if wanted else np.nan for wanted in target]
    return found
