"""Stores to test: a new SQLite file or an empty database of a real PostgreSQL server, for every test.

And the room in which the app reads the files of strangers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from gru_core.formats import load
from gru_core.reading_room import ReadingRoom
from gru_core.runs.store import RunStore
from tests.support.files import sentence_of
from tests.support.postgres import PostgresServer, fresh_database, postgres_server


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """One server for all tests that need one."""
    with postgres_server() as server:
        yield server


@pytest.fixture
def postgres_url(postgres: PostgresServer) -> Iterator[str]:
    """The address of an empty database."""
    with fresh_database(postgres) as name:
        yield postgres.url(name)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)])
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty database of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'runs.sqlite'}"
    url: str = request.getfixturevalue("postgres_url")
    return url


@pytest.fixture
def open_another(store_url: str) -> Iterator[Callable[[], RunStore]]:
    """Opens the same store once more, as another server does."""
    with ExitStack() as stack:

        def another() -> RunStore:
            store = RunStore(store_url)
            stack.callback(store.close)
            return store

        yield another


@pytest.fixture
def store(open_another: Callable[[], RunStore]) -> RunStore:
    """An empty store of each kind."""
    return open_another()


@pytest.fixture(scope="session")
def room() -> Iterator[ReadingRoom]:
    """The reading room as the app has it."""
    made = ReadingRoom()
    yield made
    made.close()


@pytest.fixture
def said(room: ReadingRoom) -> Callable[..., str]:
    """The sentence that a file of that name and content ends in, the same in the room and outside of it."""

    def read(content: bytes | dict[str, bytes], name: str = "m") -> str:
        files = content if isinstance(content, dict) else {name: content}
        sentence = sentence_of(lambda: room.load_models(files))
        assert sentence is not None
        assert sentence_of(lambda: load(files)) == sentence
        return sentence

    return read
