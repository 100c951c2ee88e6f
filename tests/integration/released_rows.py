"""Databases as every released version left them: its tables, with a few rows in each."""

from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import Connection

from exclusion_map.database import Database, open_database
from exclusion_map.database.backups.filling import count_on
from exclusion_map.database.backups.rows import lines_of
from exclusion_map.database.backups.schema import tables_at
from exclusion_map.database.migrate import known_revisions, upgrade

ROWS = Path(__file__).parent / "released"
REVISIONS = known_revisions()


def statements(upto: str) -> Iterator[str]:
    """Yield the statements that fill the tables of a revision."""
    for revision in REVISIONS[: REVISIONS.index(upto) + 1]:
        text = (ROWS / f"{revision}.sql").read_text(encoding="utf-8")
        lines = [line for line in text.splitlines() if not line.startswith("--")]
        yield from filter(str.strip, "\n".join(lines).split(";\n"))


def make_released(url: str, revision: str) -> Database:
    """Return a database at a revision, with its rows."""
    database = open_database(url)
    upgrade(database, revision)
    with database.writing() as session:
        connection = session.connection()
        if database.kind == "postgresql":
            connection.exec_driver_sql("SET LOCAL timezone = 'UTC'")
        for statement in statements(revision):
            connection.exec_driver_sql(statement.rstrip().removesuffix(";"))
        for table in tables_at(revision):
            count_on(connection, table)  # As if the database had given out the numbers itself.
    return database


def everything(connection: Connection, revision: str) -> dict[str, list[bytes]]:
    """Return all rows of the tables of a revision, as they are on a connection."""
    return {table.name: list(lines_of(connection, table)) for table in tables_at(revision)}


def all_rows(database: Database, revision: str) -> dict[str, list[bytes]]:
    """Return all rows of a database, of the tables and columns that a revision has."""
    with database.engine.connect() as connection:
        return everything(connection, revision)
