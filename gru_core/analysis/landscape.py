"""The map of two units under one input: where every state of the plane goes in a step, and how fast.

With one input x, read again and again, a layer of two units is a map F of the square [-1, 1]² into itself:

    F(h) = Z * h + (1 - Z) * N(h)            F(h) - h = (1 - Z) * (N(h) - h)

N is the candidate and Z the update gate, both of the state h. The second line says who does what. A state
stays where N(h) = h, and Z is not in that equation: R and the weights of the candidate say where states rest
(and where else each unit stands still), Z says how far a step goes. Where Z is one number for both units, all
arrows keep their directions; where each unit has its own, the two parts of an arrow are scaled apart, and the
places where one of them is zero stay. All in float64.

Source: I. D. Jordan, P. A. Sokol and I. M. Park, "Gated recurrent units viewed through the lens of continuous
time dynamical systems", 2021 (arXiv:1906.01005), where the same is done in continuous time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gru_core.analysis.fixed_points import HeldStep, held_step
from gru_core.analysis.fixed_points.held import Gate
from gru_core.errors import ShapeError
from gru_core.kernels.job import HARD_SLOPES
from gru_core.model import GRU
from gru_core.overrides import GateOverride

Array = NDArray[np.float64]

UNITS = 2
"""A plane has two directions."""


@dataclass(frozen=True, eq=False)
class Landscape:
    """Two units under one input, `held`. States are (..., 2), the last axis the units."""

    held: HeldStep

    @classmethod
    def of(
        cls,
        gru: GRU,
        x: NDArray[np.floating],
        index: int = 0,
        overrides: Sequence[GateOverride] = (),
        step: int = 0,
        steps: int = 1,
    ) -> Landscape:
        """The landscape of one layer and direction.

        x      (inputs,) the input that stays the same, of that layer
        index  which layer and direction, in the order of `gru.cells`
        step   of the `steps` that the overrides are for, which one's gates hold

        Raises ShapeError for a GRU without exactly two units, and what `held_step` raises.
        """
        if gru.hidden_size != UNITS:
            raise ShapeError(
                f"A phase portrait needs exactly 2 units, one for each direction of the plane; this GRU has "
                f"{gru.hidden_size}: choose a model with two."
            )
        layer, direction = divmod(index, gru.num_directions)
        return cls(
            held_step(
                gru, x, overrides, layer=layer, direction=gru.directions[direction], step=step, steps=steps
            )
        )

    @property
    def kept(self) -> tuple[bool, bool]:
        """Which units have their Z held at exactly 1: they never move, whatever the rest says."""
        first, second = self.held.frozen.tolist()
        return first, second

    def reset_gate(self, h: Array) -> Array:
        """R as applied (..., 2)."""
        return _applied(self.held.reset, h)

    def update_gate(self, h: Array) -> Array:
        """Z as applied (..., 2)."""
        return _applied(self.held.update, h)

    def candidate(self, h: Array) -> Array:
        """N(h), the candidate (..., 2)."""
        return self.held.candidate(h.reshape(-1, UNITS)).reshape(h.shape)

    def pull(self, h: Array) -> Array:
        """N(h) - h (..., 2): the way to the candidate. Zero where a unit stands still, whatever Z is."""
        return self.candidate(h) - h

    def change(self, h: Array) -> Array:
        """F(h) - h (..., 2): the arrow at h, one step of the GRU."""
        return (1 - self.update_gate(h)) * self.pull(h)

    def step(self, h: Array) -> Array:
        """F(h) (..., 2): the state after a step."""
        return self.held(h.reshape(-1, UNITS)).reshape(h.shape)

    def run(self, h: Array, steps: int) -> Array:
        """(steps + 1, ..., 2): h and the states after it, the same input read again and again."""
        states = [np.asarray(h, dtype=np.float64)]
        for _ in range(steps):
            states.append(self.step(states[-1]))
        return np.stack(states)

    def candidate_slopes(self, h: Array) -> Array:
        """dN/dh (..., 2, 2): row k, column j is the derivative of unit k's candidate to unit j's state."""
        return self.held.candidate_slope(h.reshape(-1, UNITS))[1].reshape(*h.shape, UNITS)

    def jacobian(self, h: Array) -> Array:
        """dF/dh (..., 2, 2): row k, column j is the derivative of unit k's new state to unit j's old one."""
        return self.held.slope(h.reshape(-1, UNITS)).reshape(*h.shape, UNITS)

    @property
    def steepest(self) -> Array:
        """(2,) the most that each part of N - h can change per unit of distance in the larger coordinate.

        A bound, from tanh' <= 1, |h| <= 1 and gates in [0, 1] of bounded slope: two states of the square
        whose coordinates differ by at most d have N - h of unit k apart by at most d times this.
        """
        R, W, bias = self.held.reset, np.abs(self.held.weight), np.abs(self.held.bias_hh)
        most = np.maximum(R.force, R.keep + R.force)
        slope = R.keep * HARD_SLOPES.get(R.activation, 0.25) * np.abs(R.weight).sum(axis=0)
        if self.held.reset_mode == "before":
            return np.asarray((most + slope) @ W + 1)
        return np.asarray(most * W.sum(axis=0) + (W.sum(axis=0) + bias) * slope + 1)


def _applied(gate: Gate, h: Array) -> Array:
    return gate(h.reshape(-1, UNITS))[0].reshape(h.shape)
