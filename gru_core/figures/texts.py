"""Every word in a figure, by key; another language is another table with the same keys and braces."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

FIGURE_TEXTS: Final[Mapping[str, str]] = MappingProxyType(
    {
        # axes and things
        "step": "step",
        "unit": "unit",
        "output": "output",
        "target": "target",
        "value": "value",
        "probability": "probability",
        "R": "reset gate",
        "Z": "update gate",
        "H_tilde": "candidate",
        "H": "hidden state",
        "forward": "forward",
        "backward": "backward",
        "where": "layer {layer} {direction} · {units} units · {steps} steps",
        "binned": "Each column is the mean of {bin} steps.",
        "thinned": "Of every {bin} steps only the smallest and the largest value are drawn.",
        # four heatmaps
        "gates title": "Gates and state over time",
        "gates how": (
            "Time runs to the right, one row per unit. Where Z is bright (1) a unit keeps its old "
            "state, where it is "
            "dark (0) it takes the candidate H̃; where R is dark the candidate does not see the old state."
        ),
        # an LSTM or an RNN beside it
        "F": "forget gate",
        "I": "input gate",
        "O": "output gate",
        "C_tilde": "candidate",
        "C": "cell state",
        "lstm title": "An LSTM's gates and states",
        "lstm how": (
            "Time runs to the right, one row per unit. Where F is bright (1) a unit keeps its cell state C, "
            "where I is bright it adds the candidate C̃, and where O is bright its state H shows tanh(C)."
        ),
        "lstm text": (
            "F is {F:.2f} on average and above 0.9 in {kept:.0%} of all places; I is {I:.2f} and O {O:.2f} "
            "on average. C runs from {c_low:.2f} to {c_high:.2f}, H from {low:.2f} to {high:.2f}."
        ),
        "rnn title": "A plain RNN's state",
        "rnn how": (
            "Time runs to the right, one row per unit. There are no gates: at every step the whole state is "
            "computed anew from the input and the state before."
        ),
        "rnn text": "H runs from {low:.2f} to {high:.2f}.",
        "unbounded": "{symbol} has no bounds: its colours run from −{most} to {most}.",
        # one unit
        "unit title": "Unit {unit} over time",
        "unit how": (
            "Above, the two gates from 0 to 1; below, the candidate H̃ and the state H. H stays level "
            "where Z is "
            "near 1 and moves to H̃ where Z is near 0."
        ),
        "unit text": (
            "Unit {unit}: Z is {z_mean:.2f} on average, lowest at step {z_step} ({z_low:.2f}); R is "
            "{r_mean:.2f} on "
            "average; H runs from {h_low:.2f} to {h_high:.2f} and ends at {h_last:.2f}."
        ),
        # answers
        "answer title": "What the model answers",
        "class how": (
            "One row per possible answer: the stronger the blue, the more probable at that step. A dot marks "
            "the right answer "
            "where it is known."
        ),
        "number how": "The line is the model's answer at each step; the dashed line is the right one "
        "where it is known.",
        "class text": "At step {step} the model answers {answer} with a probability of {probability:.0%}.",
        "number text": "At step {step} the model answers {name} = {value:,.6g}.",
        "hits text": "Of {asked} answers that are known, {right} are right.",
        "error text": "Where the right answer is known the model is off by {error:,.3g} on average.",
        # differences
        "difference title": "How much the state changes",
        "difference subtitle": "against {reference} · layer {layer} {direction}",
        "difference how": (
            "Colour is H under each setting minus H under {reference}; no colour means no change. The bars "
            "below each map "
            "give the largest change of any unit at that step."
        ),
        "difference text": "{name}: the state differs from {reference} by up to {largest:.2f}, at step "
        "{step}.",
        "difference none": "{name}: the state is the same as under {reference} at every step.",
        "largest": "max |ΔH|",
        # how far a gradient reaches
        "gradient title": "How strongly the last state depends on each earlier one",
        "gradient subtitle": "size of dH_T / dH_t · each line of the scale is a hundred times the one below",
        "gradient axis": "largest stretch",
        "gradient how": (
            "Read from the right: at the last step it is 1. A line that falls means that a gradient fades "
            "on its way back; one that stays level means that it arrives."
        ),
        "gradient text": "{name}: {first:.2g} at step {step}, {steps} steps before the last.",
    }
)
