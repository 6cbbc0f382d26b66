"""What a store of runs promises, held against an SQLite file and a real PostgreSQL server alike."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import create_engine, text

from gru_core.errors import StoreError
from gru_core.runs.addresses import checked
from gru_core.runs.records import CheckpointRecord, PointRecord, new_key
from gru_core.runs.store import RunStore
from tests.support.records import EVERY_BYTE, NOW, a_run, a_snapshot, json_bytes


def test_a_run_comes_back_as_it_went_in(store: RunStore) -> None:
    record = a_run()
    store.create(record)
    assert store.get(record.key) == record


def test_another_server_reads_what_one_wrote(store: RunStore, open_another: Callable[[], RunStore]) -> None:
    record = a_run()
    store.create(record)
    store.write(record.key, [PointRecord(0, 1, {"loss": 0.5})])
    store.close()
    other = open_another()
    assert other.points(record.key) == [PointRecord(0, 1, {"loss": 0.5})]
    # A store that was let go opens again by itself.
    assert store.get(record.key) == other.get(record.key)


def test_a_key_that_names_nothing_gives_nothing(store: RunStore) -> None:
    for key in ("", "k" * 10, "abc", "' or 1=1 --", "0\0", "\ud800", "ABCDEFGHJK"):
        assert store.get(key) is None
    assert store.write(new_key(), [PointRecord(0, 1, {})]) is False
    assert store.snapshot_weights(new_key(), 0, 0) is None
    assert store.points(new_key()) == store.checkpoints(new_key()) == []


def test_a_key_can_be_taken_once(store: RunStore) -> None:
    record = a_run()
    store.create(record)
    with pytest.raises(StoreError, match=f"There is a run {record.key} already: take a new key"):
        store.create(dataclasses.replace(record, owner="bob"))
    assert store.get(record.key) == record


def test_what_a_database_cannot_keep_is_left_out_of_titles(store: RunStore) -> None:
    record = a_run(title="half \ud83d and nul \0.", message="\udc80")
    store.create(record)
    found = store.get(record.key)
    assert found is not None
    assert (found.title, found.message) == ("half ? and nul .", "?")


CHANGES = {
    "title": "another",
    "spec": {"task": {"name": "adding"}},
    "status": "failed",
    "message": "The loss is not a number.",
    "updated": NOW + 5,
    "opened": NOW + 6,
    "heartbeat": NOW + 7,
    "server": "elsewhere:1:cd",
    "summary": {"score": 0.5},
}


def test_a_field_that_changes_is_the_only_one(store: RunStore) -> None:
    record, other = a_run(), a_run()
    store.create(record)
    store.create(other)
    for name, value in CHANGES.items():
        change: Any = {name: value}
        assert store.write(record.key, **change)
        record = dataclasses.replace(record, **change)
        record = dataclasses.replace(record, bytes=json_bytes(record.spec) + json_bytes(record.summary))
        assert store.get(record.key) == record
    assert store.get(other.key) == other


def test_a_field_that_a_run_does_not_have_is_refused(store: RunStore) -> None:
    record = a_run()
    store.create(record)
    for field in ("owner", "created", "bytes", "colour"):
        unknown: Any = {field: "x"}
        with pytest.raises(TypeError, match=f"no field to change called \\['{field}'\\]"):
            store.write(record.key, **unknown)
    assert store.get(record.key) == record


def test_rows_come_back_in_order_and_only_those_of_the_run(store: RunStore) -> None:
    record, other = a_run(), a_run()
    for each in (record, other):
        store.create(each)
        store.write(
            each.key,
            [
                PointRecord(1, 5, {"b": 2}),
                PointRecord(0, 20, {"loss": 0.1}),
                PointRecord(0, 3, {"a": [1]}),
            ],
            [a_snapshot(1, 0), a_snapshot(0, 20), a_snapshot(0, 3)],
            [CheckpointRecord(1, 5, {"seed": 2**53}, EVERY_BYTE), CheckpointRecord(0, 20, {}, b"")],
        )
    store.delete(other.key, "ada")
    assert [(p.lane, p.update, p.values) for p in store.points(record.key)] == [
        (0, 3, {"a": [1]}),
        (0, 20, {"loss": 0.1}),
        (1, 5, {"b": 2}),
    ]
    assert store.checkpoints(record.key) == [
        CheckpointRecord(0, 20, {}, b""),
        CheckpointRecord(1, 5, {"seed": 2**53}, EVERY_BYTE),
    ]
    whole = store.snapshots(record.key, with_weights=True)
    assert whole == [a_snapshot(0, 3), a_snapshot(0, 20), a_snapshot(1, 0)]
    assert store.snapshots(record.key) == [dataclasses.replace(each, weights=b"") for each in whole]
    assert [s.update for s in store.snapshots(record.key, lane=0)] == [3, 20]
    assert [s.update for s in store.snapshots(record.key, lane=0, after=3)] == [20]
    assert [(s.lane, s.update) for s in store.snapshots(record.key, after=0)] == [(0, 3), (0, 20)]
    assert store.snapshot_weights(record.key, 0, 20) == b"w" * 8
    assert store.snapshot_weights(record.key, 1, 20) is None


def test_numbers_come_back_to_the_last_bit(store: RunStore) -> None:
    record = a_run()
    store.create(record)
    values = {"loss": math.inf, "tiny": 5e-324, "third": 1 / 3, "none": None, "score": -math.inf, "n": 2**60}
    store.write(record.key, [PointRecord(0, 1, {**values, "gone": math.nan})])
    found = dict(store.points(record.key)[0].values)
    assert math.isnan(found.pop("gone"))
    assert found == values


def test_the_same_moment_again_replaces_what_was_there(store: RunStore) -> None:
    record = a_run()
    store.create(record)
    for loss, size in ((1.0, 1000), (2.0, 10)):
        store.write(
            record.key,
            [PointRecord(0, 7, {"loss": loss})],
            [a_snapshot(0, 7, size)],
            [CheckpointRecord(0, int(loss), {"loss": loss}, b"d" * size)],
        )
    assert store.points(record.key) == [PointRecord(0, 7, {"loss": 2.0})]
    assert store.snapshots(record.key, with_weights=True) == [a_snapshot(0, 7, 10)]
    assert store.checkpoints(record.key) == [CheckpointRecord(0, 2, {"loss": 2.0}, b"d" * 10)]


def test_the_room_a_run_takes_is_counted(store: RunStore) -> None:
    record = a_run()
    store.create(record)
    taken = []
    for size in (1000, 10):
        store.write(record.key, [], [a_snapshot(0, 7, size), a_snapshot(1, 9, 5)], summary={"score": 0.5})
        found = store.get(record.key)
        assert found is not None
        taken.append(found.bytes)
    frames = 2 * (len('{"units":2}') + 258) + 5
    texts = json_bytes(record.spec) + json_bytes({"score": 0.5})
    assert taken == [texts + frames + 1000, texts + frames + 10]
    store.forget_after(record.key, 1, 8)
    found = store.get(record.key)
    assert found is not None
    assert found.bytes == texts + len('{"units":2}') + 258 + 10


def test_going_on_from_earlier_forgets_what_came_later_in_that_lane(store: RunStore) -> None:
    record, other = a_run(), a_run()
    for each in (record, other):
        store.create(each)
        rows = [(lane, update) for lane in (0, 1) for update in (10, 20, 30)]
        store.write(each.key, [PointRecord(*row, {}) for row in rows], [a_snapshot(*row) for row in rows])
    store.forget_after(record.key, 0, 20)
    left = [(0, 10), (0, 20), (1, 10), (1, 20), (1, 30)]
    assert [(p.lane, p.update) for p in store.points(record.key)] == left
    assert [(s.lane, s.update) for s in store.snapshots(record.key)] == left
    assert len(store.points(other.key)) == len(store.snapshots(other.key)) == 6


def test_a_server_that_lost_a_run_forgets_nothing_of_it(store: RunStore) -> None:
    record = a_run(server="one:1:a")
    store.create(record)
    store.write(record.key, [PointRecord(0, 10, {})], [a_snapshot(0, 10)], holder="one:1:a")
    assert store.forget_after(record.key, 0, 5, holder="two:2:b") is False
    assert len(store.points(record.key)) == len(store.snapshots(record.key)) == 1
    assert store.forget_after(record.key, 0, 5, holder="one:1:a") is True
    assert store.points(record.key) == store.snapshots(record.key) == []


def test_only_the_owner_deletes_and_nothing_of_the_run_stays(store: RunStore, store_url: str) -> None:
    record = a_run()
    store.create(record)
    store.write(record.key, [PointRecord(0, 1, {})], [a_snapshot(0, 1)], [CheckpointRecord(0, 1, {}, b"x")])
    assert store.delete(record.key, "bob") is False
    assert store.get(record.key) is not None
    assert store.delete(record.key, "ada") is True
    assert store.delete(record.key, "ada") is False
    assert store.get(record.key) is None
    assert rows_in(store_url) == {"runs": 0, "points": 0, "snapshots": 0, "checkpoints": 0}
    # A worker that does not know yet cannot bring it back.
    assert store.write(record.key, [PointRecord(0, 2, {})]) is False
    assert rows_in(store_url)["points"] == 0


def rows_in(url: str) -> dict[str, int]:
    """How many rows each table has, asked without the store."""
    engine = create_engine(checked(url))
    with engine.connect() as connection:
        names = ("runs", "points", "snapshots", "checkpoints")
        counts = {name: connection.scalar(text(f"SELECT count(*) FROM {name}")) for name in names}
    engine.dispose()
    return counts


def test_ones_own_runs_are_listed_newest_first(store: RunStore) -> None:
    made = [a_run(created=NOW + second) for second in (2, 0, 1)]
    for record in made:
        store.create(record)
    store.create(a_run(owner="bob"))
    assert store.of_owner("ada") == [dataclasses.replace(made[index], spec={}) for index in (0, 2, 1)]
    assert store.of_owner("") == []


def test_a_heartbeat_changes_nothing_else(store: RunStore) -> None:
    records = [a_run(status="running") for _ in range(3)]
    for record in records:
        store.create(record)
    store.touch([records[0].key, records[1].key, new_key()], NOW + 9)
    store.touch([], NOW + 10)
    store.opened(records[2].key, NOW + 11)
    assert [store.get(record.key) for record in records] == [
        dataclasses.replace(records[0], heartbeat=NOW + 9),
        dataclasses.replace(records[1], heartbeat=NOW + 9),
        dataclasses.replace(records[2], opened=NOW + 11),
    ]


def test_a_run_that_another_server_took_over_is_no_longer_written(store: RunStore) -> None:
    record = a_run(status="running", server="one:1:a")
    store.create(record)
    assert store.write(record.key, [PointRecord(0, 1, {})], holder="one:1:a")
    seen = store.get(record.key)
    assert seen is not None
    assert store.claim(seen, "two:2:b", NOW + 60) is True
    # Who clicked at the same time looked at the same record, and comes too late.
    assert store.claim(seen, "three:3:c", NOW + 61) is False
    assert store.write(record.key, [PointRecord(0, 2, {})], holder="one:1:a", message="late") is False
    assert store.write(record.key, holder="two:2:b", status="running")
    assert [point.update for point in store.points(record.key)] == [1]
    expected = {"server": "two:2:b", "heartbeat": NOW + 60, "updated": NOW + 60}
    assert store.get(record.key) == dataclasses.replace(seen, **expected)


@pytest.mark.parametrize(
    "sign_of_life", [{"heartbeat": NOW + 1}, {"server": "three:3:c"}, {"status": "paused"}]
)
def test_a_run_that_changed_since_it_was_looked_at_is_not_taken_over(
    store: RunStore, sign_of_life: dict[str, Any]
) -> None:
    seen = a_run(status="running", server="one:1:a")
    store.create(seen)
    changes: Any = sign_of_life
    store.write(seen.key, **changes)
    assert store.claim(seen, "two:2:b", NOW + 60) is False
    now = store.get(seen.key)
    assert now == dataclasses.replace(seen, **sign_of_life)
    assert store.claim(now, "two:2:b", NOW + 60) is True
