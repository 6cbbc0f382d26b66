"""What is to be seen of a painted run: its trace in float64, and how much of what came before counts."""

import copy
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gru_core.analysis.jacobian import StepDerivatives, influence
from gru_core.errors import InputError
from gru_core.model import GRU
from gru_core.painting import Painting
from gru_core.trace import GateTrace, trace

REACHES = 1e-12
"""What is smaller than this does not reach: held gates give exact zeros, and rounding is some 1e-16."""


@dataclass(frozen=True, eq=False)
class Look:
    """One sequence under painted gates.

    gru, trace, derivatives  in float64, of one layer that reads forward
    start  || d H_T / d H_0 ||
    input  (steps,) || d H_T / d X_t ||
    """

    gru: GRU
    painting: Painting
    trace: GateTrace
    derivatives: StepDerivatives
    start: float
    input: NDArray[np.float64]

    @property
    def whole(self) -> float:
        """The sum of all influence, of which parts are shares."""
        return self.start + float(self.input.sum())

    @property
    def start_share(self) -> float:
        """The share of the state before the first step, in [0, 1]."""
        return self.start / self.whole if self.whole > REACHES else 0.0

    @property
    def input_shares(self) -> NDArray[np.float64]:
        """The share of the input of each step (steps,)."""
        return self.input / self.whole if self.whole > REACHES else np.zeros_like(self.input)

    @property
    def reached(self) -> tuple[int, ...]:
        """The steps whose input reaches the last state."""
        return tuple(int(step) for step in np.flatnonzero(self.input > REACHES))


def look(gru: GRU, x: Any, painting: Painting, h0: Any = None) -> Look:
    """The run of a sequence (time, inputs) under painted gates. `gru` has one layer that reads forward.

    Raises InputError for another GRU, OverrideError where more steps are painted than there are.
    """
    if gru.num_layers != 1 or gru.directions != ("forward",):
        raise InputError(
            f"A puzzle is played on one layer that reads forward; this GRU has {gru.num_layers} layers and "
            f"reads {' and '.join(gru.directions)}."
        )
    exact = copy.deepcopy(gru).double()
    record = trace(exact, x, h0, painting.overrides)[0]
    derivatives = StepDerivatives(exact, record, painting.overrides)
    found = influence(derivatives)
    return Look(exact, painting, record, derivatives, float(found.start[0]), found.input[0])
