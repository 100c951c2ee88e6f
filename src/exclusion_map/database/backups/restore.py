"""Restore a backup: the old database stays until the new one is whole, and is then kept aside."""

import sqlite3
from dataclasses import dataclass
from pathlib import Path

from exclusion_map.database.backups.archive import Archive, Manifest, Told
from exclusion_map.database.backups.restore_postgres import restore_postgres
from exclusion_map.database.backups.restore_sqlite import restore_sqlite
from exclusion_map.database.door import FAULTS, told
from exclusion_map.database.engine import Database
from exclusion_map.database.migrate import expect_known


@dataclass(frozen=True, slots=True)
class Restored:
    """What a restore did.

    Attributes:
        manifest: of the backup.
        aside: where the old data is now, a file or a schema; empty where there was none.
    """

    manifest: Manifest
    aside: str


def restore(
    database: Database, path: Path, *, replace: bool = False, tell: Told | None = None
) -> Restored:
    """Put a backup in the place of a database. The service must not run meanwhile.

    Every row is compared to the backup, and the tables are brought to this version, before anything
    takes the place of the old database: killed at any moment, it leaves the old one or the new one.

    Args:
        database: where to; its file need not be there.
        path: of the backup, from either kind of database.
        replace: whether a database that holds data may be replaced.
        tell: told of each table that was filled.

    Raises:
        DatabaseError: the backup is damaged or of a newer version; the database holds data or is
            in use.
        DatabaseAwayError: the database does not answer.
    """
    archive = Archive(path)
    expect_known(archive.manifest.revision, str(path))
    archive.verify()
    put = restore_sqlite if database.kind == "sqlite" else restore_postgres
    database.close()  # Its connections at rest would look like somebody at work.
    try:
        with database.patient() as patient:
            aside = put(patient, archive, replace=replace, tell=tell)
    except (
        *FAULTS,
        sqlite3.OperationalError,
    ) as error:  # A file is also opened without SQLAlchemy.
        raise told(error) from error
    return Restored(archive.manifest, aside)
