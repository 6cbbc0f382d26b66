"""The words in figures of the state space, by key; another language has the same keys and braces."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

SPACE_FIGURE_TEXTS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "title": "Where the state goes",
        "subtitle": (
            "layer {layer} {direction} · {units} units · {steps} steps · {share} of the variance shown"
        ),
        "how": (
            "Each line is the state after one step after the other, seen along the directions in which it "
            "varies most. Discs are states that stay where they are while the input does; a ring is one that "
            "a push leads away from."
        ),
        "axis": "direction {number} ({share})",
        "every": "Of every {every} steps one is drawn and counted.",
        "start": "start",
        "step": "step {step}",
        "learned": "as learned",
        "rnn": "plain RNN",
        "input_only": "only the input",
        "copy": "pure copy",
        "custom": "the gates as set",
        "stable": "stable",
        "saddle": "saddle",
        "unstable": "unstable",
        "marginal": "neither grows nor dies",
        "slow": "slow",
        "disc": "eigenvalues",
        "real": "real part",
        "imaginary": "imaginary part",
        "eigenvalue": "|λ| = {size}, a factor of e in {time} steps",
    }
)
