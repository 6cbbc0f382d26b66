"""Every word the picture of a ripple shows."""

from __future__ import annotations

from typing import Final

from gru_ui.language.tables import Texts

RIPPLE_PICTURE_TEXTS: Final = Texts(
    "ripple_picture_texts",
    {
        "picture title": "A change of one input and what becomes of it",
        "how to use": (
            "Left and Right change another step, Home and End the first and the last; Up and Down choose "
            "another symbol, or more and less of the number."
        ),
        "first": "Change the first step",
        "back": "Change the step before",
        "forward": "Change the next step",
        "last": "Change the last step",
        "symbol": "reads",
        "number": "Input",
        "by": "change by",
        "kind": "Size",
        "kind change": "whole change",
        "kind nudge": "a thousandth, × 1000",
        "save": "Save picture",
        "save png": "PNG image",
        "save svg": "SVG drawing",
        "unit": "unit",
        "step": "step",
        "reads": "reads",
        "answer": "Answer",
        "heat title": "Each unit's difference, by what carried it",
        "colour scale": "from 0.001 to 1",
        "size title": "What is left, as a share of its start",
        "answer classes": "Answer: how much moves (solid: another)",
        "answer numbers": "Answer: how far it moves",
        "died at": "below 1% from step {step}",
        "way copy": "copied (Z keeps)",
        "way update": "update gate",
        "way candidate": "candidate",
        "way reset": "reset gate",
        "same": "Step {step} reads {was} as before: nothing is changed.",
        "change symbol": "Step {step} reads {now} in place of {was}.",
        "change number": "At step {step} {name} is {now} in place of {was}.",
        "nudge symbol": "Step {step} goes a thousandth of the way from {was} to {now}.",
        "nudge number": "At step {step} {name} goes a thousandth of the way from {was} to {now}.",
        "pending": "Let go to see what becomes of it.",
        "nothing": "no difference anywhere",
        "never": "The change never gets in: no state differs.",
        "died at once": "One step later nothing is left of it.",
        "died": "It is below 1% from step {died} on, {steps} steps later; most was carried by: {way}.",
        "lives": "At the end {left} of it is left; most was carried by: {way}.",
        "grows": "At the end it has grown to {left} of its start; most was carried by: {way}.",
        "read last": "No step is read after it.",
        "answer same": "No answer changes.",
        "answer stays": "No answer changes; probabilities move by {moved} at most, at step {step}.",
        "answer changes": "{count} of {steps} answers change; at step {step} {was} becomes {now}.",
        "answer moves": "The answer moves most at step {step}: {was} becomes {now}.",
        "where": "Step {step}",
        "where symbol": "Step {step} (‘{symbol}’)",
        "unit difference": "Unit {unit}: ΔH",
        "all units": "Sum of |ΔH|",
    },
)
"""Words in braces are filled in by the browser from the numbers it draws."""
