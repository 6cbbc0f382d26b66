"""The recurrence by the compiled kernels: lays the arrays out, shares the work among threads.

Importing this file imports numba and compiles the kernels, or loads them from their cache.
"""

import os
import threading
from collections.abc import Callable
from itertools import pairwise

import numpy as np
import torch
from numpy.typing import NDArray

from gru_core.kernels import compiled
from gru_core.kernels.job import HARD_SLOPES, InnerGradients, Job, OutputGradients, Scanned
from gru_core.kernels.meeting import SLOT
from gru_core.kernels.products import TILE_ROWS

Array = NDArray[np.floating]

# A thread costs about 0.1 ms to start, which is some 8 million multiplications and additions here.
ENOUGH_FOR_THREADS = 3e7
# From here the recurrent weights outgrow the cache nearest to a core, and each core better keeps its share.
UNITS_TO_SHARE = 256


def forward(job: Job, for_gradient: bool) -> Scanned:
    """The scan, by batch rows or by units on several threads where that pays."""
    steps, batch, units = job.sizes
    keep_r, force_r, keep_z, force_z = (
        _forced(job, name) for name in ("keep_r", "force_r", "keep_z", "force_z")
    )
    # The projections become the gates and the candidate in place.
    blocks = [slice(block * units, (block + 1) * units) for block in range(3)]
    R_proposed, Z_proposed, H_tilde = job.project(*blocks)
    R = job.empty(steps, batch, units) if len(keep_r) else R_proposed
    Z = job.empty(steps, batch, units) if len(keep_z) else Z_proposed
    states = job.states()
    after = job.bias_hh is not None
    Q = job.empty((steps if for_gradient else 1) if after else 0, batch, units)
    RH = job.empty(0 if after else batch, units)
    b_hh = np.zeros(0, _dtype(job)) if job.bias_hh is None else np.ascontiguousarray(job.bias_hh.numpy())
    arrays = [a.numpy() for a in (RH, Q, R, R_proposed, Z, Z_proposed, H_tilde, states)]
    by_batch, by_units = _shares_of_batch(job), _shares_of_units(job)
    shares = [(b0, b1, u0, u1) for b0, b1 in by_batch for u0, u1 in by_units]
    meeting = len(by_units)  # how many wait for each other: 1, or all
    marks = np.zeros(len(shares) * SLOT, np.int64)
    by_gate = job.weight_h.view(3, units, units)
    weights = {u0: by_gate[:, u0:u1].transpose(1, 2).contiguous().numpy() for u0, u1 in by_units}

    def work(index: int) -> None:
        b0, b1, u0, u1 = shares[index]
        done = compiled.forward((
            marks, index, meeting, b0, b1, u0, u1, int(job.reverse), int(after), *_activation(job),
            _row_of_step(job), keep_r, force_r, keep_z, force_z, weights[u0], b_hh, *arrays,
        ))  # fmt: skip
        if not done:
            raise RuntimeError("Another part of this scan failed.")

    _run(work, len(shares), marks)
    return Scanned(
        R, R_proposed, Z, Z_proposed, H_tilde, states, job.reverse, Q if after and for_gradient else None
    )


def backward(job: Job, found: Scanned, given: OutputGradients) -> InnerGradients:
    """Back through time, by batch rows on several threads where that pays."""
    steps, batch, units = job.sizes
    none = np.zeros((0, batch, units), _dtype(job))
    after = found.Q is not None
    A, dQ = job.empty(steps, batch, 3 * units), job.empty(steps if after else 0, batch, units)
    dH = torch.zeros(batch, units, dtype=job.x.dtype)
    scratch = job.empty(4, batch, units).numpy()
    saved = [
        a.numpy() for a in (found.R, found.R_proposed, found.Z, found.Z_proposed, found.H_tilde, found.states)
    ]
    q = none if found.Q is None else found.Q.numpy()
    gradients = [none if g is None else g.numpy() for g in (given.R, given.Z, given.H_tilde, given.H)]
    weight_h = np.ascontiguousarray(job.weight_h.numpy())
    shares = _shares_of_batch(job)

    def work(index: int) -> None:
        b0, b1 = shares[index]
        compiled.backward((
            b0, b1, int(job.reverse), int(after), *_activation(job),
            _row_of_step(job), _forced(job, "keep_r"), _forced(job, "keep_z"),
            weight_h[: 2 * units], weight_h[2 * units :], *saved, q, *gradients,
            A.numpy(), dQ.numpy(), dH.numpy(), scratch,
        ))  # fmt: skip

    _run(work, len(shares), None)
    return InnerGradients(A, dQ if after else None, dH)


def _run(work: Callable[[int], None], workers: int, marks: NDArray[np.int64] | None) -> None:
    """Calls work(0), work(1), ... at the same time, on threads of this call's own, so that no call waits."""
    failures: list[BaseException] = []

    def guarded(index: int) -> None:
        try:
            work(index)
        except BaseException as failure:
            failures.append(failure)
            if marks is not None:  # whoever waits for this worker is told
                marks[index * SLOT] = -1

    helpers = [threading.Thread(target=guarded, args=(index,)) for index in range(1, workers)]
    for helper in helpers:
        helper.start()
    guarded(0)
    for helper in helpers:
        helper.join()
    if failures:
        raise failures[0]


def _shares_of_batch(job: Job) -> list[tuple[int, int]]:
    """Rows b0:b1 for each worker, whole groups of TILE_ROWS but for the last."""
    steps, batch, units = job.sizes
    groups = batch // TILE_ROWS
    workers = min(torch.get_num_threads(), groups)
    if workers < 2 or 3.0 * steps * batch * units * units < ENOUGH_FOR_THREADS:
        return [(0, batch)]
    edges = [TILE_ROWS * (groups * w // workers) for w in range(workers)] + [batch]
    return list(pairwise(edges))


def _shares_of_units(job: Job) -> list[tuple[int, int]]:
    """Units u0:u1 for each worker. They wait for each other in every step, which pays for many units only."""
    steps, batch, units = job.sizes
    workers = min(torch.get_num_threads(), units // (UNITS_TO_SHARE // 2))
    by_batch = len(_shares_of_batch(job)) > 1
    enough = 3.0 * steps * batch * units * units >= ENOUGH_FOR_THREADS
    if by_batch or workers < 2 or not enough or os.name != "posix":
        return [(0, units)]
    edges = [units * w // workers // 16 * 16 for w in range(workers)] + [units]
    return list(pairwise(edges))


def _dtype(job: Job) -> type[np.floating]:
    return np.float32 if job.x.dtype == torch.float32 else np.float64


def _activation(job: Job) -> tuple[int, Array]:
    slope = HARD_SLOPES.get(job.activation)
    return int(slope is not None), np.array([slope or 0.0], _dtype(job))


def _row_of_step(job: Job) -> NDArray[np.int64]:
    rows = np.zeros(0, np.int64) if job.forced is None else job.forced.rows
    return np.array(rows, np.int64)


def _forced(job: Job, name: str) -> Array:
    """keep or force of a gate (n, H); (0, H) tells the kernel that the gate is as learned."""
    values = None if job.forced is None else getattr(job.forced, name)
    return np.zeros((0, job.sizes[2]), _dtype(job)) if values is None else np.array(values, _dtype(job))
