"""One step of one layer while its input is held: a map F from states to states, with its derivative.

With N = H_tilde as a function of the state h, every gate setting included,

    F(h) = Z h + (1 - Z) N(h)          so          F(h) - h = (1 - Z) (N(h) - h)

A state is a fixed point, F(h) = h, exactly where N(h) = h in every unit whose Z is below 1: where fixed
points lie does not depend on Z. How fast states move does, and so does whether a point is stable. The
derivatives are those of jacobian.py, for many states at once.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from gru_core.equations import GATE_ACTIVATIONS
from gru_core.errors import InputError, ShapeError
from gru_core.kernels.job import HARD_SLOPES
from gru_core.model import GRU
from gru_core.overrides import Direction, GateOverride, compile_overrides

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Gate:
    """A gate of a held step: activation(offset + h weight), times `keep`, plus `force`.

    offset, keep, force (units,); weight (units, units), to be multiplied by a row of states from the left
    """

    offset: Array
    weight: Array
    keep: Array
    force: Array
    activation: str

    def __call__(self, states: Array) -> tuple[Array, Array]:
        """The applied gate (states, units), and its derivative by its argument."""
        argument = torch.from_numpy(self.offset + states @ self.weight)
        proposed = GATE_ACTIVATIONS[self.activation](argument).numpy()
        if self.activation == "sigmoid":
            slope = proposed * (1 - proposed)
        else:
            inside = (proposed > 0) & (proposed < 1)
            slope = np.where(inside, HARD_SLOPES[self.activation], 0.0)
        return self.keep * proposed + self.force, self.keep * slope


@dataclass(frozen=True, eq=False)
class HeldStep:
    """F of one layer and direction under one input and one gate setting, in float64.

    reset, update  the two gates
    offset         X W_xh + b_h (units,)
    weight         W_hh (units, units); `bias_hh` (units,) is b_hh, zeros in reset mode "before"
    """

    reset: Gate
    update: Gate
    offset: Array
    weight: Array
    bias_hh: Array
    reset_mode: str

    @property
    def units(self) -> int:
        """Numbers of a state."""
        return len(self.offset)

    @property
    def frozen(self) -> NDArray[np.bool_]:
        """(units,) where the setting holds Z at 1: such a unit stays at whatever value it has."""
        return np.asarray((self.update.keep == 0) & (self.update.force == 1))

    def __call__(self, states: Array) -> Array:
        """F of every row of states (states, units)."""
        Z, _ = self.update(states)
        moved: Array = Z * states + (1 - Z) * self.candidate(states)
        return moved

    def candidate(self, states: Array) -> Array:
        """N, which is H_tilde, of every row of states."""
        R, _ = self.reset(states)
        if self.reset_mode == "before":
            inside = (R * states) @ self.weight
        else:
            inside = R * (states @ self.weight + self.bias_hh)
        found: Array = np.tanh(self.offset + inside)
        return found

    def candidate_slope(self, states: Array) -> tuple[Array, Array]:
        """N (states, units), and dN / dh (states, units, units): row k, column i is unit k by number i."""
        R, slope = self.reset(states)
        if self.reset_mode == "before":
            N = np.tanh(self.offset + (R * states) @ self.weight)
            seen = R[:, :, None] * self.weight
            if slope.any():
                seen = seen + (self.reset.weight * (states * slope)[:, None, :]) @ self.weight
        else:
            product = states @ self.weight + self.bias_hh
            N = np.tanh(self.offset + R * product)
            seen = R[:, None, :] * self.weight + (product * slope)[:, None, :] * self.reset.weight
        return N, (1 - N * N)[:, :, None] * seen.transpose(0, 2, 1)

    def slope(self, states: Array) -> Array:
        """dF / dh (states, units, units) at every row of states; row k, column i as above."""
        Z, slope = self.update(states)
        N, by_candidate = self.candidate_slope(states)
        found: Array = (1 - Z)[:, :, None] * by_candidate
        found += ((states - N) * slope)[:, :, None] * self.update.weight.T
        found[:, np.arange(self.units), np.arange(self.units)] += Z
        return found


def held_step(
    gru: GRU,
    x: NDArray[np.floating],
    overrides: Sequence[GateOverride] = (),
    *,
    layer: int = 0,
    direction: Direction = "forward",
    step: int = 0,
    steps: int = 1,
) -> HeldStep:
    """F of one layer and direction while it reads `x` (inputs,) again and again.

    overrides  gates that are forced; where they differ from step to step, as they are at `step` of `steps`

    Raises ShapeError for an input of another width, InputError for a layer, a direction or a step that
    there is not, OverrideError for units or steps that do not exist.
    """
    if direction not in gru.directions or not 0 <= layer < gru.num_layers or not 0 <= step < steps:
        raise InputError(
            f"There is no layer {layer} {direction} with a step {step} here: this GRU has {gru.num_layers} "
            f"layers, reads {' and '.join(gru.directions)}, and {steps} steps were read."
        )
    cell = gru.cell(layer * gru.num_directions + gru.directions.index(direction))
    given = np.asarray(x, np.float64)
    if given.shape != (cell.input_size,):
        raise ShapeError(
            f"An input that is held has {cell.input_size} numbers here, got the shape {given.shape}."
        )
    forced = compile_overrides(
        overrides, steps=steps, units=gru.hidden_size, layer=layer, direction=direction
    )

    def of(name: str) -> Array:
        return np.asarray(getattr(cell, name).detach().cpu().numpy(), np.float64)

    def setting(name: str, usual: float) -> Array:
        table = None if forced is None else getattr(forced, name)
        if forced is None or table is None:
            return np.full(gru.hidden_size, usual)
        return np.asarray(table[forced.rows[step]], np.float64)

    def gate(name: str) -> Gate:
        return Gate(
            offset=given @ of(f"W_x{name}") + of(f"b_{name}"),
            weight=of(f"W_h{name}"),
            keep=setting(f"keep_{name}", 1.0),
            force=setting(f"force_{name}", 0.0),
            activation=gru.gate_activation,
        )

    return HeldStep(
        reset=gate("r"),
        update=gate("z"),
        offset=given @ of("W_xh") + of("b_h"),
        weight=of("W_hh"),
        bias_hh=of("b_hh"),
        reset_mode=gru.reset_mode,
    )
