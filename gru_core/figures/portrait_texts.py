"""Every word of the phase portrait's figure, by key."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

PHASE_FIGURE_TEXTS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "title": "Phase portrait",
        "how": (
            "Each place is a state of the two units, each arrow one step from there with the same input; an "
            "arrow twice as long is a step four times as far. On a nullcline one unit stands still, where "
            "both lines cross is a fixed point."
        ),
        "unit": "unit {unit}",
        "arrows": "one step",
        "nullcline": "unit {unit} stands still",
        "stable": "stable",
        "saddle": "saddle",
        "unstable": "unstable",
        "neutral": "at the border",
        "sequence": "the sequence",
        "now": "now",
        "dropped": "dropped",
        "eigenvalues": "eigenvalues {first}, {second}",
        "at_step": "after step {step}",
    }
)
