"""Made-up inputs for a model that came without any: simple, seeded, and called what they are."""

import numpy as np

from gru_core.sequences.sequence import Sequence

PROBES = ("impulse", "steps", "noise")


def probe_sequence(kind: str, width: int, steps: int = 60) -> Sequence:
    """A numeric Sequence (steps, width) to try a model on.

    impulse  1 in every input at step 5, else 0: how long is it remembered?
    steps    each input in turn 1 for a while, then -1
    noise    standard normal, the same every time (seed 0)
    """
    values = np.zeros((steps, width), np.float32)
    if kind == "impulse":
        values[min(5, steps - 1)] = 1.0
    elif kind == "steps":
        length = max(steps // (width + 1), 1)
        for column in range(width):
            values[column * length : (column + 1) * length, column] = 1.0
        values[width * length :] = -1.0
    else:
        values[:] = np.random.default_rng(0).standard_normal((steps, width))
    names = tuple(f"input {i + 1}" for i in range(width))
    return Sequence(values, ("",) * steps, names, source=f"probe: {kind}")
