"""What gradient flow shows, in computed sentences."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final

import numpy as np

from gru_core.analysis.fact import Fact, Piece, fact
from gru_core.analysis.flow_lines import FlowLine

FLOW_TEXTS: Final[Mapping[str, str]] = MappingProxyType(
    {
        # whose line
        "learned": "As learned",
        "rnn": "As a plain RNN (Z=0, R=1)",
        "input_only": "Seeing only the input (Z=0, R=0)",
        "copy": "Copying (Z=1)",
        "now": "With these gates",
        "trained_rnn": "The trained RNN",
        "trained_lstm": "The trained LSTM",
        # how it goes
        "vanishing": (
            "{line}: vanishing, × {factor} per step. The gradient is multiplied by {total} from step {last} "
            "back to step {earliest}."
        ),
        "exploding": (
            "{line}: exploding, × {factor} per step. The gradient is multiplied by {total} from step {last} "
            "back to step {earliest}."
        ),
        "steady": (
            "{line}: steady, × {factor} per step. The gradient is multiplied by {total} from step {last} "
            "back to step {earliest}."
        ),
        "whole": (
            "{line}: × 1 per step. The gradient arrives whole, to the last digit, from step {last} back to "
            "step {earliest}."
        ),
        "cut": (
            "{line}: × {factor} per step back to step {earliest}, and exactly 0 before it: nothing that was "
            "there matters at step {last}."
        ),
        "nothing": "{line}: exactly 0. Nothing that was before step {last} matters there.",
        "none": "{line}: exactly 0 at every step. No input matters at step {last}.",
        "single": "{line}: step {last} is the first that was read, so there is no way back to follow.",
        # by which route
        "routes": (
            "Step by step the gradient goes on {copy:.0%} by copying, {update:.0%} through Z, "
            "{candidate:.0%} through the candidate and {reset:.0%} through R (sizes of parts, on average)."
        ),
        "one route": (
            "At every step all of it goes on by one route: {route}; the other three are exactly 0."
        ),
        "no route": "By none of the four routes does anything go on.",
        "copy route": "copying",
        "update route": "through Z",
        "candidate route": "through the candidate",
        "reset route": "through R",
        # the others
        "trained": (
            "An RNN and an LSTM trained on the same task: × {rnn} and × {lstm} per step. They score "
            "{rnn_score} and {lstm_score}, this GRU {score}."
        ),
        "untrained": "No RNN or LSTM was trained beside this model, so there is none to compare with.",
        "estimated": (
            "This is too large to be computed exactly: sizes are estimated with random rows, and are off by "
            "some {error:.0%} (one standard error)."
        ),
    }
)

ROUTE_NAMES: Final = ("copy", "update", "candidate", "reset")


def rate_fact(name: str, line: FlowLine) -> Fact:
    """How one line fades or grows, in a sentence; `name` is a key of FLOW_TEXTS."""
    found = line.rate
    values = {"line": Piece(name), "last": line.last}
    if found.per_step is None:
        return fact(FLOW_TEXTS, "single", **values)
    if found.kind == "nothing":
        return fact(FLOW_TEXTS, "none" if found.earliest is None else "nothing", **values)
    values |= {"factor": factor_text(found.per_step), "earliest": found.earliest}
    if found.cut:
        return fact(FLOW_TEXTS, "cut", **values)
    assert found.total is not None
    return fact(FLOW_TEXTS, found.kind, **values, total=power_text(found.total))


def route_fact(line: FlowLine) -> Fact | None:
    """By which routes it goes on, averaged over the steps at which anything does; None for T's first step."""
    portions = line.portions
    known = np.isfinite(portions).all(axis=0) if len(portions) else np.zeros(0, bool)
    if not known.any():
        read = len(portions) and bool((portions.shape[1] > 1) and (line.norms == -np.inf).any())
        return fact(FLOW_TEXTS, "no route") if read else None
    means = portions[:, known].mean(axis=1)
    if (means == 1).any():
        return fact(FLOW_TEXTS, "one route", route=Piece(f"{ROUTE_NAMES[int(means.argmax())]} route"))
    return fact(FLOW_TEXTS, "routes", **dict(zip(ROUTE_NAMES, means.tolist(), strict=True)))


def flow_facts(
    lines: Mapping[str, FlowLine],
    now: str,
    routes: FlowLine | None,
    scores: Mapping[str, float | None],
) -> tuple[Fact, ...]:
    """Two to four sentences: the chosen setting's rate, its routes, those trained beside it.

    now     the name of the chosen setting's line
    routes  the line whose routes are shown
    scores  held-out scores by "gru", "rnn" and "lstm", where they are known
    """
    found = [rate_fact(now, lines[now])]
    split = None if routes is None else route_fact(routes)
    if split is not None:
        found.append(split)
    beside = [name for name in ("trained_rnn", "trained_lstm") if name in lines]
    if len(beside) == 2 and all(scores.get(kind) is not None for kind in ("gru", "rnn", "lstm")):
        rnn, lstm = (lines[name].rate for name in beside)
        if rnn.per_step is not None and lstm.per_step is not None:
            said = {f"{kind}_score": f"{scores[kind]:.2f}" for kind in ("rnn", "lstm")}
            factors = {"rnn": factor_text(rnn.per_step), "lstm": factor_text(lstm.per_step)}
            found.append(fact(FLOW_TEXTS, "trained", **factors, **said, score=f"{scores['gru']:.2f}"))
    else:
        found += [rate_fact(name, lines[name]) for name in beside]
    if not beside:
        found.append(fact(FLOW_TEXTS, "untrained"))
    error = max(line.error for line in lines.values())
    if error:
        found.append(fact(FLOW_TEXTS, "estimated", error=error))
    return tuple(found)


def all_rates(lines: Mapping[str, FlowLine]) -> Sequence[Fact]:
    """A sentence for each line, in their order."""
    return [rate_fact(name, line) for name, line in lines.items()]


def factor_text(factor: float) -> str:
    """A factor per step: "0.71", "0.998" near 1, "0.00023"; "1" and "0" are exact, "1.000" is not."""
    if factor in (0.0, 1.0):
        return f"{factor:.0f}"
    if factor < 0.1:
        return f"{factor:.2g}"
    return f"{factor:.{3 if abs(factor - 1) < 0.02 else 2}f}"


def power_text(log10: float) -> str:
    """10 to that power, also where no float holds it: "0.032", "2.5", "4·10⁻³⁹⁰"."""
    if abs(log10) < 3:
        return f"{10**log10:.2g}" if log10 < 2 else f"{10**log10:.0f}"
    exponent = int(np.floor(log10))
    mantissa = round(float(10 ** (log10 - exponent)))
    if mantissa == 10:
        mantissa, exponent = 1, exponent + 1
    return f"{mantissa}·10" + str(exponent).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))
