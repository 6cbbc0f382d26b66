"""A worker process as the server holds it."""

import contextlib
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

from gru_core.jobs.parcel import MARK, Parcel

ROOT = Path(__file__).parents[2]

PROGRAM = "gru_core.jobs.worker"

START_SECONDS = 120.0
"""After which a worker that is not ready is given up; on a busy machine importing torch takes its time."""

END_SECONDS = 5.0
PRELUDE = 100_000  # bytes that may come before the mark
LAST_WORDS = 4_000  # bytes kept of what it wrote to stderr


class WorkerProcess:
    """Starts at once; `ready` waits for it. Two threads may send, one receives.

    `multiprocessing` would run Streamlit's script again in each process, so this is a command of its own.
    """

    def __init__(self, packages: Sequence[str], program: str = PROGRAM) -> None:
        """`program` is the module that it runs. Raises OSError where no process can be started."""
        one_thread = dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")
        self._process = subprocess.Popen(
            [sys.executable, "-m", program, *packages],
            cwd=ROOT,
            env=os.environ | one_thread,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._sink, self._source = self._process.stdin, self._process.stdout
        self._sending = threading.Lock()
        self._tail = b""
        self._reader = threading.Thread(target=self._read_errors, name="worker's stderr", daemon=True)
        self._reader.start()

    @property
    def pid(self) -> int:
        return self._process.pid

    def ready(self) -> bool:
        """Wait until it takes orders; False when it ended instead."""
        timer = threading.Timer(START_SECONDS, self.kill)
        timer.daemon = True
        timer.start()
        try:
            seen = bytearray()
            while not seen.endswith(MARK) and len(seen) < PRELUDE:
                byte = self._source.read(1)
                if not byte:
                    return False
                seen += byte
            return len(seen) < PRELUDE
        finally:
            timer.cancel()

    def alive(self) -> bool:
        return self._process.poll() is None

    def send(self, message: Parcel) -> None:
        """Raises OSError or ValueError when it is gone."""
        with self._sending:
            message.write(self._sink)

    def receive(self) -> Parcel | None:
        """Its next message, None when it is gone."""
        return Parcel.read(self._source)

    def kill(self) -> None:
        self._process.kill()

    def end(self) -> str:
        """End it, if it has not ended; returns how it did, in words."""
        with self._sending, contextlib.suppress(OSError):
            self._sink.close()
        try:
            code = self._process.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()
            code = self._process.wait()
        self._source.close()
        self._reader.join(END_SECONDS)
        return _in_words(code)

    def last_words(self) -> str:
        """The end of what it wrote to stderr, for the log."""
        return self._tail.decode("utf-8", "replace")

    def _read_errors(self) -> None:
        assert self._process.stderr is not None
        with self._process.stderr as stream:
            while written := os.read(stream.fileno(), LAST_WORDS):
                self._tail = (self._tail + written)[-LAST_WORDS:]


def _in_words(code: int) -> str:
    if code >= 0:
        return f"with code {code}"
    try:
        return f"by {signal.Signals(-code).name}"
    except ValueError:
        return f"by signal {-code}"
