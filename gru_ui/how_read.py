"""How a GRU was read, explained: its equations, and the row of conventions.py in words."""

import streamlit as st

from gru_core.conventions import CONVENTIONS, Convention
from gru_core.formats import FoundGRU
from gru_ui.language.sentences import translated
from gru_ui.texts import say
from gru_ui.words import escape

GATES = {
    "sigmoid": r"\sigma(a) = \frac{1}{1 + e^{-a}}",
    "hard_sigmoid_fifth": r"\sigma(a) = \mathrm{clip}\left(\tfrac{a}{5} + \tfrac12,\ 0,\ 1\right)",
    "hard_sigmoid_sixth": r"\sigma(a) = \mathrm{clip}\left(\tfrac{a}{6} + \tfrac12,\ 0,\ 1\right)",
}
"""What the sign of the gates' activation stands for."""


def equations_of(gru: FoundGRU) -> str:
    """The equations that are computed for a GRU, as LaTeX, one line each."""
    candidate = (
        r"\tanh(X_t W_{xh} + (R_t \odot H_{t-1}) W_{hh} + b_h)"
        if gru.reset_mode == "before"
        else r"\tanh(X_t W_{xh} + b_h + R_t \odot (H_{t-1} W_{hh} + b_{hh}))"
    )
    rows = (
        r"R_t &= \sigma(X_t W_{xr} + H_{t-1} W_{hr} + b_r)",
        r"Z_t &= \sigma(X_t W_{xz} + H_{t-1} W_{hz} + b_z)",
        rf"\tilde H_t &= {candidate}",
        r"H_t &= Z_t \odot H_{t-1} + (1 - Z_t) \odot \tilde H_t",
    )
    return r"\begin{aligned}" + r" \\ ".join((*rows, rf"& {GATES[gru.gate_activation]}")) + r"\end{aligned}"


def explain_reading(gru: FoundGRU) -> None:
    """What is computed, and how the parameters lie in such files."""
    row = CONVENTIONS[gru.convention]
    st.latex(equations_of(gru))
    st.caption(say("read.table_help"))
    lines = [f"| {say('read.framework')} | {escape(translated(row.framework))} |", "| :-- | :-- |"]
    lines += [f"| {say(f'read.{name}')} | {escape(text)} |" for name, text in row_in_words(row, gru).items()]
    st.markdown("\n".join(lines))


def row_in_words(row: Convention, gru: FoundGRU) -> dict[str, str]:
    """The entries of a row for people, by their keys in the catalogue.

    What a person said themselves stands in the notes of the GRU; its row has no order of its own.
    """
    if row.name == "own":
        return {"reset": say(f"read.reset_{gru.reset_mode}"), "source": translated(row.source)}
    return {
        "order": say("read.order_is", order=", ".join(row.order)),
        "sense": say(f"read.sense_{row.z_sense}"),
        "reset": say(f"read.reset_{gru.reset_mode}"),
        "biases": translated(row.biases),
        "layout": say(f"read.layout_{row.layout}"),
        "files": translated(row.files),
        "source": translated(row.source),
    }
