"""The reading process: `python -m gru_core.reading_room.reader PACKAGE ...`, started by WorkerPool.

It imports what reads files, then waits for orders, and speaks as jobs/worker.py does. On Linux each order is
done by a fork of it, in milliseconds: a child with a limit on its memory and its time that can open no file
and no connection, and whose end, whatever ends it, is known. Elsewhere it does the order itself, and the
pool ends it when its time is over.

It has one thread, so that a fork copies nothing half-done.
"""

import contextlib
import encodings
import importlib
import math
import os
import pkgutil
import select
import signal
import sys
from pathlib import Path
from typing import IO, Any

from gru_core import formats
from gru_core.errors import JobError, JobTimeError, LimitError, WorkerLostError
from gru_core.jobs.desk import Desk, message, over_time
from gru_core.jobs.names import find
from gru_core.jobs.parcel import MARK, Parcel
from gru_core.jobs.worker import own_streams, step_back
from gru_core.kernels.choice import CHOICE
from gru_core.limits import MAX_READ_BYTES
from gru_core.reading_room.work import TOO_MUCH, warm

NICENESS = 5
"""Behind the server, before the trainings: somebody waits for it."""

ANSWER = 3
"""The number of a child's stream to this process, behind those that every process has."""

OUT_OF_MEMORY = 77
"""Exit code of a child that could not even say so."""

FORKS = sys.platform == "linux"
"""Where a process of one thread may fork with torch in it, and a limit on memory is kept."""


def main() -> None:
    """Serve until the server is gone."""
    source, sink = own_streams()
    step_back(NICENESS)
    # A search for readings runs scans: a child cannot load a compiled engine, nor wait for it.
    os.environ[CHOICE] = "torch"
    _import_readers()
    sink.write(MARK)
    sink.flush()
    while (order := Parcel.read(source)) is not None:
        if order.head["op"] == "do":
            do = _in_a_child if FORKS else _here
            do(order, source, sink)
    os._exit(0)


def _import_readers() -> None:
    """Everything that a reading may import: a child can open no file, not even one of Python's own."""
    # Text is decoded by modules that Python imports when it meets the first of its kind.
    for package in (formats, encodings):
        for module in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
            # Two are Windows' own.
            with contextlib.suppress(ImportError):
                importlib.import_module(module.name)
    warm()


def _here(order: Parcel, source: IO[bytes], sink: IO[bytes]) -> None:
    desk = Desk(lambda answer: answer.write(sink), sys.argv[1:])
    desk.receive(order)
    desk.receive(message("rest"))
    desk.serve()


def _in_a_child(order: Parcel, source: IO[bytes], sink: IO[bytes]) -> None:
    number, seconds = order.head["number"], order.head["seconds"]
    with contextlib.suppress(JobError):
        # Imported here, where that can be done; the child finds it again.
        find(order.head["work"], sys.argv[1:])
    answers, answer = os.pipe()
    child = os.fork()
    if child == 0:
        _be_a_child(order, answer, seconds)
    os.close(answer)
    last: dict[str, Any] = {}
    with os.fdopen(answers, "rb") as stream:
        # The server's next word can only be its end: it sends one order at a time.
        if source in select.select([source, stream], [], [])[0]:
            os.kill(child, signal.SIGKILL)
            os._exit(0)
        while (told := Parcel.read(stream)) is not None:
            last = dict(told.head)
            told.write(sink)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if last.get("op") not in ("done", "failed"):
        _failure(number, seconds, code).write(sink)


def _failure(number: int, seconds: float, code: int) -> Parcel:
    if code in (-signal.SIGALRM, -signal.SIGXCPU):
        error, text = JobTimeError.__name__, str(over_time(seconds))
    elif code == OUT_OF_MEMORY:
        error, text = LimitError.__name__, TOO_MUCH
    else:
        error, text = WorkerLostError.__name__, f"The reader of a file ended with code {code}."
    return message("failed", number=number, error=error, text=text, trace="")


def _be_a_child(order: Parcel, answer: int, seconds: float) -> None:
    """Do the order under limits; does not return."""
    code = 1
    try:
        # The streams of the server and of other readings are none of its business.
        os.dup2(answer, ANSWER)
        os.closerange(ANSWER + 1, answer + 1)
        with os.fdopen(ANSWER, "wb", closefd=False) as stream:
            _limit(seconds)
            _here(order, sys.stdin.buffer, stream)
        code = 0
    except MemoryError:
        code = OUT_OF_MEMORY
    finally:
        os._exit(code)


def _limit(seconds: float) -> None:
    import resource

    # What these do cannot be caught: the process is gone, in the middle of a library's loop or not.
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    processor = math.ceil(seconds) + 1
    resource.setrlimit(resource.RLIMIT_CPU, (processor, processor))
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    most = pages * resource.getpagesize() + MAX_READ_BYTES
    resource.setrlimit(resource.RLIMIT_AS, (most, most))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    # No number is left for another file, so none can be opened, by Python or by a library underneath.
    resource.setrlimit(resource.RLIMIT_NOFILE, (ANSWER + 1, ANSWER + 1))


if __name__ == "__main__":
    main()
