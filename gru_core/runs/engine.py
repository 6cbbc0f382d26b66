"""Opens the database of a store: a new one gets its tables, another program's is left alone.

SQLite is used in write-ahead mode, so that readers and one writer do not wait for each other, and every
writing transaction asks for its turn at once (BEGIN IMMEDIATE), so that waiting in line works.
"""

import os
import socket
import ssl
import struct
import time
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, func, insert, inspect, select

from gru_core.errors import StoreError
from gru_core.runs.addresses import checked
from gru_core.runs.faults import BUSY, DAMAGED, FORBIDDEN, in_words
from gru_core.runs.tables import SCHEMA, meta, metadata

WAIT_SECONDS = 30
"""How long a statement waits for its turn or for an answer."""

WRITES = {"gatescope_writes": True}
"""Execution options of a connection that is going to write."""

# Any number, as long as it is always the same: who makes the tables holds PostgreSQL's lock of that number.
LOCK = 7_461_203


def open_engine(url: str | URL, variable: str) -> Engine:
    """An engine on a database that has the store's tables.

    variable  the setting that people are told to look at

    Raises:
        StoreError: the address is wrong, or the database cannot be used.
    """
    address = checked(url)
    lite = address.get_backend_name() == "sqlite"
    engine = _sqlite(address, variable) if lite else _postgres(address)
    try:
        with in_words(variable):
            with engine.execution_options(**WRITES).begin() as connection:
                _prepare(connection, variable)
            if lite:
                _write_ahead(engine)
    except BaseException:
        engine.dispose()
        raise
    return engine


def _sqlite(address: URL, variable: str) -> Engine:
    path = Path(str(address.database))
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        # SQLite gives its side files the mode of this one.
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    except OSError as error:
        raise StoreError(FORBIDDEN.sentence.format(variable=variable)) from error
    engine = create_engine(address, connect_args={"timeout": WAIT_SECONDS}, hide_parameters=True)
    event.listen(engine, "connect", _on_connect)
    event.listen(engine, "begin", _on_begin)
    return engine


def _on_connect(connection: Any, _record: object) -> None:
    # Python's sqlite3 leaves BEGIN to us: see SQLAlchemy's manual on its transactions.
    connection.isolation_level = None
    connection.execute("PRAGMA foreign_keys = ON")
    # In write-ahead mode this survives any crash of the server; a power cut may cost the last moment.
    connection.execute("PRAGMA synchronous = NORMAL")


def _on_begin(connection: Connection) -> None:
    writes = connection.get_execution_options().get("gatescope_writes")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _write_ahead(engine: Engine) -> None:
    """Switch a new file to write-ahead mode; SQLite does not itself wait for others in this."""
    deadline = time.monotonic() + WAIT_SECONDS
    connection = engine.raw_connection()
    try:
        while True:
            try:
                mode = connection.cursor().execute("PRAGMA journal_mode").fetchone()[0]
                if mode != "wal":
                    connection.cursor().execute("PRAGMA journal_mode = WAL")
                return
            except engine.dialect.loaded_dbapi.OperationalError as error:
                if "locked" not in str(error) or time.monotonic() > deadline:
                    raise StoreError(BUSY.sentence) from error
                time.sleep(0.01)
    finally:
        connection.close()


def _postgres(address: URL) -> Engine:
    mode = address.query.get("sslmode", "prefer")
    # pg8000's words: None tries, True insists, a context also checks who answers.
    context = {"disable": False, "prefer": None, "require": True}
    encrypted = ssl.create_default_context() if mode == "verify-full" else context[str(mode)]
    # pg8000 trips over a password that is asked for and is not there; an empty one is refused in words.
    arguments = {"password": address.password or "", "ssl_context": encrypted}
    engine = create_engine(
        address.set(query={}),
        connect_args={**arguments, "application_name": "gatescope"},
        # A server that was restarted is found again without an error.
        pool_pre_ping=True,
        hide_parameters=True,
    )
    event.listen(engine, "do_connect", _reach)
    return engine


def _reach(dialect: Any, _record: object, _words: object, options: dict[str, Any]) -> Any:
    """A connection of pg8000 over a wire of our own."""
    place = options["host"], options.get("port", 5432)
    wire = socket.create_connection(place, WAIT_SECONDS)
    try:
        wire.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        # A large value and its end are sent apart; put together by the system, the end would wait 40 ms for
        # the other side to confirm (RFC 896 and RFC 1122, 4.2.3.2).
        wire.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return dialect.loaded_dbapi.Connection(sock=wire, **options)
    except BaseException as error:
        wire.close()
        strange = isinstance(error, LookupError | ValueError | AttributeError | struct.error)
        if strange and not isinstance(error, OSError):
            raise ConnectionError("What answers is not PostgreSQL") from error
        raise


def _prepare(connection: Connection, variable: str) -> None:
    if connection.dialect.name == "postgresql":
        # Two servers that start at the same time would both make the tables.
        connection.execute(select(func.pg_advisory_xact_lock(LOCK)))
    there = set(inspect(connection).get_table_names()) & set(metadata.tables)
    if not there:
        metadata.create_all(connection, checkfirst=False)
        connection.execute(insert(meta).values(name="schema", value=str(SCHEMA)))
        return
    version = None
    if there == set(metadata.tables):
        columns = {column["name"] for column in inspect(connection).get_columns(meta.name)}
        if columns == set(meta.c.keys()):
            version = connection.scalar(select(meta.c.value).where(meta.c.name == "schema"))
    if version is None:
        raise StoreError(DAMAGED.sentence.format(variable=variable))
    if version != str(SCHEMA):
        raise StoreError(
            f"The store of runs has version {version} and this GateScope reads version {SCHEMA}: use the "
            f"GateScope that made it, or name another store with {variable}."
        )
