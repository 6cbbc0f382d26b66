"""Every word a race shows."""

from __future__ import annotations

from typing import Final

from gru_ui.language.tables import Texts

RACE_TEXTS: Final = Texts(
    "race_texts",
    {
        "picture title": "A race on the same sequences",
        "how to use": (
            "Left and Right read all lanes at one update after the other, Home and End at the first and the "
            "last, Escape ends that."
        ),
        "save": "Save picture",
        "save png": "PNG image",
        "save svg": "SVG drawing",
        "lane": "lane",
        "score": "held-out score",
        "state": "learned",
        "weights": "weights",
        "time": "time per update",
        "gradient": "late gradient at the first step",
        "score title": "Held-out score",
        "gradient title": "Gradient that reaches the first step",
        "updates": "updates",
        "guessing": "guessing {chance}",
        "learned from": "learned from {score}",
        "learned": "learned at update {update}",
        "status queued": "waiting",
        "status running": "at update {done}",
        "status paused": "paused",
        "status done": "not learned",
        "status stopped": "not learned",
        "status interrupted": "interrupted",
        "status failed": "failed",
        "milliseconds": "{n} ms",
        "percent": "{n}%",
        "unknown": "–",
        "between lanes": "; ",
        "facts in words": "{weights} weights, {time} per update, late gradient at the first step {gradient}",
        "where update": "Update {update}",
        "score and gradient": "{score}, {gradient}",
        "waiting": "The first numbers come in a moment.",
        "lane learned": "{name} at update {update}",
        "sentence learned": "Learned: {lanes}.",
        "sentence not": "Not learned: {lanes}.",
        "sentence not yet": "Not yet: {lanes}.",
        "sentence gradient": (
            "From update {from} to {update} the gradient that reaches the first step (the median) is largest "
            "in {large} ({most}) and smallest in {small} ({least}), which is {share} of it."
        ),
        "sentence gradient none": (
            "From update {from} to {update} the gradient that reaches the first step (the median) is largest "
            "in {large} ({most}); nothing of it arrives in {small}."
        ),
    },
)
"""Words in braces are filled in by the browser from the numbers it draws."""
