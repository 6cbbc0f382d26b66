"""Every word the brush shows."""

from __future__ import annotations

from typing import Final

from gru_ui.language.tables import Texts

PAINT_TEXTS: Final = Texts(
    "paint_texts",
    {
        "title": "Gates, step by step",
        "how to use": (
            "Arrow keys move from step to step. 0, 5 and 1 paint 0, one half and 1, L paints learned, "
            "Space paints the chosen colour, and with Shift the arrow keys take it along. Home and End go to "
            "the ends."
        ),
        "brush": "Paint with",
        "learned": "learned",
        "any": "any value",
        "any value": "A value of your own: {value}",
        "paint row": "Paint all of {gate}",
        "cell": "{gate} at step {step} ({label}): {value}",
        "cell learned": "{gate} at step {step} ({label}): learned, {value} on average",
        "influence": "Who reaches the last state",
        "influence hint": (
            "How much the last state depends on each input (orange) and on the state before the first step "
            "(green): the size of each derivative as a share of all."
        ),
        "influence of start": "The state before the first step: {share}",
        "influence of input": "Input of step {step} ({label}): {share}",
        "reads": "reads",
    },
)
"""Words in braces are filled in by the browser."""
