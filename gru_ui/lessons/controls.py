"""What may be worked in a step, and nothing else: the gate settings by name, a slider for a gate."""

import streamlit as st

from gru_core.lessons import Step
from gru_core.overrides import EXTREMES
from gru_ui import state
from gru_ui.lessons.library import tried
from gru_ui.texts import say


def draw_controls(step: Step) -> None:
    """The controls that the step asks for."""
    form = state.workspace().lesson
    shown = tried(step, form)
    if "gates" in step.controls:
        st.segmented_control(
            say("frame.gates"),
            tuple(EXTREMES),
            format_func=lambda name: say(f"frame.gates_{name}"),
            wrap=True,
            **state.lesson_widget("gates", shown.gates if shown.gates in EXTREMES else None),
        )
    for gate in ("z", "r"):
        if gate in step.controls:
            value = getattr(shown, gate) if getattr(shown, f"{gate}_blend") else 0.5
            st.slider(say(f"lessons.hold_{gate}"), 0.0, 1.0, step=0.05, **state.lesson_widget(gate, value))
