"""Which database the settings name, and the one sentence for settings that name none."""

from __future__ import annotations

import getpass
import traceback
from pathlib import Path
from typing import Any

import pytest

from gru_core.errors import StoreError
from gru_core.runs.addresses import address, checked, data_folder

EXAMPLE = (
    "DATABASE_URL must be an address such as postgresql://user:password@host/database or "
    "sqlite:///runs.sqlite, and "
)


@pytest.mark.parametrize(
    ("named", "parts"),
    [
        ("postgres://ada:pw@db.example:6543/runs", ("ada", "pw", "db.example", 6543, "runs", {})),
        ("postgresql://ada:p%40w@db/runs", ("ada", "p@w", "db", None, "runs", {})),
        ("postgresql+pg8000://ada@db", ("ada", None, "db", None, "ada", {})),
        ("postgresql:///runs", (getpass.getuser(), None, "localhost", None, "runs", {})),
        ("postgres://a:b@c/d?sslmode=require", ("a", "b", "c", None, "d", {"sslmode": "require"})),
    ],
)
def test_every_spelling_of_postgresql_is_understood(named: str, parts: tuple[Any, ...]) -> None:
    url, variable = address({"DATABASE_URL": named, "GATESCOPE_DATA": "elsewhere"})
    assert variable == "DATABASE_URL"
    assert url.drivername == "postgresql+pg8000"
    assert (url.username, url.password, url.host, url.port, url.database, dict(url.query)) == parts


@pytest.mark.parametrize(
    ("named", "file"),
    [("sqlite:///runs.db", "runs.db"), ("sqlite+pysqlite:////var/lib/runs.db", "/var/lib/runs.db")],
)
def test_a_file_may_be_named_as_a_database(named: str, file: str) -> None:
    url, variable = address({"DATABASE_URL": named})
    assert (url.drivername, url.database, variable) == ("sqlite", file, "DATABASE_URL")


@pytest.mark.parametrize(
    ("named", "why"),
    [
        ("hunter2", "it cannot be read"),
        ("postgres://ada:hunter2@db:port/runs", "it cannot be read"),
        ("mysql://ada:hunter2@db/runs", "'mysql' is another kind of database"),
        ("postgresql+psycopg2://ada:hunter2@db/runs", "'postgresql+psycopg2' is another kind of database"),
        ("sqlite://", "an SQLite address is sqlite:/// and a file's path, and nothing else"),
        ("sqlite:///:memory:", "an SQLite address is sqlite:/// and a file's path, and nothing else"),
        ("sqlite:///runs.db?mode=ro", "an SQLite address is sqlite:/// and a file's path, and nothing else"),
        ("sqlite://hunter2/runs.db", "an SQLite address is sqlite:/// and a file's path, and nothing else"),
        (
            "postgres://ada:hunter2@db/runs?sslmode=maybe",
            "after a question mark it may say sslmode=disable|prefer|require|verify-full only",
        ),
        (
            "postgres://ada:hunter2@db/runs?options=x",
            "after a question mark it may say sslmode=disable|prefer|require|verify-full only",
        ),
    ],
)
def test_a_wrong_address_is_refused_in_words_without_the_password(named: str, why: str) -> None:
    with pytest.raises(StoreError) as caught:
        checked(named)
    remedy = ": correct it, or unset it to keep runs in the data folder."
    assert str(caught.value) == EXAMPLE + why + remedy
    assert "hunter2" not in "".join(traceback.format_exception(caught.value, limit=0))


HOME = {"HOME": "/somebody"}


@pytest.mark.parametrize(
    ("environment", "platform", "folder"),
    [
        (HOME, "linux", "/somebody/.local/share/gatescope"),
        ({**HOME, "XDG_DATA_HOME": "/shared"}, "linux", "/shared/gatescope"),
        ({**HOME, "XDG_DATA_HOME": "not/absolute"}, "linux", "/somebody/.local/share/gatescope"),
        ({**HOME, "XDG_DATA_HOME": "/shared"}, "darwin", "/somebody/Library/Application Support/gatescope"),
        ({**HOME, "LOCALAPPDATA": "/local"}, "win32", "/local/gatescope"),
        (HOME, "win32", "/somebody/AppData/Local/gatescope"),
        ({**HOME, "GATESCOPE_DATA": "/mine"}, "linux", "/mine"),
        ({**HOME, "GATESCOPE_DATA": "/mine"}, "win32", "/mine"),
        ({**HOME, "GATESCOPE_DATA": ""}, "linux", "/somebody/.local/share/gatescope"),
    ],
)
def test_the_data_folder_is_where_the_platform_keeps_such_things(
    environment: dict[str, str], platform: str, folder: str
) -> None:
    assert data_folder(environment, platform) == Path(folder)


def test_without_a_database_runs_are_kept_in_the_data_folder() -> None:
    url, variable = address({"GATESCOPE_DATA": "mine", "DATABASE_URL": ""})
    assert (url.drivername, variable) == ("sqlite", "GATESCOPE_DATA")
    assert url.database == str(Path("mine") / "runs.sqlite")


def test_a_home_that_nobody_knows_is_said_in_words() -> None:
    with pytest.raises(
        StoreError, match="found no home folder to keep runs in: name a folder with GATESCOPE_DATA"
    ):
        data_folder({"GATESCOPE_DATA": "~nobody-of-this-name/data"})
