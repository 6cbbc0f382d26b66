"""Many readings run side by side on a few steps: the equations themselves, with one more axis in front."""

from collections.abc import Sequence
from functools import cached_property

import torch
from torch import Tensor

from gru_core.conventions import CanonicalWeights
from gru_core.equations import GateActivation, ResetMode, gru_step
from gru_core.formats.agreement_data import Comparison

STACKED_NUMBERS = 6_000_000
"""Weights that are stacked at once (24 MB as float32)."""


class StackedWeights:
    """The weights of n functions of one size, named as in equations.py: (n, I, H), (n, H, H), (n, 1, H)."""

    def __init__(self, functions: Sequence[CanonicalWeights]) -> None:
        self._functions, self._units = functions, functions[0].weight_h.shape[1]

    def _matrix(self, source: str, gate: int) -> Tensor:
        block = slice(gate * self._units, (gate + 1) * self._units)
        return torch.stack([getattr(one, f"weight_{source}")[block].T for one in self._functions])

    def _bias(self, gate: int) -> Tensor:
        block = slice(gate * self._units, (gate + 1) * self._units)
        return torch.stack([one.bias[block] for one in self._functions])[:, None]

    @cached_property
    def W_xr(self) -> Tensor:
        return self._matrix("x", 0)

    @cached_property
    def W_xz(self) -> Tensor:
        return self._matrix("x", 1)

    @cached_property
    def W_xh(self) -> Tensor:
        return self._matrix("x", 2)

    @cached_property
    def W_hr(self) -> Tensor:
        return self._matrix("h", 0)

    @cached_property
    def W_hz(self) -> Tensor:
        return self._matrix("h", 1)

    @cached_property
    def W_hh(self) -> Tensor:
        return self._matrix("h", 2)

    @cached_property
    def b_r(self) -> Tensor:
        return self._bias(0)

    @cached_property
    def b_z(self) -> Tensor:
        return self._bias(1)

    @cached_property
    def b_h(self) -> Tensor:
        return self._bias(2)

    @cached_property
    def b_hh(self) -> Tensor:
        zeros = torch.zeros_like(self._functions[0].bias[: self._units])
        return torch.stack([zeros if one.bias_hh is None else one.bias_hh for one in self._functions])[
            :, None
        ]


@torch.no_grad()
def screened(
    functions: Sequence[CanonicalWeights],
    starts: Sequence[Tensor | None],
    view: Comparison,
    reset_mode: ResetMode,
    gate_activation: GateActivation,
) -> list[float]:
    """The largest difference of each function from the view's output, over all of the view's steps.

    functions  of one reset mode and gate activation and of equal sizes and number types
    starts     the state before the first step (units,) that each brings along, or None
    """
    weights = StackedWeights(functions)
    dtype = functions[0].weight_h.dtype
    x, expected = view.in_reading_order(dtype)
    zeros = torch.zeros(view.units, dtype=dtype)
    H = torch.stack([zeros if start is None else start.to(dtype) for start in starts])[:, None]
    if view.h0 is not None:
        H = view.h0.to(dtype)[None]
    H = H.expand(len(functions), x.shape[0], view.units)
    worst = torch.zeros(len(functions), dtype=torch.float64)
    for t in range(x.shape[1]):
        H = gru_step(x[:, t].expand(len(functions), -1, -1), H, weights, reset_mode, gate_activation)[3]
        if expected.ndim == 3 or t == x.shape[1] - 1:
            wanted = expected[:, t] if expected.ndim == 3 else expected
            worst = torch.maximum(worst, (H.double() - wanted).abs().amax(dim=(1, 2)))
    return worst.tolist()


def most_at_once(function: CanonicalWeights) -> int:
    """How many functions of that size are stacked at once."""
    return max(1, STACKED_NUMBERS // (function.weight_x.numel() + function.weight_h.numel()))
