"""Where a worker does its jobs, one after the other, whatever carries its messages.

    to the worker      do (number, work, seconds, command; the job's parcel) | hear (number, command) | rest
    from the worker    told (number; a parcel) | done (number; the result)
                       failed (number, error, text, trace)

Each message is a Parcel; `head["op"]` says which, `head["head"]` and the blobs are the parcel it carries.
"""

import queue
import time
import traceback
from collections.abc import Callable, Sequence
from typing import Any

from gru_core import errors
from gru_core.errors import GateScopeError, JobError, JobTimeError
from gru_core.jobs.names import find
from gru_core.jobs.parcel import Parcel

FAULT = (
    "This work met a fault of the program itself and ended; the server's log says where: "
    "try it with other settings, or tell who runs the server."
)
NO_MEMORY = "This work needs more memory than a worker may have: give it less to do at once."


def message(op: str, parcel: Parcel | None = None, **more: Any) -> Parcel:
    """A message that may carry a parcel."""
    if parcel is None:
        return Parcel({"op": op, **more})
    return Parcel({"op": op, **more, "head": parcel.head}, parcel.blobs)


def carried(received: Parcel) -> Parcel:
    """The parcel that a message carries."""
    return Parcel(received.head["head"], received.blobs)


def error_of(failed: Parcel) -> GateScopeError:
    """The error that a "failed" message tells of: the same class and text as the work raised."""
    found = getattr(errors, failed.head["error"], None)
    if not (isinstance(found, type) and issubclass(found, GateScopeError)):
        found = JobError
    return found(failed.head["text"])


def over_time(seconds: float) -> JobTimeError:
    """What is said of work that took longer than `seconds`."""
    return JobTimeError(f"This work may take {seconds:,g} s and was ended then: give it less to do.")


def _failed(number: int, error: BaseException) -> Parcel:
    """How a worker tells of an error; a class that errors.py does not have goes by its nearest base there."""
    name, text, trace = JobError.__name__, str(error), ""
    if isinstance(error, GateScopeError):
        name = next(cls.__name__ for cls in type(error).__mro__ if getattr(errors, cls.__name__, None) is cls)
    # torch reports a refused allocation as a RuntimeError.
    elif isinstance(error, MemoryError) or "allocate memory" in text:
        text = NO_MEMORY
    else:
        text, trace = FAULT, "".join(traceback.format_exception(error))
    return message("failed", number=number, error=name, text=text, trace=trace)


class Desk:
    """Does the jobs that `receive` is given, in the thread that calls `serve`.

    `send` carries a message to the server; `wanted` says whether the server still waits for this worker.
    """

    def __init__(
        self,
        send: Callable[[Parcel], None],
        packages: Sequence[str],
        wanted: Callable[[], bool] = lambda: True,
    ) -> None:
        self._send = send
        self._packages = tuple(packages)
        self._wanted = wanted
        self._todo: queue.SimpleQueue[Parcel] = queue.SimpleQueue()
        # The latest command, and the number of the job it is for. Written by one thread.
        self._command: tuple[int, str | None] = (0, None)

    def receive(self, received: Parcel) -> None:
        """Take a message; called from another thread than `serve`, in the order of sending."""
        head = received.head
        match head["op"]:
            case "do":
                self._command = (head["number"], head["command"])
                self._todo.put(received)
            case "hear":
                # One that comes after the end of its job is nobody's.
                if head["number"] == self._command[0]:
                    self._command = (head["number"], head["command"])
            case "rest":
                self._todo.put(received)

    def serve(self) -> bool:
        """Do what comes until told to rest (True), or until nobody wants it any more (False)."""
        while self._wanted():
            try:
                received = self._todo.get(timeout=1.0)
            except queue.Empty:
                continue
            if received.head["op"] == "rest":
                return True
            self._send(self._outcome(received))
        return False

    def _outcome(self, order: Parcel) -> Parcel:
        """Do the job and return the message that says how it ended."""
        number, seconds = order.head["number"], order.head["seconds"]
        deadline = time.monotonic() + seconds

        def in_time() -> None:
            if time.monotonic() > deadline:
                raise over_time(seconds)
            if not self._wanted():
                raise JobError("Nobody waits for this work any more.")

        def tell(parcel: Parcel) -> None:
            in_time()
            self._send(message("told", parcel, number=number))

        def heard() -> str | None:
            in_time()
            told, command = self._command
            return command if told == number else None

        try:
            work = find(order.head["work"], self._packages)
            result = message("done", work(carried(order), tell, heard), number=number)
            result.check()
        # Whatever ends the work, a call of exit among it, the worker stays for the next.
        except BaseException as error:
            return _failed(number, error)
        return result
