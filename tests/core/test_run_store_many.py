"""Many at once: threads of one server, several servers, on SQLite and PostgreSQL alike."""

from __future__ import annotations

import dataclasses
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from gru_core.runs.records import CheckpointRecord, PointRecord
from gru_core.runs.store import RunStore
from tests.support.records import NOW, a_run, a_snapshot

THREADS = 6
ROUNDS = 12

# Another server: it waits for a line, then writes as fast as it can from some threads.
OTHER_SERVER = """
import sys
from concurrent.futures import ThreadPoolExecutor
from gru_core.runs.store import RunStore
from gru_core.runs.records import PointRecord
store, (key, lanes, rounds) = RunStore(sys.argv[1]), sys.argv[2:]
print("ready", flush=True)
sys.stdin.readline()
def write(lane):
    for update in range(int(rounds)):
        assert store.write(key, [PointRecord(lane, update, {"by": "other"})], updated=float(update))
with ThreadPoolExecutor() as pool:
    list(pool.map(write, range(100, 100 + int(lanes))))
print("done", len(store.points(key)) >= int(lanes) * int(rounds), flush=True)
store.close()
"""


@pytest.mark.slow
def test_writers_of_two_servers_wait_for_each_other_and_lose_nothing(
    store: RunStore, store_url: str, repository: Path
) -> None:
    record, second = a_run(), a_run()
    store.create(record)
    store.create(second)
    words = [store_url, record.key, str(THREADS), str(ROUNDS)]
    with subprocess.Popen(
        [sys.executable, "-W", "error", "-c", OTHER_SERVER, *words],
        cwd=repository,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as other:
        assert other.stdout is not None
        assert other.stdin is not None
        assert other.stdout.readline() == "ready\n"
        other.stdin.write("go\n")
        other.stdin.flush()

        def write(lane: int) -> None:
            for update in range(ROUNDS):
                assert store.write(record.key, [PointRecord(lane, update, {"by": "us"})])
                assert store.write(second.key, [], [a_snapshot(lane, update)])
                store.touch([second.key, record.key], NOW + update)
                assert store.get(record.key) is not None

        with ThreadPoolExecutor(THREADS) as pool:
            list(pool.map(write, range(THREADS)))
        assert other.stdout.readline() == "done True\n"
    ours = [(lane, update, "us") for lane in range(THREADS) for update in range(ROUNDS)]
    theirs = [(lane, update, "other") for lane in range(100, 100 + THREADS) for update in range(ROUNDS)]
    assert [(p.lane, p.update, p.values["by"]) for p in store.points(record.key)] == ours + theirs
    assert len(store.snapshots(second.key)) == THREADS * ROUNDS
    for key, size in ((record.key, 11 * len(ours) + 14 * len(theirs)), (second.key, 277 * len(ours))):
        found = store.get(key)
        assert found is not None
        assert found.bytes == record.bytes + size


def test_servers_that_start_together_make_one_store(open_another: Callable[[], RunStore]) -> None:
    together = threading.Barrier(THREADS)

    def start(_number: int) -> RunStore:
        together.wait()
        return open_another()

    with ThreadPoolExecutor(THREADS) as pool:
        stores = list(pool.map(start, range(THREADS)))
    record = a_run()
    stores[0].create(record)
    assert [store.get(record.key) for store in stores] == [record] * THREADS


def test_a_reader_sees_all_of_a_write_or_nothing(
    store: RunStore, open_another: Callable[[], RunStore]
) -> None:
    record = a_run()
    store.create(record)
    reader, over = open_another(), threading.Event()

    def read() -> list[int]:
        seen = [len(reader.snapshots(record.key))]
        while not over.is_set():
            seen.append(len(reader.snapshots(record.key)))
        return seen

    with ThreadPoolExecutor(1) as pool:
        reading = pool.submit(read)
        for update in range(12):
            store.write(record.key, [], [a_snapshot(lane, update, 20_000) for lane in range(5)])
        over.set()
        seen = reading.result(20)
    assert seen == sorted(seen)
    assert len(set(seen)) > 2
    assert {count % 5 for count in seen} == {0}


def test_of_many_who_take_over_a_run_one_gets_it(
    store: RunStore, open_another: Callable[[], RunStore]
) -> None:
    record = a_run(status="running")
    store.create(record)
    stores = [store, open_another()] * 4
    together = threading.Barrier(len(stores))

    def claim(number: int) -> bool:
        together.wait()
        return stores[number].claim(record, f"host:{number}:n", NOW + number)

    with ThreadPoolExecutor(len(stores)) as pool:
        got = list(pool.map(claim, range(len(stores))))
    assert got.count(True) == 1
    winner = got.index(True)
    expected = {"status": "queued", "server": f"host:{winner}:n", "heartbeat": NOW + winner}
    assert store.get(record.key) == dataclasses.replace(record, **expected, updated=NOW + winner)


def test_deleting_a_run_that_is_being_written_leaves_nothing(
    store: RunStore, open_another: Callable[[], RunStore]
) -> None:
    record, other = a_run(), open_another()
    store.create(record)
    going = threading.Event()

    def write() -> int:
        written = 0
        while other.write(record.key, [PointRecord(0, written, {})], [], [CheckpointRecord(0, 0, {}, b"")]):
            written += 1
            going.set()
        return written

    with ThreadPoolExecutor(1) as pool:
        writer = pool.submit(write)
        assert going.wait(20)
        assert store.delete(record.key, "ada")
        assert writer.result(20) > 0
    assert store.points(record.key) == store.checkpoints(record.key) == []


def test_two_servers_that_tidy_up_at_once_count_every_run_once(
    store: RunStore, open_another: Callable[[], RunStore]
) -> None:
    old = 40
    for number in range(old):
        store.create(a_run(opened=float(number)))
    stores = [store, open_another()]
    together = threading.Barrier(2)

    def tidy(number: int) -> int:
        together.wait()
        return stores[number].expire(NOW)

    with ThreadPoolExecutor(2) as pool:
        assert sum(pool.map(tidy, range(2))) == old
    assert store.of_owner("ada") == []
