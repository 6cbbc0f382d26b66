"""Why an input reaches the last state, or does not: the step and the gate that are to blame."""

from collections.abc import Sequence

import numpy as np

from gru_core.analysis.jacobian import frobenius
from gru_core.puzzles.finding import Finding, Kind
from gru_core.puzzles.look import REACHES, Look


def why_it_leaks(seen: Look, step: int) -> list[Finding]:
    """The ways by which the past passes a step that should stop it, widest first; [] where none does."""
    state = seen.derivatives.jacobian(step).state
    sizes = {name: float(norm[0]) for name, norm in state.norms.items()}
    Z, R = gate_mean(seen, "Z", step), gate_mean(seen, "R", step)
    z_learned, r_learned = (seen.painting.at(gate, step) is None for gate in ("Z", "R"))
    found: list[tuple[str, Finding]] = []
    kinds: tuple[tuple[str, Kind, float], ...] = (
        ("copy", "stop_keeps_learned" if z_learned else "stop_keeps", Z),
        ("candidate", "stop_reads_learned" if r_learned else "stop_reads", R),
        ("update", "stop_z_depends", Z),
        ("reset", "stop_r_depends", R),
    )
    for way, kind, value in kinds:
        if sizes[way] > REACHES:
            found.append((way, Finding(kind, step, size=sizes[way], share=value, value=value)))
    found.sort(key=lambda entry: -sizes[entry[0]])
    return [finding for _, finding in found]


def why_it_writes(seen: Look, steps: Sequence[int]) -> list[Finding]:
    """The step out of these that writes most of its input into the state, and how many do."""
    writing = {step: float(frobenius(seen.derivatives.jacobian(step).input.total)[0]) for step in steps}
    worst = max(writing, key=lambda step: seen.input[step])
    kind: Kind = "writes_learned" if seen.painting.at("Z", worst) is None else "writes"
    keeps = gate_mean(seen, "Z", worst)
    return [Finding(kind, worst, len(steps), writing[worst], share=1 - keeps, value=keeps)]


def why_lost(seen: Look, step: int) -> Finding:
    """Why the input of a step does not reach the last state."""
    jacobian = seen.derivatives.jacobian
    if frobenius(jacobian(step).input.total)[0] <= REACHES:
        return Finding("never_written", step, value=gate_mean(seen, "Z", step))
    for later in range(step + 1, seen.trace.steps):
        if frobenius(jacobian(later).state.total)[0] <= REACHES:
            return Finding("erased", later, value=gate_mean(seen, "Z", later))
    return Finding("faded", step, size=float(seen.input[step]))


def gate_mean(seen: Look, gate: str, step: int) -> float:
    """Where a gate stands at a step, on average over units."""
    values = seen.trace.R if gate == "R" else seen.trace.Z
    return float(np.mean(values[0, step]))
