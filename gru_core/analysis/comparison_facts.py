"""How far two traces are apart, in sentences."""

from types import MappingProxyType
from typing import Final

import numpy as np

from gru_core.analysis.comparison import Comparison
from gru_core.analysis.fact import Fact, fact

COMPARISON_TEXTS: Final = MappingProxyType(
    {
        "beside": (
            "{steps} steps stand beside each other: {left_first} to {left_last} on the left, {right_first} "
            "to {right_last} on the right."
        ),
        "same": "{quantity} is the same on both sides at every step.",
        "units": (
            "{quantity} differs by {mean:.3g} on average, and most in unit {row} at step {step} of the left: "
            "{left:.3f} there, {right:.3f} on the right."
        ),
        "sorted": (
            "Sorted by size at each step, the values of {quantity} differ by {mean:.3g} on average, and most "
            "at step {step} of the left."
        ),
        "begins": "Before step {step} of the left there is no difference at all.",
        "summary": (
            "On average {quantity} is {left_mean:.3f} on the left and {right_mean:.3f} on the right; its "
            "root mean square is {left_size:.3f} and {right_size:.3f}."
        ),
        "as many": (
            "Rows are not units here: units of two models or layers have no common numbers. The values of "
            "each step are sorted, and each row is a share of the units, from the smallest (0%) to the "
            "largest (100%)."
        ),
        "not as many": (
            "Rows are not units here: the left has {left} units, the right {right}. The values of each step "
            "are sorted, and each row is a share of the units, from the smallest (0%) to the largest (100%)."
        ),
        "chance": (
            "Units of two models or layers have no common numbers: that unit {row} stands beside unit {row} "
            "is chance."
        ),
    }
)
"""By key; `python -m gru_ui.language` puts them into the catalogues."""


def comparison_facts(found: Comparison, quantity: str, *, are_the_same_units: bool) -> list[Fact]:
    """Which steps are compared, how far they are apart and where most, and why rows are what they are.

    quantity            the symbol that is compared, as it is shown
    are_the_same_units  whether a unit of the left is that unit of the right, under other circumstances
    """

    def say(key: str, **values: object) -> Fact:
        return fact(COMPARISON_TEXTS, key, quantity=quantity, **values)

    overlap, apart = found.overlap, np.abs(found.difference)
    last = overlap.steps - 1
    step, row = (int(index) for index in np.unravel_index(apart.argmax(), apart.shape))
    facts = []
    if not apart.any():
        facts.append(say("same"))
    else:
        facts.append(
            say(
                "sorted" if found.sorted else "units",
                mean=float(apart.mean()),
                row=found.rows[row],
                step=overlap.left + step,
                left=float(found.left[step, row]),
                right=float(found.right[step, row]),
            )
        )
        if found.begins:
            facts.append(say("begins", step=overlap.left + found.begins))
        facts.append(
            say(
                "summary",
                left_mean=float(found.left.mean()),
                right_mean=float(found.right.mean()),
                left_size=float(np.sqrt(np.square(found.left).mean())),
                right_size=float(np.sqrt(np.square(found.right).mean())),
            )
        )
    if found.sorted:
        left, right = found.units
        facts.append(say("as many" if left == right else "not as many", left=left, right=right))
    elif not are_the_same_units:
        facts.append(say("chance", row=found.rows[row]))
    facts.append(
        say(
            "beside",
            steps=overlap.steps,
            left_first=overlap.left,
            left_last=overlap.left + last,
            right_first=overlap.right,
            right_last=overlap.right + last,
        )
    )
    return facts
