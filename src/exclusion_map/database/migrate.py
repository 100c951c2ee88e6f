"""Bring a database to the tables this version knows.

Alembic is imported where it is used: the service answers before it looks at its database.
"""

from pathlib import Path
from typing import TYPE_CHECKING

from exclusion_map.database.engine import Database
from exclusion_map.errors import DatabaseError

if TYPE_CHECKING:
    from alembic.config import Config

SCRIPTS = Path(__file__).parent / "migrations"
HEAD = "head"


def config(database: Database) -> "Config":
    """Return Alembic's configuration for a database."""
    from alembic.config import Config

    made = Config()
    made.set_main_option("script_location", str(SCRIPTS))
    made.attributes["engine"] = database.engine
    return made


def current_revision(database: Database) -> str | None:
    """Return the revision a database is at; None where it has no tables of ours."""
    from alembic.runtime.migration import MigrationContext

    with database.engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def latest_revision() -> str:
    """Return the revision this version of the code needs."""
    from alembic.script import ScriptDirectory

    return str(ScriptDirectory(str(SCRIPTS)).get_current_head())


def upgrade(database: Database, revision: str = HEAD) -> None:
    """Make or change the tables; data stays.

    Raises:
        DatabaseError: the database is of a newer version than this code.
    """
    from alembic import command
    from alembic.script import ScriptDirectory

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
