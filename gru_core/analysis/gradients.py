"""How strongly the last state depends on each earlier one: the size of dH_T / dH_t.

A gradient that is sent back from step T to step t is multiplied by this matrix, so where it is tiny nothing
can be learned from what happened at t (Bengio et al. 1994), and where it is huge learning jumps.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from gru_core.analysis.jacobian import StepDerivatives
from gru_core.errors import InputError
from gru_core.model import GRU
from gru_core.overrides import GateOverride
from gru_core.trace import GateTrace

GRADIENT_STEPS = 200
"""Most steps that are looked back: of a longer sequence, the last so many."""


def state_gradients(
    gru: GRU, t: GateTrace, overrides: Sequence[GateOverride] = (), until: int | None = None
) -> NDArray[np.float64]:
    """(steps,): the largest stretch of dH_T / dH_t, its spectral norm, for every t up to T = `until`.

    Of the first sequence of the batch. 1 at T itself; NaN at steps that T has not read, and where more than
    GRADIENT_STEPS steps would have to be looked back. T is the last step that was read when None.

    Raises InputError when there is no such step, and as `StepDerivatives` does.
    """
    derivatives = StepDerivatives(gru, t, overrides)
    last = derivatives.order[-1] if until is None else until
    if not 0 <= last < t.steps:
        raise InputError(f"There is no step {last}: this trace has {t.steps}, counted from 0.")
    norms = np.full(t.steps, np.nan)
    for looked, reached in enumerate(derivatives.back({last: derivatives.identity})):
        if looked > GRADIENT_STEPS:
            break
        norms[reached.step] = float(np.linalg.norm(reached.rows[0], 2))
    return norms
