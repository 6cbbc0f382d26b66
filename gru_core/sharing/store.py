"""Keeps shared views in the database that keeps runs, each for a stated time after it was last opened.

Safe to use from many threads, and from several servers on one database. Every method raises StoreError, in
one sentence, where the database cannot do what it should.
"""

import json
from collections.abc import Mapping, Sequence

from sqlalchemy import URL, ColumnElement, Connection, RowMapping, and_, case, delete, select, update

from gru_core.limits import (
    MAX_SHARE_BYTES,
    MAX_SHARE_PARTS,
    MAX_SHARE_QUERY,
    MAX_SHARES_BYTES,
    MAX_SHARES_PER_OWNER,
    SHARE_DAYS,
    check_bytes,
)
from gru_core.runs.addresses import URL_VARIABLE, address
from gru_core.runs.database import Database
from gru_core.runs.records import KEY_PATTERN
from gru_core.sharing.records import PART_PATTERN, Share, SharePart
from gru_core.sharing.tables import parts, prepare, shares

DAY = 86_400


class ShareStore(Database):
    """The shared views in one database.

    url       postgresql://user:password@host/database, or sqlite:/// and a file's path
    variable  the setting that errors tell people to look at
    """

    def __init__(self, url: str | URL, variable: str = URL_VARIABLE) -> None:
        super().__init__(url, variable)
        try:
            with self._writing() as connection:
                prepare(connection, variable)
        except BaseException:
            self.close()
            raise

    def keep(self, share: Share, those: Sequence[SharePart]) -> None:
        """Keep a new view with its parts; what is too old or too much goes.

        Raises LimitError when it is larger than one may be; nothing was kept.
        """
        query = json.dumps(dict(share.query))
        size = len(query) + sum(len(part.data) + len(json.dumps(dict(part.head))) for part in those)
        remedy = "share a smaller model or a shorter sequence."
        check_bytes("The link of a shared view", len(query), MAX_SHARE_QUERY, "choose less in it.")
        check_bytes("A shared view with all that it points to", size, MAX_SHARE_BYTES, remedy)
        if len(those) > MAX_SHARE_PARTS:
            raise ValueError(f"a view has at most {MAX_SHARE_PARTS} parts, got {len(those)}")
        row = {**vars(share), "query": query, "bytes": size}
        rows = [{**vars(part), "share_key": share.key, "head": json.dumps(dict(part.head))} for part in those]
        with self._writing() as connection:
            connection.execute(shares.insert().values(row))
            if rows:
                connection.execute(parts.insert(), rows)
        self.tidy(share.created)

    def open(self, key: str, now: float) -> Share | None:
        """The view of a key, which counts as opened; None where there is none. Any text may be asked for."""
        with self._writing() as connection:
            if not _touch(connection, key, now):
                return None
            return _share(connection.execute(select(shares).where(shares.c.key == key)).mappings().one())

    def part(self, key: str, name: str, now: float) -> SharePart | None:
        """A part of a view, which counts as opened; None where there is none."""
        with self._writing() as connection:
            if not PART_PATTERN.fullmatch(name) or not _touch(connection, key, now):
                return None
            this = and_(parts.c.share_key == key, parts.c.name == name)
            row = connection.execute(select(parts).where(this)).mappings().one_or_none()
        if row is None:
            return None
        return SharePart(row["name"], row["kind"], row["title"], json.loads(row["head"]), bytes(row["data"]))

    def of_owner(self, owner: str, now: float) -> list[Share]:
        """The views of one person, newest first."""
        mine = and_(shares.c.owner == owner, shares.c.opened > now - SHARE_DAYS * DAY)
        wanted = select(shares).where(mine).order_by(shares.c.created.desc(), shares.c.key)
        with self._reading() as connection:
            return [_share(row) for row in connection.execute(wanted).mappings()]

    def delete(self, key: str, owner: str) -> bool:
        """Delete a view and its parts, if it is `owner`'s; says whether it did."""
        if not KEY_PATTERN.fullmatch(key):
            return False
        return self._delete(and_(shares.c.key == key, shares.c.owner == owner))

    def tidy(self, now: float) -> int:
        """Delete what was not opened for too long, then what is too much; returns how many views went.

        Of a person with too many, and of who takes most room where all together take too much, those go
        first that were not opened for longest: nobody's many may cost another's few.
        """
        old = shares.c.opened <= now - SHARE_DAYS * DAY
        gone = sum(self._delete(and_(old, shares.c.key == key)) for key in self._keys(old))
        return gone + sum(self._delete(shares.c.key == key) for key in self._too_many())

    def _too_many(self) -> list[str]:
        listed = select(shares.c.owner, shares.c.key, shares.c.bytes).order_by(
            shares.c.opened, shares.c.created, shares.c.key
        )
        theirs: dict[str, list[tuple[str, int]]] = {}
        with self._reading() as connection:
            for owner, key, size in connection.execute(listed):
                theirs.setdefault(owner, []).append((key, size))
        doomed = []
        for kept in theirs.values():
            excess = max(len(kept) - MAX_SHARES_PER_OWNER, 0)
            doomed += [key for key, _ in kept[:excess]]
            del kept[:excess]
        taken = {owner: sum(size for _, size in kept) for owner, kept in theirs.items()}
        while sum(taken.values()) > MAX_SHARES_BYTES:
            owner = max(taken, key=taken.__getitem__)
            key, size = theirs[owner].pop(0)
            doomed.append(key)
            taken[owner] -= size
        return doomed

    def _delete(self, where: ColumnElement[bool]) -> bool:
        # One view per transaction: others get their turn, and two servers never wait for each other.
        with self._writing() as connection:
            return connection.execute(delete(shares).where(where)).rowcount > 0

    def _keys(self, where: ColumnElement[bool]) -> list[str]:
        with self._reading() as connection:
            return list(connection.scalars(select(shares.c.key).where(where).order_by(shares.c.key)))


def open_shares(environment: Mapping[str, str]) -> ShareStore:
    """The store in the database that DATABASE_URL names, else in the file in the data folder.

    Raises StoreError: the address is wrong, or what it names cannot be used.
    """
    return ShareStore(*address(environment))


def _touch(connection: Connection, key: str, now: float) -> bool:
    """Whether the view is there and not too old; it then counts as opened."""
    if not KEY_PATTERN.fullmatch(key):
        return False
    young = and_(shares.c.key == key, shares.c.opened > now - SHARE_DAYS * DAY)
    # Clocks of servers differ: what was opened later stays so.
    latest = case((shares.c.opened > now, shares.c.opened), else_=now)
    return connection.execute(update(shares).where(young).values(opened=latest)).rowcount > 0


def _share(row: RowMapping) -> Share:
    query = {str(name): str(text) for name, text in json.loads(row["query"]).items()}
    return Share(**{**row, "query": query})
