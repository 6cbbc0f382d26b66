"""One worker process: `python -m gru_core.jobs.worker PACKAGE ...`.

Orders come in by stdin, answers go out by stdout. The process steps back behind the server: low priority,
one thread, first to go where memory runs out. It ends when its stdin does, that is with the server, however
that ends.
"""

import contextlib
import os
import signal
import sys
import threading
from pathlib import Path
from typing import IO

import torch

from gru_core.jobs.desk import Desk
from gru_core.jobs.parcel import MARK, Parcel

MAX_MEMORY = 8_000_000_000
"""Bytes that a worker may own (Linux); an ordinary training needs a tenth of it."""


def own_streams() -> tuple[IO[bytes], IO[bytes]]:
    """The streams from and to the server. What the work prints goes to stderr, what it reads is empty."""
    source, sink = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    empty = os.open(os.devnull, os.O_RDONLY)
    os.dup2(empty, 0)
    os.close(empty)
    os.dup2(2, 1)
    return source, sink


def step_back(niceness: int = 10) -> None:
    """One thread, behind the server, and first to go where memory runs out."""
    torch.set_num_threads(1)
    # Ctrl+C in the server's terminal is for the server, which takes this process with it.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if hasattr(os, "nice"):
        os.nice(niceness)
    if sys.platform == "linux":
        import resource

        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_DATA, (MAX_MEMORY, MAX_MEMORY))
        with contextlib.suppress(OSError):
            Path("/proc/self/oom_score_adj").write_text("900")


def main() -> None:
    """Serve until told to rest, or until the server is gone."""
    source, sink = own_streams()
    step_back()
    writing = threading.Lock()

    def send(message: Parcel) -> None:
        try:
            with writing:
                message.write(sink)
        except OSError:
            os._exit(0)

    desk = Desk(send, sys.argv[1:])

    def listen() -> None:
        while (message := Parcel.read(source)) is not None:
            desk.receive(message)
        os._exit(0)

    sink.write(MARK)
    sink.flush()
    threading.Thread(target=listen, name="orders", daemon=True).start()
    desk.serve()
    # Not by way of the interpreter's clean-up, which would wait for the thread that reads.
    os._exit(0)


if __name__ == "__main__":
    main()
