"""Many readings run side by side on a few steps: the equations themselves, with one more axis in front."""

from collections.abc import Sequence
from functools import cached_property

import torch
from torch import Tensor

from gru_core.conventions import CanonicalWeights
from gru_core.equations import GateActivation, ResetMode, gru_step
from gru_core.formats.readings.agreement_data import Comparison

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
    views: Sequence[Comparison],
    reset_mode: ResetMode,
    gate_activation: GateActivation,
) -> list[list[float]]:
    """For each function its largest difference from each view's output, over all of the view's steps.

    functions  of one reset mode and gate activation and of equal sizes and number types
    starts     the state before the first step (units,) that each brings along, or None
    """
    weights = StackedWeights(functions)
    zeros = torch.zeros(views[0].units, dtype=functions[0].weight_h.dtype)
    own = torch.stack([zeros if start is None else start.to(zeros) for start in starts])[:, None]
    found: list[list[float]] = [[0.0] * len(views) for _ in functions]
    alike: dict[tuple[int, int], list[int]] = {}
    for number, view in enumerate(views):
        alike.setdefault((view.steps, view.expected.ndim), []).append(number)
    # Views of as many steps run as one batch, so that the weights are read once for all of them.
    for numbers in alike.values():
        together = [views[number] for number in numbers]
        for number, worst in zip(
            numbers, _worst(weights, own, together, reset_mode, gate_activation), strict=True
        ):
            for entry, value in zip(found, worst, strict=True):
                entry[number] = value
    return found


def _worst(
    weights: StackedWeights,
    own: Tensor,
    views: Sequence[Comparison],
    reset_mode: ResetMode,
    gate_activation: GateActivation,
) -> list[list[float]]:
    """For each view the largest difference of each function; all views have the same number of steps."""
    count, units = len(own), own.shape[-1]
    pairs = [view.in_reading_order(own.dtype) for view in views]
    sizes = [len(x) for x, _ in pairs]
    x, expected = (torch.cat(parts) for parts in zip(*pairs, strict=True))
    states = [
        own.expand(count, size, units) if view.h0 is None else view.h0.to(own).expand(count, size, units)
        for view, size in zip(views, sizes, strict=True)
    ]
    H = torch.cat(states, dim=1)
    worst = torch.zeros(count, len(views), dtype=torch.float64)
    for t in range(x.shape[1]):
        H = gru_step(x[:, t].expand(count, -1, -1), H, weights, reset_mode, gate_activation)[3]
        if expected.ndim == 3 or t == x.shape[1] - 1:
            wanted = expected[:, t] if expected.ndim == 3 else expected
            off = (H.double() - wanted).abs().amax(dim=2)
            of_view = torch.stack([part.amax(dim=1) for part in off.split(sizes, dim=1)], dim=1)
            worst = torch.maximum(worst, of_view)
    return worst.T.tolist()


def most_at_once(function: CanonicalWeights) -> int:
    """How many functions of that size are stacked at once."""
    return max(1, STACKED_NUMBERS // (function.weight_x.numel() + function.weight_h.numel()))
