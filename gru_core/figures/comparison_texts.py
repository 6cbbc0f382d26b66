"""The words of the figure of two traces side by side."""

from types import MappingProxyType
from typing import Final

COMPARISON_FIGURE_TEXTS: Final = MappingProxyType(
    {
        "title": "{quantity} side by side",
        "subtitle": "{left} · {right}",
        "how": (
            "Above the left side, in the middle the right one, below what the right has more (green) or less "
            "(purple) than the left; no colour means no difference."
        ),
        "difference": "right minus left",
        "unit": "unit",
        "share": "share",
        "step": "step of the left",
        "binned": "Each column is the mean of {bin} steps.",
    }
)
