"""The form for a file whose arrays have unknown names: which of them are the GRU, and how they are packed."""

import hashlib
import json
from collections.abc import Callable, Hashable, Mapping
from dataclasses import replace
from typing import TypeVar, get_args

import streamlit as st
import torch
from torch import Tensor

from gru_core.equations import RESET_MODES, GateActivation, ResetMode
from gru_core.errors import GateScopeError
from gru_core.formats import Choices, Inspection, Reading, Suggested, suggest_parts
from gru_core.formats.readings.own_arrays import sizes_of
from gru_core.formats.readings.reading import Z_SENSES, GateOrder, ZSense
from gru_core.formats.readings.suggestions import every_packing
from gru_core.sources import Sources
from gru_ui import cache, state
from gru_ui.reading_search import search_form
from gru_ui.reading_words import array_words, equations, explanations, joined_words, sizes_words
from gru_ui.texts import say

MOST = 2_000
"""Ways to give the arrays their parts that the lists are made of."""

ACTIVATIONS: tuple[GateActivation, ...] = get_args(GateActivation)

Part = TypeVar("Part", bound=Hashable)


def own_reading_form(inspection: Inspection, source: Sources, key: str) -> Choices | None:
    """Ask how the arrays of a file are packed; what to load it with, None where no arrays fit a GRU.

    inspection  what is in the file; its arrays' names and shapes are what the form offers
    source      the file itself, for the search; it is read in the reading room
    key         tells this form from others on the page, and keeps what was chosen for this file
    """
    tensors = _shapes(inspection)
    parts = cache.kept().get(
        ("parts", inspection.tensors),
        lambda: suggest_parts(tensors, most=MOST),
        lambda made: 2_000 * len(made),
    )
    with st.container(border=True, key=key, gap="small"):
        st.markdown(f"**{say('own.title')}**")
        if not parts:
            st.info(say("own.nothing_fits"))
            return None
        st.caption(say("own.intro"))
        start = _start(parts, tensors, key)
        if not any(_same_arrays(start, one.reading) for one in parts):
            sizes = sizes_of(start, tensors)
            parts = (Suggested(start, sizes.inputs, sizes.units, 0.0), *parts)
        one = _pick_arrays(parts, tensors, start, f"{key}_{_digest(start)}")
        reading = _pick_packing(one, tensors, start, f"{key}_{_digest(start)}_{_digest(one.reading)}")
        st.markdown(f"**{sizes_words(one)}**")
        st.markdown("  \n".join(f"${line}$" for line in equations(reading)))
        for sentence in explanations(reading):
            st.caption(sentence)
    search_form(parts, reading, source, key)
    return Choices(readings=(reading,))


def _pick_arrays(
    parts: tuple[Suggested, ...], tensors: Mapping[str, Tensor], start: Reading, key: str
) -> Suggested:
    """Lists of arrays, each offering what fits what was chosen before it."""

    def state_words(chosen: tuple[tuple[str, ...], str, bool, bool]) -> str:
        names, layout, stacked, in_two = chosen
        extra = [say(f"own.layout_{layout}")]
        extra += [say("own.stacked")] if stacked else []
        extra += [say("own.in_two")] if in_two else []
        return " · ".join([joined_words(names, tensors), *extra])

    def input_words(chosen: tuple[tuple[str, ...], bool, bool]) -> str:
        names, stacked, state_first = chosen
        if stacked:
            return say("own.state_first" if state_first else "own.input_first")
        return joined_words(names, tensors) if names else say("own.projected")

    def bias_words(chosen: tuple[tuple[str, ...], bool]) -> str:
        names, shared = chosen
        if not names:
            return say("own.none")
        return f"{joined_words(names, tensors)}{' · ' + say('own.shared') if shared else ''}"

    def of_state(one: Reading) -> tuple[tuple[str, ...], str, bool, bool]:
        return one.weight_h, one.layout, one.is_stacked, one.state_in_two

    def of_input(one: Reading) -> tuple[tuple[str, ...], bool, bool]:
        return one.weight_x, one.is_stacked, one.state_first

    def of_bias_x(one: Reading) -> tuple[tuple[str, ...], bool]:
        return one.bias_x, one.shares_bias

    def of_bias_h(one: Reading) -> tuple[tuple[str, ...], bool]:
        return one.bias_h, one.shares_bias

    left, right = st.columns(2)
    with left:
        fitting = _narrow("own.weight_h", list(parts), of_state, state_words, start, f"{key}_wh")
    with right:
        fitting = _narrow("own.weight_x", fitting, of_input, input_words, start, f"{key}_wx")
    left, right = st.columns(2)
    with left:
        fitting = _narrow("own.bias_x", fitting, of_bias_x, bias_words, start, f"{key}_bx")
    with right:
        fitting = _narrow("own.bias_h", fitting, of_bias_h, bias_words, start, f"{key}_bh")
    return fitting[0]


def _narrow(
    label: str,
    fitting: list[Suggested],
    part: Callable[[Reading], Part],
    words: Callable[[Part], str],
    start: Reading,
    key: str,
) -> list[Suggested]:
    """One list of what there is to choose, and the suggestions that have what was chosen."""
    options = list(dict.fromkeys(part(one.reading) for one in fitting))
    wanted = part(start)
    chosen = st.selectbox(
        say(label),
        options,
        index=options.index(wanted) if wanted in options else 0,
        format_func=words,
        # Other arrays before it are another list.
        key=f"{key}_{_digest(options)}",
        help=say(f"{label}_help"),
    )
    return [one for one in fitting if part(one.reading) == chosen]


def _pick_packing(one: Suggested, tensors: Mapping[str, Tensor], start: Reading, key: str) -> Reading:
    """What shapes do not tell: order, sense of Z, reset mode, activation, direction, first state."""
    parts = one.reading
    usual = start if _same_arrays(start, parts) else parts
    left, middle, right = st.columns([2, 3, 3])
    with left:
        orders: list[GateOrder] = list(dict.fromkeys(other.order for other in every_packing(parts)))
        order = st.selectbox(
            say("own.order"),
            orders,
            index=orders.index(usual.order),
            format_func=", ".join,
            key=f"{key}_order",
            help=say("own.order_help"),
        )
    with middle:
        sense: ZSense = st.segmented_control(
            say("own.sense"),
            Z_SENSES,
            default=usual.z_sense,
            required=True,
            format_func=lambda name: say(f"own.sense_{name}"),
            key=f"{key}_sense",
            help=say("own.sense_help"),
        )
    with right:
        reset: ResetMode = st.segmented_control(
            say("own.reset"),
            RESET_MODES,
            default=usual.reset_mode,
            required=True,
            format_func=lambda name: say(f"own.reset_{name}"),
            key=f"{key}_reset",
            help=say("own.reset_help"),
        )
    left, right = st.columns(2, vertical_alignment="bottom")
    with left:
        gates = st.selectbox(
            say("own.gates"),
            ACTIVATIONS,
            index=ACTIVATIONS.index(usual.gate_activation),
            format_func=lambda name: say(f"own.{name}"),
            key=f"{key}_gates",
            help=say("own.gates_help"),
        )
    with right:
        starts = ["", *_first_states(one, tensors)]
        first = usual.initial_state or ""
        initial = st.selectbox(
            say("own.initial"),
            starts,
            index=starts.index(first) if first in starts else 0,
            format_func=lambda name: array_words(name, tensors) if name else say("own.zeros"),
            key=f"{key}_initial",
            help=say("own.initial_help"),
            disabled=len(starts) == 1,
        )
    backwards = st.toggle(
        say("own.backwards"), value=usual.backwards, key=f"{key}_backwards", help=say("own.backwards_help")
    )
    return replace(
        parts,
        order=order,
        z_sense=sense,
        reset_mode=reset,
        gate_activation=gates,
        backwards=backwards,
        initial_state=initial or None,
    )


def _start(parts: tuple[Suggested, ...], tensors: Mapping[str, Tensor], key: str) -> Reading:
    """What the form begins with: what was taken from a search of this file, else the likeliest."""
    taken = state.taken_reading(key)
    try:
        if taken is not None and sizes_of(taken, tensors):
            return taken
    except GateScopeError:  # taken for the file that was here before
        pass
    return parts[0].reading


def _same_arrays(one: Reading, other: Reading) -> bool:
    names = ("weight_x", "weight_h", "bias_x", "bias_h", "layout", "state_first", "state_in_two")
    return all(getattr(one, name) == getattr(other, name) for name in names)


def _first_states(one: Suggested, tensors: Mapping[str, Tensor]) -> list[str]:
    """Arrays of one number for each unit that are no part of it."""
    used = set(one.reading.names)
    return [n for n, t in tensors.items() if n not in used and t.numel() == one.units][:50]


def _shapes(inspection: Inspection) -> dict[str, Tensor]:
    """The file's arrays of numbers without the numbers: names, shapes and types."""
    found: dict[str, Tensor] = {}
    for info in inspection.tensors:
        dtype = getattr(torch, info.dtype, None)
        if isinstance(dtype, torch.dtype) and dtype.is_floating_point:
            found[info.name] = torch.empty(info.shape, dtype=dtype, device="meta")
    return found


def _digest(value: object) -> str:
    """A few letters that stand for a value in a widget's key."""
    plain = value.to_dict() if isinstance(value, Reading) else repr(value)
    return hashlib.blake2b(json.dumps(plain).encode(), digest_size=5).hexdigest()
