"""What a database says when something is wrong, put into one sentence that names the setting to look at.

SQLite's result codes: sqlite.org/rescode.html. PostgreSQL's: its manual, appendix "PostgreSQL Error Codes".
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from gru_core.errors import StoreError


@dataclass(frozen=True)
class Fault:
    """A kind of fault: its sentence, and the codes by which SQLite and PostgreSQL report it."""

    sentence: str
    sqlite: frozenset[int] = frozenset()
    postgres: tuple[str, ...] = ()


FULL = Fault(
    "The store of runs is full, and nothing was changed: delete runs that are no longer needed, or make room "
    "where it is kept (see {variable}).",
    frozenset({sqlite3.SQLITE_FULL}),
    ("53100",),
)
DISK = Fault(
    "The store of runs could not be read or written, and nothing was changed: see that the disk has room and "
    "is sound where it is kept (see {variable}).",
    frozenset({sqlite3.SQLITE_IOERR, sqlite3.SQLITE_NOMEM, sqlite3.SQLITE_TOOBIG}),
    ("53200", "58030", "XX001", "XX002"),
)
FORBIDDEN = Fault(
    "The store of runs may not be written: allow the server to write to what {variable} names, "
    "or name another place with it.",
    frozenset({sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM, sqlite3.SQLITE_AUTH}),
    ("25006", "42501"),
)
DAMAGED = Fault(
    "The store of runs is damaged, or is not one of GateScope's, and was left as it is: put a sound copy in "
    "its place, or name another with {variable}.",
    frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}),
)
BUSY = Fault(
    "The store of runs is busy: try again in a moment.",
    frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}),
    ("40001", "40P01", "53300", "55P03", "57014"),
)
REFUSED = Fault(
    "The database that {variable} names does not let the server in: correct the user, the password or the "
    "database's name in it.",
    frozenset(),
    ("28000", "28P01", "3D000"),
)
UNREACHABLE = Fault(
    "The database that {variable} names does not answer: see that it is running, and that host, port and "
    "sslmode are right.",
)
FAILED = Fault("The store of runs failed, and nothing was changed: see what {variable} names.")

BY_CODE = (FULL, DISK, FORBIDDEN, DAMAGED, BUSY, REFUSED)


@contextmanager
def in_words(variable: str) -> Iterator[None]:
    """Raise StoreError, naming the setting, for whatever the database raises inside."""
    try:
        yield
    except PoolTimeoutError as error:
        raise StoreError(BUSY.sentence) from error
    except DBAPIError as error:
        raise StoreError(_fault(error.orig).sentence.format(variable=variable)) from error
    except OSError as error:
        raise StoreError(UNREACHABLE.sentence.format(variable=variable)) from error


def _fault(cause: BaseException | None) -> Fault:
    if isinstance(cause, sqlite3.Error):
        # Extended codes keep the kind in their lowest byte.
        code = getattr(cause, "sqlite_errorcode", 0) & 0xFF
        return next((fault for fault in BY_CODE if code in fault.sqlite), FAILED)
    told = cause.args[0] if cause is not None and cause.args else None
    if not isinstance(told, dict):
        # pg8000 has no code from a server that it could not talk to.
        return UNREACHABLE
    code = str(told.get("C", ""))
    if code[:2] in ("08", "57") and code != "57014":
        return UNREACHABLE
    return next((fault for fault in BY_CODE if code in fault.postgres), FAILED)
