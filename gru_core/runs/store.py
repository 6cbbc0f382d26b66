"""Keeps runs: `open_store(environment)` gives the store that the settings name, an SQLite file unless told.

Safe to use from many threads, and from several servers on one database. A method that writes does so in
one transaction: all of it or nothing. Every method raises StoreError, in one sentence, where the database
cannot do what it should.
"""

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Unpack

from sqlalchemy import ColumnElement, Connection, Table, and_, delete, func, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError

from gru_core.errors import StoreError
from gru_core.runs import tables
from gru_core.runs.addresses import address
from gru_core.runs.database import Database
from gru_core.runs.records import (
    ACTIVE,
    KEY_PATTERN,
    CheckpointRecord,
    PointRecord,
    RunChanges,
    RunRecord,
    SnapshotRecord,
)
from gru_core.runs.tables import OF_A_RUN, Row, checkpoints, points, runs, snapshots

KEEP_DAYS = 30
"""A run is kept for so many days after it was last opened."""

MOST_RUNS_PER_OWNER = 50
"""Runs of one person; beyond that, those go first that were not opened for longest."""

MOST_BYTES = 2_000_000_000
"""Room for all runs together; beyond that, who takes most of it loses what was not opened for longest."""

LOST_SECONDS = 86_400
"""A queued or running run whose server was silent for so long counts as over, and may go too."""


class RunStore(Database):
    """The runs in one database.

    url       postgresql://user:password@host/database, or sqlite:/// and a file's path
    variable  the setting that errors tell people to look at
    """

    # --- writing ---

    def create(self, record: RunRecord) -> None:
        """Keep a new run. Raises StoreError where its key is taken."""
        row = tables.run_row({**vars(record)})
        size = len(row["spec"]) + len(row["summary"])
        try:
            with self._writing() as connection:
                connection.execute(runs.insert().values(**row, bytes=size))
        except StoreError as error:
            if isinstance(error.__cause__, IntegrityError):
                raise StoreError(f"There is a run {record.key} already: take a new key.") from error
            raise

    def write(
        self,
        key: str,
        points: Iterable[PointRecord] = (),
        snapshots: Iterable[SnapshotRecord] = (),
        checkpoints: Iterable[CheckpointRecord] = (),
        *,
        holder: str | None = None,
        **fields: Unpack[RunChanges],
    ) -> bool:
        """Add to a run and change its fields, all at once.

        What has the same lane and update as something that is there replaces it; a checkpoint replaces
        the lane's earlier one.

        holder  where given, nothing is written unless the run still is this server's

        Returns:
            False where the run is not there (it was deleted) or is another server's; nothing was written.
        """
        changes = _columns(fields)
        rows = (
            [tables.point_row(key, point) for point in points],
            [tables.snapshot_row(key, snapshot) for snapshot in snapshots],
            [tables.checkpoint_row(key, checkpoint) for checkpoint in checkpoints],
        )
        with self._writing() as connection:
            if not _locked(connection, key, holder):
                return False
            for table, those in zip(OF_A_RUN, rows, strict=True):
                _replace(connection, table, those)
            if changes:
                connection.execute(update(runs).where(runs.c.key == key).values(changes))
            if any(rows) or changes.keys() & {"spec", "summary"}:
                _count(connection, key)
        return True

    def claim(self, record: RunRecord, server: str, now: float) -> bool:
        """Take a run over for `server` and queue it; True for only one of those who ask with one record."""
        unchanged = and_(
            runs.c.key == record.key,
            runs.c.status == record.status,
            runs.c.server == record.server,
            runs.c.heartbeat == record.heartbeat,
        )
        taken = {"status": "queued", "server": server, "heartbeat": now, "updated": now, "message": ""}
        return self._change(unchanged, taken) > 0

    def touch(self, keys: Iterable[str], now: float) -> None:
        """Say that these runs are being worked at."""
        these = runs.c.key.in_(sorted(set(keys)))
        with self._writing() as connection:
            # Locked in one order, so that two who touch the same runs do not wait for each other.
            connection.execute(select(runs.c.key).where(these).order_by(runs.c.key).with_for_update())
            connection.execute(update(runs).where(these).values(heartbeat=now))

    def opened(self, key: str, now: float) -> None:
        """Say that somebody looked at a run."""
        self._change(runs.c.key == key, {"opened": now})

    def forget_after(self, key: str, lane: int, update: int, *, holder: str | None = None) -> bool:
        """Drop the points and snapshots of a lane that are later than an update; `holder` as in `write`."""
        with self._writing() as connection:
            if not _locked(connection, key, holder):
                return False
            for table in (points, snapshots):
                later = and_(table.c.run_key == key, table.c.lane == lane, table.c.at > update)
                connection.execute(delete(table).where(later))
            _count(connection, key)
        return True

    def delete(self, key: str, owner: str) -> bool:
        """Delete a run and all that belongs to it, if it is `owner`'s; says whether it did."""
        return self._delete(and_(runs.c.key == key, runs.c.owner == owner))

    def expire(self, now: float) -> int:
        """Enforce the limits at the top of this file; returns how many runs went.

        A run that is queued or running stays.
        """
        idle = or_(runs.c.status.not_in(ACTIVE), runs.c.heartbeat < now - LOST_SECONDS)
        old = and_(idle, runs.c.opened < now - KEEP_DAYS * 86_400)
        gone = sum(self._delete(and_(old, runs.c.key == key)) for key in self._keys(old))
        for owner, excess in self._crowded():
            doomed = self._keys(and_(idle, runs.c.owner == owner))[:excess]
            gone += sum(self._delete(and_(idle, runs.c.key == key)) for key in doomed)
        return gone + sum(self._delete(and_(idle, runs.c.key == key)) for key in self._too_large(idle))

    # --- reading ---

    def get(self, key: str) -> RunRecord | None:
        """The run of a key, or None; any text may be asked for."""
        if not KEY_PATTERN.fullmatch(key):
            return None
        found = self._rows(runs, runs.c.key == key)
        return tables.run_record(found[0]) if found else None

    def of_owner(self, owner: str) -> list[RunRecord]:
        """The runs of one person, newest first, without their specs, which may hold much data."""
        columns = [column for column in runs.c if column.name != "spec"]
        mine = select(*columns).where(runs.c.owner == owner).order_by(runs.c.created.desc(), runs.c.key)
        with self._reading() as connection:
            return [tables.run_record(row) for row in connection.execute(mine).mappings()]

    def points(self, key: str) -> list[PointRecord]:
        """All points of a run, by lane and update."""
        return [tables.point_record(row) for row in self._rows(points, points.c.run_key == key)]

    def snapshots(
        self, key: str, lane: int | None = None, after: int = -1, with_weights: bool = False
    ) -> list[SnapshotRecord]:
        """The snapshots of a run (of one lane, where given) later than `after`, by lane and update."""
        wanted = and_(snapshots.c.run_key == key, snapshots.c.at > after)
        if lane is not None:
            wanted = and_(wanted, snapshots.c.lane == lane)
        leave_out = () if with_weights else ("weights",)
        return [tables.snapshot_record(row) for row in self._rows(snapshots, wanted, leave_out)]

    def snapshot_weights(self, key: str, lane: int, update: int) -> bytes | None:
        """The weights of one snapshot, or None."""
        one = and_(snapshots.c.run_key == key, snapshots.c.lane == lane, snapshots.c.at == update)
        with self._reading() as connection:
            found = connection.scalar(select(snapshots.c.weights).where(one))
        return None if found is None else bytes(found)

    def checkpoints(self, key: str) -> list[CheckpointRecord]:
        """The newest checkpoint of each lane of a run, by lane."""
        found = self._rows(checkpoints, checkpoints.c.run_key == key)
        return [tables.checkpoint_record(row) for row in found]

    # --- how ---

    def _rows(self, table: Table, where: ColumnElement[bool], leave_out: Sequence[str] = ()) -> list[Any]:
        columns = [column for column in table.c if column.name not in leave_out]
        with self._reading() as connection:
            found = connection.execute(select(*columns).where(where).order_by(*table.primary_key))
            return list(found.mappings())

    def _change(self, where: ColumnElement[bool], values: Row) -> int:
        with self._writing() as connection:
            return connection.execute(update(runs).where(where).values(values)).rowcount

    def _delete(self, where: ColumnElement[bool]) -> bool:
        # One run per transaction: others get their turn, and two servers never wait for each other.
        with self._writing() as connection:
            return connection.execute(delete(runs).where(where)).rowcount > 0

    def _keys(self, where: ColumnElement[bool]) -> list[str]:
        with self._reading() as connection:
            return list(connection.scalars(select(runs.c.key).where(where).order_by(*LEAST_OPENED)))

    def _crowded(self) -> list[tuple[str, int]]:
        """Owners with too many runs, each with how many are too many."""
        many = func.count()
        crowd = select(runs.c.owner, many).group_by(runs.c.owner).having(many > MOST_RUNS_PER_OWNER)
        with self._reading() as connection:
            return [(owner, count - MOST_RUNS_PER_OWNER) for owner, count in connection.execute(crowd)]

    def _too_large(self, idle: ColumnElement[bool]) -> list[str]:
        """The idle runs that must go for the others to have room: nobody's many may cost another's few."""
        with self._reading() as connection:
            shares = select(runs.c.owner, func.sum(runs.c.bytes)).group_by(runs.c.owner)
            taken = {owner: int(share) for owner, share in connection.execute(shares)}
            if sum(taken.values()) <= MOST_BYTES:
                return []
            listed = select(runs.c.owner, runs.c.key, runs.c.bytes).where(idle).order_by(*LEAST_OPENED)
            theirs: dict[str, deque[tuple[str, int]]] = {}
            for owner, key, size in connection.execute(listed):
                theirs.setdefault(owner, deque()).append((key, size))
        doomed = []
        while theirs and sum(taken.values()) > MOST_BYTES:
            owner = max(theirs, key=taken.__getitem__)
            key, size = theirs[owner].popleft()
            doomed.append(key)
            taken[owner] -= size
            if not theirs[owner]:
                del theirs[owner]
        return doomed


LEAST_OPENED = (runs.c.opened, runs.c.created, runs.c.key)


def open_store(environment: Mapping[str, str]) -> RunStore:
    """The store that DATABASE_URL names, else the file in the data folder (GATESCOPE_DATA, or the user's).

    Raises:
        StoreError: the address is wrong, or what it names cannot be used.
    """
    return RunStore(*address(environment))


def _columns(fields: RunChanges) -> Row:
    unknown = set(fields) - set(RunChanges.__annotations__)
    if unknown:
        raise TypeError(f"a run has no field to change called {sorted(unknown)}")
    return tables.run_row(fields)


def _locked(connection: Connection, key: str, holder: str | None) -> bool:
    """Whether the run is there (and the holder's); until the transaction ends no other writes to it."""
    this = select(runs.c.key).where(runs.c.key == key)
    if holder is not None:
        this = this.where(runs.c.server == holder)
    return connection.scalar(this.with_for_update()) is not None


def _replace(connection: Connection, table: Table, rows: list[Row]) -> None:
    if not rows:
        return
    new = sqlite.insert(table) if connection.dialect.name == "sqlite" else postgresql.insert(table)
    kept = {column.name: new.excluded[column.name] for column in table.c if not column.primary_key}
    connection.execute(new.on_conflict_do_update(index_elements=list(table.primary_key), set_=kept), rows)


def _count(connection: Connection, key: str) -> None:
    """Add up the room that a run takes."""
    size: Any = func.length(runs.c.spec) + func.length(runs.c.summary)
    for table in OF_A_RUN:
        rows = select(func.coalesce(func.sum(table.c.bytes), 0)).where(table.c.run_key == key)
        size = size + rows.scalar_subquery()
    connection.execute(update(runs).where(runs.c.key == key).values(bytes=size))
