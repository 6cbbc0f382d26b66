"""The words of the figures of a changed input and of connectivity."""

from types import MappingProxyType
from typing import Final

RIPPLE_FIGURE_TEXTS: Final = MappingProxyType(
    {
        "title": "A change of one input and what becomes of it",
        "subtitle symbol": "step {step} reads {now} in place of {was} · layer {layer} {direction}",
        "subtitle number": "{name} of step {step} is {now} in place of {was} · layer {layer} {direction}",
        "how": (
            "Above, every unit at every step: the stronger the colour, the more its state differs from that "
            "of the run without the change, and the colour says what carried most of the difference there. "
            "Below, what is left of the sum over all units; where it falls below 1%, the ripple has died."
        ),
        "units": "difference of each unit's state",
        "left": "what is left of it, as a share of its start",
        "copy": "copied (Z keeps)",
        "update": "update gate",
        "candidate": "candidate",
        "reset": "reset gate",
        "share": "share of the start",
        "unit": "unit",
        "step": "step",
        "forward": "forward",
        "backward": "backward",
        "binned": "Each column is the mean of {bin} steps.",
        "connectivity title": "What the answer hangs on",
        "connectivity subtitle": "size of the derivative by the input of each step",
        "connectivity how": (
            "The longer the bar of a step, the more a small change of what is read there would change what "
            "is asked about; bars are shares of the longest."
        ),
        "connectivity axis": "share of the largest",
    }
)
