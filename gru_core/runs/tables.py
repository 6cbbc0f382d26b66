"""The tables of the store, and how records become rows and rows records.

    meta         what this store is: one row, the schema's version
    runs         one row per run
    points       one row per run, lane and moment: numbers
    snapshots    one row per run, lane and moment: frame and weights
    checkpoints  one row per run and lane: the newest

Everything of a run goes with it. `at` is the number of updates; `bytes` is the room that a row takes.
JSON is kept as text: it may hold NaN, which a database's own JSON type refuses.
"""

import json
from collections.abc import Mapping
from typing import Any, cast

from sqlalchemy import (
    BigInteger,
    Column,
    Dialect,
    Double,
    ForeignKey,
    Integer,
    LargeBinary,
    MetaData,
    RowMapping,
    String,
    Table,
    Text,
    TypeDecorator,
)

from gru_core.runs.records import CheckpointRecord, PointRecord, RunRecord, SnapshotRecord, Status

SCHEMA = 1
"""Version of these tables; another one is not opened."""


class Words(TypeDecorator[str]):
    """Text from people, less the two things that a database cannot keep: NUL and half characters."""

    impl = String
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """What is sent."""
        return value if value is None else value.encode("utf-8", "replace").decode().replace("\0", "")


metadata = MetaData()


def _run() -> "Column[str]":
    return Column(
        "run_key", String(32), ForeignKey("runs.key", ondelete="CASCADE"), primary_key=True, nullable=False
    )


def _number(name: str, primary_key: bool = False) -> "Column[int]":
    return Column(name, Integer, primary_key=primary_key, nullable=False, autoincrement=False)


meta = Table(
    "meta",
    metadata,
    Column("name", String(32), primary_key=True),
    Column("value", String(32), nullable=False),
)

runs = Table(
    "runs",
    metadata,
    Column("key", String(32), primary_key=True),
    Column("owner", Words, nullable=False, index=True),
    Column("title", Words, nullable=False),
    Column("status", String(16), nullable=False),
    Column("message", Words, nullable=False),
    Column("created", Double, nullable=False),
    Column("updated", Double, nullable=False),
    Column("opened", Double, nullable=False),
    Column("heartbeat", Double, nullable=False),
    Column("server", Words, nullable=False),
    Column("bytes", BigInteger, nullable=False),
    Column("summary", Text, nullable=False),
    Column("spec", Text, nullable=False),
)

points = Table(
    "points",
    metadata,
    _run(),
    _number("lane", primary_key=True),
    _number("at", primary_key=True),
    _number("bytes"),
    Column("numbers", Text, nullable=False),
)

snapshots = Table(
    "snapshots",
    metadata,
    _run(),
    _number("lane", primary_key=True),
    _number("at", primary_key=True),
    _number("bytes"),
    Column("head", Text, nullable=False),
    Column("frame", LargeBinary, nullable=False),
    Column("weights", LargeBinary, nullable=False),
)

checkpoints = Table(
    "checkpoints",
    metadata,
    _run(),
    _number("lane", primary_key=True),
    _number("at"),
    _number("bytes"),
    Column("head", Text, nullable=False),
    Column("data", LargeBinary, nullable=False),
)

OF_A_RUN = (points, snapshots, checkpoints)
"""The tables whose rows belong to one run each."""

Row = dict[str, Any]


def packed(values: Mapping[str, Any]) -> str:
    """Plain JSON values as text. Raises TypeError for what is not plain."""
    return json.dumps(values, separators=(",", ":"))


def run_row(fields: Mapping[str, Any]) -> Row:
    """The columns for some or all fields of a RunRecord."""
    return {
        name: packed(value) if name in ("spec", "summary") else value
        for name, value in fields.items()
        if name != "bytes"
    }


def run_record(row: RowMapping) -> RunRecord:
    """The run of a row, with its spec only where the row has it."""
    spec, summary = json.loads(row.get("spec", "{}")), json.loads(row["summary"])
    return RunRecord(
        key=row["key"],
        owner=row["owner"],
        title=row["title"],
        spec=spec,
        status=cast(Status, row["status"]),
        message=row["message"],
        created=row["created"],
        updated=row["updated"],
        opened=row["opened"],
        heartbeat=row["heartbeat"],
        server=row["server"],
        summary=summary,
        bytes=row["bytes"],
    )


def point_row(key: str, point: PointRecord) -> Row:
    """The columns of a point."""
    text = packed(point.values)
    return {
        "run_key": key,
        "lane": point.lane,
        "at": point.update,
        "bytes": len(text),
        "numbers": text,
    }


def point_record(row: RowMapping) -> PointRecord:
    """The point of a row."""
    return PointRecord(row["lane"], row["at"], json.loads(row["numbers"]))


def snapshot_row(key: str, snapshot: SnapshotRecord) -> Row:
    """The columns of a snapshot."""
    text = packed(snapshot.head)
    return {
        "run_key": key,
        "lane": snapshot.lane,
        "at": snapshot.update,
        "bytes": len(text) + len(snapshot.frame) + len(snapshot.weights),
        "head": text,
        "frame": snapshot.frame,
        "weights": snapshot.weights,
    }


def snapshot_record(row: RowMapping) -> SnapshotRecord:
    """The snapshot of a row, with weights only where the row has them."""
    head, weights = json.loads(row["head"]), row.get("weights", b"")
    return SnapshotRecord(row["lane"], row["at"], head, bytes(row["frame"]), bytes(weights))


def checkpoint_row(key: str, checkpoint: CheckpointRecord) -> Row:
    """The columns of a checkpoint."""
    text = packed(checkpoint.head)
    return {
        "run_key": key,
        "lane": checkpoint.lane,
        "at": checkpoint.update,
        "bytes": len(text) + len(checkpoint.data),
        "head": text,
        "data": checkpoint.data,
    }


def checkpoint_record(row: RowMapping) -> CheckpointRecord:
    """The checkpoint of a row."""
    return CheckpointRecord(row["lane"], row["at"], json.loads(row["head"]), bytes(row["data"]))
