"""Worker processes on this machine."""

import itertools
import os
import threading
from collections.abc import Mapping, Sequence

from gru_core.errors import InputError, JobError, WorkerLostError
from gru_core.jobs.desk import FAULT, message, over_time
from gru_core.jobs.futures import GRACE, LOG, WAITING, JobFuture, Jobs
from gru_core.jobs.names import PACKAGES
from gru_core.jobs.parcel import Parcel
from gru_core.jobs.process import PROGRAM, WorkerProcess

VARIABLE = "GATESCOPE_WORKERS"
MOST_WORKERS = 256

IDLE = 600.0
"""Seconds after which a worker that has nothing to do ends and gives its memory back."""

NO_WORKER = "No worker could be started; the server's log says why. Try again when the machine is less busy."


def worker_count(environment: Mapping[str, str] = os.environ) -> int:
    """Workers of this machine: what GATESCOPE_WORKERS says, else its cores. Raises InputError."""
    words = environment.get(VARIABLE, "").strip()
    if not words:
        return _checked(os.cpu_count() or 1)
    try:
        return _checked(int(words))
    except ValueError as error:
        raise InputError(
            f"{VARIABLE} must be a whole number from 1 to {MOST_WORKERS}, got {words!r}: "
            "correct it, or unset it for one worker per core."
        ) from error


def _checked(workers: int) -> int:
    if not 1 <= workers <= MOST_WORKERS:
        raise InputError(f"There may be 1 to {MOST_WORKERS} workers, got {workers}.")
    return workers


class WorkerPool(Jobs):
    """Jobs in processes of this machine, started when they are needed and kept for the next job.

    One thread of the server attends to each process.

    Args:
        workers: processes at most; None for `worker_count()`.
        waiting: jobs that may wait for one of them.
        packages: where work may come from.
        idle: seconds after which a process without work ends.
        grace: seconds that a job over its time has before its process is killed.
        keep: processes that stay although they have nothing to do.
        program: the module that a process runs; it speaks as jobs/worker.py does.
    """

    def __init__(
        self,
        workers: int | None = None,
        *,
        waiting: int = WAITING,
        packages: Sequence[str] = PACKAGES,
        idle: float = IDLE,
        grace: float = GRACE,
        keep: int = 0,
        program: str = PROGRAM,
    ) -> None:
        super().__init__(waiting=waiting, packages=packages)
        self._workers = worker_count() if workers is None else _checked(workers)
        self._idle = idle
        self._grace = grace
        self._keep = keep
        self._program = program
        self._numbers = itertools.count(1)
        # Guarded as the waiting line is: all threads, how many will take a next job, how many have one.
        self._threads: set[threading.Thread] = set()
        self._attending = 0
        self._busy = 0

    def warm(self) -> None:
        """See that one worker is ready, or gets ready in the background."""
        with self._changed:
            if not self._attending and not self._closed:
                self._starts_thread()

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Take no more jobs; end each worker when its job is done and none waits."""
        self._close(cancel_futures)
        if wait:
            with self._changed:
                threads = self._threads - {threading.current_thread()}
            for thread in threads:
                thread.join()

    def _free(self) -> int:
        return self._workers - self._busy

    def _awaited(self) -> None:
        free = self._attending - self._busy
        more = len(self._waiting) > free and self._attending < self._workers
        if more and not self._starts_thread() and not self._attending:
            self._waiting.pop()
            raise JobError(NO_WORKER)

    def _starts_thread(self) -> bool:
        """Whether one more thread attends; it is counted before it can look at the line."""
        # Not waited for when the program ends: the workers see that and end.
        thread = threading.Thread(target=self._attend, name="worker", daemon=True)
        try:
            thread.start()
        except RuntimeError:
            LOG.exception("No thread could be started.")
            return False
        self._threads.add(thread)
        self._attending += 1
        return True

    def _attend(self) -> None:
        # A job leaves the line when there is a worker for it, not before: until then it can be taken back,
        # or go to another worker that is ready first.
        process = self._ready()
        try:
            while self._something_waits():
                if process is None or not process.alive():
                    process = self._renewed(process)
                with self._changed:
                    future = self._next()
                    self._busy += future is not None
                if future is None:
                    continue
                if process is None:
                    outcome: Parcel | Exception = JobError(NO_WORKER)
                else:
                    outcome = self._done(process, future)
                with self._changed:
                    self._busy -= 1
                future._end(outcome)
        finally:
            if process is not None:
                process.end()
            with self._changed:
                self._threads.discard(threading.current_thread())

    def _something_waits(self) -> bool:
        """Wait until it does. False when this thread is to end; then nobody counts on it any more."""
        with self._changed:
            while not self._changed.wait_for(lambda: self._waiting or self._closed, timeout=self._idle):
                if self._attending > self._keep:
                    break
            if self._waiting:
                return True
            self._attending -= 1
            return False

    def _renewed(self, process: WorkerProcess | None) -> WorkerProcess | None:
        if process is not None:
            process.end()
        return self._ready()

    def _ready(self) -> WorkerProcess | None:
        """A worker that takes orders, or None after a word in the log."""
        try:
            process = WorkerProcess(self._packages, self._program)
        except OSError:
            LOG.exception("No worker could be started.")
            return None
        if process.ready():
            return process
        LOG.error("A worker ended %s before it was ready.\n%s", process.end(), process.last_words())
        return None

    def _done(self, process: WorkerProcess, future: JobFuture) -> Parcel | Exception:
        """What the job ended with, also where its message was too much for this server."""
        try:
            return self._do(process, future)
        except Exception:
            LOG.exception("A fault in attending to a worker.")
            process.end()
            return JobError(FAULT)

    def _do(self, process: WorkerProcess, future: JobFuture) -> Parcel | Exception:
        """What the job ended with, of whatever kind. The process may not outlive it."""
        number = next(self._numbers)
        late = threading.Event()

        def expire() -> None:
            late.set()
            process.kill()

        timer = threading.Timer(future.seconds + self._grace, expire)
        timer.daemon = True
        timer.start()
        outcome: Parcel | Exception | None = None
        try:
            order = future._order(number)
            process.send(order)
            future._ordered(order, lambda text: self._say(process, number, text))
            while outcome is None and (received := process.receive()) is not None:
                outcome = future._outcome(received)
        # Its pipe is broken, or what came through it is no message.
        except (OSError, ValueError, KeyError):
            LOG.info("A worker is gone.", exc_info=True)
        finally:
            timer.cancel()
            timer.join()
        if late.is_set():
            process.end()
            return outcome or over_time(future.seconds)
        if outcome is None:
            ended = process.end()
            LOG.error("A worker ended %s during its job.\n%s", ended, process.last_words())
            return WorkerLostError(
                f"The worker that did this work ended {ended} before it was done: start it again."
            )
        return outcome

    def _say(self, process: WorkerProcess, number: int, text: str) -> None:
        try:
            process.send(message("hear", number=number, command=text))
        except (OSError, ValueError):
            LOG.info("A command came too late for its worker.")
