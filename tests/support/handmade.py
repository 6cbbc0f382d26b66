"""Traces made by hand or at random, without a model: the recurrence is written out here once more."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from gru_core.overrides import Direction
from gru_core.trace import GateTrace


def handmade_trace(
    Z: Any,
    R: Any = 0.5,
    H_tilde: Any = 0.0,
    H0: Any = 0.0,
    direction: Direction = "forward",
    dtype: Any = np.float32,
    layer: int = 0,
) -> GateTrace:
    """A consistent trace with the given gates and candidates.

    Z is (batch, time, units) or (time, units); the others are broadcast to it, H0 to (batch, units).
    """
    gates = np.array(Z, dtype=dtype)
    gates = gates[None] if gates.ndim == 2 else gates
    batch, time, units = gates.shape
    candidates = np.broadcast_to(np.array(H_tilde, dtype=dtype), gates.shape).copy()
    resets = np.broadcast_to(np.array(R, dtype=dtype), gates.shape).copy()
    start = np.broadcast_to(np.array(H0, dtype=dtype), (batch, units)).copy()
    states, before = np.empty_like(gates), np.empty_like(gates)
    state: NDArray[Any] = start
    for t in range(time) if direction == "forward" else range(time - 1, -1, -1):
        before[:, t] = state
        state = gates[:, t] * state + (1 - gates[:, t]) * candidates[:, t]
        states[:, t] = state
    return GateTrace(
        X=np.zeros((batch, time, 1), dtype),
        H0=start,
        R=resets,
        Z=gates,
        H_tilde=candidates,
        H=states,
        H_prev=before,
        R_proposed=resets,
        Z_proposed=gates,
        layer=layer,
        direction=direction,
    )


def random_trace(
    seed: int = 0,
    batch: int = 1,
    time: int = 12,
    units: int = 5,
    direction: Direction = "forward",
    dtype: Any = np.float32,
) -> GateTrace:
    """A trace of random gates and candidates, with some gates at exactly 0 or 1."""
    rng = np.random.default_rng(seed)
    shape = (batch, time, units)
    Z = np.clip(rng.uniform(-0.2, 1.2, shape), 0.0, 1.0)
    return handmade_trace(
        Z,
        rng.uniform(0, 1, shape),
        rng.uniform(-1, 1, shape),
        rng.uniform(-1, 1, (batch, units)),
        direction,
        dtype,
    )
