"""Every word the text of a connectivity shows."""

from __future__ import annotations

from typing import Final

from gru_ui.language.tables import Texts

CONNECTIVITY_PICTURE_TEXTS: Final = Texts(
    "connectivity_picture_texts",
    {
        "how to use": (
            "Arrow keys go from step to step, Home and End to the first and the last; Enter or Space asks "
            "about the answer at that step."
        ),
        "step": "Step {step}: {share}% of the strongest ({value})",
        "labelled step": "Step {step} (‘{label}’): {share}% of the strongest ({value})",
        "part": "Steps {first} to {last} of {steps} are shown.",
    },
)
"""Words in braces are filled in by the browser from the numbers it draws."""
