"""The words in figures of a survey, by key; another language has the same keys and braces."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

SATURATION_FIGURE_TEXTS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "subtitle": "{sequences} sequences · {steps} steps · {units} units",
        "subtitle_one": "one sequence · {steps} steps · {units} units",
        "R": "reset gate R",
        "Z": "update gate Z",
        "forward": "layer {layer} forward",
        "backward": "layer {layer} backward",
        "unit": "unit {unit}",
        "unit_of": "unit {unit}, {where}",
        # how often gates are saturated
        "saturation title": "Gates open or shut, unit by unit",
        "saturation how": (
            "One dot per unit. To the right: the share of steps at which the gate is above 0.9; upwards: the "
            "share at which it is below 0.1. On the dashed line it is always one or the other, at the origin "
            "always between."
        ),
        "right": "share above 0.9",
        "left": "share below 0.1",
        # how long units keep
        "times title": "How long each unit keeps what it holds",
        "times how": (
            "The units of a layer side by side, the one that keeps longest first. Up: 1 / (1 − mean Z), the "
            "steps that what it holds lasts on average; each line is ten times the one below. A unit whose Z "
            "is always 1 stands at the upper edge."
        ),
        "rank": "units, the longest memory first",
        "steps": "steps",
        "forever": "for ever",
        # where in the gate square
        "square title": "Density in the gate square",
        "square subtitle": "{where} · {steps} steps",
        "square how": (
            "Each cell is a pair of values of R and Z: the stronger its colour, the more steps of units have "
            "it, each mark of the scale ten times the one below. At the upper edge a unit copies, at the "
            "lower right it is a plain RNN, at the lower left it sees only the input."
        ),
        "share": "share of steps",
        "corner copy": "copies",
        "corner rnn": "plain RNN",
        "corner input": "only the input",
    }
)
