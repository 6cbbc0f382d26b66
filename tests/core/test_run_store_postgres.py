"""What only a server can do: be killed, refuse, not be there, be something else."""

from __future__ import annotations

import contextlib
import socket
import threading
import traceback
from collections.abc import Iterator
from contextlib import closing

import pytest

from gru_core.errors import StoreError
from gru_core.runs import engine as engine_module
from gru_core.runs.records import CheckpointRecord, PointRecord
from gru_core.runs.store import RunStore, open_store
from tests.support import ensure_postgres
from tests.support.postgres import MISSING, PostgresServer, find_programs
from tests.support.records import a_run, a_snapshot
from tests.support.server import free_port

UNREACHABLE = "^The database that DATABASE_URL names does not answer: see that it is running"
REFUSED = "^The database that DATABASE_URL names does not let the server in: correct the user, the password"
FORBIDDEN = "^The store of runs may not be written: allow the server to write to what DATABASE_URL names"
DAMAGED = "^The store of runs is damaged, or is not one of GateScope's, and was left as it is"
FAILED = "^The store of runs failed, and nothing was changed: see what DATABASE_URL names.$"


@pytest.fixture
def distant(postgres_url: str) -> Iterator[RunStore]:
    with closing(open_store({"DATABASE_URL": postgres_url})) as store:
        yield store


def name_in(url: str) -> str:
    return url.rpartition("/")[2]


@pytest.mark.slow
def test_a_server_that_is_killed_and_started_again_has_lost_nothing(
    distant: RunStore, postgres: PostgresServer
) -> None:
    record = a_run()
    distant.create(record)
    distant.write(record.key, [PointRecord(0, 1, {"loss": 0.5})])
    postgres.stop()
    try:
        for attempt in (lambda: distant.get(record.key), lambda: distant.touch([record.key], 1.0)):
            with pytest.raises(StoreError, match=UNREACHABLE):
                attempt()
    finally:
        postgres.start()
    assert distant.get(record.key) is not None
    assert distant.points(record.key) == [PointRecord(0, 1, {"loss": 0.5})]
    assert distant.write(record.key, [PointRecord(0, 2, {})])
    # Nobody asked while it was away: nobody notices.
    postgres.stop()
    postgres.start()
    assert distant.write(record.key, [PointRecord(0, 3, {})])


@pytest.mark.slow
def test_a_write_that_fails_at_its_end_leaves_nothing_of_its_beginning(
    distant: RunStore, postgres: PostgresServer, postgres_url: str
) -> None:
    record = a_run()
    distant.create(record)
    before = distant.get(record.key)
    everything = ([PointRecord(0, 1, {})], [a_snapshot(0, 1)], [CheckpointRecord(0, 1, {}, b"x")])
    postgres.run("ALTER TABLE checkpoints ADD CONSTRAINT never CHECK (false)", database=name_in(postgres_url))
    with pytest.raises(StoreError, match=FAILED):
        distant.write(record.key, *everything, status="failed")
    assert distant.get(record.key) == before
    assert distant.points(record.key) == distant.snapshots(record.key) == []
    postgres.run("ALTER TABLE checkpoints DROP CONSTRAINT never", database=name_in(postgres_url))
    assert distant.write(record.key, *everything, status="failed")
    assert len(distant.checkpoints(record.key)) == 1


@pytest.mark.slow
def test_a_database_that_may_only_be_read_is_said_in_words(
    distant: RunStore, postgres: PostgresServer, postgres_url: str
) -> None:
    record, name = a_run(), name_in(postgres_url)
    distant.create(record)
    distant.close()
    postgres.run(f"ALTER DATABASE {name} SET default_transaction_read_only = on")
    with pytest.raises(StoreError, match=FORBIDDEN):
        distant.write(record.key, title="x")
    assert distant.get(record.key) == record
    distant.close()
    postgres.run(f"ALTER DATABASE {name} RESET default_transaction_read_only")
    assert distant.write(record.key, title="x")


@pytest.mark.slow
def test_a_database_that_lets_nobody_in_is_said_in_words_without_the_password(
    postgres: PostgresServer, postgres_url: str
) -> None:
    secret = postgres.password
    for wrong in (
        postgres_url.replace(secret, secret + "x"),
        postgres_url.replace(f":{secret}", ""),
        postgres_url + "_of_another_name",
        postgres_url.replace("gatescope:", "somebody:"),
    ):
        with pytest.raises(StoreError, match=REFUSED) as caught:
            open_store({"DATABASE_URL": wrong})
        assert secret not in "".join(traceback.format_exception(caught.value))


@pytest.mark.slow
def test_encryption_that_is_asked_for_is_not_quietly_left_out(postgres_url: str) -> None:
    for mode in ("disable", "prefer"):
        open_store({"DATABASE_URL": f"{postgres_url}?sslmode={mode}"}).close()
    for mode in ("require", "verify-full"):
        with pytest.raises(StoreError, match=UNREACHABLE):
            open_store({"DATABASE_URL": f"{postgres_url}?sslmode={mode}"})


@pytest.mark.slow
@pytest.mark.parametrize(
    "foreign",
    ["CREATE TABLE runs (id INTEGER)", "CREATE TABLE meta (name TEXT)", "CREATE TABLE points (x FLOAT)"],
)
def test_tables_of_another_program_are_refused_and_kept(
    postgres: PostgresServer, postgres_url: str, foreign: str
) -> None:
    count = "SELECT count(*) FROM information_schema.tables WHERE table_schema = 'public'"
    postgres.run(foreign, database=name_in(postgres_url))
    with pytest.raises(StoreError, match=DAMAGED):
        open_store({"DATABASE_URL": postgres_url})
    assert postgres.run(count, database=name_in(postgres_url)) == [[1]]


def test_a_place_where_nobody_listens_is_said_in_words() -> None:
    with pytest.raises(StoreError, match=UNREACHABLE):
        open_store({"DATABASE_URL": f"postgres://ada:secret@127.0.0.1:{free_port()}/runs"})


@pytest.mark.parametrize("answer", [b"", b"HTTP/1.1 400 Bad Request\r\n\r\n", b"SSH-2.0-x\r\n", None])
def test_a_place_where_something_else_listens_is_said_in_words(
    monkeypatch: pytest.MonkeyPatch, answer: bytes | None
) -> None:
    """Another program answers in its own way, or (None) never."""
    monkeypatch.setattr(engine_module, "WAIT_SECONDS", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        over = threading.Event()

        def serve() -> None:
            with contextlib.suppress(OSError):
                while not over.is_set():
                    other, _ = listener.accept()
                    with other:
                        if answer is None:
                            over.wait(20)
                        else:
                            other.sendall(answer)

        server = threading.Thread(target=serve)
        server.start()
        try:
            with pytest.raises(StoreError, match=UNREACHABLE):
                open_store({"DATABASE_URL": f"postgres://a:b@127.0.0.1:{listener.getsockname()[1]}/c"})
        finally:
            over.set()
            listener.shutdown(socket.SHUT_RDWR)
            server.join(20)


def test_without_postgresql_the_set_up_fails_with_one_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("tests.support.postgres.PLACES", ())
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr(ensure_postgres, "may_install", lambda: None)
    assert find_programs() is None
    assert ensure_postgres.main() == 1
    assert capsys.readouterr().err == MISSING + "\n"
