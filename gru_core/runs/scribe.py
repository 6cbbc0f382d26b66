"""Between a run in memory and its rows in the store."""

from typing import Any, Literal

from gru_core.errors import StoreError
from gru_core.runs.live import FINAL, LiveRun
from gru_core.runs.records import CheckpointRecord, PointRecord, RunRecord, SnapshotRecord, Status
from gru_core.runs.spec import RunSpec
from gru_core.runs.store import RunStore
from gru_core.runs.view import KeptFrame, RunLine

Outcome = Literal["written", "trouble", "gone"]


def write_pending(run: LiveRun, store: RunStore, server: str, now: float) -> Outcome:
    """Write what the store does not have yet.

    "trouble": it cannot be, and the run says so. "gone": it was deleted, or another server has taken it over.
    """
    pending = run.take_pending()
    if not pending:
        return "written"
    with run.lock:
        points = [
            PointRecord(lane, at, run.lanes[lane].points[at])
            for lane, at in dict.fromkeys(pending.points)
            if at in run.lanes[lane].points
        ]
        snapshots = [
            _snapshot_record(run, lane, at)
            for lane, at in dict.fromkeys(pending.frames)
            if at in run.lanes[lane].frames and at in run.lanes[lane].weights
        ]
        checkpoints = [
            CheckpointRecord(lane, *_checkpoint(run, lane)) for lane in sorted(pending.checkpoints)
        ]
        record = _record(run, server, now)
    try:
        if not run.is_stored:
            # It may be there: a database can do what it was asked and be lost before it says so.
            if store.get(run.key) is None:
                store.create(record)
            run.is_stored = True
        for lane, at in pending.forget_after.items():
            store.forget_after(run.key, lane, at, holder=server)
        held = store.write(
            run.key,
            holder=server,
            points=points,
            snapshots=snapshots,
            checkpoints=checkpoints,
            status=record.status,
            message=record.message,
            summary=record.summary,
            server=record.server,
            heartbeat=now,
            updated=now,
        )
    except StoreError as error:
        run.give_back(pending)
        run.trouble = f"{error} Until then this run is kept in memory only: download its model to be safe."
        return "trouble"
    except BaseException:
        run.give_back(pending)
        raise
    if not held:
        return "gone"
    with run.lock:
        run.trouble = ""
        for written in snapshots:
            # From now on the store has them.
            run.lanes[written.lane].weights.pop(written.update, None)
    return "written"


def line_of(record: RunRecord, status: Status) -> RunLine:
    """The run of a record in a list."""
    scores = tuple(lane.get("score") for lane in record.summary.get("lanes", ()))
    return RunLine(record.key, record.title, status, record.created, scores)


def from_store(record: RunRecord, store: RunStore, status: Status) -> LiveRun:
    """The run of a record, with its points, frames and checkpoints."""
    spec = RunSpec.from_dict(record.spec)
    run = LiveRun(record.key, record.owner, record.title, spec, record.created)
    run.status, run.message, run.is_stored = status, record.message, True
    run.is_elsewhere, run.record = run.is_live, record
    for lane, plain in zip(run.lanes, record.summary.get("lanes", ()), strict=False):
        lane.parameters, lane.update, lane.reason = plain["parameters"], plain["update"], plain["reason"]
    for point in store.points(record.key):
        run.lanes[point.lane].points[point.update] = point.values
    for kept in store.snapshots(record.key):
        sizes = int(kept.head["units"]), int(kept.head["steps"])
        frame = KeptFrame(kept.update, *sizes, kept.head["answer"], kept.frame)
        run.lanes[kept.lane].frames[kept.update] = frame
    for checkpoint in store.checkpoints(record.key):
        run.lanes[checkpoint.lane].checkpoint = (checkpoint.update, checkpoint.data)
    return run


def _record(run: LiveRun, server: str, now: float) -> RunRecord:
    lanes = [
        {
            "parameters": lane.parameters,
            "update": lane.update,
            "reason": lane.reason,
            "wall": lane.wall,
            "score": lane.score,
        }
        for lane in run.lanes
    ]
    return RunRecord(
        key=run.key,
        owner=run.owner,
        title=run.title,
        spec=run.spec.to_dict(),
        status=run.status,
        message=run.message,
        created=run.created,
        updated=now,
        opened=now,
        heartbeat=now,
        server=server,
        summary={"lanes": lanes},
    )


def _snapshot_record(run: LiveRun, number: int, at: int) -> SnapshotRecord:
    frame = run.lanes[number].frames[at]
    head: dict[str, Any] = {"units": frame.units, "steps": frame.steps, "answer": frame.answer}
    return SnapshotRecord(number, at, head, frame.data, run.lanes[number].weights[at])


def _checkpoint(run: LiveRun, number: int) -> tuple[int, dict[str, Any], bytes]:
    kept = run.lanes[number].checkpoint
    assert kept is not None
    lane = run.lanes[number]
    return kept[0], {"through": lane.reason in FINAL}, kept[1]
