"""Bring a database to the tables this version knows."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from exclusion_map.database.engine import Database
from exclusion_map.errors import DatabaseError

SCRIPTS = Path(__file__).parent / "migrations"
HEAD = "head"


def config(database: Database) -> Config:
    """Return Alembic's configuration for a database."""
    made = Config()
    made.set_main_option("script_location", str(SCRIPTS))
    made.attributes["engine"] = database.engine
    return made


def current_revision(database: Database) -> str | None:
    """Return the revision a database is at; None where it has no tables of ours."""
    with database.engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def latest_revision() -> str:
    """Return the revision this version of the code needs."""
    made = Config()
    made.set_main_option("script_location", str(SCRIPTS))
    return str(ScriptDirectory.from_config(made).get_current_head())


def upgrade(database: Database, revision: str = HEAD) -> None:
    """Make or change the tables; data stays.

    Raises:
        DatabaseError: the database is of a newer version than this code.
    """
    held = current_revision(database)
    known = {script.revision for script in ScriptDirectory(str(SCRIPTS)).walk_revisions()}
    if held is not None and held not in known:
        raise DatabaseError(
            "the database",
            found=f"tables of revision {held!r}",
            expected=f"a revision up to {latest_revision()!r}",
            mend="Run the newer version of Exclusion Map that made it, or restore a backup.",
        )
    command.upgrade(config(database), revision)
