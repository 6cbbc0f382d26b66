"""What every way of doing jobs has in common: the interface of `concurrent.futures`, and the waiting line."""

import logging
import math
import threading
from abc import abstractmethod
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, Future
from typing import Any, Never, overload

from gru_core.errors import InputError, JobError, LimitError
from gru_core.jobs.desk import carried, error_of, message
from gru_core.jobs.names import Work, name_of
from gru_core.jobs.parcel import Parcel

WAITING = 60
"""Jobs that may wait, unless one says otherwise."""

SECONDS = 3_600.0
"""What a job may take, unless one says otherwise."""

GRACE = 5.0
"""Seconds that a job over its time has to end by itself."""

LOG = logging.getLogger("gru_core.jobs")


class JobFuture(Future[Parcel]):
    """A job that was handed in: what it will return, and while it runs the way to speak to it.

    Its methods with an underscore are for the ways of doing jobs, which alone make futures and end them.
    """

    def __init__(
        self,
        jobs: "Jobs",
        work: str,
        parcel: Parcel,
        on_parcel: Callable[[Parcel], None] | None,
        seconds: float,
    ) -> None:
        super().__init__()
        self.seconds = seconds
        self._jobs = jobs
        self._work = work
        self._parcel: Parcel | None = parcel  # until it is sent
        self._on_parcel = on_parcel
        self._command: str | None = None
        self._say: Callable[[str], None] | None = None
        self._lock = threading.Lock()  # of the two above

    def command(self, text: str) -> None:
        """Send the running job a command; one that still waits hears it at its start. The latest counts."""
        with self._lock:
            self._command = text
            if self._say is not None:
                self._say(text)

    def position(self) -> int | None:
        """How many jobs of this server wait before it, 0 = it is next; None when it does not wait."""
        return self._jobs._position(self)

    def cancel(self) -> bool:
        """Take a waiting job back. A running one is not stopped by this: that is for `command`."""
        if not self._jobs._withdraw(self):
            return self.cancelled()
        super().cancel()
        return not self.set_running_or_notify_cancel()

    def _order(self, number: int) -> Parcel:
        """The message that gives the job to a worker; can be had once."""
        parcel, self._parcel = self._parcel, None
        assert parcel is not None
        order = {"number": number, "work": self._work, "seconds": self.seconds, "command": self._command}
        return message("do", parcel, **order)

    def _ordered(self, order: Parcel, say: Callable[[str], None]) -> None:
        """The order was sent: from now on commands are said at once, one that came since included."""
        with self._lock:
            self._say = say
            if self._command is not None and self._command != order.head["command"]:
                say(self._command)

    def _outcome(self, received: Parcel) -> Parcel | Exception | None:
        """Take a worker's message; what the job ended with when it was the last one, for `_end`."""
        match received.head["op"]:
            case "done":
                return carried(received)
            case "failed":
                if received.head["trace"]:
                    LOG.error("%s met a fault in its worker:\n%s", self._work, received.head["trace"])
                return error_of(received)
        if self._on_parcel is not None:
            try:
                self._on_parcel(carried(received))
            except Exception:
                LOG.exception("What was to be done with a parcel of %s failed.", self._work)
        return None

    def _end(self, outcome: Parcel | Exception) -> None:
        with self._lock:
            self._say = None
        if isinstance(outcome, Parcel):
            self.set_result(outcome)
        else:
            self.set_exception(outcome)


class Jobs(Executor):
    """Does jobs elsewhere, first come first served: an Executor whose futures can be spoken to."""

    def __init__(self, *, waiting: int, packages: Sequence[str]) -> None:
        if waiting < 1:
            raise InputError(f"The number of jobs that may wait must be at least 1, got {waiting}.")
        self._limit = waiting
        self._packages = tuple(packages)
        self._waiting: deque[JobFuture] = deque()
        self._closed = False
        # Guards the two above, and tells of every change of them.
        self._changed = threading.Condition()

    @overload
    def submit(
        self,
        work: Work,
        parcel: Parcel,
        /,
        *,
        on_parcel: Callable[[Parcel], None] | None = None,
        seconds: float = SECONDS,
    ) -> JobFuture: ...
    @overload
    def submit(self, work: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Never: ...
    def submit(
        self,
        work: Callable[..., Any],
        parcel: Parcel,
        /,
        *,
        on_parcel: Callable[[Parcel], None] | None = None,
        seconds: float = SECONDS,
    ) -> JobFuture:
        """Hand in `work(parcel, tell, heard)`, a function at the top of a module of a known package.

        Args:
            on_parcel: given what the work tells, in order and before the future is done, in a thread of
                the pool; quick, since the work waits when many parcels wait to be taken.
            seconds: what it may take, counted from its start. From then on `tell` and `heard` raise
                JobTimeError in it; if it goes on regardless, its worker is ended.

        The future's exception is a GateScopeError: the one that the work raised, WorkerLostError when its
        worker ended, JobTimeError, or JobError for a fault.

        Raises:
            LimitError: as many jobs wait as may.
            JobError: it cannot be sent, or nothing more is taken.
        """
        if not (math.isfinite(seconds) and seconds > 0):
            raise InputError(f"The time that a job may take must be above 0 s, got {seconds}.")
        parcel.check()
        future = JobFuture(self, name_of(work), parcel, on_parcel, seconds)
        with self._changed:
            if self._closed:
                raise JobError("No more work is taken: the server is being shut down.")
            if len(self._waiting) >= self._limit + self._free():
                raise LimitError(
                    f"{len(self._waiting)} jobs wait already and no more than {self._limit} may: "
                    "try again in a few minutes."
                )
            self._waiting.append(future)
            self._awaited()
            self._changed.notify_all()
        return future

    def warm(self) -> None:
        """Have a worker get ready ahead of the first job, where workers are this server's own."""

    @abstractmethod
    def _free(self) -> int:
        """Workers without a job, whose next jobs do not count as waiting. Called with the lock held."""

    @abstractmethod
    def _awaited(self) -> None:
        """One more job waits: see that somebody takes it, or take it out again and raise JobError.
        Called with the lock held."""

    def _next(self) -> JobFuture | None:
        """The job that waits longest, which from now on runs. Called with the lock held."""
        if not self._waiting:
            return None
        future = self._waiting.popleft()
        future.set_running_or_notify_cancel()
        return future

    def _position(self, future: JobFuture) -> int | None:
        with self._changed:
            return self._waiting.index(future) if future in self._waiting else None

    def _withdraw(self, future: JobFuture) -> bool:
        """Whether it waited; it no longer does."""
        with self._changed:
            if future not in self._waiting:
                return False
            self._waiting.remove(future)
            self._changed.notify_all()
            return True

    def _close(self, cancel_futures: bool) -> None:
        """Take no more jobs; take back those that wait, if asked to."""
        with self._changed:
            self._closed = True
            waiting = list(self._waiting) if cancel_futures else []
            self._changed.notify_all()
        for future in waiting:
            future.cancel()
