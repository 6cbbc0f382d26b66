"""The reading room as the server holds it: who waits, who reads, and what is said of one that ended badly."""

import logging
from collections.abc import Callable, Sequence
from concurrent.futures import TimeoutError as StillGoing
from typing import Any

from numpy.typing import NDArray

from gru_core.errors import JobError, JobTimeError, LimitError, ModelFileError, WorkerLostError
from gru_core.formats.choices import NO_CHOICES, Choices
from gru_core.formats.loading import Inspection, open_model
from gru_core.formats.readings.agreement import Search
from gru_core.jobs import JobFuture, Parcel, Work, WorkerPool
from gru_core.jobs.desk import NO_MEMORY
from gru_core.jobs.names import PACKAGES
from gru_core.jobs.parcel import MAX_PARCEL_BYTES
from gru_core.jobs.pool import NO_WORKER
from gru_core.limits import MAX_READ_SECONDS, MEGABYTE, check_bytes
from gru_core.model import SequenceModel
from gru_core.reading_room.search import found_search, search_order, search_readings
from gru_core.reading_room.work import TOO_MUCH, order_of, read_models, unpacked
from gru_core.sources import Sources

READERS = 2
"""Files that are read at once."""

WAITING = 60
"""Files that may wait."""

IDLE = 60.0
"""Seconds after which a reader that nobody needs ends; one stays, so that nobody waits for its imports."""

MOST_SENT = MAX_PARCEL_BYTES - 10 * MEGABYTE
"""Bytes of all files and arrays of one order."""

LOOK = 0.1
"""Seconds between two looks at the line."""

PROGRAM = "gru_core.reading_room.reader"

LOG = logging.getLogger("gru_core.reading_room")


class ReadingRoom:
    """Reads model files in processes of their own. Thread-safe; one for a server.

    work, packages, seconds  are for tests: what is done with a file, where it may come from, and how long it
                             may take
    """

    def __init__(
        self,
        *,
        work: Work = read_models,
        packages: Sequence[str] = PACKAGES,
        seconds: float = MAX_READ_SECONDS,
    ) -> None:
        self._work, self._seconds = work, seconds
        self._pool = WorkerPool(
            READERS, waiting=WAITING, packages=packages, idle=IDLE, grace=2.0, keep=1, program=PROGRAM
        )

    def warm(self) -> None:
        """Have a reader get ready in the background."""
        self._pool.warm()

    def close(self) -> None:
        """End the readers when they are done; nothing more is read."""
        self._pool.shutdown(cancel_futures=True)

    def load_models(
        self,
        source: Sources,
        choices: Choices = NO_CHOICES,
        waits: Callable[[int], None] = lambda _before: None,
        *,
        need_gru: bool = True,
    ) -> tuple[Inspection, dict[str, SequenceModel]]:
        """What `gru_core.formats.load_models` gives, read where it can do no harm.

        `waits` is told how many are before this reading whenever that changes, while it waits in line. What
        lies beside a path is not read.

        Raises as `load_models` does, and besides LimitError when reading took more time or memory than
        limits.py allows, ModelFileError when the reader broke: it would end so again. JobError when too many
        wait already or no reader can be started: it may be tried again.
        """
        name, files = _read_whole(source)
        order = order_of(files, choices, need_gru)
        del files
        return unpacked(self._done(self._work, order, name, waits))

    def agreeing_readings(
        self,
        source: Sources,
        x: NDArray[Any],
        expected: NDArray[Any],
        h0: NDArray[Any] | None = None,
        waits: Callable[[int], None] = lambda _before: None,
    ) -> Search:
        """What `gru_core.formats.agreeing_readings` finds in a file's arrays; bounded as `load_models` is.

        Raises as that, `named_arrays` and `load_models` do.
        """
        name, files = _read_whole(source)
        order = search_order(files, x, expected, h0)
        del files
        return found_search(self._done(search_readings, order, name, waits))

    def _done(self, work: Work, order: Parcel, name: str, waits: Callable[[int], None]) -> Parcel:
        size = sum(map(len, order.blobs.values()))
        check_bytes("What is read together", size, MOST_SENT, "give smaller files, or fewer steps.")
        try:
            future = self._pool.submit(work, order, seconds=self._seconds)
        except LimitError as problem:
            raise JobError(
                f"At most {WAITING} model files may wait to be read, and as many do: try again in a minute."
            ) from problem
        del order
        return self._result(future, name, waits)

    def _result(self, future: JobFuture, name: str, waits: Callable[[int], None]) -> Parcel:
        told: int | None = None
        try:
            while True:
                try:
                    return future.result(LOOK)
                except StillGoing:
                    before = future.position()
                    if before is not None and before != told:
                        waits(told := before)
        except JobTimeError as problem:
            raise LimitError(
                f"Reading {name!r} took longer than {self._seconds:g} s and was ended: "
                "save the weights alone, or a smaller model."
            ) from problem
        except WorkerLostError as problem:
            LOG.warning("A file broke its reader: %s", problem)
            raise _broken(name) from problem
        except JobError as problem:
            if str(problem) == NO_WORKER:
                raise
            if str(problem) == NO_MEMORY:
                raise LimitError(TOO_MUCH) from problem
            raise _broken(name) from problem
        finally:
            # Whoever left the page waits no longer.
            future.cancel()


def _read_whole(source: Sources) -> tuple[str, dict[str, bytes]]:
    """What the file or files are called, and all of their bytes."""
    with open_model(source) as opened:
        if opened.is_set and opened.files is not None:
            return opened.name, {entry: opened.files.read(entry) for entry in opened.files.names}
        return opened.name, {opened.name: opened.read()}


def _broken(name: str) -> ModelFileError:
    return ModelFileError(
        f"The reader of such files broke on {name!r}, so it is damaged, or of a kind that is not known here: "
        "save it again, or save the weights alone."
    )
