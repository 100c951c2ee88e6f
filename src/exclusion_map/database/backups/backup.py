"""Write a backup: one moment of a database, whole or not at all."""

import fcntl
import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from sqlalchemy import Connection

from exclusion_map import __version__
from exclusion_map.database.backups.archive import Archive, ArchiveWriter, Manifest, Told
from exclusion_map.database.backups.rows import lines_of
from exclusion_map.database.backups.schema import tables_at
from exclusion_map.database.base import now
from exclusion_map.database.door import FAULTS, told
from exclusion_map.database.engine import Database
from exclusion_map.database.migrate import expect_known, revision_on
from exclusion_map.errors import DatabaseError

PRIVATE = 0o600
"""Nobody else reads a backup: names, addresses and hashed secrets are in it."""
UNFINISHED = ".unfinished-backup"
"""End of the hidden name that a backup has until it is whole."""


def backup(database: Database, path: Path, tell: Told | None = None) -> Manifest:
    """Write everything in a database to a file, and read it again to be sure.

    The service can go on meanwhile: the backup is of the moment it begins. The tables are those of
    the database, which may be of an older version than this code.

    Args:
        database: to back up.
        path: of the file to make; it must not be there.
        tell: told of each table that was written.

    Raises:
        DatabaseError: the file is there already or cannot be written, or the database is empty or
            of a newer version.
        DatabaseAwayError: the database does not answer.
    """
    if path.exists():
        raise DatabaseError(
            str(path),
            found="a file of that name",
            expected="a name that is not in use",
            mend="Backups are never overwritten: choose another name.",
        )
    with _draft(path) as (file, draft):
        try:
            with database.patient() as patient, _moment(patient) as connection:
                manifest = _write(connection, file, tell)
        except FAULTS as error:
            raise told(error) from error
        file.flush()
        os.fsync(file.fileno())
        Archive(draft).verify()
        draft.rename(path)
        sync_folder(path.parent)
    return manifest


@contextmanager
def _draft(path: Path) -> Iterator[tuple[IO[bytes], Path]]:
    draft = path.with_name(f".{path.name}.{uuid.uuid4().hex}{UNFINISHED}")
    try:
        _sweep(path.parent)
        descriptor = os.open(draft, os.O_CREAT | os.O_EXCL | os.O_RDWR, PRIVATE)
        with os.fdopen(descriptor, "w+b") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield file, draft
    except OSError as error:
        raise DatabaseError(
            str(path),
            found=error.strerror or type(error).__name__,
            expected="a writable folder with enough space",
            mend="Nothing was left behind; choose another location.",
        ) from error
    finally:
        with suppress(OSError):
            draft.unlink(missing_ok=True)


def _sweep(folder: Path) -> None:
    """Delete what backups left that were killed: half a file, with people's names in it.

    Whoever still writes holds a lock, which ends with its process.
    """
    for left in folder.glob(f".*{UNFINISHED}"):
        with suppress(OSError), left.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            left.unlink(missing_ok=True)


@contextmanager
def _moment(database: Database) -> Iterator[Connection]:
    """Yield a connection that sees one moment of the database from beginning to end."""
    options = {}
    if database.kind == "postgresql":
        options = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
    with database.engine.connect().execution_options(**options) as connection, connection.begin():
        yield connection


def _write(connection: Connection, file: IO[bytes], tell: Told | None) -> Manifest:
    revision = revision_on(connection)
    if revision is None:
        raise DatabaseError(
            "the database",
            found="no tables of Exclusion Map",
            expected="a database that the service has opened before",
            mend="Check EXCLUSION_MAP_DATABASE_URL: is it the one the service uses?",
        )
    expect_known(revision)
    made_at = now().isoformat(timespec="seconds")
    facts = []
    with ArchiveWriter(file) as writer:
        for table in tables_at(revision):
            facts.append(writer.add(table.name, table.c.keys(), lines_of(connection, table)))
            if tell is not None:
                tell(table.name, facts[-1].rows)
        manifest = Manifest(
            code=__version__,
            revision=revision,
            made_at=made_at,
            made_from=connection.dialect.name,
            tables=tuple(facts),
        )
        writer.finish(manifest)
    return manifest


def sync_folder(folder: Path) -> None:
    """Write the entries of a folder (names, renames) to the disk."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
