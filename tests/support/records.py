"""Runs and snapshots to put into a store."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

from gru_core.runs.records import RunRecord, SnapshotRecord, new_key

NOW = 1_800_000_000.25
EVERY_BYTE = bytes(range(256))


def a_run(**changes: Any) -> RunRecord:
    """A run with something in every field; `bytes` is what its two JSON texts take."""
    fields: dict[str, Any] = {
        "key": new_key(),
        "owner": "ada",
        "title": "记住 the first letter, 50 steps: \"quoted\" 'twice'; -- 🙂",
        "spec": {"task": {"name": "remember", "length": 50}, "lanes": [{"cell": "gru", "z": None}]},
        "status": "done",
        "message": "",
        "created": NOW,
        "updated": NOW + 1 / 3,
        "opened": NOW,
        "heartbeat": NOW + 0.1,
        "server": "host:17:ab",
        "summary": {"score": 0.998},
    }
    record = RunRecord(**{**fields, **changes})
    return dataclasses.replace(record, bytes=json_bytes(record.spec) + json_bytes(record.summary))


def json_bytes(value: Any) -> int:
    """Room that plain values take as JSON without spaces."""
    return len(json.dumps(value, separators=(",", ":")))


def a_snapshot(lane: int, update: int, size: int = 8) -> SnapshotRecord:
    """A snapshot with a frame of 258 bytes and weights of `size`."""
    return SnapshotRecord(lane, update, {"units": 2}, EVERY_BYTE + bytes([lane, update]), b"w" * size)
