"""What every store does with its database: opens it, reads, writes in turn, and lets it go."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import URL, Connection

from gru_core.runs.addresses import URL_VARIABLE
from gru_core.runs.engine import WRITES, open_engine
from gru_core.runs.faults import in_words


class Database:
    """A database that a store keeps its rows in.

    url       postgresql://user:password@host/database, or sqlite:/// and a file's path
    variable  the setting that errors tell people to look at

    Raises:
        StoreError: the address is wrong, or the database cannot do what it should.
    """

    def __init__(self, url: str | URL, variable: str = URL_VARIABLE) -> None:
        self._variable = variable
        self._engine = open_engine(url, variable)
        self._writer = self._engine.execution_options(**WRITES)

    def close(self) -> None:
        """Let the database go. The store opens it again when it is used again."""
        self._engine.dispose()

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        with in_words(self._variable), self._writer.begin() as connection:
            yield connection

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        with in_words(self._variable), self._engine.connect() as connection:
            yield connection
