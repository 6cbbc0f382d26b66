"""A basis for looking at many units at once: the directions in which states vary most.

Principal components by a singular value decomposition in float64 of the states less their mean. One basis is
made from some trajectories and any others are drawn in it, so that they can be compared; what a basis does
not show of a trajectory is then a number too. K. Pearson 1901; I. T. Jolliffe, Principal Component Analysis,
2002.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gru_core.errors import InputError

Array = NDArray[np.float64]

AXES = 3
"""As many as a picture can have."""


@dataclass(frozen=True, eq=False)
class Basis:
    """Orthonormal directions through the mean of what it was made from.

    mean    (units,)
    axes    (axes, units), the one of the largest variance first; of each, the largest number is positive
    shares  (axes,) of the whole variance, along each; zeros where nothing varied
    """

    mean: Array
    axes: Array
    shares: Array

    def project(self, states: NDArray[np.floating]) -> Array:
        """Where states (..., units) are in the basis: (..., axes)."""
        found: Array = (np.asarray(states, np.float64) - self.mean) @ self.axes.T
        return found

    def share_of(self, states: NDArray[np.floating]) -> float:
        """The share of the variance of these states (states, units), around their own mean, that it shows.

        1 where they do not vary: then there is nothing that it could leave out.
        """
        exact = np.asarray(states, np.float64)
        spread = exact - exact.mean(axis=0)
        whole = float(np.square(spread).sum())
        if whole <= len(exact) * _NOTHING:
            return 1.0
        return float(np.square(spread @ self.axes.T).sum()) / whole


_NOTHING = 1e-24
"""A variance per step that is rounding."""


def fit_basis(trajectories: Sequence[NDArray[np.floating]], axes: int = AXES) -> Basis:
    """The basis of all states of some trajectories (steps, units) together.

    Of fewer units than axes it has as many axes as there are units. Raises InputError without a state.
    """
    states = np.concatenate([np.asarray(part, np.float64) for part in trajectories]) if trajectories else None
    if states is None or states.ndim != 2 or 0 in states.shape:
        raise InputError("A basis is made from states, (steps, units), and there are none.")
    mean = states.mean(axis=0)
    spread = states - mean
    if len(spread) > spread.shape[1]:
        spread = np.linalg.qr(spread, mode="r")  # the same singular values and directions, far smaller
    units = states.shape[1]
    if len(spread) < min(axes, units):
        spread = np.pad(spread, ((0, min(axes, units) - len(spread)), (0, 0)))
    _, sizes, directions = np.linalg.svd(spread, full_matrices=False)
    count = min(axes, units)
    directions = directions[:count]
    largest = np.abs(directions).argmax(axis=1)
    signs = np.sign(directions[np.arange(count), largest])
    variance = np.square(sizes)
    whole = float(variance.sum())
    varied = whole > len(states) * _NOTHING
    shares = variance[:count] / whole if varied else np.zeros(count)
    return Basis(mean, directions * signs[:, None], shares)
