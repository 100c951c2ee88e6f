"""Bring a database to the tables this version knows.

All that is due happens in one transaction, in SQLite and in PostgreSQL: whoever is killed on the
way leaves the old tables. Processes that start at once take turns.

Alembic is imported where it is used: the service answers before it looks at its database.
"""

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, text

from exclusion_map.database.door import FAULTS, told
from exclusion_map.database.engine import Database
from exclusion_map.errors import DatabaseError

if TYPE_CHECKING:
    from alembic.config import Config

SCRIPTS = Path(__file__).parent / "migrations"
HEAD = "head"
LOCK = 0x45_78_4D_61
"""Number of the advisory lock of PostgreSQL by which processes that change tables take turns."""


def config(database: Database | None = None) -> "Config":
    """Return Alembic's configuration, for a database where one is given."""
    from alembic.config import Config

    made = Config()
    made.set_main_option("script_location", str(SCRIPTS))
    if database is not None:
        made.attributes["engine"] = database.engine
    return made


def current_revision(database: Database) -> str | None:
    """Return the revision a database is at; None where it has no tables of ours."""
    with database.engine.connect() as connection:
        return revision_on(connection)


def revision_on(connection: Connection) -> str | None:
    """Return the revision of the tables that a connection sees; None without tables of ours."""
    from alembic.runtime.migration import MigrationContext

    return MigrationContext.configure(connection).get_current_revision()


def latest_revision() -> str:
    """Return the revision this version of the code needs."""
    from alembic.script import ScriptDirectory

    return str(ScriptDirectory(str(SCRIPTS)).get_current_head())


def known_revisions() -> tuple[str, ...]:
    """Return every revision this version of the code knows, the oldest first."""
    from alembic.script import ScriptDirectory

    scripts = ScriptDirectory(str(SCRIPTS)).walk_revisions()
    return tuple(str(script.revision) for script in scripts)[::-1]


def expect_known(revision: str | None, thing: str = "the database") -> None:
    """Make sure that this version of the code knows a revision.

    Raises:
        DatabaseError: it is of a newer version.
    """
    if revision is not None and revision not in known_revisions():
        raise DatabaseError(
            thing,
            found=f"tables of revision {revision!r}",
            expected=f"a revision up to {latest_revision()!r}",
            mend="Run the newer version of Exclusion Map that created it, or restore a backup.",
        )


def upgrade(database: Database, revision: str = HEAD) -> None:
    """Make or change the tables; data stays.

    Raises:
        DatabaseError: the database is of a newer version than this code.
        DatabaseAwayError: it does not answer.
    """
    from alembic import command

    try:
        with database.patient() as patient:
            held = current_revision(patient)
            expect_known(held)
            if revision != HEAD or held != latest_revision():
                command.upgrade(config(patient), revision)
    except FAULTS as error:
        raise told(error) from error


def upgrade_on(connection: Connection, revision: str = HEAD) -> None:
    """Make or change the tables within a transaction that somebody else began and ends.

    On SQLite foreign keys must be off (``sqlite.foreign_keys``).
    """
    from alembic import command

    made = config()
    made.attributes["connection"] = connection
    command.upgrade(made, revision)


def alone(connection: Connection) -> None:
    """Wait until no other process changes tables or what is shipped with them.

    It holds to the end of the transaction. SQLite lets one write at a time anyway.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": LOCK})
