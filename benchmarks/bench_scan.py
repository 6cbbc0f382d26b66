"""The recurrence against torch.nn.GRU, which returns H only: `python -m benchmarks.bench_scan`.

Both are timed in turns in one run, and the ratio of each turn is taken, so that a busy machine slows both.
The number of a row is the median ratio. The last row says what the first use costs, as a part of the time
that importing torch takes.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from statistics import median
from typing import Any

import torch

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
TRAINING: tuple[Sizes, ...] = ((20, 64, 8, 32), (20, 64, 8, 64), (100, 64, 8, 32), (100, 64, 8, 64))
TRAINING_LIMIT = 0.8

SECONDS = 1.0  # per row
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
    yield _stated("engine", warm_kernels())
    for sizes in TRACE:
        for mode in MODES:
            ratio = _ratio(*_traces(sizes, mode))
            yield _promise("full trace / nn.GRU forward", sizes, mode, ratio, TRACE_LIMIT)
    for sizes in GRADIENT:
        for mode in MODES:
            ratio = _ratio(*_gradients(sizes, mode))
            yield _promise("forward + backward / nn.GRU", sizes, mode, ratio, GRADIENT_LIMIT)
    for sizes in TRAINING:
        ratio = _ratio(*_gradients(sizes, "before", training=True))
        yield _promise("training step / nn.GRU", sizes, "before", ratio, TRAINING_LIMIT)
    name = "first trace of a new process, T=200 H=128 / import torch"
    yield _at_most(name, median(_first_use() for _ in range(3)), FIRST_USE_LIMIT)


def _first_use() -> float:
    new = subprocess.run([sys.executable, "-c", FIRST_USE], capture_output=True, text=True, check=True)
    return float(new.stdout)


def _traces(sizes: Sizes, mode: str) -> tuple[Callable[[], object], Callable[[], object]]:
    gru, x, given = _setting(sizes, mode)

    def theirs() -> object:
        with torch.no_grad():
            return gru(x)

    return theirs, lambda: trace_scan(x, *given, reset_mode=mode)


def _gradients(
    sizes: Sizes, mode: str, training: bool = False
) -> tuple[Callable[[], object], Callable[[], object]]:
    gru, x, given = _setting(sizes, mode)
    own = [a.requires_grad_() for a in given[1:]]
    optimisers = (torch.optim.Adam(gru.parameters()), torch.optim.Adam(own))

    def step(forward: Callable[[], torch.Tensor], optimiser: torch.optim.Optimizer) -> None:
        optimiser.zero_grad()
        H = forward()
        (H.square().mean() if training else H.sum()).backward()
        if training:
            optimiser.step()

    return (
        lambda: step(lambda: gru(x)[0], optimisers[0]),
        lambda: step(lambda: gru_scan(x, *given, reset_mode=mode)[3], optimisers[1]),
    )


def _setting(sizes: Sizes, mode: str) -> tuple[torch.nn.GRU, torch.Tensor, list[torch.Tensor]]:
    """A torch.nn.GRU, an input, and h0, weight_x, weight_h, bias (, bias_hh) of a scan of the same sizes."""
    steps, batch, inputs, units = sizes
    gru = torch.nn.GRU(inputs, units, batch_first=True)
    w_x, w_h, b_x, b_h = (p.detach().clone() for p in gru.parameters())
    given = [torch.zeros(batch, units), w_x, w_h, b_x] + ([b_h[2 * units :]] if mode == "after" else [])
    return gru, torch.randn(batch, steps, inputs), given


def _ratio(theirs: Callable[[], object], mine: Callable[[], object]) -> float:
    for function in (theirs, mine):
        function()
    ratios: list[float] = []
    end = time.perf_counter() + SECONDS
    while time.perf_counter() < end or len(ratios) < 5:
        start = time.perf_counter()
        theirs()
        between = time.perf_counter()
        mine()
        ratios.append((time.perf_counter() - between) / (between - start))
    return median(ratios)


def _promise(what: str, sizes: Sizes, mode: str, ratio: float, limit: float) -> dict[str, Any]:
    steps, batch, inputs, units = sizes
    return _at_most(f"{what}, T={steps} B={batch} I={inputs} H={units}, reset {mode}", ratio, limit)


def _at_most(name: str, measured: float, limit: float) -> dict[str, Any]:
    return {"name": name, "measured": measured, "limit": limit, "ok": measured <= limit}


def _stated(name: str, measured: str) -> dict[str, Any]:
    return {"name": name, "measured": measured, "limit": None, "ok": True}


if __name__ == "__main__":
    for row in measure():
        measured = row["measured"] if isinstance(row["measured"], str) else f"{row['measured']:.3f}"
        print(
            f"{'ok ' if row['ok'] else 'NOT'}  {measured:>8}  {row['limit'] or '':>5}  {row['name']}",
            flush=True,
        )
