"""Restore into SQLite: a new file beside the old one, which then takes its name."""

import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from sqlalchemy import make_url

from exclusion_map.database.backups.archive import Archive, Told
from exclusion_map.database.backups.backup import PRIVATE, sync_folder
from exclusion_map.database.backups.filling import fill
from exclusion_map.database.backups.standing import expect_free, in_use, stamp, tables_there
from exclusion_map.database.engine import Database, open_database
from exclusion_map.database.sqlite import WRITES, foreign_keys
from exclusion_map.errors import DatabaseError

BESIDE = ("-wal", "-shm", "-journal")
"""Files of SQLite beside a database; a stale one would be taken for part of the new database."""


def restore_sqlite(
    database: Database, archive: Archive, *, replace: bool, tell: Told | None = None
) -> str:
    """Put a backup in the place of a file; return the name of the old one.

    Raises:
        DatabaseError: it holds data or is in use, or the backup cannot be taken.
    """
    target = Path(database.engine.url.database or "")
    full = _look(database, target, replace=replace)
    database.close()
    draft = target.with_name(f".{target.name}.restoring")
    try:
        _make(draft, archive, tell)
        _give_to(draft, target)
        with _held(target):
            aside = _swap(draft, target, keep=full)
    except OSError as error:
        raise DatabaseError(
            str(target),
            found=error.strerror or type(error).__name__,
            expected="a writable folder with enough space",
            mend="Nothing was changed.",
        ) from error
    finally:
        _remove(draft)
    return aside


def _look(database: Database, target: Path, *, replace: bool) -> bool:
    """Return whether a file is there that is kept aside."""
    if not target.exists() or target.stat().st_size == 0:
        return False
    try:
        with closing(sqlite3.connect(target)) as plain:
            names = {row[0] for row in plain.execute("SELECT name FROM sqlite_master")}
        if "alembic_version" in names:
            with database.engine.connect() as connection:
                return expect_free(connection, tables_there(connection), replace=replace)
        found = "tables of something else" if names else ""
    except sqlite3.DatabaseError:
        found = "a file that is damaged or no database"
    if found and not replace:
        raise DatabaseError(
            str(target),
            found=found,
            expected="no file, or an empty database",
            mend="With --replace the backup replaces it; the old file is kept.",
        )
    return bool(found)


def _make(draft: Path, archive: Archive, tell: Told | None) -> None:
    _remove(draft)  # Of a restore that was killed.
    os.close(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, PRIVATE))
    made = open_database(make_url("sqlite://").set(database=str(draft)).render_as_string())
    try:
        engine = made.engine.execution_options(**{WRITES: True})
        with engine.connect() as connection:
            foreign_keys(connection, kept=False)
            with connection.begin():
                fill(connection, archive, tell)
            checked = connection.exec_driver_sql("PRAGMA integrity_check").scalar_one()
            if checked != "ok":
                raise DatabaseError(
                    str(draft),
                    found=str(checked)[:200],
                    expected="an intact file",
                    mend="Try again.",
                )
    finally:
        made.close()
    with closing(sqlite3.connect(draft)) as plain:
        # One file with everything in it; the service sets its own mode when it opens it.
        plain.execute("PRAGMA journal_mode=DELETE")
    with draft.open("rb") as file:
        os.fsync(file.fileno())


def _give_to(draft: Path, target: Path) -> None:
    """Let whoever could read and write the old file do so with the new one."""
    if target.exists():
        shutil.copymode(target, draft)
    like = (target if target.exists() else target.parent).stat()
    with suppress(PermissionError):
        os.chown(draft, like.st_uid, like.st_gid)


@contextmanager
def _held(target: Path) -> Iterator[None]:
    """Hold a file alone while it is replaced; what its log holds is brought into it first.

    Raises:
        DatabaseError: somebody has it open.
    """
    if not target.exists():
        yield
        return
    with closing(sqlite3.connect(target, timeout=1, isolation_level=None)) as plain:
        try:
            # Leaving the log mode needs the file alone, and takes the log away.
            plain.execute("PRAGMA journal_mode=DELETE")
            plain.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError as error:
            raise in_use("another process that has it open") from error
        except sqlite3.DatabaseError:
            pass  # Damaged: moved aside as it is.
        yield


def _swap(draft: Path, target: Path, *, keep: bool) -> str:
    """Give the new file the old one's name; return the name the old one has now, if kept."""
    aside = target.with_name(f"{target.name}.before-restore-{stamp()}")
    if keep:
        try:
            aside.hardlink_to(target)  # So that the name is never without a database.
        except OSError:
            target.rename(aside)
    for end in BESIDE:
        left = target.with_name(target.name + end)
        if left.exists():
            left.rename(aside.with_name(aside.name + end))
    draft.replace(target)
    sync_folder(target.parent)
    return str(aside) if keep else ""


def _remove(draft: Path) -> None:
    for end in ("", *BESIDE):
        draft.with_name(draft.name + end).unlink(missing_ok=True)
