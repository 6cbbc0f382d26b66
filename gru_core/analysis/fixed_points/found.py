"""What a search for fixed points found: the points, what a small push does at each, and how long it lasts."""

from dataclasses import dataclass
from functools import cached_property
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Kind = Literal["stable", "saddle", "unstable", "marginal"]

EDGE: Final = 1e-10
"""An eigenvalue within this of the unit circle is on it, as far as float64 can tell."""


@dataclass(frozen=True, eq=False)
class FixedPoint:
    """A state h with F(h) = h, up to rounding.

    state        (units,)
    error        max |F(h) - h|
    speed        q = |F(h) - h|² / 2
    eigenvalues  (free units,) complex, of dF/dh in the units that are not held, the largest first
    arrivals     how many starts ended here
    """

    state: Array
    error: float
    speed: float
    eigenvalues: NDArray[np.complex128]
    arrivals: int

    @cached_property
    def sizes(self) -> Array:
        """The absolute values of the eigenvalues, the largest first."""
        sizes: Array = np.abs(self.eigenvalues)
        return sizes

    @property
    def growing(self) -> int:
        """In how many directions a small push grows."""
        return int((self.sizes > 1 + EDGE).sum())

    @property
    def kind(self) -> Kind:
        """Whether a small push dies ("stable"), grows in some directions ("saddle"), or in all ("unstable").

        "marginal" where none grows, but some does not die either.
        """
        if self.growing:
            return "unstable" if self.growing == len(self.sizes) else "saddle"
        return "marginal" if self.sizes[0] >= 1 - EDGE else "stable"

    @property
    def time_constants(self) -> Array:
        """Steps in which a push falls to 1/e, or grows e-fold where |λ| > 1: 1 / |ln |λ||.

        0 where λ is 0, inf where |λ| is 1. In the order of the eigenvalues.
        """
        return time_constants(self.sizes)


def time_constants(sizes: Array) -> Array:
    """Steps for a factor of e: 1 / |ln |λ||, for every |λ|; 0 at |λ| = 0, inf at |λ| = 1."""
    with np.errstate(divide="ignore"):
        found: Array = 1 / np.abs(np.log(sizes))
    return found


@dataclass(frozen=True, eq=False)
class FixedPoints:
    """All points that one search found, the stable ones first, then by how many directions grow.

    points     each once
    starts     from how many states the search went out
    lost       how many of these ended nowhere: at no fixed point
    everything every state is a fixed point: Z is held at 1 in all units
    frozen     (units,) where Z is held at 1; these units keep the value that they have in `held_at`
    held_at    (units,) the state whose frozen units were held
    slow       (points, units) states that are no fixed point, but where the state hardly moves: local minima
               of q(h) = |F(h) - h|² / 2
    slow_speed (points,) q there; slow_move (points,) by how much one step moves the unit that it moves most
    """

    points: tuple[FixedPoint, ...]
    starts: int
    lost: int
    everything: bool
    frozen: NDArray[np.bool_]
    held_at: Array
    slow: Array
    slow_speed: Array
    slow_move: Array

    def of_kind(self, *kinds: Kind) -> tuple[FixedPoint, ...]:
        """The points of these kinds."""
        return tuple(point for point in self.points if point.kind in kinds)

    @property
    def states(self) -> Array:
        """(points, units) where they are."""
        units = len(self.held_at)
        return np.array([point.state for point in self.points]).reshape(-1, units)
