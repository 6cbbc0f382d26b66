"""The recurrence against torch.nn.GRU, which returns H only: `python -m benchmarks.bench_scan`.

Both are timed in turns in one run, and the ratio of each turn is taken, so that a busy machine slows both.
The number of a row is the median ratio. The last row says what the first use costs, as a part of the time
that importing torch takes.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from statistics import median
from typing import Any

import torch

from benchmarks.in_turns import at_most, print_rows, ratio, stated, timed
from gru_core.scan import gru_scan, trace_scan, warm_kernels

Sizes = tuple[int, int, int, int]  # steps, batch, inputs, units

TRACE: tuple[Sizes, ...] = (
    (50, 1, 8, 32),
    (200, 1, 16, 128),
    (200, 32, 16, 128),
    (1000, 1, 64, 512),
    (10_000, 1, 8, 64),
)
TRACE_LIMIT = 1.0
GRADIENT: tuple[Sizes, ...] = ((30, 64, 8, 32), (100, 64, 8, 64), (300, 32, 2, 64))
GRADIENT_LIMIT = 0.8

MODES = ("before", "after")
FIRST_USE_LIMIT = 0.5
FIRST_USE = """
import time
start = time.perf_counter()
import torch
imported = time.perf_counter() - start
from gru_core.scan import trace_scan
x, h0, b = torch.zeros(1, 200, 16), torch.zeros(1, 128), torch.zeros(384)
start = time.perf_counter()
trace_scan(x, h0, torch.zeros(384, 16), torch.zeros(384, 128), b, reset_mode="before")
print((time.perf_counter() - start) / imported)
"""


def rows() -> list[dict[str, Any]]:
    """One dictionary per promise: name, measured, limit, ok."""
    return list(measure())


def measure() -> Iterator[dict[str, Any]]:
    """The rows, as they are found."""
    torch.manual_seed(0)
    yield stated("engine", warm_kernels())
    for sizes in TRACE:
        for mode in MODES:
            found = ratio(*map(timed, _traces(sizes, mode)))
            yield _promise("full trace / nn.GRU forward", sizes, mode, found, TRACE_LIMIT)
    for sizes in GRADIENT:
        for mode in MODES:
            found = ratio(*map(timed, _gradients(sizes, mode)))
            yield _promise("forward + backward / nn.GRU", sizes, mode, found, GRADIENT_LIMIT)
    name = "first trace of a new process, T=200 H=128 / import torch"
    yield at_most(name, median(_first_use() for _ in range(3)), FIRST_USE_LIMIT)


def _first_use() -> float:
    new = subprocess.run([sys.executable, "-c", FIRST_USE], capture_output=True, text=True, check=True)
    return float(new.stdout)


def _traces(sizes: Sizes, mode: str) -> tuple[Callable[[], object], Callable[[], object]]:
    gru, x, given = _setting(sizes, mode)

    def theirs() -> object:
        with torch.no_grad():
            return gru(x)

    return theirs, lambda: trace_scan(x, *given, reset_mode=mode)


def _gradients(sizes: Sizes, mode: str) -> tuple[Callable[[], object], Callable[[], object]]:
    gru, x, given = _setting(sizes, mode)
    own = [a.requires_grad_() for a in given[1:]]

    def step(forward: Callable[[], torch.Tensor], learned: Iterable[torch.Tensor]) -> None:
        for tensor in learned:
            tensor.grad = None
        forward().sum().backward()

    return (
        lambda: step(lambda: gru(x)[0], gru.parameters()),
        lambda: step(lambda: gru_scan(x, *given, reset_mode=mode)[3], own),
    )


def _setting(sizes: Sizes, mode: str) -> tuple[torch.nn.GRU, torch.Tensor, list[torch.Tensor]]:
    """A torch.nn.GRU, an input, and h0, weight_x, weight_h, bias (, bias_hh) of a scan of the same sizes."""
    steps, batch, inputs, units = sizes
    gru = torch.nn.GRU(inputs, units, batch_first=True)
    w_x, w_h, b_x, b_h = (p.detach().clone() for p in gru.parameters())
    given = [torch.zeros(batch, units), w_x, w_h, b_x] + ([b_h[2 * units :]] if mode == "after" else [])
    return gru, torch.randn(batch, steps, inputs), given


def _promise(what: str, sizes: Sizes, mode: str, found: float, limit: float) -> dict[str, Any]:
    steps, batch, inputs, units = sizes
    return at_most(f"{what}, T={steps} B={batch} I={inputs} H={units}, reset {mode}", found, limit)


if __name__ == "__main__":
    print_rows(measure())
