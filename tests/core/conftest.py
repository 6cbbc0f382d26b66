"""Stores to test: a new SQLite file or an empty database of a real PostgreSQL server, for every test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from gru_core.runs.store import RunStore
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
