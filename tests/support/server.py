"""Starts the real server as people do, waits until it answers, and ends it: for tests and benchmarks."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
HEALTH = "/_stcore/health"
# Generous: on a busy machine the first start also compiles the kernels.
START_SECONDS = 180.0


class ServerDiedError(RuntimeError):
    """The server ended by itself or never answered; the message carries its log."""


@dataclass(frozen=True)
class Server:
    """A running server: where it answers, its process, and the file it writes its log to."""

    url: str
    process: subprocess.Popen[bytes]
    log_file: Path

    @property
    def port(self) -> int:
        return int(self.url.rsplit(":", 1)[1])

    def log(self) -> str:
        return self.log_file.read_text(encoding="utf-8", errors="replace")

    def memory(self) -> int:
        """Resident memory in bytes (Linux only, where /proc tells)."""
        pages = int(Path(f"/proc/{self.process.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE")

    def cpu_seconds(self) -> float:
        """Processor time used so far, user and system (Linux only)."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def free_port() -> int:
    """A port on which nobody listens at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def command_for(script: Path | None, port: int, plain: bool = False) -> list[str]:
    """The words that serve the app, or another script, as `make run` does; `plain` as Streamlit does."""
    if plain:
        options = ["--server.port", str(port), "--server.headless", "true"]
        return [sys.executable, "-m", "streamlit", "run", str(script or ROOT / "app.py"), *options]
    words = [sys.executable, "-m", "gru_ui.serve", "--port", str(port), "--no-browser"]
    return words if script is None else [*words, "--script", str(script)]


@contextmanager
def running(
    script: Path | str | None = None,
    *,
    port: int | None = None,
    plain: bool = False,
    arguments: tuple[str, ...] = (),
    **env: str,
) -> Iterator[Server]:
    """The app, or `script`, served on `port` (a free one unless given) until the block ends.

    `env` is added to the environment of the server, `arguments` to its command line.

    Raises:
        ServerDiedError: it ended or did not answer in time.
    """
    port = free_port() if port is None else port
    with tempfile.TemporaryDirectory(prefix="gatescope-") as folder:
        log_file = Path(folder) / "server.log"
        # Trainings of one test are not another's, nor those of whoever runs the tests.
        environment = {**os.environ, "PYTHONUNBUFFERED": "1", "GATESCOPE_DATA": folder, **env}
        with log_file.open("wb") as log:
            process = subprocess.Popen(
                [*command_for(Path(script) if script else None, port, plain), *arguments],
                cwd=ROOT,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        server = Server(f"http://localhost:{port}", process, log_file)
        try:
            wait_until_healthy(server)
            yield server
        finally:
            stop(process)


def wait_until_healthy(server: Server, seconds: float = START_SECONDS) -> None:
    """Return once the server answers its health check.

    Raises:
        ServerDiedError: it ended, or `seconds` passed.
    """
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if server.process.poll() is not None:
            raise ServerDiedError(f"The server ended with code {server.process.returncode}:\n{server.log()}")
        try:
            with urllib.request.urlopen(server.url + HEALTH, timeout=5) as answer:
                if answer.status == 200:
                    return
        except (urllib.error.URLError, TimeoutError, ConnectionError):
            pass
        time.sleep(0.1)
    raise ServerDiedError(f"The server did not answer within {seconds:.0f} s:\n{server.log()}")


def stop(process: subprocess.Popen[bytes], seconds: float = 10.0) -> None:
    """Ask the process to end, and make it end if it does not."""
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
