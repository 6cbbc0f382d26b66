"""Whether every step does what the step of another recurrence does, from the same state on the same input.

Both Jacobians are compared, to the old state and to the input, with those of the same weights under the gates
that make the recurrence: so what is compared is what the step does to small changes, and any painting that
does the same is right.
"""

import numpy as np
from numpy.typing import NDArray

from gru_core.analysis.jacobian import StepDerivatives
from gru_core.puzzles.finding import Finding, Kind
from gru_core.puzzles.look import REACHES, Look
from gru_core.puzzles.spec import LIKE, Each
from gru_core.puzzles.why_reach import gate_mean
from gru_core.trace import trace

Array = NDArray[np.float64]


def differences(goal: Each, seen: Look) -> tuple[Finding, ...]:
    """What differs, and at the step that differs most, why; () where nothing does."""
    t, wanted = seen.trace, LIKE[goal.like]
    # Each step is a sequence of its own here, from the state that the painted run was in.
    alone = trace(seen.gru, t.X[0][:, None], t.H_prev, wanted)[0]
    other = StepDerivatives(seen.gru, alone, wanted).jacobian(0)
    apart, size = np.zeros(t.steps), np.zeros(t.steps)
    for step in range(t.steps):
        own = seen.derivatives.jacobian(step)
        apart[step] = _norm(
            own.state.total - other.state.total[step], own.input.total - other.input.total[step]
        )
        size[step] = _norm(other.state.total[step], other.input.total[step])
    wrong = [step for step in range(t.steps) if apart[step] > REACHES]
    if not wrong:
        return ()
    worst = max(wrong, key=lambda step: float(apart[step]))
    headline = Finding("steps_differ", worst, len(wrong), float(apart[worst]), wanted=float(size[worst]))
    return (headline, *_why(seen, worst, {entry.gate: entry.value for entry in wanted}))


def _why(seen: Look, step: int, wanted: dict[str, float]) -> list[Finding]:
    """The gates that are not where this step would have them, Z first."""
    found = []
    Z, R = gate_mean(seen, "Z", step), gate_mean(seen, "R", step)
    z_learned, r_learned = (seen.painting.at(gate, step) is None for gate in ("Z", "R"))
    if z_learned or abs(Z - wanted["Z"]) > REACHES:
        kind: Kind = "step_keeps_learned" if z_learned else "step_keeps"
        found.append(Finding(kind, step, share=Z, value=Z, wanted=wanted["Z"]))
    if r_learned or abs(R - wanted["R"]) > REACHES:
        way = float(seen.derivatives.jacobian(step).state.norms["candidate"][0])
        sees: Kind = "step_sees_learned" if r_learned else "step_sees"
        found.append(Finding(sees, step, size=way, value=R, wanted=wanted["R"]))
    return found


def _norm(state: Array, read: Array) -> float:
    """One size for what a step does with state and input."""
    return float(np.sqrt(np.square(state).sum() + np.square(read).sum()))
