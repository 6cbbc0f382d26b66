"""What an engine is given and what it gives back; both engines speak these three values and nothing else.

Axes inside the engines are time-major, (time, batch, units), because one step is then contiguous.
T steps, B batch, I inputs, H units.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from gru_core.overrides import ForcedGates

# clip(slope * a + 1/2, 0, 1); the sigmoid has none
HARD_SLOPES = {"hard_sigmoid_fifth": 1.0 / 5.0, "hard_sigmoid_sixth": 1.0 / 6.0}

PIECE = 1 << 18  # numbers of x that are laid out time-major at once


@dataclass(frozen=True)
class Job:
    """One scan: tensors of one dtype on the CPU that want no gradient, and the options.

    x (B, T, I), h0 (B, H), weight_x (3H, I), weight_h (3H, H), bias (3H,): row blocks r, z, h;
    bias_hh (H,) in reset mode "after", None in "before".
    """

    x: Tensor
    h0: Tensor
    weight_x: Tensor
    weight_h: Tensor
    bias: Tensor
    bias_hh: Tensor | None
    activation: str
    forced: ForcedGates | None
    reverse: bool

    @property
    def sizes(self) -> tuple[int, int, int]:
        """Steps, batch, units."""
        return self.x.shape[1], self.x.shape[0], self.h0.shape[1]

    def empty(self, *shape: int) -> Tensor:
        """Memory of the job's dtype, not set to anything."""
        return torch.empty(shape, dtype=self.x.dtype)

    def states(self) -> Tensor:
        """(T + 1, B, H), unset but for H_0: the first row, or the last one of a scan in reverse."""
        steps, batch, units = self.sizes
        states = self.empty(steps + 1, batch, units)
        states[-1 if self.reverse else 0] = self.h0
        return states

    def project(self, *blocks: slice) -> list[Tensor]:
        """x @ weight_x.T + bias as (T, B, rows) for each block of rows, without a second x in memory."""
        steps, batch, inputs = self.sizes[0], self.sizes[1], self.x.shape[2]
        weights = [(self.weight_x[block].t(), self.bias[block]) for block in blocks]
        found = [self.empty(steps, batch, len(bias)) for _, bias in weights]
        piece = steps if batch == 1 else max(1, PIECE // (batch * inputs))
        for start in range(0, steps, piece):
            part = self.x[:, start : start + piece].transpose(0, 1).reshape(-1, inputs)
            for out, (weight, bias) in zip(found, weights, strict=True):
                torch.addmm(bias, part, weight, out=out[start : start + piece].view(len(part), -1))
        return found


@dataclass(frozen=True)
class Scanned:
    """The outcome, (T, B, H) each; H and H_prev are views of states (T + 1, B, H).

    A gate that nothing forces is one tensor under two names. Q = H_prev @ W_hh + b_hh, kept for the
    gradient in reset mode "after" only.
    """

    R: Tensor
    R_proposed: Tensor
    Z: Tensor
    Z_proposed: Tensor
    H_tilde: Tensor
    states: Tensor
    reverse: bool
    Q: Tensor | None = None

    @property
    def H(self) -> Tensor:
        """The state after each step."""
        return self.states[:-1] if self.reverse else self.states[1:]

    @property
    def H_prev(self) -> Tensor:
        """The state that each step found."""
        return self.states[1:] if self.reverse else self.states[:-1]


@dataclass(frozen=True)
class OutputGradients:
    """d loss / d output, (T, B, H) contiguous, or None for an output that the loss does not use."""

    R: Tensor | None
    Z: Tensor | None
    H_tilde: Tensor | None
    H: Tensor | None


@dataclass(frozen=True)
class InnerGradients:
    """d loss / d of what stands inside: all other gradients are products with these.

    A (T, B, 3H): the arguments of the three activations, blocks r, z, h; Q (T, B, H) in reset mode
    "after"; h0 (B, H).
    """

    A: Tensor
    Q: Tensor | None
    h0: Tensor
