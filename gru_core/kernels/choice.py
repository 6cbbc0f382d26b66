"""Which engine runs a scan, and how the compiled one gets ready without anybody waiting."""

import importlib
import importlib.util
import logging
import os
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Protocol, cast

from gru_core.errors import InputError
from gru_core.kernels import eager
from gru_core.kernels.job import InnerGradients, Job, OutputGradients, Scanned

CHOICE = "GATESCOPE_KERNEL"
DELAY = 0.3  # seconds


class Engine(Protocol):
    """What eager.py and native.py both are."""

    def forward(self, job: Job, for_gradient: bool) -> Scanned: ...

    def backward(self, job: Job, found: Scanned, given: OutputGradients) -> InnerGradients: ...


class _Native:
    """The compiled engine of this process: absent, on its way, or there. Safe to ask from any thread.

    Compiling takes some ten seconds of a core, once per machine: another process does it and leaves the
    result in numba's cache. Loading from there takes about half a second: a thread does it.
    """

    def __init__(self) -> None:
        self._engine: Engine | None = None
        self._failed = False
        self._compiler: subprocess.Popen[bytes] | None = None
        self._loader: threading.Thread | None = None
        self._lock = threading.Lock()  # guards the three above
        self._loading = threading.Lock()  # held while loading, so that it is done once

    def now(self) -> Engine | None:
        """The engine if it is there; otherwise sees that it comes, and returns None at once."""
        if self._engine is not None or self._failed:
            return self._engine
        with self._lock:
            if self._loader is not None:
                return None
            if self._compiler is None and not _probably_cached():
                self._start_compiler()
            elif self._compiler is None or self._compiler.poll() is not None:
                self._loader = threading.Thread(target=self._load_soon, name="load kernels")
                self._loader.start()
        return None

    def wait(self) -> Engine | None:
        """The engine, compiled or loaded here and now; None on a machine without it."""
        with self._loading:
            if self._engine is None and not self._failed:
                try:
                    self._engine = cast(Engine, importlib.import_module("gru_core.kernels.native"))
                except (
                    Exception
                ) as reason:  # no numba, one that does not suit this machine, no room for its cache
                    logging.getLogger(__name__).info("Scans stay on the torch engine: %r", reason)
                    self._failed = True
        return self._engine

    def _load_soon(self) -> None:
        """Loads when the scan that asked is probably over: importing holds up every small operation of it."""
        for _ in range(10):
            time.sleep(DELAY / 10)
            if not threading.main_thread().is_alive():
                return  # the program is over and must not wait for this
        self.wait()

    def _start_compiler(self) -> None:
        root = Path(__file__).parents[2]
        try:
            self._compiler = subprocess.Popen(
                [sys.executable, "-c", "import gru_core.kernels.native"],
                cwd=root, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            )  # fmt: skip
        except OSError:
            self._failed = True


_NATIVE = _Native()


def engine() -> Engine:
    """The engine for the next scan. Raises InputError for an unknown GATESCOPE_KERNEL."""
    choice = os.environ.get(CHOICE, "auto")
    if choice == "torch":
        return cast(Engine, eager)
    if choice == "auto":
        return _NATIVE.now() or cast(Engine, eager)
    if choice == "numba":
        native = _NATIVE.wait()
        if native is None:
            raise InputError(
                f"{CHOICE}=numba needs numba, which does not work here: install it, or unset {CHOICE}."
            )
        return native
    raise InputError(f"{CHOICE} must be auto, torch or numba, got {choice!r}.")


def engine_name() -> str:
    """ "numba" or "torch": what the next scan runs on."""
    return "torch" if engine() is eager else "numba"


def warm_kernels() -> str:
    """Makes the compiled kernels ready, waiting for it; returns the name of the engine that scans will use.

    Some ten seconds the first time on a machine, half a second later. Called by the set-up and before
    the server takes its first request.
    """
    if os.environ.get(CHOICE, "auto") != "torch":
        _NATIVE.wait()
    return engine_name()


def _probably_cached() -> bool:
    """Whether numba's cache beside the kernels looks newer than they are. A wrong guess costs time only."""
    if importlib.util.find_spec("numba") is None:
        return True  # nothing to compile: the loader will find out
    source = Path(__file__).with_name("compiled.py")
    found = [*source.parent.glob("__pycache__/compiled._entry_points.locals.backward-*.nbi")]
    return any(index.stat().st_mtime > source.stat().st_mtime for index in found)
