"""What people are told when a run cannot be had, or cannot be changed as they wish."""

from collections.abc import Iterable

from gru_core.errors import InputError, LimitError, LinkError
from gru_core.limits import megabytes
from gru_core.runs.live import LiveRun
from gru_core.runs.store import KEEP_DAYS

UNWRITTEN_BYTES = 640_000_000
"""Room for runs that the store cannot take at the moment; when they fill it, no other run begins."""


def no_key(text: str) -> LinkError:
    """What was given is no key of a run."""
    return LinkError(f"There is no training {text[:20]!r}: copy the whole link again.")


def no_run(key: str) -> LinkError:
    """There is none of that key, or no longer."""
    return LinkError(
        f"There is no training {key!r}: it was deleted, or nobody opened it for {KEEP_DAYS} days."
    )


def not_theirs() -> InputError:
    """It belongs to another person."""
    return InputError("This training is somebody else's: it can be watched and used, but not changed.")


def nothing_left() -> InputError:
    """It cannot be resumed, because it is under way or through."""
    return InputError("This training is under way or through: there is nothing to go on with.")


def taken_up() -> InputError:
    """Another server was quicker to resume it."""
    return InputError("This training was taken up elsewhere a moment ago: look at it again.")


def elsewhere() -> InputError:
    """Its worker listens to another server."""
    return InputError(
        "This training is under way on another server, and only there it can be paused or stopped: "
        "open it there, or wait until it rests."
    )


def one_each(title: str) -> LimitError:
    """This person has another run under way, called so."""
    return LimitError(
        f"One person may have one training under way, and yours is {title!r}: "
        "let it finish, pause it or stop it first."
    )


def check_room(under_way: Iterable[LiveRun]) -> None:
    """Raise LimitError when what waits in memory for a store that cannot be written fills its room."""
    unwritten = sum(run.room() for run in under_way if run.trouble)
    if unwritten > UNWRITTEN_BYTES:
        raise LimitError(
            f"The store of runs cannot be written, and trainings of {megabytes(unwritten)} wait for it in "
            "memory: until whoever runs this server has made room, no other one can begin."
        )
