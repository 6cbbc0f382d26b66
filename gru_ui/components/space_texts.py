"""Every word of the live picture of the state space."""

from __future__ import annotations

from typing import Final

from gru_ui.language.tables import Texts

SPACE_WIDGET_TEXTS: Final = Texts(
    "space_widget_texts",
    {
        "picture title": "Where the state goes",
        "how to use": (
            "Left and Right go through the steps, Home and End to the first and the last, Space plays them. "
            "Up and Down go through the fixed points, Escape lets go. Comma and full stop turn the picture, "
            "Plus and Minus change its size, 0 sets it back."
        ),
        "first": "First step",
        "back": "One step back",
        "play": "Play",
        "pause": "Pause",
        "forward": "One step on",
        "last": "Last step",
        "speed": "speed",
        "steps per second": "{n} steps/s",
        "depth": "seen in",
        "depth 2": "2 directions",
        "depth 3": "3 directions",
        "colour": "colour",
        "colour setting": "by gates",
        "colour time": "by time",
        "colour read": "by input",
        "colour answer": "by answer",
        "zoom in": "Larger",
        "zoom out": "Smaller",
        "zoom reset": "As at first",
        "save": "Save picture",
        "save png": "PNG image",
        "save svg": "SVG drawing",
        "start": "start",
        "step": "step {step}",
        "step labelled": "step {step} ‘{label}’",
        "at": "At {step} the state moves by {moved}.",
        "answers": "The model answers {answer}.",
        "kind stable": "stable",
        "kind saddle": "saddle",
        "kind unstable": "unstable",
        "kind marginal": "neither grows nor dies",
        "kind slow": "slow",
        "point": "Point {number}: {kind}",
        "point answering": "Point {number}: {kind}, {answer}",
        "point chosen": "{point}.",
        "disc awaited": "Fixed points are being sought",
        "disc all": "Eigenvalues at all points",
        "disc hint": "Choose a point to see its own.",
        "direction": "direction {number} ({share})",
        "first step": "first step",
        "last step": "last step",
        "other": "others",
        "dies": "A push fades to 1/e in {steps} steps.",
        "dies at once": "A push is gone after one step.",
        "stays": "A push stays as it is.",
        "grows one": "In 1 direction a push grows e-fold in {steps} steps.",
        "grows": "In {count} directions a push grows, e-fold in {steps} steps.",
    },
)
"""Words in braces are filled in by the browser, or by `space.py`, from the numbers that are drawn."""
