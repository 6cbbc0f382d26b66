"""Every word the live heatmaps show."""

from __future__ import annotations

from typing import Final

from gru_ui.language.tables import Texts

HEATMAP_TEXTS: Final = Texts(
    "heatmap_texts",
    {
        "picture title": "Gates and state over time",
        "how to use": (
            "Arrow keys move the time cursor, Space plays, Home and End go to the ends, plus and minus zoom, "
            "0 shows everything, Up and Down choose a unit, Escape closes its lines."
        ),
        "unit": "unit",
        "step": "step",
        "symbol": "symbol",
        "first": "First step",
        "back": "One step back",
        "play": "Play",
        "pause": "Pause",
        "forward": "One step on",
        "last": "Last step",
        "speed": "Speed",
        "steps per second": "{n} steps/s",
        "zoom in": "Zoom in on the cursor (or drag across the picture)",
        "zoom out": "Zoom out",
        "zoom reset": "Show every step (or double-click the picture)",
        "order": "Units by",
        "order index": "index",
        "order time scale": "time scale",
        "order similarity": "similarity",
        "save": "Save picture",
        "save png": "PNG image",
        "save svg": "SVG drawing",
        "binned": "Each column is the mean of {n} steps; zoom in to see single steps.",
        "lines title": "Unit {unit} over time",
        "lines hint": "the same numbers as its row in every panel",
        "close": "Close the lines of this unit",
        "output": "Output",
        "target": "right answer",
        "where step": "Step {step}",
        "where symbol": "Step {step} (‘{symbol}’)",
        "where steps": "Steps {first} to {last}, on average",
        "sentence": (
            "{where}: {keep} of {units} units keep over 90%, {rewrite} of {units} rewrite more than half; "
            "mean R {mean}."
        ),
        "sentence without R": (
            "{where}: {keep} of {units} units keep over 90%, {rewrite} of {units} rewrite more than half."
        ),
        "sentence plain": "{where}.",
    },
)
"""Words in braces are filled in by the browser from the numbers it draws."""
