"""Every word in the figure of the gate square, by key."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

SQUARE_FIGURE_TEXTS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "title": "The gate square",
        "subtitle": "layer {layer} {direction} · {units} units · {steps} steps",
        "forward": "forward",
        "backward": "backward",
        "how": (
            "Each dot is a unit at the chosen step; grey says how often units are there over all steps. Up "
            "keeps the old state, down writes the candidate; to the right the candidate sees the old state, "
            "to the left it does not."
        ),
        "how_scores": (
            "Each dot is a unit at the chosen step. Behind them the task's score if the gates stayed at that "
            "place at every step: the stronger the blue, the better; without colour, no better than guessing."
        ),
        "R": "R, the reset gate",
        "Z": "Z, the update gate",
        "copy": "copy {share:.0%}",
        "rnn": "plain RNN {share:.0%}",
        "input_only": "only the input {share:.0%}",
        "points": "units at step {step}",
        "selected": "selected units",
        "often": "share of all points",
        "score": "score",
        "unit": "unit",
    }
)
