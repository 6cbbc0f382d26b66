"""The page of two traces side by side."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from gru_core.analysis.comparison import Comparison, compare, overlap_of
from gru_core.analysis.comparison_facts import comparison_facts
from gru_core.analysis.fact import visible
from gru_core.errors import GateScopeError
from gru_core.figures.comparison import comparison_figure
from gru_core.model import ModelCard
from gru_core.symbols import SYMBOLS
from gru_ui import state
from gru_ui.compare.form import AGAINST, ENDS, QUANTITIES, ROWS
from gru_ui.compare.lines import compare_lines
from gru_ui.compare.sides import FIELDS, Side, choices, left_side, picked, right_side
from gru_ui.components.heatmaps import HEATMAP_TEXTS, Panel, heatmaps
from gru_ui.language.core_tables import COMPARISON_FACTS, COMPARISON_FIGURE
from gru_ui.language.sentences import together, translated
from gru_ui.meaning import Shown, close_view, open_view
from gru_ui.texts import say
from gru_ui.view import View, file_name
from gru_ui.words import escape

HEIGHT = 430
"""Pixels: with the frame above, the picture is on a projector's 768 lines."""


def draw_page() -> None:
    """The whole page."""
    view = open_view("compare")
    form = view.workspace.compare
    row = st.container(horizontal=True, vertical_alignment="bottom", gap="small", key="compare_choices")
    with row:
        _pick("against", AGAINST, 190)
    try:
        found = choices(view, form.against)
        value = picked(form, found)
        with row:
            _pick_right(form.against, found, value)
        left = left_side(view, form.against)
        right = right_side(view, form.against, value, found[value])
        quantity = _quantity(right)
        with row:
            _pick_quantity(right, quantity)
            _pick_alignment()
        by_units = _by_units(view, left, right, quantity)
        overlap = overlap_of(len(left.ticks), len(right.ticks), form.offset, from_end=form.ends == "end")
        compared = compare(left.arrays[quantity], right.arrays[quantity], overlap, by_units=by_units)
    except GateScopeError as error:
        st.info(escape(translated(error)))
        return
    _show(view, compared, quantity, left, right)


def _pick(field: str, options: tuple[str, ...], width: int) -> None:
    st.selectbox(
        say(f"compare.{field}"),
        options,
        format_func=lambda name: say(f"compare.{field}_{name}"),
        width=width,
        **state.part_widget("compare", field),
    )


def _pick_right(against: str, found: Mapping[Any, str], value: Any) -> None:
    st.selectbox(
        say("compare.right"),
        list(found),
        format_func=found.__getitem__,
        width=250,
        **state.part_widget("compare", FIELDS[against], shows=value),
    )


def _quantity(right: Side) -> str:
    """What is compared: the chosen symbol, or H where the right side has no gates."""
    wanted = state.workspace().compare.quantity
    return wanted if wanted in right.arrays else "H"


def _pick_quantity(right: Side, quantity: str) -> None:
    known = [name for name in QUANTITIES if name in right.arrays]
    st.segmented_control(
        say("compare.quantity"),
        known,
        format_func=lambda name: SYMBOLS[name].label,
        required=True,
        **state.part_widget("compare", "quantity", shows=quantity),
    )


def _pick_alignment() -> None:
    _pick("ends", ENDS, 150)
    st.number_input(
        say("compare.offset"),
        step=1,
        format="%d",
        width=120,
        help=say("compare.offset_help"),
        **state.part_widget("compare", "offset", reads=int),
    )
    _pick("rows", ROWS, 150)


def _by_units(view: View, left: Side, right: Side, quantity: str) -> bool:
    rows = view.workspace.compare.rows
    as_many = left.arrays[quantity].shape[1] == right.arrays[quantity].shape[1]
    return as_many and (right.same if rows == "auto" else rows == "units")


def _show(view: View, found: Comparison, quantity: str, left: Side, right: Side) -> None:
    symbol, overlap = SYMBOLS[quantity], found.overlap
    ticks = _ticks(left, right, found)
    sentences = _sentences(view, found, quantity, left, right)
    panels = [
        Panel(symbol.name, _title("left", left, overlap.left), found.left, symbol.scale),
        Panel(symbol.name, _title("right", right, overlap.right), found.right, symbol.scale),
        Panel(
            f"Δ{symbol.label}",
            say("compare.difference"),
            found.difference,
            "difference",
            reach=1.0 if symbol.scale == "gate" else 2.0,
        ),
    ]
    chosen = state.workspace()
    # Sentences about gates would speak of the left side alone.
    about_gates = (name for name in HEATMAP_TEXTS if name.startswith("sentence"))
    texts = dict.fromkeys(about_gates, HEATMAP_TEXTS["sentence plain"])
    if found.sorted:
        texts["unit"] = say("compare.percent")
    if overlap.left or overlap.right:
        # The axis counts the steps that are compared.
        texts["step"] = say("compare.compared")
    event = heatmaps(
        key="compare",
        panels=panels,
        ticks=ticks,
        orders={"index": range(len(found.rows))} if found.sorted or not right.same else view.orders,
        names=found.rows if found.sorted else None,
        texts=texts,
        cursor=chosen.cursor - overlap.left,
        unit=chosen.unit if chosen.unit >= 0 and not found.sorted else None,
        order=chosen.order,
        passes_back=True,
        on_change=state.touched,
        summary=together(sentences),
        filename=f"compare-{file_name(view)}",
        height=HEIGHT,
    )
    changes: dict[str, Any] = {"cursor": overlap.left + event.cursor}
    if not found.sorted:
        changes["unit"] = -1 if event.unit is None else event.unit
    if not found.sorted and right.same:
        changes["order"] = event.order
    state.choose(**changes)
    words = dict(COMPARISON_FIGURE)
    close_view(
        view,
        "compare",
        Shown(
            words["title"].format(quantity=symbol.label),
            lambda look: comparison_figure(
                found,
                quantity,
                (left.name, right.name),
                ticks,
                text=together(sentences),
                theme=look,
                texts=words,
            ),
            sentences,
            lambda: {"left": found.left, "right": found.right, "difference": found.difference},
            compare_lines(view, quantity, right, found),
        ),
    )


def _title(which: str, side: Side, first: int) -> str:
    """What a side is, and where it begins if not at its first step."""
    return say(f"compare.{which}_from" if first else f"compare.{which}_panel", name=side.name, first=first)


def _ticks(left: Side, right: Side, found: Comparison) -> tuple[str, ...]:
    """What both read at each step; once where it is the same."""
    overlap = found.overlap
    ones = left.ticks[overlap.left : overlap.left + overlap.steps]
    others = right.ticks[overlap.right : overlap.right + overlap.steps]
    return tuple(one if one == other else f"{one}|{other}" for one, other in zip(ones, others, strict=True))


def _sentences(view: View, found: Comparison, quantity: str, left: Side, right: Side) -> tuple[str, ...]:
    facts = comparison_facts(found, SYMBOLS[quantity].label, are_the_same_units=right.same)
    sentences = [fact.said_by(COMPARISON_FACTS) for fact in facts]
    if right.reads:
        sentences.insert(0, say("compare.reads_own", title=right.reads))
    if len(right.arrays) == 1:
        sentences.insert(0, say("compare.no_gates", name=right.name))
    answered = _answers(view, found, left, right)
    return (*sentences, answered) if answered else tuple(sentences)


def _answers(view: View, found: Comparison, left: Side, right: Side) -> str:
    """What both answer at the last step that is compared; "" where they do not answer the same question."""
    card = view.model.card
    one, other = left.answers, right.answers
    if one is None or other is None or one.shape[1] != other.shape[1] or right.reads:
        return ""
    overlap = found.overlap
    steps = overlap.left + overlap.steps - 1, overlap.right + overlap.steps - 1
    return say(
        "compare.answers",
        step=steps[0],
        left=_answer(view, card, one[steps[0]]),
        right=_answer(view, card, other[steps[1]]),
    )


def _answer(view: View, card: ModelCard, values: Any) -> str:
    if card.answer == "class":
        best = int(values.argmax())
        return say(
            "compare.class", name=visible(view.in_words(card.outputs[best])), share=f"{values[best]:.1%}"
        )
    return ", ".join(f"{value:.4g}" for value in values[:4])
