"""Every word the live phase portrait shows."""

from __future__ import annotations

from typing import Final

from gru_ui.language.tables import Texts

PORTRAIT_TEXTS: Final = Texts(
    "portrait_texts",
    {
        "picture title": "Phase portrait",
        "how to use": (
            "Arrow keys move from step to step, Space plays, Home and End go to the ends. With Shift the "
            "arrow keys move a cross in the square, Enter lets a state go there, Delete takes the last one "
            "away."
        ),
        "first": "First step",
        "back": "One step back",
        "play": "Play the sequence",
        "pause": "Pause",
        "forward": "One step on",
        "last": "Last step",
        "save": "Save picture",
        "save png": "PNG image",
        "save svg": "SVG drawing",
        "where": "Step {step} of {last}",
        "where labelled": "Step {step} of {last}: {label}",
        "unit": "unit {unit}",
        "both units": "both units",
        "units": "Hold the gates of",
        "input": "Read again and again",
        "input step": "what this step reads",
        "input zero": "zeros",
        "input symbol": "{label}",
        "input numbers": "numbers on sliders",
        "reads step": "the input of step {step}",
        "reads step labelled": "the input of step {step}, {label}",
        "reads zero": "zeros",
        "reads symbol": "{label}",
        "reads numbers": "the numbers on the sliders",
        "learned": "as learned",
        "learn gate": "Leave {gate} as learned",
        "gate slider": "Hold {gate} at a value",
        "given": "as set",
        "sentence": "Reading {input}: {points}",
        "kept": "Z is 1, no state moves. Every place is a fixed point.",
        "kept one": "unit {unit} keeps its value (Z = 1). States move along lines only.",
        "one point": "one fixed point at {place}, {kind}.",
        "points": "{count} fixed points. Stable {stable}, saddles {saddle}, unstable {unstable}.",
        "point row": "{place} {kind}",
        "eigenvalues": "eigenvalues {first}, {second}",
        "stable": "stable",
        "stable turns": "stable focus",
        "stable flips": "stable, from side to side",
        "saddle": "saddle",
        "unstable": "unstable",
        "unstable turns": "unstable focus",
        "neutral": "at the border",
        "z same": "Z = {z} everywhere: each arrow is {share} of its whole way to H̃, none turns.",
        "z apart": (
            "Each unit has its own Z: an arrow's part along unit 0 is {first} of its way to H̃, along unit 1 "
            "{second}. Where units stand still stays."
        ),
        "z free": "Z is a function of the state. It sets how far an arrow goes, not where units stand still.",
        "r closed": "R = 0: H̃ is the same from everywhere.",
        "legend": "{name}: stands still, its H̃ is its H",
        "forget": "Take the dropped states away",
        "hint": "Click in the square to let a state go; drag it, and its way follows.",
        "state": "state",
        "arrow": "one step",
    },
)
"""Words in braces are filled in by the browser from the numbers it draws."""
