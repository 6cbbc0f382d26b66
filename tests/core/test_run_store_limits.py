"""The stated limits of the store: what goes, what stays, on SQLite and PostgreSQL alike."""

from __future__ import annotations

import pytest

from gru_core.runs import store as store_module
from gru_core.runs.store import KEEP_DAYS, LOST_SECONDS, MOST_RUNS_PER_OWNER, RunStore
from tests.support.records import NOW, a_run, a_snapshot, json_bytes

DAY = 86_400.0


def kept(store: RunStore) -> set[str]:
    return {record.key for owner in ("ada", "bob") for record in store.of_owner(owner)}


def test_runs_that_nobody_opened_for_long_go(store: RunStore) -> None:
    limit = NOW - KEEP_DAYS * DAY
    old, new = a_run(opened=limit - 1, created=0.0), a_run(opened=limit + 1, created=0.0)
    running = a_run(opened=limit - 1, status="running", heartbeat=NOW - 60)
    lost = a_run(opened=limit - 1, status="queued", heartbeat=NOW - LOST_SECONDS - 1)
    for record in (old, new, running, lost):
        store.create(record)
    assert store.expire(NOW) == 2
    assert kept(store) == {new.key, running.key}
    assert store.expire(NOW) == 0


def test_of_too_many_runs_of_one_person_the_least_opened_go(store: RunStore) -> None:
    running = a_run(opened=NOW - 999, status="running", heartbeat=NOW)
    finished = [a_run(opened=NOW - age) for age in range(MOST_RUNS_PER_OWNER + 1)]
    others = [a_run(opened=NOW - 500, owner="bob") for _ in range(3)]
    for record in (running, *finished, *others):
        store.create(record)
    assert store.expire(NOW) == 2
    left = {record.key for record in (running, *finished[:-2], *others)}
    assert kept(store) == left
    assert len(store.of_owner("ada")) == MOST_RUNS_PER_OWNER


def test_of_too_many_bytes_the_least_opened_of_who_takes_most_go(
    store: RunStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    records = [
        a_run(opened=NOW - 99, owner="bob"),
        a_run(opened=NOW - 9, status="running", heartbeat=NOW),
        a_run(opened=NOW - 7),
        a_run(opened=NOW - 3),
    ]
    for record in records:
        store.create(record)
        store.write(record.key, [], [a_snapshot(0, 1, 100_000)])
    one = json_bytes(records[0].spec) + json_bytes(records[0].summary) + len('{"units":2}') + 258 + 100_000
    monkeypatch.setattr(store_module, "MOST_BYTES", 4 * one)
    assert store.expire(NOW) == 0
    monkeypatch.setattr(store_module, "MOST_BYTES", 2 * one)
    assert store.expire(NOW) == 2
    assert kept(store) == {records[0].key, records[1].key}
    monkeypatch.setattr(store_module, "MOST_BYTES", 0)
    assert store.expire(NOW) == 1
    assert kept(store) == {records[1].key}
