"""The tables of a revision, as its migrations make them: what a backup holds, whatever the SQL."""

from functools import lru_cache

from sqlalchemy import JSON, Date, DateTime, MetaData, Table, create_engine
from sqlalchemy.pool import StaticPool

from exclusion_map.database.migrate import upgrade_on

VERSION_TABLE = "alembic_version"


@lru_cache(maxsize=16)
def tables_at(revision: str) -> tuple[Table, ...]:
    """Return the tables of a revision, those that others point at first.

    They are made in memory and looked at, so that the code of today can read tables of any
    version, and leaves alone what else a database may hold.
    """
    engine = create_engine("sqlite://", poolclass=StaticPool)
    held = MetaData()
    with engine.begin() as connection:
        upgrade_on(connection, revision)
        held.reflect(connection)
    engine.dispose()
    return tuple(table for table in held.sorted_tables if table.name != VERSION_TABLE)


def is_json(table: Table, column: str) -> bool:
    """Whether a column holds JSON."""
    return isinstance(table.c[column].type, JSON)


def is_moment(table: Table, column: str) -> bool:
    """Whether a column holds a moment."""
    return isinstance(table.c[column].type, DateTime)


def is_day(table: Table, column: str) -> bool:
    """Whether a column holds a day."""
    return isinstance(table.c[column].type, Date)
