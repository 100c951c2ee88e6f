"""Fill an empty database from a backup, compare every row, and bring the tables up to date."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Integer, Table, column, exc, func, select, text
from sqlalchemy import table as by_name

from exclusion_map.database.backups.archive import Archive, Counted, TableFacts, Told
from exclusion_map.database.backups.rows import lines_of, write_lines
from exclusion_map.database.backups.schema import tables_at
from exclusion_map.database.door import FAULTS
from exclusion_map.database.migrate import expect_known, upgrade_on
from exclusion_map.errors import DatabaseError

_FOREIGN_KEYS = text(
    "SELECT format('ALTER TABLE %I ', held.relname) || 'DROP CONSTRAINT ' || quote_ident(conname),"
    " format('ALTER TABLE %I ', held.relname) || 'ADD CONSTRAINT ' || quote_ident(conname) || ' '"
    " || pg_get_constraintdef(con.oid)"
    " FROM pg_constraint con JOIN pg_class held ON held.oid = con.conrelid"
    " WHERE contype = 'f' AND held.relnamespace = current_schema()::regnamespace"
    " AND held.relname = ANY(:names)"
)


def fill(connection: Connection, archive: Archive, tell: Told | None = None) -> None:
    """Make the tables of a backup, put its rows in, compare them, and migrate forward.

    Args:
        connection: in a transaction, to a database without tables of ours; of SQLite with foreign
            keys off.
        archive: verified.
        tell: told of each table that was filled.

    Raises:
        DatabaseError: the backup is of a newer version than this code, or what was written is not
            what the backup holds.
    """
    expect_known(archive.manifest.revision, str(archive.path))
    tables = _tables(archive)
    upgrade_on(connection, archive.manifest.revision)
    with _told_apart(archive), _unchecked(connection, [table.name for table, _ in tables]):
        for table, facts in tables:
            write_lines(connection, table, archive.lines(table.name))
            count_on(connection, table)
            if tell is not None:
                tell(table.name, facts.rows)
    for table, facts in tables:
        _compare(connection, table, facts)
    upgrade_on(connection)


def _tables(archive: Archive) -> list[tuple[Table, TableFacts]]:
    """Return the tables to fill with what the backup holds of each; relation 1:1."""
    held = {facts.name: facts for facts in archive.manifest.tables}
    tables = tables_at(archive.manifest.revision)
    expected = {table.name: tuple(table.c.keys()) for table in tables}
    if {name: facts.columns for name, facts in held.items()} != expected:
        raise DatabaseError(
            str(archive.path),
            found="tables or columns that differ from those of its revision",
            expected=f"the tables of revision {archive.manifest.revision}",
            mend="The backup was changed after it was made, or comes from a version that was "
            "never released.",
        )
    return [(table, held[table.name]) for table in tables]


@contextmanager
def _told_apart(archive: Archive) -> Iterator[None]:
    """Say that rows do not fit, and never what stands in them: they are of people."""
    try:
        yield
    except FAULTS:
        raise
    except (exc.StatementError, TypeError, ValueError, OverflowError) as error:
        cause = getattr(error, "orig", None) or error
        raise DatabaseError(
            str(archive.path),
            found=f"rows that do not fit their tables ({type(cause).__name__})",
            expected="rows that `exclusion-map backup` wrote",
            mend="The backup was changed after it was made. Take another; nothing was changed.",
        ) from None


@contextmanager
def _unchecked(connection: Connection, names: list[str]) -> Iterator[None]:
    """Take foreign keys off while rows come in any order; they are checked when put back."""
    if connection.dialect.name == "sqlite":
        yield
        broken = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
        if broken:
            raise _differs(f"{len(broken)} rows that point nowhere, in {broken[0][0]}")
        return
    found = connection.execute(_FOREIGN_KEYS, {"names": names}).all()
    for drop, _ in found:
        connection.exec_driver_sql(drop)
    yield
    for _, add in found:
        connection.exec_driver_sql(add)


def count_on(connection: Connection, table: Table) -> None:
    """Let numbers that PostgreSQL gives out go on after the last one; SQLite does by itself."""
    [key, *others] = table.primary_key
    if connection.dialect.name == "sqlite" or others or not isinstance(key.type, Integer):
        return
    greatest = select(func.max(column(key.name, Integer))).select_from(by_name(table.name))
    last: int | None = connection.execute(greatest).scalar_one()
    connection.execute(
        text("SELECT setval(pg_get_serial_sequence(quote_ident(:name), :key), :last)"),
        {"name": table.name, "key": key.name, "last": last},
    )


def _compare(connection: Connection, table: Table, facts: TableFacts) -> None:
    counted = Counted(lines_of(connection, table))
    if counted.drained(table.name, table.c.keys()) != facts:
        raise _differs(f"other rows in {table.name} than the backup has")


def _differs(found: str) -> DatabaseError:
    return DatabaseError(
        "the restored database",
        found=found,
        expected="what the backup contains",
        mend="Nothing was changed. Please report this.",
    )
