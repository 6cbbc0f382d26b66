"""What became of one changed input, in sentences."""

from types import MappingProxyType
from typing import Final

import numpy as np
from numpy.typing import NDArray

from gru_core.analysis.change import InputChange
from gru_core.analysis.fact import Fact, fact, quoted, rounded
from gru_core.analysis.jacobian import ROUTES
from gru_core.analysis.ripple import Ripple
from gru_core.model import ModelCard

RIPPLE_TEXTS: Final = MappingProxyType(
    {
        "symbol": "At step {step} the model reads {now} in place of {was}.",
        "number": "At step {step} the model reads {name} = {now} in place of {was}.",
        "nudged symbol": (
            "At step {step} what is read goes a thousandth of the way from {was} to {now}; "
            "all differences are shown a thousand times as large."
        ),
        "nudged number": (
            "At step {step} {name} goes a thousandth of the way from {was} to {now}; "
            "all differences are shown a thousand times as large."
        ),
        "same": "At step {step} nothing else is read: choose another symbol or another number.",
        "kept out": (
            "The change never gets in: Z is 1 in every unit at step {step}, so the old state is copied, and "
            "no state differs at any step."
        ),
        "never": "The change never gets in: no state differs at any step.",
        "at once": (
            "It is gone at once: the states after step {step} differ by {start} in all, and one step "
            "later not at all."
        ),
        "died": (
            "Right after step {step} the states differ by {start}, summed over the units; from step {died} "
            "on, {steps} steps later, less than 1% of that is left."
        ),
        "lives": (
            "Right after step {step} the states differ by {start}, summed over the units; at step {last}, "
            "the last one that is read, {left:.1%} of that is left."
        ),
        "grows": (
            "Right after step {step} the states differ by {start}, summed over the units; at step {last}, "
            "the last one that is read, by {end}: the ripple has grown."
        ),
        "read last": (
            "Right after step {step} the states differ by {start}, summed over the units; it is the last "
            "step that is read."
        ),
        "carried": (
            "Of all that carried it on, {copy:.0%} is copying (Z keeps the state before), {update:.0%} the "
            "update gate that chose differently, {candidate:.0%} the candidate, {reset:.0%} the candidate "
            "because of the reset gate."
        ),
        "elsewhere": (
            "It shows at steps on the other side of step {step} too, for a layer below reads the other way."
        ),
        "answer same": "The answer is the same at every step.",
        "answer stays": (
            "No step is answered otherwise; the probabilities of the answers move by {moved} at most, at "
            "step {step}."
        ),
        "answer class": (
            "{count} of {steps} steps are answered otherwise, most clearly step {step}: {now} ({after}) in "
            "place of {was} ({before})."
        ),
        "answer number": "The answer changes most at step {step}: {name} is {after} instead of {before}.",
    }
)
"""By key; `python -m gru_ui.language` puts them into the catalogues."""

_ATOM = 1e-12


def ripple_facts(
    found: Ripple,
    change: InputChange,
    card: ModelCard,
    answers: tuple[NDArray[np.floating], NDArray[np.floating]] | None = None,
) -> list[Fact]:
    """What was changed, how long it lived, what carried it, and what the answer became.

    found    the ripple as it is, not enlarged
    answers  the answers before and after (time, outputs), where there is a readout
    """

    def say(key: str, **values: object) -> Fact:
        return fact(RIPPLE_TEXTS, key, **values)

    if change.is_none:
        return [say("same", step=change.step)]
    kind = "number" if change.name else "symbol"
    opening = kind if change.share == 1.0 else f"nudged {kind}"
    words = [change.was, change.now]
    if change.symbol >= 0:
        words = [quoted(word) for word in words]
    facts = [say(opening, step=change.step, was=words[0], now=words[1], name=change.name)]
    facts.append(_fate(found, change.share))
    sums = {name: float(size[found.after[1:]].sum()) for name, size in found.sizes.items()}
    total = sum(sums.values())
    if total > 0:
        facts.append(say("carried", **{name: sums[name] / total for name in ROUTES}))
    outside = np.ones(len(found.size), bool)
    outside[found.after] = False
    if found.size[outside].any():
        facts.append(say("elsewhere", step=change.step))
    if answers is not None and change.share == 1.0:
        facts.append(_answer(card, *answers))
    return facts


def _fate(found: Ripple, share: float) -> Fact:
    step, order = found.step, found.after
    values: dict[str, object] = {
        "step": step,
        "start": rounded(found.start / share),
        "last": int(order[-1]),
        "left": found.left,
        "end": rounded(float(found.size[order[-1]]) / share),
    }
    if found.start == 0:
        kept_out = found.kept and not found.size.any()
        return fact(RIPPLE_TEXTS, "kept out" if kept_out else "never", **values)
    if len(order) == 1:
        return fact(RIPPLE_TEXTS, "read last", **values)
    if not found.size[order[1:]].any():
        return fact(RIPPLE_TEXTS, "at once", **values)
    if found.died is not None:
        steps = int(np.flatnonzero(order == found.died)[0])
        return fact(RIPPLE_TEXTS, "died", died=found.died, steps=steps, **values)
    return fact(RIPPLE_TEXTS, "grows" if found.left > 1 else "lives", **values)


def _answer(card: ModelCard, before: NDArray[np.floating], after: NDArray[np.floating]) -> Fact:
    apart = np.abs(after.astype(np.float64) - before)
    moved = apart.sum(axis=1) / 2 if card.answer == "class" else apart.max(axis=1)
    step = int(moved.argmax())
    if moved[step] <= _ATOM:
        return fact(RIPPLE_TEXTS, "answer same")
    if card.answer == "class":
        old, new = before.argmax(axis=1), after.argmax(axis=1)
        flips = old != new
        if not flips.any():
            return fact(RIPPLE_TEXTS, "answer stays", step=step, moved=f"{moved[step]:.2%}")
        step = int(np.where(flips, moved, -1.0).argmax())
        return fact(
            RIPPLE_TEXTS,
            "answer class",
            step=step,
            count=int(flips.sum()),
            steps=len(flips),
            was=quoted(card.outputs[old[step]]),
            now=quoted(card.outputs[new[step]]),
            before=f"{before[step, old[step]]:.1%}",
            after=f"{after[step, new[step]]:.1%}",
        )
    output = int(apart[step].argmax())
    return fact(
        RIPPLE_TEXTS,
        "answer number",
        step=step,
        name=card.outputs[output],
        before=f"{before[step, output]:.4g}",
        after=f"{after[step, output]:.4g}",
    )
