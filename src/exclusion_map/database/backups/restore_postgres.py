"""Restore into PostgreSQL: in one transaction, the old tables moved to a schema of their own."""

import time

from sqlalchemy import Connection, text

from exclusion_map.database.backups.archive import Archive, Told
from exclusion_map.database.backups.filling import fill
from exclusion_map.database.backups.standing import expect_free, in_use, stamp, tables_there
from exclusion_map.database.engine import Database
from exclusion_map.database.limits import APPLICATION
from exclusion_map.database.migrate import alone

ASIDE = "before_restore_"
CLOSING_S = 2.0
"""A connection that was closed just now is listed for a moment."""

_OTHERS = text(
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
    " AND application_name = :name AND pid <> pg_backend_pid()"
)
_FUNCTIONS = text(
    "SELECT DISTINCT p.oid::regprocedure::text FROM pg_trigger t"
    " JOIN pg_proc p ON p.oid = t.tgfoid JOIN pg_class c ON c.oid = t.tgrelid"
    " WHERE NOT t.tgisinternal AND c.relnamespace = current_schema()::regnamespace"
    " AND p.pronamespace = current_schema()::regnamespace AND c.relname = ANY(:names)"
)


def restore_postgres(
    database: Database, archive: Archive, *, replace: bool, tell: Told | None = None
) -> str:
    """Put a backup in the place of the tables of ours; return the schema of the old ones.

    Raises:
        DatabaseError: they hold data or are in use, or the backup cannot be taken.
    """
    with database.engine.begin() as connection:
        alone(connection)
        tables = tables_there(connection)
        full = expect_free(connection, tables, replace=replace)
        _expect_unused(connection)
        aside = _move_aside(connection, tables) if tables else ""
        fill(connection, archive, tell)
        if aside and not full:
            connection.exec_driver_sql(f"DROP SCHEMA {aside} CASCADE")
            aside = ""
    return f"schema {aside}" if aside else ""


def _expect_unused(connection: Connection) -> None:
    until = time.monotonic() + CLOSING_S
    while others := connection.execute(_OTHERS, {"name": APPLICATION}).scalar_one():
        if time.monotonic() > until:
            raise in_use(f"{others} other connections of Exclusion Map")
        time.sleep(0.1)
        # What the server lists is else as it was when the transaction first looked.
        connection.exec_driver_sql("SELECT pg_stat_clear_snapshot()")


def _move_aside(connection: Connection, tables: list[str]) -> str:
    """Move tables, with their indexes, numbers and triggers, to a new schema; return its name."""
    aside = f"{ASIDE}{stamp()}"
    functions = connection.execute(_FUNCTIONS, {"names": tables}).scalars().all()
    connection.exec_driver_sql(f"CREATE SCHEMA {aside}")
    quote = connection.dialect.identifier_preparer.quote_identifier
    for name in tables:
        connection.exec_driver_sql(f"ALTER TABLE {quote(name)} SET SCHEMA {aside}")
    for function in functions:
        connection.exec_driver_sql(f"ALTER FUNCTION {function} SET SCHEMA {aside}")
    return aside
