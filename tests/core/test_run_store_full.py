"""A store without room: said in words, nothing half written, and well again once there is room."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Pool, event

from gru_core.errors import StoreError
from gru_core.runs.records import CheckpointRecord, PointRecord
from gru_core.runs.store import RunStore, open_store
from tests.support.records import a_run, a_snapshot

FULL = r"^The store of runs is full, and nothing was changed: .* \(see GATESCOPE_DATA\)\.$"


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    return {"GATESCOPE_DATA": str(tmp_path)}


@pytest.fixture
def lite(environment: dict[str, str]) -> Iterator[RunStore]:
    with closing(open_store(environment)) as store:
        yield store


@pytest.fixture
def most_pages() -> Iterator[list[int]]:
    """One number: how many pages a database may have. One more, and SQLite finds the disk full."""
    limit = [2**30]

    def set_limit(connection: Any, _record: object, _proxy: object) -> None:
        connection.execute(f"PRAGMA max_page_count = {limit[0]}").close()

    event.listen(Pool, "checkout", set_limit)
    yield limit
    event.remove(Pool, "checkout", set_limit)


def test_a_full_disk_is_said_in_words_and_nothing_is_half_written(
    lite: RunStore, most_pages: list[int]
) -> None:
    record, other = a_run(status="running"), a_run()
    for each in (record, other):
        lite.create(each)
        lite.write(each.key, [PointRecord(0, 1, {})], [a_snapshot(0, 1, 300_000)])
    before = lite.get(record.key)
    most_pages[0] = 1
    too_much = (
        [PointRecord(0, 2, {})],
        [a_snapshot(0, 2, 300_000)],
        [CheckpointRecord(0, 2, {}, b"x" * 300_000)],
    )
    with pytest.raises(StoreError, match=FULL):
        lite.write(record.key, *too_much, status="done")
    with pytest.raises(StoreError, match=FULL):
        lite.create(a_run(message="m" * 100_000))
    assert lite.get(record.key) == before
    assert [point.update for point in lite.points(record.key)] == [1]
    assert [found.update for found in lite.snapshots(record.key)] == [1]
    assert lite.checkpoints(record.key) == []
    # What the sentence advises helps: the room of a deleted run is used again.
    assert lite.delete(other.key, "ada")
    assert lite.write(record.key, [], [a_snapshot(0, 2, 280_000)])
    most_pages[0] = 2**30
    assert lite.write(record.key, *too_much, status="done")
    assert [found.update for found in lite.snapshots(record.key)] == [1, 2]


# The system itself refuses to let a file grow: as on a full disk, in the middle of SQLite's own writing.
WITHOUT_ROOM = """
import json, os, resource
from pathlib import Path
from gru_core.errors import StoreError
from gru_core.runs.store import open_store
from gru_core.runs.records import PointRecord
from tests.support.records import a_run, a_snapshot
store, record, said = open_store(os.environ), a_run(), []
store.create(record)
before = store.get(record.key)
most = max(file.stat().st_size for file in Path(os.environ["GATESCOPE_DATA"]).iterdir())
soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
for limit in (most, most + 5_000, most + 50_000):
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, hard))
    try:
        store.write(record.key, [PointRecord(0, 1, {})], [a_snapshot(0, 1, 500_000)])
    except StoreError as error:
        said.append(str(error))
    resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert store.get(record.key) == before
    assert store.points(record.key) == store.snapshots(record.key) == []
assert store.write(record.key, [PointRecord(0, 1, {})], [a_snapshot(0, 1, 500_000)])
assert len(store.snapshot_weights(record.key, 0, 1)) == 500_000
store.close()
print(json.dumps(said))
"""


@pytest.mark.slow
def test_a_disk_that_fills_up_while_writing_leaves_the_store_sound(
    environment: dict[str, str], tmp_path: Path, repository: Path
) -> None:
    if os.name != "posix":
        return
    words = [sys.executable, "-W", "error", "-c", WITHOUT_ROOM]
    done = subprocess.run(
        words, cwd=repository, env={**os.environ, **environment}, capture_output=True, text=True
    )
    assert done.stderr == ""
    said = json.loads(done.stdout)
    assert len(said) == 3
    for sentence in said:
        assert sentence.startswith(
            ("The store of runs is full, and", "The store of runs could not be read or written, and")
        )
        assert str(tmp_path) not in sentence
    with closing(sqlite3.connect(tmp_path / "runs.sqlite")) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
