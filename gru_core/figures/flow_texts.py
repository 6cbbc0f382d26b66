"""The words in the picture of gradient flow; another language is another table with the same keys."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

FLOW_FIGURE_TEXTS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "title state": "State to state, back from step {last}",
        "title answer": "Input to answer, back from step {last}",
        "subtitle state": "‖∂H_T / ∂H_t‖ · layer {layer} {direction}",
        "subtitle answer": "‖∂Y_T / ∂X_t‖ · the whole model",
        "forward": "forward",
        "backward": "backward",
        "how": (
            "Read from step T back. A line that falls is a gradient that fades, a level one arrives whole, a "
            "cross stands where it is exactly 0. The bars say by which route it goes on at each step."
        ),
        "step": "step",
        "zero": "exactly 0",
        "zero tick": "= 0",
        # lines
        "learned": "learned",
        "rnn": "as RNN",
        "input_only": "only input",
        "copy": "copy",
        "now": "these gates",
        "trained_rnn": "trained RNN",
        "trained_lstm": "trained LSTM",
        "legend": "{name} ×{factor}",
        # routes
        "routes": "{name}, by route:",
        "copy route": "copy",
        "update route": "Z",
        "candidate route": "H̃",
        "reset route": "R",
        "route hover": "{share}, working for {signed} of the whole",
        "binned": "Each bar is the mean of {bin} steps.",
        "thinned": "Of every {bin} steps only the smallest and the largest value are drawn.",
        "estimated": ("Sizes are estimated with random rows, and off by some {error} (one standard error)."),
    }
)
