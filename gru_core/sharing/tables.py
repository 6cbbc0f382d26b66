"""The tables of shared views, beside those of runs in one database, with a version of their own.

shares       one row per shared view
share_parts  one row per upload that its link points to
"""

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Double,
    ForeignKey,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    func,
    insert,
    inspect,
    select,
)

from gru_core.errors import StoreError
from gru_core.runs.engine import LOCK
from gru_core.runs.faults import DAMAGED
from gru_core.runs.tables import Words, meta

SCHEMA = "1"
"""Version of these tables; another one is not opened."""

metadata = MetaData()

shares = Table(
    "shares",
    metadata,
    Column("key", String(32), primary_key=True),
    Column("owner", Words, nullable=False, index=True),
    Column("title", Words, nullable=False),
    Column("created", Double, nullable=False),
    Column("opened", Double, nullable=False, index=True),
    Column("bytes", BigInteger, nullable=False),
    Column("query", Text, nullable=False),
)

parts = Table(
    "share_parts",
    metadata,
    Column(
        "share_key",
        String(32),
        ForeignKey("shares.key", ondelete="CASCADE"),
        primary_key=True,
        nullable=False,
    ),
    Column("name", String(32), primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("title", Words, nullable=False),
    Column("head", Text, nullable=False),
    Column("data", LargeBinary, nullable=False),
)


def prepare(connection: Connection, variable: str) -> None:
    """Make the tables in a database that has those of runs.

    Raises StoreError where tables of these names are not these, or are of another version.
    """
    if connection.dialect.name == "postgresql":
        # Two servers that start at the same time would both make the tables.
        connection.execute(select(func.pg_advisory_xact_lock(LOCK)))
    there = set(inspect(connection).get_table_names()) & set(metadata.tables)
    version = connection.scalar(select(meta.c.value).where(meta.c.name == "shares"))
    if not there and version is None:
        metadata.create_all(connection, checkfirst=False)
        connection.execute(insert(meta).values(name="shares", value=SCHEMA))
        return
    if there != set(metadata.tables) or version is None:
        raise StoreError(DAMAGED.sentence.format(variable=variable))
    if version != SCHEMA:
        raise StoreError(
            f"The shared views have version {version} and this GateScope reads version {SCHEMA}: use the "
            f"GateScope that made them, or name another store with {variable}."
        )
