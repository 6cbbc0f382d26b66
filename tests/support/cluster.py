"""A real Dask cluster on this machine, for as long as a block lasts."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from distributed import Client

from tests.support.server import ROOT, free_port

START_SECONDS = 120.0
IDLE_SECONDS = "600"


class ClusterDiedError(RuntimeError):
    """A process of the cluster ended by itself or never got ready; the message carries its log."""


@dataclass(frozen=True)
class Cluster:
    """Where its scheduler answers, and its processes: those of the workers, or of the nannies they have."""

    address: str
    scheduler: subprocess.Popen[bytes]
    workers: tuple[subprocess.Popen[bytes], ...]
    folder: Path

    @property
    def pids(self) -> tuple[int, ...]:
        return tuple(worker.pid for worker in self.workers)

    def log(self) -> str:
        """What its processes wrote."""
        return "\n".join(file.read_text(errors="replace") for file in sorted(self.folder.glob("*.log")))

    def left(self) -> dict[str, list[str]]:
        """What the scheduler keeps for its clients, and which clients it has beside this question's."""
        with Client(self.address, set_as_default=False) as client:
            kept: dict[str, list[str]] = client.run_on_scheduler(_counting())
            kept["clients"].remove(client.id)
        return {kind: names for kind, names in kept.items() if names}


def _counting() -> Callable[..., dict[str, list[str]]]:
    """A function for the scheduler, which does not know this file: inner functions are sent whole."""

    def kept(dask_scheduler: Any) -> dict[str, list[str]]:
        extensions = dask_scheduler.extensions
        return {
            "tasks": [str(key) for key in dask_scheduler.tasks],
            "queues": list(extensions["queues"].queues),
            "variables": list(extensions["variables"].variables),
            "events": list(extensions["events"]._events),
            "clients": [name for name in dask_scheduler.clients if name != "fire-and-forget"],
        }

    return kept


@contextmanager
def two_workers(*, nanny: bool = False) -> Iterator[Cluster]:
    """A scheduler and two workers of one thread each that know this project, ready for work."""
    with cluster(2, nanny=nanny) as running:
        yield running


@contextmanager
def cluster(
    workers: int, *, nanny: bool = False, project: Path = ROOT, port: int | None = None
) -> Iterator[Cluster]:
    """A scheduler, on a free port unless one is given, and its workers, which import from `project`.

    The scheduler does not know this project. All of them are ended afterwards.

    Raises:
        ClusterDiedError: they did not come up.
    """
    with tempfile.TemporaryDirectory(prefix="gatescope-cluster-") as name:
        folder, port = Path(name), port or free_port()
        address = f"tcp://127.0.0.1:{port}"
        # Should the tests be killed, it ends by itself when it has had nothing to do for long.
        options = ["--host", "127.0.0.1", "--port", str(port), "--idle-timeout", IDLE_SECONDS]
        scheduler = _start(folder, "scheduler", options, folder)
        processes = [scheduler]
        try:
            _wait(folder, "scheduler", "Scheduler at:", scheduler)
            options = ["--nthreads", "1", "--memory-limit", "0", "--local-directory", name]
            options += ["--nanny" if nanny else "--no-nanny"]
            for number in range(workers):
                processes.append(_start(folder, f"worker-{number}", [address, *options], project))
            for number in range(workers):
                _wait(folder, f"worker-{number}", "Registered to:", processes[number + 1])
            yield Cluster(address, scheduler, tuple(processes[1:]), folder)
        finally:
            for process in reversed(processes):
                _stop(process)


def _start(folder: Path, name: str, options: list[str], project: Path) -> subprocess.Popen[bytes]:
    part = name.partition("-")[0]
    with (folder / f"{name}.log").open("wb") as log:
        return subprocess.Popen(
            [
                sys.executable,
                "-m",
                f"distributed.cli.dask_{part}",
                "--dashboard-address",
                "127.0.0.1:0",
                *options,
            ],
            cwd=project,
            env={**os.environ, "PYTHONPATH": str(project), "DASK_TEMPORARY_DIRECTORY": str(folder)},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


def _wait(folder: Path, name: str, sign: str, process: subprocess.Popen[bytes]) -> None:
    log, deadline = folder / f"{name}.log", time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        if sign in log.read_text(errors="replace"):
            return
        time.sleep(0.05)
    raise ClusterDiedError(log.read_text(errors="replace"))


def _stop(process: subprocess.Popen[bytes]) -> None:
    """End a process and what it started."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
