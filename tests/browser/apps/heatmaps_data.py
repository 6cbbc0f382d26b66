"""Made-up gates and states that the page under test and the test both compute, to be compared."""

from __future__ import annotations

from typing import Any

import numpy as np


def example(steps: int, units: int, flipped: bool = False) -> dict[str, Any]:
    """R, Z, H_tilde, H (time, units) with H = Z * H_prev + (1 - Z) * H_tilde, and two kinds of output."""
    step = np.arange(steps)[:, None]
    unit = np.arange(units)[None, :]
    scale = 2 + 40 * (unit / max(units - 1, 1)) ** 2
    r = 0.5 + 0.5 * np.sin(step / 3 + unit)
    z = 1 - (0.5 + 0.5 * np.sin(step / 2 + unit * 0.7)) / np.sqrt(scale)
    candidate = np.tanh(2 * np.sin(step / (1 + unit % 5) + unit * 1.3))
    if flipped:
        r, z = 1 - r, np.clip(z * 0.5, 0, 1)
    h = np.zeros((steps, units))
    before = np.zeros(units)
    for t in range(steps):
        before = z[t] * before + (1 - z[t]) * candidate[t]
        h[t] = before
    logits = np.stack([np.sin(np.arange(steps) / (3 + k) + k) * 3 for k in range(4)], axis=1)
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    truth = np.sin(np.arange(steps) / 7)[:, None]
    return {
        "R": r.astype(np.float32),
        "Z": z.astype(np.float32),
        "H_tilde": candidate.astype(np.float32),
        "H": h.astype(np.float32),
        "probabilities": powers / powers.sum(axis=1, keepdims=True),
        "right": [int(k) if t % 3 == 0 else None for t, k in enumerate(logits.argmax(axis=1))],
        "numbers": truth * 0.9 + 0.05,
        "truth": truth,
    }
