"""Every word the live gate square shows."""

from __future__ import annotations

from typing import Final

from gru_ui.language.tables import Texts

SQUARE_PICTURE_TEXTS: Final = Texts(
    "square_picture_texts",
    {
        "picture title": "The gate square",
        "how to use": (
            "Left and Right arrow keys move the step, Space plays, Home and End go to the ends. Up and Down "
            "point at a unit, Enter selects it, Escape clears the selection. With Shift the arrow keys move "
            "the cross-hair, which holds the gates; Delete lets go of them."
        ),
        "first": "First step",
        "back": "One step back",
        "play": "Play",
        "pause": "Pause",
        "forward": "One step on",
        "last": "Last step",
        "speed": "Speed",
        "steps per second": "{n} steps/s",
        "let go": "Let go",
        "let go hint": "Let go of the gates: as learned again",
        "clear": "Deselect",
        "clear hint": "Deselect all units",
        "save": "Save picture",
        "save png": "PNG image",
        "save svg": "SVG drawing",
        "place copy": "copy {share}",
        "place rnn": "plain RNN {share}",
        "place input_only": "only the input {share}",
        "unit": "Unit {unit}",
        "more here": "and {count} more here",
        "where step": "Step {step}",
        "where symbol": "Step {step} (‘{symbol}’)",
        "sentence": (
            "{where}: {copy} of {units} units at copy, {rnn} at plain RNN, {input} at only the input."
        ),
        "held all": "All units are held at R {r}, Z {z}.",
        "held some": "{count} units are held at R {r}, Z {z}.",
        "will hold all": "Release to hold all units at R {r}, Z {z}.",
        "will hold some": "Release to hold the {count} selected units at R {r}, Z {z}.",
        "frozen all": "All gates frozen at R {r}, Z {z}",
        "frozen some": "Selected units frozen at R {r}, Z {z}",
        "score": "score",
    },
)
"""Words in braces are filled in by the browser from the numbers it draws."""
