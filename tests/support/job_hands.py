"""Jobs that nobody does but the test: begun, done and ended by hand, so that nothing depends on time."""

from __future__ import annotations

from gru_core.jobs import JobFuture, Jobs, Parcel
from gru_core.jobs.desk import carried, message
from gru_core.runs.work import train_run


class ByHand(Jobs):
    """A line of jobs without workers."""

    def __init__(self, waiting: int = 60) -> None:
        super().__init__(waiting=waiting, packages=("gru_core",))

    @property
    def waiting(self) -> int:
        """How many jobs have not begun."""
        return len(self._waiting)

    def begin(self) -> JobFuture:
        """Take the next job out of the line."""
        with self._changed:
            future = self._next()
        assert future is not None
        return future

    def train(self, future: JobFuture, updates: int | None = None) -> None:
        """Do a begun job here as a worker does, for so many updates at most; it does not end by this."""
        asked = iter(range(10**6 if updates is None else updates))
        order = future._order(1)

        def tell(parcel: Parcel) -> None:
            future._outcome(message("told", parcel, number=1))

        train_run(carried(order), tell, lambda: None if next(asked, None) is not None else "enough")

    def end(self, future: JobFuture, outcome: Parcel | Exception | None = None) -> None:
        """The job is over: with an error, or in good order."""
        future._end(Parcel({}) if outcome is None else outcome)

    def _free(self) -> int:
        return 0

    def _awaited(self) -> None:
        """Nobody comes by himself."""
