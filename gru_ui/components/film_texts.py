"""Every word the film of a training shows."""

from __future__ import annotations

from typing import Final

from gru_ui.language.tables import Texts

FILM_TEXTS: Final = Texts(
    "film_texts",
    {
        "picture title": "A training, frame by frame",
        "how to use": (
            "Left and Right go from frame to frame, Home and End to the first and the last, Space plays. "
            "Dragging the bar or a curve moves the film."
        ),
        "first": "First frame",
        "back": "One frame back",
        "play": "Play",
        "pause": "Pause",
        "forward": "One frame on",
        "last": "Last frame",
        "speed": "Speed",
        "frames per second": "{n} frames/s",
        "live": "Live",
        "live title": "Follow the training",
        "order": "Units by",
        "order index": "index",
        "order Z": "update gate",
        "order F": "forget gate",
        "save": "Save picture",
        "save png": "PNG image",
        "save svg": "SVG drawing",
        "unit": "unit",
        "step": "step",
        "symbol": "symbol",
        "updates": "updates",
        "head": "After {update} of {updates} updates",
        "waiting": "The first frame comes in a moment.",
        "probe": "One sequence, read with the weights of that moment",
        "loss": "Loss",
        "score": "Score",
        "held-out": "held-out",
        "training": "training",
        "guessing": "guessing {chance}",
        "learned from": "learned from {score}",
        "learned": "learned at update {update}",
        "not learned": "not learned",
        "percent": "{n}%",
        "unknown": "–",
        "comma": ", ",
        "held-out loss": "held-out loss",
        "training loss": "training loss",
        "held-out score": "held-out score",
        "training score": "training score",
        "where update": "Update {update}",
        "where step": "Step {step}",
        "where symbol": "Step {step} (‘{symbol}’)",
        "histogram": "Values of {gate}",
        "histogram hint": "share of all, on held-out sequences",
        "share of values": "share of the values",
        "bin": "{gate} from {low} to {high}",
        "panel R": "reset gate",
        "panel Z": "update gate",
        "panel H_tilde": "candidate",
        "panel H": "hidden state",
        "panel F": "forget gate",
        "panel I": "input gate",
        "panel O": "output gate",
        "panel C_tilde": "candidate",
        "panel C": "cell state",
        "hint R": "0 hides the old state",
        "hint Z": "1 keeps the old state",
        "hint H_tilde": "what a unit would write",
        "hint H": "what a unit remembers",
        "hint F": "1 keeps the old cell state",
        "hint I": "1 lets the candidate in",
        "hint O": "1 shows the cell state",
        "hint C_tilde": "what a unit would write",
        "hint C": "what a unit remembers",
        "mean": "mean {label} {value}",
        "sentence": (
            "After {update} of {updates} updates: held-out score {score} (guessing {chance}), loss {loss}; "
            "in this sequence {means}."
        ),
        "sentence without gates": (
            "After {update} of {updates} updates: held-out score {score} (guessing {chance}), loss {loss}."
        ),
    },
)
"""Words in braces are filled in by the browser from the numbers it draws."""
