"""What the most common answer scores where answers walk from state to state at random."""

import numpy as np
from numpy.typing import NDArray


def share_at_start(moves: NDArray[np.float64], shortest: int, longest: int) -> float:
    """The share of steps in state 0, exact, over sequences of `shortest` to `longest` steps, each as likely.

    moves  (states, states) chance to go from a state to another at a step; a row's rest stays where it is.
           Every sequence starts before its first step in state 0.
    """
    steps = moves + np.diag(1 - moves.sum(axis=1))
    at = np.eye(len(steps))[0]
    at_zero = np.empty(longest)
    for step in range(longest):
        at = at @ steps
        at_zero[step] = at[0]
    up_to = at_zero.cumsum() / np.arange(1, longest + 1)
    return float(up_to[shortest - 1 :].mean())
