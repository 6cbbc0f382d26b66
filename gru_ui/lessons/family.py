"""RNN, GRU and LSTM beside each other: their equations, and how many numbers each learns at this size."""

import streamlit as st

from gru_core.lessons import Asked, Stage
from gru_ui.lessons.library import measured
from gru_ui.lessons.words import coloured
from gru_ui.look import theme
from gru_ui.texts import say

EQUATIONS = {
    "rnn": (r"H_t = \tanh(X_t W_{xh} + H_{t-1} W_{hh} + b_h)",),
    "gru": (
        r"R_t = \sigma(X_t W_{xr} + H_{t-1} W_{hr} + b_r)",
        r"Z_t = \sigma(X_t W_{xz} + H_{t-1} W_{hz} + b_z)",
        r"\tilde H_t = \tanh(X_t W_{xh} + (R_t \odot H_{t-1}) W_{hh} + b_h)",
        r"H_t = Z_t \odot H_{t-1} + (1 - Z_t) \odot \tilde H_t",
    ),
    "lstm": (
        r"I_t = \sigma(X_t W_{xi} + H_{t-1} W_{hi} + b_i)",
        r"F_t = \sigma(X_t W_{xf} + H_{t-1} W_{hf} + b_f)",
        r"O_t = \sigma(X_t W_{xo} + H_{t-1} W_{ho} + b_o)",
        r"\tilde C_t = \tanh(X_t W_{xc} + H_{t-1} W_{hc} + b_c)",
        r"C_t = F_t \odot C_{t-1} + I_t \odot \tilde C_t",
        r"H_t = O_t \odot \tanh(C_t)",
    ),
}
"""Elman 1990; Cho et al. 2014; Hochreiter and Schmidhuber 1997 with the forget gate of Gers et al. 2000."""


def draw_family(stage: Stage) -> None:
    """One card for each: name, what it carries, equations, numbers that it learns."""
    inputs, units = stage.model.gru.input_size, stage.model.gru.hidden_size
    for cell, equations in EQUATIONS.items():
        count = measured(stage, Asked("parameters", (("bare", True), ("cell", cell))))
        with st.container(border=True, key=f"family_{cell}", gap="xsmall"):
            with st.container(horizontal=True, vertical_alignment="center", gap="small"):
                st.markdown(f"**{say(f'lessons.family_{cell}')}**", width="content")
                st.badge(say("lessons.family_learns", count=f"{int(count):,}"), color="blue")
                st.caption(say(f"lessons.family_{cell}_carries"), width="content")
            rows = r" \\ ".join(
                f"{left} &= {right}" for left, right in (row.split(" = ", 1) for row in equations)
            )
            st.latex(r"\small\begin{aligned}" + coloured(rows, theme()) + r"\end{aligned}")
    st.caption(say("lessons.family_size", inputs=inputs, units=units))
