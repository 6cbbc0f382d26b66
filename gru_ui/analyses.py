"""Long computations that pages have asked for: where each stands, by a key, whoever asked first."""

import threading
import time
from collections.abc import Callable, Hashable
from concurrent.futures import CancelledError
from dataclasses import dataclass, field

from gru_core.errors import GateScopeError, LimitError
from gru_core.jobs import JobFuture, Jobs, Parcel
from gru_core.jobs.names import Work

SECONDS = 600.0
"""What one may take."""

UNSEEN = 20.0
"""Seconds after which one that nobody looks at any more is asked to end."""

MOST = 24
"""Most that are under way or waiting to be looked at."""


@dataclass(eq=False)
class Analysis:
    """One of them, which several people may wait for.

    done     the share that is done, in [0, 1], as far as the work tells
    stopped  whether everybody who waited has gone, or told it to stop
    seen     who waits for it: when each last looked, in seconds of a clock that never goes back
    """

    future: JobFuture | None = None
    done: float = 0.0
    stopped: bool = False
    seen: dict[str, float] = field(default_factory=dict)

    @property
    def is_over(self) -> bool:
        """Whether there is nothing more to wait for."""
        return self.stopped or (self.future is not None and self.future.done())

    @property
    def position(self) -> int | None:
        """How many wait before it; None when it is under way."""
        return None if self.future is None else self.future.position()

    def is_awaited_by(self, person: str) -> bool:
        """Whether that person still waits for it."""
        return person in self.seen and not self.stopped

    def result(self) -> Parcel | GateScopeError | None:
        """What came of it; None where it is not over, or was stopped."""
        if self.stopped or self.future is None or not self.future.done():
            return None
        try:
            return self.future.result()
        except GateScopeError as error:
            return error
        except CancelledError:
            return None

    def leave(self, person: str) -> None:
        """One person waits no longer; it is asked to end when nobody does."""
        self.seen.pop(person, None)
        if not self.seen:
            self.stopped = True
            if self.future is not None and not self.future.cancel():
                self.future.command("stop")

    def told(self, parcel: Parcel) -> None:
        """Take in how far it is; called in a thread of the pool."""
        self.done = min(max(float(parcel.head.get("done", self.done)), 0.0), 1.0)
        now = time.monotonic()
        for person, when in tuple(self.seen.items()):
            if now - when > UNSEEN:
                self.leave(person)


class Analyses:
    """All of a server's. Thread-safe."""

    def __init__(self, jobs: Jobs) -> None:
        self._jobs = jobs
        self._known: dict[Hashable, Analysis] = {}
        self._lock = threading.Lock()

    def look(self, key: Hashable, person: str) -> Analysis | None:
        """The one of that key, None where nobody has asked for it; notes that this person still waits."""
        with self._lock:
            found = self._known.get(key)
        if found is not None and found.is_awaited_by(person):
            found.seen[person] = time.monotonic()
        return found

    def begin(self, key: Hashable, person: str, work: Work, parcel: Callable[[], Parcel]) -> Analysis:
        """Wait for it from now on; it is handed in unless it is under way.

        Raises LimitError where too many are, JobError as `submit` does.
        """
        with self._lock:
            found = self._known.get(key)
            if found is not None and not found.is_over:
                found.seen[person] = time.monotonic()
                return found
            self._make_room()
            made = self._known[key] = Analysis(seen={person: time.monotonic()})
        try:
            made.future = self._jobs.submit(work, parcel(), on_parcel=made.told, seconds=SECONDS)
        except BaseException:
            self.forget(key)
            raise
        return made

    def forget(self, key: Hashable) -> None:
        """Let go of it, when its result is kept elsewhere or nobody wants it."""
        with self._lock:
            self._known.pop(key, None)

    def close(self) -> None:
        """End the worker."""
        self._jobs.shutdown(wait=False, cancel_futures=True)

    def _make_room(self) -> None:
        # What is over and was not fetched goes first, the oldest of it.
        while len(self._known) >= MOST:
            over = next((key for key, analysis in self._known.items() if analysis.is_over), None)
            if over is None:
                raise LimitError(
                    f"This server works out {MOST} long analyses at a time, and as many are under way: "
                    "try again in a moment."
                )
            del self._known[over]
