"""Where runs are kept: the database that DATABASE_URL names, else a file in the data folder."""

import getpass
import sys
from collections.abc import Mapping
from pathlib import Path

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from gru_core.errors import StoreError

URL_VARIABLE = "DATABASE_URL"
FOLDER_VARIABLE = "GATESCOPE_DATA"

FILE = "runs.sqlite"
"""The store's file in the data folder."""

POSTGRES = ("postgres", "postgresql", "postgresql+pg8000")
SQLITE = ("sqlite", "sqlite+pysqlite")

SSL_MODES = ("disable", "prefer", "require", "verify-full")
"""How a connection to PostgreSQL is encrypted, named as in its manual, "SSL Mode Descriptions"."""


def data_folder(environment: Mapping[str, str], platform: str = sys.platform) -> Path:
    """The folder for what the app keeps: GATESCOPE_DATA, else the platform's place for a user's data.

    Raises:
        StoreError: there is no home to put it in.
    """
    named = environment.get(FOLDER_VARIABLE)
    try:
        if named:
            return Path(named).expanduser()
        home = Path(environment.get("HOME") or Path.home())
    except RuntimeError as error:
        raise StoreError(
            f"GateScope found no home folder to keep runs in: name a folder with {FOLDER_VARIABLE}."
        ) from error
    if platform == "win32":
        return Path(environment.get("LOCALAPPDATA") or home / "AppData" / "Local") / "gatescope"
    if platform == "darwin":
        return home / "Library" / "Application Support" / "gatescope"
    # The XDG Base Directory Specification: a relative path is to be ignored.
    shared = Path(environment.get("XDG_DATA_HOME") or "")
    return (shared if shared.is_absolute() else home / ".local" / "share") / "gatescope"


def address(environment: Mapping[str, str]) -> tuple[URL, str]:
    """The store's address, and the variable that a person changes to have another.

    Raises:
        StoreError: DATABASE_URL is not an address of PostgreSQL or of an SQLite file.
    """
    named = environment.get(URL_VARIABLE)
    if named:
        return checked(named), URL_VARIABLE
    return URL.create("sqlite", database=str(data_folder(environment) / FILE)), FOLDER_VARIABLE


def checked(url: str | URL) -> URL:
    """The address as SQLAlchemy takes it, whatever the spelling.

    Raises:
        StoreError: it is not one of PostgreSQL or of an SQLite file.
    """
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        # Without its cause: what could not be read may be a password.
        raise StoreError(_wrong("it cannot be read")) from None
    if parsed.drivername in SQLITE:
        if not parsed.database or parsed.database == ":memory:" or parsed.host or parsed.query:
            raise StoreError(_wrong("an SQLite address is sqlite:/// and a file's path, and nothing else"))
        return parsed.set(drivername="sqlite")
    if parsed.drivername not in POSTGRES:
        raise StoreError(_wrong(f"{parsed.drivername!r} is another kind of database"))
    unknown = set(parsed.query) - {"sslmode"}
    mode = parsed.query.get("sslmode", "prefer")
    if unknown or mode not in SSL_MODES:
        raise StoreError(_wrong(f"after a question mark it may say sslmode={'|'.join(SSL_MODES)} only"))
    # What is missing is filled in as PostgreSQL's own programs do.
    user = parsed.username or getpass.getuser()
    return parsed.set(
        drivername="postgresql+pg8000",
        username=user,
        host=parsed.host or "localhost",
        database=parsed.database or user,
    )


def _wrong(why: str) -> str:
    return (
        f"{URL_VARIABLE} must be an address such as postgresql://user:password@host/database or "
        f"sqlite:///runs.sqlite, and {why}: correct it, or unset it to keep runs in the data folder."
    )
