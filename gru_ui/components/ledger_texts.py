"""Every word of the live memory ledger."""

from __future__ import annotations

from typing import Final

from gru_ui.language.tables import Texts

LEDGER_PICTURE_TEXTS: Final = Texts(
    "ledger_picture_texts",
    {
        "how to use": (
            "Up and Down choose the state, Home and End the first and the last; Left and Right read its "
            "parts one by one. Page Up and Page Down go through the units, Escape goes back to all of them."
        ),
        "save": "Save picture",
        "save png": "PNG image",
        "save svg": "SVG drawing",
        "map": "A row per state, a column per step",
        "written": "written at step",
        "passage": "What was read, coloured by how much of the chosen state was written there",
        "units": "Half-life of each unit, in steps",
        "mean mark": "Line: what its mean Z alone stands for.",
        "unit name": "Unit {unit}",
        "half-life": "half-life",
        "by mean": "by its mean Z",
        "longer": "over 9999",
        "longer than": "over {steps}",
        "full": "100%",
        "step": "step {step}",
        "step symbol": "step {step} (‘{symbol}’)",
        "steps": "steps {first} to {last}",
        "where state": "State at {place}",
        "where states": "States at {place}, on average",
        "age": "{steps} steps",
        "age one": "1 step",
        "sentence": (
            "{where}: the largest part is from {source} ({share}), {start} is H₀, written {age} "
            "earlier on average."
        ),
        "sentence backward": (
            "{where}: the largest part is from {source} ({share}), {start} is H₀, written {age} "
            "further right on average."
        ),
        "sentence start": (
            "{where}: the largest part is still H₀ ({share}), written {age} earlier on average."
        ),
        "sentence start backward": (
            "{where}: the largest part is still H₀ ({share}), written {age} further right on average."
        ),
        "sentence source": "{where}: {share} of it was written at {source}.",
        "sentence content": (
            "{where}: H is {state}, the largest part of it from {source} ({share}), {start} from H₀."
        ),
        "sentence content source": "{where}: {share} of its value comes from {source}.",
    },
)
"""Words in braces are filled in by the browser from the numbers it draws."""
