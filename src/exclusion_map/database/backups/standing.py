"""What stands where a backup is to be restored."""

from datetime import UTC, datetime

from sqlalchemy import Connection, inspect, text

from exclusion_map.database.backups.schema import VERSION_TABLE, tables_at
from exclusion_map.database.migrate import known_revisions, revision_on
from exclusion_map.errors import DatabaseError

SHIPPED = ("taxonomy", "taxonomy_term")
"""Tables that the service fills itself: no data of anybody."""


def tables_there(connection: Connection) -> list[str]:
    """Return the names of the tables of ours, of whatever revision, that a connection sees."""
    there = set(inspect(connection).get_table_names())
    revision = revision_on(connection)
    if revision is None:
        return []
    if revision not in known_revisions():
        # Of a newer version: which of its tables are ours cannot be told.
        return sorted(there)
    ours = {VERSION_TABLE, *(table.name for table in tables_at(revision))}
    return sorted(there & ours)


def expect_free(connection: Connection, tables: list[str], *, replace: bool) -> bool:
    """Make sure that a database may be replaced; return whether it holds data.

    Raises:
        DatabaseError: it holds data, and it was not said that it may be replaced.
    """
    full = [name for name in tables if _has_rows(connection, name)]
    if full and not replace:
        raise DatabaseError(
            "the database",
            found=f"data in {', '.join(full[:4])}",
            expected="an empty one",
            mend="With --replace the backup replaces it; the old data is kept.",
        )
    return bool(full)


def in_use(found: str) -> DatabaseError:
    """Return the error of a database that somebody works on."""
    return DatabaseError(
        "the database",
        found=found,
        expected="a database that nobody is using",
        mend="Stop the service, restore, and start the service again.",
    )


def stamp() -> str:
    """Return this moment for the name of what is put aside."""
    return datetime.now(UTC).strftime("%Y%m%d_%H%M%S_%f")


def _has_rows(connection: Connection, name: str) -> bool:
    if name in (VERSION_TABLE, *SHIPPED):
        return False
    quoted = connection.dialect.identifier_preparer.quote_identifier(name)
    query = text(f"SELECT 1 FROM {quoted} LIMIT 1")  # noqa: S608 - a name the database told
    return connection.execute(query).first() is not None
