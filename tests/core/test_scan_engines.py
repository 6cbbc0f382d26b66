"""Which engine scans, how the compiled one gets ready, what a failure does, what a trace costs in memory."""

from __future__ import annotations

import subprocess
import sys
import threading
from types import SimpleNamespace
from typing import Any

import pytest
import torch

from gru_core.errors import InputError
from gru_core.kernels import choice, engine
from gru_core.scan import ScanRecord, trace_scan, warm_kernels


def zeros(steps: int, units: int) -> tuple[torch.Tensor, ...]:
    """x, h0, weight_x, weight_h, bias of a scan of one row with two inputs."""
    shapes = ((1, steps, 2), (1, units), (3 * units, 2), (3 * units, units), (3 * units,))
    return tuple(torch.zeros(shape) for shape in shapes)


def test_an_unknown_engine_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GATESCOPE_KERNEL", "fortran")
    with pytest.raises(InputError, match="GATESCOPE_KERNEL must be auto, torch or numba, got 'fortran'"):
        engine()


def test_without_numba_the_torch_engine_carries_on(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> Any:
        raise ImportError(name)

    monkeypatch.setattr(choice.importlib, "import_module", missing)
    monkeypatch.setattr(choice, "_NATIVE", choice._Native())
    monkeypatch.setenv("GATESCOPE_KERNEL", "auto")
    assert warm_kernels() == "torch"
    assert isinstance(trace_scan(*zeros(4, 5), reset_mode="before"), ScanRecord)
    monkeypatch.setenv("GATESCOPE_KERNEL", "numba")
    with pytest.raises(InputError, match="needs numba, which does not work here"):
        engine()


def test_nobody_waits_for_the_kernels(monkeypatch: pytest.MonkeyPatch) -> None:
    native = choice._Native()
    may_go, arrived = threading.Event(), object()

    def slow(name: str) -> Any:
        may_go.wait(60)
        return arrived

    monkeypatch.setattr(choice.importlib, "import_module", slow)
    monkeypatch.setattr(choice, "_probably_cached", lambda: True)
    assert native.now() is None  # starts the loading
    assert native.now() is None
    may_go.set()
    assert native.wait() is arrived
    assert native.now() is arrived


def test_without_a_cache_another_process_compiles(monkeypatch: pytest.MonkeyPatch) -> None:
    native = choice._Native()
    compiler = SimpleNamespace(done=None, poll=lambda: compiler.done)
    monkeypatch.setattr(choice.subprocess, "Popen", lambda *_, **__: compiler)
    monkeypatch.setattr(choice.importlib, "import_module", lambda name: name)
    monkeypatch.setattr(choice, "_probably_cached", lambda: False)
    assert native.now() is None
    assert native.now() is None  # still compiling, and nothing was imported
    assert native._loader is None
    compiler.done = 0
    native.now()
    assert native.wait() == "gru_core.kernels.native"


def test_a_worker_that_fails_stops_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch, "get_num_threads", lambda: 2)
    monkeypatch.setattr("gru_core.kernels.native.ENOUGH_FOR_THREADS", 0.0)
    monkeypatch.setenv("GATESCOPE_KERNEL", "numba")
    warm_kernels()
    native: Any = engine()
    compute = native.compiled.forward

    def fail_in_second(given: tuple[Any, ...]) -> Any:
        if given[1] == 1:
            raise MemoryError("no room")
        return compute(given)

    monkeypatch.setattr(native, "compiled", SimpleNamespace(forward=fail_in_second))
    with pytest.raises((MemoryError, RuntimeError)):
        trace_scan(*zeros(5, 256), reset_mode="before")


def run_apart(code: str) -> str:
    return subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.strip()


@pytest.mark.slow
def test_importing_the_library_does_not_import_numba() -> None:
    assert run_apart("import sys, gru_core, gru_core.scan; print('numba' in sys.modules)") == "False"


@pytest.mark.slow
@pytest.mark.parametrize("name", ["torch", "numba"])
def test_a_trace_takes_the_memory_of_what_it_returns(name: str) -> None:
    code = f"""
import os, resource, sys
os.environ["GATESCOPE_KERNEL"] = "{name}"
import torch
from gru_core.scan import trace_scan, warm_kernels
warm_kernels()
steps, inputs, units = 100_000, 4, 128
x, h0 = torch.zeros(1, steps, inputs), torch.zeros(1, units)
weights = torch.zeros(3 * units, inputs), torch.zeros(3 * units, units), torch.zeros(3 * units)
trace_scan(x[:, :10], h0, *weights, reset_mode="before")
peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
before = peak()
record = trace_scan(x, h0, *weights, reset_mode="before")
print((peak() - before) / (4 * record.R.nbytes))
"""
    # 1 is the four arrays; a projection would be 3/4 more.
    assert float(run_apart(code)) < 1.75
