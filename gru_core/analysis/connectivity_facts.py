"""Which inputs an answer hangs on, in sentences."""

from collections.abc import Sequence
from types import MappingProxyType
from typing import Final

import numpy as np
from numpy.typing import NDArray

from gru_core.analysis.fact import Fact, Piece, fact, quoted

CONNECTIVITY_TEXTS: Final = MappingProxyType(
    {
        "step": "step {step}",
        "labelled step": "step {step} ({label})",
        "none": (
            "Nothing that is read matters to it: the derivative by every input is 0, so no small change of "
            "any of them changes it."
        ),
        "alone": "It hangs on {where} alone: the derivative by every other input is 0.",
        "strongest": "It hangs most on {first} ({value:.3g}); then on {second}, {share:.0%} as strongly.",
        "own": "What is read at {where} itself counts {share:.0%} as much as the strongest.",
        "reach": "It takes {count} of the {steps} steps, the strongest first, to make half of the sum.",
        "farthest": "The farthest step with at least 1% of the strongest is {where}, {apart} steps away.",
    }
)
"""By key; `python -m gru_ui.language` puts them into the catalogues."""


def connectivity_facts(strength: NDArray[np.float64], asked: int, labels: Sequence[str] = ()) -> list[Fact]:
    """The strongest steps, how many make half of it, and how far it reaches.

    strength  what `connectivity` gave (time,)
    asked     the step that was asked about
    labels    what each step reads; () for none
    """

    def where(step: int) -> Piece:
        label = labels[step] if labels else ""
        if label:
            return Piece("labelled step", (("step", step), ("label", quoted(label))))
        return Piece("step", (("step", step),))

    order = np.argsort(-strength, kind="stable")
    first = int(order[0])
    most = float(strength[first])
    if most == 0:
        return [fact(CONNECTIVITY_TEXTS, "none")]
    if np.count_nonzero(strength) == 1:
        return [fact(CONNECTIVITY_TEXTS, "alone", where=where(first))]
    second = int(order[1])
    facts = [
        fact(
            CONNECTIVITY_TEXTS,
            "strongest",
            first=where(first),
            value=most,
            second=where(second),
            share=float(strength[second]) / most,
        )
    ]
    if first != asked:
        share = float(strength[asked]) / most
        facts.append(fact(CONNECTIVITY_TEXTS, "own", where=where(asked), share=share))
    sums = np.cumsum(strength[order])
    half = int(np.searchsorted(sums, sums[-1] / 2)) + 1
    facts.append(fact(CONNECTIVITY_TEXTS, "reach", count=half, steps=len(strength)))
    counted = np.flatnonzero(strength >= 0.01 * most)
    far = int(counted[np.abs(counted - asked).argmax()])
    facts.append(fact(CONNECTIVITY_TEXTS, "farthest", where=where(far), apart=abs(far - asked)))
    return facts
