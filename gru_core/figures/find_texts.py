"""Every word of the figure of a search."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

FIND_FIGURE_TEXTS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "title": "Where else the same units are on",
        "where": "layer {layer} {direction} · {units} of {all} units",
        "forward": "forward",
        "backward": "backward",
        "how": (
            "Above, the units that are looked for, over the steps of the sequence; the band is the stretch "
            "that was brushed, the dashed line the threshold. Below, the places found, best first, with "
            "their first step at 0: the stronger a cell's colour, the more of the units are on."
        ),
        "step": "step",
        "from start": "step, counted from the beginning of the place",
        "place": "place",
        "hover": "place {place}, step {step}: {count} of {of}",
        "unit": "unit {unit}",
        "none": "no other place was found",
    }
)
