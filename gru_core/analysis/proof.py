"""The proof that the numbers of a trace are right: each symbol beside a second opinion, as one difference.

A GRU that torch.nn.GRU can be is compared with what runs inside torch's own layer (see inside_torch.py), any
other with the equations (equations.py) in the number type of its weights; both with the equations in float64
as well. Every step starts from the H_prev of the trace, and `chain` says how far H_prev is from the H of
the step before: together that is equality over the whole sequence, without the rounding that grows with time.
"""

import copy
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from gru_core.analysis.inside_torch import gates_inside
from gru_core.analysis.twins import has_torch_twin, run_apart, single_layers, to_torch
from gru_core.equations import gru_step
from gru_core.errors import InputError
from gru_core.model import GRU
from gru_core.trace import GateTrace, layer_output

PROOF_STEPS = 200
"""Most steps that are compared, from the first one on."""

PROOF_WORK = 1_000_000_000
"""Most products of a weight and a number in one comparison; a very large GRU is compared on fewer steps."""

WHOLE_RUN_STEPS = 1_000
"""Longest sequence for which torch's own layer also runs from the first step to the last."""

ROUNDINGS = 256
"""A few hundred roundings of numbers around 1: float32 leaves some 1e-6, a wrong equation some 1e-1."""

MOST_ROUNDING = 1e-3
"""What rounding may leave at most: with more, a wrong equation could pass for rounding."""

Against = Literal["torch.nn.GRU", "equations"]
SYMBOL_NAMES = ("R", "Z", "H_tilde", "H")


@dataclass(frozen=True)
class Difference:
    """One symbol: the largest absolute difference over all layers, steps compared and units.

    first   to what `ModelProof.against` says
    double  to the equations in float64
    """

    symbol: str
    first: float
    double: float


@dataclass(frozen=True)
class ModelProof:
    """The evidence for one model on one sequence, with the gates as learned.

    against      what the symbols were compared with first
    dtype        the number type of the trace, "float32"
    differences  R, Z, H~ and H, in this order
    chain        largest difference between H_prev and the H of the step before (H_0 at the first), and
                 between what a layer read and what the one below gave; exactly 0 where the trace is right
    steps, of_steps   how many steps were compared, and how many the sequence has
    tolerance    what rounding may leave in a difference: more where the sums inside a gate are large, up to
                 MOST_ROUNDING
    whole_run    last layer's largest difference when torch's own layer runs by itself from H_0 to the end;
                 None where torch has no such layer or the sequence is long
    """

    against: Against
    dtype: str
    differences: tuple[Difference, ...]
    chain: float
    steps: int
    of_steps: int
    tolerance: float
    whole_run: float | None = None

    @property
    def largest(self) -> float:
        """The largest difference to the first second opinion, of all symbols."""
        return max(entry.first for entry in self.differences)

    @property
    def holds(self) -> bool:
        """Whether every difference is within rounding, and the steps hang together exactly."""
        found = [value for entry in self.differences for value in (entry.first, entry.double)]
        # Written so that a NaN does not hold.
        return self.chain == 0.0 and all(value <= self.tolerance for value in found)


@torch.no_grad()
def prove_model(gru: GRU, traces: Sequence[GateTrace]) -> ModelProof:
    """The proof for what `trace` returned for a GRU without overrides.

    Raises InputError where this version of PyTorch does not show what runs inside torch.nn.GRU, and where
    the sums inside a gate are so large that rounding could be taken for a wrong equation or hide one.
    """
    count = _steps(gru, traces)
    by_torch = has_torch_twin(gru)
    twin = to_torch(gru) if by_torch else None
    singles = single_layers(twin) if twin is not None else []
    first, double = np.zeros(4), np.zeros(4)
    sums = 0.0
    for index, t in enumerate(traces):
        X, H_prev = (torch.tensor(a[:, :count].reshape(-1, a.shape[-1])) for a in (t.X, t.H_prev))
        shown = [getattr(t, name)[:, :count].reshape(-1, t.units) for name in SYMBOL_NAMES]
        cell = gru.cell(index)
        exact = copy.deepcopy(cell).double()
        in_double = gru_step(X.double(), H_prev.double(), exact, gru.reset_mode, gru.gate_activation)
        if twin is not None:
            others = [a[:, 0] for a in gates_inside(singles[index], X[:, None], H_prev[None])]
        else:
            others = list(gru_step(X, H_prev, cell, gru.reset_mode, gru.gate_activation))
        first = np.maximum(first, _apart(shown, others))
        double = np.maximum(double, _apart(shown, in_double))
        sums = max(sums, _largest_sum(X, H_prev, exact.weight_x, exact.weight_h))
    whole = None
    if twin is not None and traces[0].steps <= WHOLE_RUN_STEPS and _work(gru, traces[0].steps) <= PROOF_WORK:
        whole = run_apart(twin, traces)
    chain, epsilon = _chain(traces), float(np.finfo(traces[0].H.dtype).eps)
    rounding, worst = max(ROUNDINGS, sums) * epsilon, float(np.maximum(first, double).max())
    if chain == 0.0 and MOST_ROUNDING < worst <= rounding:
        raise InputError(
            f"The numbers inside a gate reach {sums:.1e} on this sequence, of which rounding of "
            f"{traces[0].H.dtype} may leave {rounding:.1e}: right and wrong gates cannot be told apart by "
            "that. Standardise the inputs."
        )
    return ModelProof(
        against="torch.nn.GRU" if by_torch else "equations",
        dtype=str(traces[0].H.dtype),
        differences=tuple(map(Difference, SYMBOL_NAMES, first.tolist(), double.tolist())),
        chain=chain,
        steps=count,
        of_steps=traces[0].steps,
        tolerance=min(rounding, MOST_ROUNDING),
        whole_run=whole,
    )


def step_difference(gru: GRU, traces: Sequence[GateTrace]) -> float:
    """max |H_t - gru_step(X_t, H_prev_t)| over all layers, directions, steps and units."""
    apart = 0.0
    for index, t in enumerate(traces):
        X = torch.tensor(t.X.reshape(-1, t.X.shape[-1]))
        H_prev = torch.tensor(t.H_prev.reshape(-1, t.units))
        H = gru_step(X, H_prev, gru.cell(index), gru.reset_mode, gru.gate_activation)[3]
        apart = max(apart, float(np.abs(t.H - H.numpy().reshape(t.H.shape)).max()))
    return apart


def _work(gru: GRU, steps: int) -> int:
    return steps * sum(parameter.numel() for parameter in gru.parameters())


def _steps(gru: GRU, traces: Sequence[GateTrace]) -> int:
    """How many steps are compared: all, PROOF_STEPS, or what the work allows."""
    most = PROOF_WORK // (_work(gru, 1) * traces[0].R.shape[0])
    return max(1, min(traces[0].steps, PROOF_STEPS, most))


def _apart(shown: Sequence[NDArray[np.floating]], others: Sequence[Tensor]) -> NDArray[np.float64]:
    """The largest difference of each symbol; a NaN on either side stays one."""
    pairs = zip(shown, others, strict=True)
    return np.array([np.abs(one.astype(np.float64) - other.double().numpy()).max() for one, other in pairs])


def _largest_sum(X: Tensor, H_prev: Tensor, weight_x: Tensor, weight_h: Tensor) -> float:
    """The largest sum of |input x weight| inside one gate of one step: rounding grows with it."""
    return float((X.double().abs() @ weight_x.abs().T + H_prev.double().abs() @ weight_h.abs().T).max())


def _chain(traces: Sequence[GateTrace]) -> float:
    apart = 0.0
    for t in traces:
        H, before, start = t.H, t.H_prev, t.H0
        if t.direction == "backward":
            H, before = H[:, ::-1], before[:, ::-1]
        came_from = np.concatenate([start[:, None], H[:, :-1]], axis=1)
        apart = max(apart, float(np.abs(before - came_from).max()))
        if t.layer:
            below = layer_output([other for other in traces if other.layer == t.layer - 1])
            apart = max(apart, float(np.abs(t.X - below).max()))
    return apart
