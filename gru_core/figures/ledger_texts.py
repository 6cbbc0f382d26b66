"""Every word of the ledger's figure; another language is another table with the same keys."""

from __future__ import annotations

from types import MappingProxyType

LEDGER_FIGURE_TEXTS: MappingProxyType[str, str] = MappingProxyType(
    {
        "title share": "Who wrote the state: shares by step",
        "title content": "Who wrote the state: weight times what was written",
        "all": "mean of all {units} units",
        "one": "unit {unit}",
        "some": "mean of {units} of {all} units",
        "where": "layer {layer} {direction} · {whose} · {steps} steps",
        "forward": "forward",
        "backward": "backward",
        "how": (
            "Each row is a state, each column a step at which it may have been written, H₀ first. A strong "
            "colour says that much of this state was written there; the bars are the row of the chosen step."
        ),
        "bars share": "share of the state at step {step}",
        "bars content": "parts of the state at step {step}",
        "written": "written at step",
        "state": "state at step",
        "hover share": "{value} of the state at step {state} was written at step {source}",
        "hover content": "{value} of the state at step {state} was written at step {source}",
        "hover start share": "{value} of the state at step {state} is H₀",
        "hover start content": "{value} of the state at step {state} comes from H₀",
        "binned": (
            "Rows and columns of the map and the bars stand for {bin} steps each: shares of the steps in a "
            "column are added up, states in a row are averaged."
        ),
        "root": "Colours go with the square root, so that small shares can be seen.",
    }
)
