"""The store's file: who may read it, and what happens where it is not writable, not sound, or not ours."""

from __future__ import annotations

import os
import shutil
import sqlite3
import stat
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Pool, event

from gru_core.errors import StoreError
from gru_core.runs import engine as engine_module
from gru_core.runs.records import PointRecord
from gru_core.runs.store import RunStore, open_store
from tests.support.records import a_run, a_snapshot

FORBIDDEN = "^The store of runs may not be written: allow the server to write to what GATESCOPE_DATA names"
DAMAGED = (
    r"^The store of runs is damaged, or is not one of GateScope's, and was left as it is: .* GATESCOPE_DATA"
)


@pytest.fixture
def folder() -> Iterator[Path]:
    """A data folder that any user may reach, with letters in its name that an address gives a meaning."""
    with tempfile.TemporaryDirectory(prefix="gatescope-") as name:
        place = Path(name) / "data ü %41 #1"
        place.mkdir()
        for each in (Path(name), place):
            each.chmod(0o755)
        yield place


@pytest.fixture
def file(folder: Path) -> Path:
    return folder / "runs.sqlite"


def opened(folder: Path) -> RunStore:
    return open_store({"GATESCOPE_DATA": str(folder)})


def refused(action: Callable[[], object], sentence: str, folder: Path) -> None:
    """The action ends in that sentence, which says nothing of where things lie here."""
    with pytest.raises(StoreError, match=sentence) as caught:
        action()
    said = str(caught.value)
    assert str(folder.parent) not in said
    assert "\n" not in said


@contextmanager
def as_nobody() -> Iterator[None]:
    """Whoever we are, not root, who may write everywhere."""
    root = hasattr(os, "geteuid") and os.geteuid() == 0
    if root:
        os.seteuid(65_534)
    try:
        yield
    finally:
        if root:
            os.seteuid(0)


def test_only_the_owner_can_read_the_files(folder: Path) -> None:
    with closing(opened(folder / "new" / "deep")) as store:
        store.create(a_run())
        made = {path.name: path for path in (folder / "new" / "deep").iterdir()}
        assert sorted(made) == ["runs.sqlite", "runs.sqlite-shm", "runs.sqlite-wal"]
        if os.name == "posix":
            assert {stat.S_IMODE(path.stat().st_mode) for path in made.values()} == {0o600}
            assert stat.S_IMODE((folder / "new" / "deep").stat().st_mode) == 0o700


def test_a_file_that_is_there_is_opened_again(folder: Path) -> None:
    record = a_run()
    with closing(opened(folder)) as store:
        store.create(record)
    with closing(opened(folder)) as store:
        assert store.get(record.key) == record


KILLED = """
import os, signal
from gru_core.runs.store import open_store
from gru_core.runs.records import PointRecord
from tests.support.records import a_run
store, record = open_store(os.environ), a_run(key="k" * 10)
store.create(record)
store.write(record.key, [PointRecord(0, 1, {"loss": 0.5})])
os.kill(os.getpid(), getattr(signal, "SIGKILL", signal.SIGTERM))
"""


@pytest.mark.slow
def test_what_was_kept_outlives_a_server_that_is_killed(folder: Path, repository: Path) -> None:
    environment = {**os.environ, "GATESCOPE_DATA": str(folder)}
    done = subprocess.run(
        [sys.executable, "-c", KILLED], cwd=repository, env=environment, capture_output=True, text=True
    )
    assert done.returncode != 0
    assert done.stderr == ""
    with closing(opened(folder)) as store:
        assert store.points("k" * 10) == [PointRecord(0, 1, {"loss": 0.5})]


# --- not writable ---


def test_a_folder_that_cannot_be_made_is_refused(folder: Path) -> None:
    (folder / "a file").write_text("in the way")
    refused(lambda: opened(folder / "a file"), FORBIDDEN, folder)
    refused(lambda: opened(folder / "a file" / "below"), FORBIDDEN, folder)
    (folder / "runs.sqlite").mkdir()
    refused(lambda: opened(folder), FORBIDDEN, folder)


def test_a_folder_that_may_not_be_written_is_refused(folder: Path) -> None:
    folder.chmod(0o555)
    with as_nobody():
        refused(lambda: opened(folder), FORBIDDEN, folder)
        refused(lambda: opened(folder / "below"), FORBIDDEN, folder)
    assert list(folder.iterdir()) == []
    folder.chmod(0o755)


def test_a_file_that_may_not_be_written_is_refused_and_works_again_later(folder: Path, file: Path) -> None:
    record = a_run()
    with closing(opened(folder)) as store:
        store.create(record)
        store.close()
        before = file.read_bytes()
        file.chmod(0o444)
        folder.chmod(0o555)
        with as_nobody():
            refused(lambda: store.write(record.key, [PointRecord(0, 1, {})]), FORBIDDEN, folder)
            refused(lambda: opened(folder), FORBIDDEN, folder)
            store.close()
        folder.chmod(0o755)
        file.chmod(0o600)
        assert file.read_bytes() == before
        assert store.write(record.key, [PointRecord(0, 1, {})])


def test_a_file_that_another_program_holds_is_busy(
    folder: Path, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine_module, "WAIT_SECONDS", 0.05)
    record = a_run()
    with closing(opened(folder)) as store, closing(sqlite3.connect(file)) as other:
        store.create(record)
        other.execute("BEGIN IMMEDIATE")
        refused(lambda: store.write(record.key, title="x"), "^The store of runs is busy: try again", folder)
        assert store.get(record.key) == record
        other.rollback()
        assert store.write(record.key, title="x")


@pytest.mark.parametrize("patience", [30, 0.05])
def test_another_server_in_the_way_of_the_first_start_is_waited_for(
    folder: Path, file: Path, monkeypatch: pytest.MonkeyPatch, patience: float
) -> None:
    """Both start on a new file: one writes at the moment in which the other makes it write-ahead."""
    monkeypatch.setattr(engine_module, "WAIT_SECONDS", patience)
    a_sound_file(folder)
    with closing(sqlite3.connect(file, check_same_thread=False)) as other:
        other.execute("PRAGMA journal_mode = DELETE")
        done, uses = threading.Timer(0.2, other.rollback), iter(range(99))

        def start_writing(*_: object) -> None:
            # The first use makes the tables.
            if next(uses) == 1:
                other.execute("BEGIN IMMEDIATE")
                done.start()

        event.listen(Pool, "checkout", start_writing)
        try:
            if patience < 0.2:
                refused(lambda: opened(folder), "^The store of runs is busy: try again in a moment.$", folder)
            else:
                opened(folder).close()
                # The file's format: sqlite.org/fileformat2.html, 1.3.3.
                assert file.read_bytes()[18:20] == bytes([2, 2])
        finally:
            event.remove(Pool, "checkout", start_writing)
        done.join()


# --- not sound, or not ours ---


def a_sound_file(folder: Path) -> bytes:
    """A store of some 100 pages."""
    with closing(opened(folder)) as store:
        record = a_run(key="k" * 10)
        store.create(record)
        for update in range(20):
            store.write(
                record.key, [PointRecord(0, update, {"text": "x" * 900})], [a_snapshot(0, update, 9_000)]
            )
    return (folder / "runs.sqlite").read_bytes()


def test_a_file_that_is_no_database_is_refused_and_kept(folder: Path, file: Path) -> None:
    for content in (b"Dear diary\n" * 100, b"SQLite format 3\0" + bytes(5_000), a_sound_file(folder)[1:]):
        shutil.rmtree(folder)
        folder.mkdir()
        file.write_bytes(content)
        refused(lambda: opened(folder), DAMAGED, folder)
        assert file.read_bytes() == content


@pytest.mark.parametrize("harm", ["overwritten", "cut off"])
def test_a_damaged_file_is_said_to_be_and_kept(folder: Path, file: Path, harm: str) -> None:
    sound = a_sound_file(folder)
    start = 12 * 4096
    file.write_bytes(sound[:start] + (b"\x5a" * (len(sound) - start) if harm == "overwritten" else b""))
    broken = file.read_bytes()

    def read_all() -> None:
        with closing(opened(folder)) as store:
            store.points("k" * 10)
            store.snapshots("k" * 10, with_weights=True)
            store.write("k" * 10, [PointRecord(0, 99, {})])

    refused(read_all, DAMAGED, folder)
    assert file.read_bytes() == broken


FOREIGN = {
    "another program's table": "CREATE TABLE runs (id INTEGER, distance REAL)",
    "another program's settings": "CREATE TABLE meta (id INTEGER)",
    "a store that lost a table": "DROP TABLE points",
    "a store that lost its version": "DELETE FROM meta",
}


@pytest.mark.parametrize("what", FOREIGN)
def test_a_database_that_is_not_a_store_is_refused_and_kept(folder: Path, file: Path, what: str) -> None:
    if what.startswith("a store"):
        a_sound_file(folder)
    with closing(sqlite3.connect(file)) as connection:
        connection.execute(FOREIGN[what])
        connection.commit()
    before = file.read_bytes()
    refused(lambda: opened(folder), DAMAGED, folder)
    assert file.read_bytes() == before


def test_a_store_of_another_version_is_refused_and_kept(folder: Path, file: Path) -> None:
    a_sound_file(folder)
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("UPDATE meta SET value = '7' WHERE name = 'schema'")
        connection.commit()
    before = file.read_bytes()
    sentence = (
        "^The store of runs has version 7 and this GateScope reads version 1: use the GateScope that made "
        "it, or name another store with GATESCOPE_DATA.$"
    )
    refused(lambda: opened(folder), sentence, folder)
    assert file.read_bytes() == before


def test_tables_of_another_program_in_the_same_database_are_left_in_peace(folder: Path, file: Path) -> None:
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("CREATE TABLE recipes (name TEXT)")
        connection.execute("INSERT INTO recipes VALUES ('soup')")
        connection.commit()
    with closing(opened(folder)) as store:
        store.create(a_run())
        store.expire(1e12)
    with closing(sqlite3.connect(file)) as connection:
        assert connection.execute("SELECT name FROM recipes").fetchall() == [("soup",)]
        assert connection.execute("SELECT count(*) FROM runs").fetchall() == [(0,)]
