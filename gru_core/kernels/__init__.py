"""Two engines for one recurrence, and which of them runs.

    job.py       what goes in and what comes out
    eager.py     plain torch, always there
    native.py    the compiled kernels and the threads they run on
    compiled.py  the kernels, made of activations.py, products.py and meeting.py

`GATESCOPE_KERNEL` decides: `torch` or `numba` insists on one; unset or `auto` takes the compiled kernels
as soon as they are ready and torch until then, so that nobody waits for a compiler. The two agree to
1e-6 in float32 and 1e-12 in float64.
"""

from gru_core.kernels.choice import Engine, engine, engine_name, warm_kernels

__all__ = ["Engine", "engine", "engine_name", "warm_kernels"]
