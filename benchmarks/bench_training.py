"""Training: one update against torch's own layers, and the default training of the app.

`python -m benchmarks.bench_training`. An update is forward, loss, backward, clipping and Adam, as `train`
does them, on a batch that is drawn beforehand; the other model is torch.nn.GRU with a Linear. Both are on one
thread, as in a worker, and in turns in one run; the number is the median ratio.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import torch
from torch import nn

from benchmarks.in_turns import at_most, print_rows, ratio, stated, timed
from gru_core.limits import MAX_TRAIN_UPDATES
from gru_core.scan import warm_kernels
from gru_core.tasks.base import Batch
from gru_core.tasks.remember import RememberFirst
from gru_core.training import Ended, Measured, train
from gru_core.training_spec import TrainSpec

BATCH, UNITS, STEPS = 64, (32, 64), (20, 100)
MODES = ("before", "after")
UPDATE_LIMIT = 0.8
UPDATES = 4  # in one turn

SEEDS = range(10)
WAIT = 50  # letters between the one to remember and the question
DEFAULT_LIMIT = 20.0  # seconds
LEARNED = 0.99


def rows() -> list[dict[str, Any]]:
    """One dictionary per promise: name, measured, limit, ok."""
    return list(measure())


def measure() -> Iterator[dict[str, Any]]:
    """The rows, as they are found."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield stated("engine of trainings", warm_kernels())
        yield from _updates()
        yield from _default_training()
    finally:
        torch.set_num_threads(threads)


def _updates() -> Iterator[dict[str, Any]]:
    for steps in STEPS:
        for units in UNITS:
            for mode in MODES:
                task = _SameBatch(steps, steps, "last step")
                found = ratio(timed(_torch_updates(task, units)), _own_updates(task, units, mode))
                name = f"training update / nn.GRU, T={steps} B={BATCH} I=8 H={units}, reset {mode}"
                yield at_most(name, found, UPDATE_LIMIT)


@dataclass(frozen=True)
class _SameBatch(RememberFirst):
    """The same batch every time, and one sequence to be measured on: an update is all that takes time."""

    @cached_property
    def drawn(self) -> Batch:
        return RememberFirst.batch(self, BATCH, torch.Generator().manual_seed(0))

    def batch(self, size: int, generator: torch.Generator) -> Batch:
        return self.drawn

    def held_out(self, size: int, generator: torch.Generator) -> Batch:
        return RememberFirst.batch(self, 1, generator)


def _own_updates(task: _SameBatch, units: int, mode: Any) -> Callable[[], float]:
    """Each call does UPDATES updates of one training, and gives their seconds as the training tells them."""
    spec = TrainSpec(
        hidden_size=units,
        batch_size=BATCH,
        reset_mode=mode,
        steps=MAX_TRAIN_UPDATES,
        evaluate_every=UPDATES,
        snapshots=2,
    )
    measured = (event for event in train(task, spec) if isinstance(event, Measured))
    so_far = next(measured).update_seconds

    def seconds() -> float:
        nonlocal so_far
        before, so_far = so_far, next(measured).update_seconds
        return so_far - before

    return seconds


def _torch_updates(task: _SameBatch, units: int) -> Callable[[], object]:
    gru, readout = nn.GRU(8, units, batch_first=True), nn.Linear(units, 8)
    learned = [*gru.parameters(), *readout.parameters()]
    optimiser = torch.optim.Adam(learned, lr=0.01)

    def update() -> float:
        batch = task.drawn
        optimiser.zero_grad()
        output = readout(gru(batch.x)[0])
        loss = nn.functional.cross_entropy(output[batch.mask], batch.target[batch.mask])
        loss.backward()
        nn.utils.clip_grad_norm_(learned, 1.0)
        optimiser.step()
        return float(loss.detach())

    return lambda: [update() for _ in range(UPDATES)]


def _default_training() -> Iterator[dict[str, Any]]:
    """A person's first training: everything as the page opens, another seed each time."""
    task = RememberFirst(WAIT + 1, WAIT + 1, "last step")
    took, scores = [], []
    for seed in SEEDS:
        start = time.perf_counter()
        ended = list(train(task, TrainSpec(seed=seed)))[-1]
        took.append(time.perf_counter() - start)
        assert isinstance(ended, Ended)
        scores.append(ended.score)
    name = f"default training, remember over {WAIT} letters"
    yield at_most(f"{name}: slowest of {len(SEEDS)} seeds, s", max(took), DEFAULT_LIMIT)
    learned = sum(score >= LEARNED for score in scores)
    yield {
        "name": f"{name}: seeds of {len(SEEDS)} that reach {LEARNED:.0%}",
        "measured": learned,
        "limit": len(SEEDS),
        "ok": learned == len(SEEDS),
    }


if __name__ == "__main__":
    print_rows(measure())
