"""Gradient flow against torch's autograd: `python -m benchmarks.bench_gradients`.

Both give the size of d H_T / d H_t for every t. Autograd does it as one would with torch: a GRUCell step by
step, and one batched backward pass with a row per unit, in float32, which ends in 0 where ours goes on. The
two are timed in turns in one run; the number of a row is the median ratio. The last rows say what a long and
wide run takes, and the memory it adds.
"""

from __future__ import annotations

import time
import tracemalloc
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import torch

from benchmarks.in_turns import at_most, print_rows, ratio, stated, timed
from gru_core.analysis.flow import state_flow
from gru_core.analysis.jacobian import StepDerivatives
from gru_core.model import GRU
from gru_core.trace import trace

SIZES = ((100, 16), (200, 64), (200, 128))
LIMIT = 0.7
LONG, WIDE = 2_000, 256


def rows() -> list[dict[str, Any]]:
    """One dictionary per promise: name, measured, limit, ok."""
    return list(measure())


def measure() -> Iterator[dict[str, Any]]:
    """The rows, as they are found."""
    torch.manual_seed(0)
    torch.set_num_threads(1)
    for steps, units in SIZES:
        mine, theirs = _both(steps, units)
        expected = theirs()
        np.testing.assert_allclose((10 ** mine())[expected > 1e-12], expected[expected > 1e-12], rtol=1e-3)
        found = ratio(timed(theirs), timed(mine))
        yield at_most(f"sizes of dH_T/dH_t / autograd, T={steps} H={units}", found, LIMIT)
    gru = GRU(16, WIDE)
    x = np.random.default_rng(0).normal(size=(LONG, 16)).astype(np.float32)
    way = StepDerivatives(gru, trace(gru, x)[0], dtype=np.float32)
    start = time.perf_counter()
    state_flow(way, WIDE, inputs=16)
    yield stated(f"seconds of one line, T={LONG:,} H={WIDE}, every unit", time.perf_counter() - start)
    tracemalloc.start()
    state_flow(way, WIDE, last=200, inputs=16)
    yield at_most(f"megabytes beside the trace, H={WIDE}", tracemalloc.get_traced_memory()[1] / 1e6, 20)
    tracemalloc.stop()


def _both(steps: int, units: int) -> tuple[Callable[[], Any], Callable[[], Any]]:
    """log10 of the sizes by flow, and the sizes by autograd (time,)."""
    layer = torch.nn.GRU(8, units, batch_first=True)
    cell = torch.nn.GRUCell(8, units)
    cell.load_state_dict({name.removesuffix("_l0"): value for name, value in layer.state_dict().items()})
    gru, x = GRU.from_torch(layer), torch.randn(steps, 8)

    def mine() -> Any:
        return state_flow(StepDerivatives(gru, trace(gru, x)[0]), units).state

    def theirs() -> Any:
        states = [torch.zeros(1, units, requires_grad=True)]
        for step in range(steps):
            states.append(cell(x[step : step + 1], states[-1]))
        eye = torch.eye(units)[:, None]
        found = torch.autograd.grad(states[-1], states[1:-1], eye, is_grads_batched=True)
        sizes = [float(matrix.square().sum().sqrt()) for matrix in found]
        return np.array([*sizes, units**0.5])

    return mine, theirs


if __name__ == "__main__":
    print_rows(measure())
