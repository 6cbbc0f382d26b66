"""What a model's file leaves open and a person may know: one question for each thing that is open."""

import streamlit as st

from gru_core.equations import GateActivation
from gru_core.formats import Choices, FoundGRU, Inspection
from gru_core.formats.readings.reading import Z_SENSES, ZSense
from gru_core.model import OpenChoice
from gru_ui.texts import say
from gru_ui.words import escape

GATES: tuple[GateActivation, ...] = ("sigmoid", "hard_sigmoid_fifth", "hard_sigmoid_sixth")

LEGACY = ("paddle_legacy", "paddle_legacy_origin")
"""Rows of conventions.py where the sense of Z goes by the name origin_mode."""


def ask_choices(inspection: Inspection, key: str) -> Choices:
    """The questions that are open of the GRUs in a file, and what was answered; none asked is no choice.

    inspection  of the file read without choices
    key         tells the questions of this file from those of others: an answer holds for one file only
    """
    gates: GateActivation | None = None
    sense: ZSense | None = None
    backwards: tuple[str, ...] = ()
    if _open(inspection, "gate_activation"):
        gates = _ask_gates(f"choice_gates_{key}")
    if grus := _open(inspection, "z_sense"):
        sense = _ask_sense(grus, f"choice_sense_{key}")
    if grus := _open(inspection, "backwards"):
        backwards = _ask_backwards(grus, f"choice_backwards_{key}")
    return Choices(gate_activation=gates, z_sense=sense, backwards=backwards)


def _open(inspection: Inspection, kind: OpenChoice) -> list[FoundGRU]:
    """The GRUs of which that is open."""
    return [gru for gru in inspection.grus if kind in gru.open_choices]


def _ask_gates(key: str) -> GateActivation | None:
    chosen: GateActivation | None = st.segmented_control(
        say("choices.gates"),
        GATES,
        format_func=lambda name: say(f"choices.{name}"),
        key=key,
        help=say("choices.gates_help"),
    )
    return chosen


def _ask_sense(grus: list[FoundGRU], key: str) -> ZSense | None:
    legacy = all(gru.convention in LEGACY for gru in grus)
    kind = "origin" if legacy else "sense"
    chosen: ZSense | None = st.segmented_control(
        say(f"choices.{kind}"),
        tuple(reversed(Z_SENSES)) if legacy else Z_SENSES,
        format_func=lambda name: say(f"choices.{kind}_{name}"),
        key=key,
        help=say(f"choices.{kind}_help"),
    )
    return chosen


def _ask_backwards(grus: list[FoundGRU], key: str) -> tuple[str, ...]:
    names = [gru.name for gru in grus]
    if len(names) == 1:
        label = say("choices.backwards", name=escape(names[0]))
        return tuple(names) if st.toggle(label, key=key, help=say("choices.backwards_help")) else ()
    return tuple(
        st.multiselect(
            say("choices.backwards_of"),
            names,
            key=key,
            placeholder=say("choices.backwards_none"),
            help=say("choices.backwards_help"),
        )
    )
