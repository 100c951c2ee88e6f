"""Back up what people made, and restore it: one file for SQLite and for PostgreSQL."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Self

import typer
from rich.console import Console

from exclusion_map.database import Database, open_database
from exclusion_map.database.backups import Archive, Manifest, Restored
from exclusion_map.database.backups import backup as write_backup
from exclusion_map.database.backups import restore as put_back
from exclusion_map.errors import DatabaseError
from exclusion_map.settings import DatabaseSettings, read

_console = Console(stderr=True)
_SECRETS = (
    "It holds names, email addresses and hashed passwords, sessions and tokens: keep it where "
    "nobody else can read it."
)
_REVIVED = (
    "Accounts, sessions and API tokens are as they were then: what was stopped or revoked since "
    "works again. Look through `exclusion-map account list`."
)


def backup(
    out: Annotated[
        Path, typer.Option(help="Output file, such as backup.zip; it must not exist yet.")
    ],
) -> None:
    """Back up everything people entered (directory, accounts, history) to one file.

    The service may keep running: the file is a consistent snapshot. It is read back and checked
    before it gets its name, and only its owner may read it. Editions are not included, because
    they can be built again.
    """
    with _opened() as database, _Teller("Backing up") as tell:
        manifest = write_backup(database, out, tell)
    typer.echo(f"{out}: {_words(manifest)}, {out.stat().st_size / 1e6:,.1f} MB.")
    _console.print(f"[yellow]{_SECRETS}[/]")


def restore(
    file: Annotated[Path, typer.Argument(help="File written by `exclusion-map backup`.")],
    replace: Annotated[
        bool,
        typer.Option(
            "--replace", help="Replace a database that contains data; the old one is kept."
        ),
    ] = False,
    check: Annotated[
        bool, typer.Option("--check", help="Only check that the file is complete; change nothing.")
    ] = False,
) -> None:
    """Restore a backup into an SQLite or PostgreSQL database. Stop the service first.

    Every row is compared, and the tables are migrated to this version, before the old database is
    replaced. The old database is kept.
    """
    if check:
        archive = Archive(file)
        with _Teller("Checking") as tell:
            archive.verify(tell)
        typer.echo(f"{file} is whole: {_words(archive.manifest)}.")
        return
    with _opened() as database:
        with _Teller("Restoring") as tell:
            done = put_back(database, file, replace=replace, tell=tell)
        _note(database, done)
    typer.echo(f"Restored {_words(done.manifest)}.")
    if done.aside:
        typer.echo(f"What was there before is kept in {done.aside}. Delete it when all is well.")
    _console.print(f"[yellow]{_REVIVED}[/]")


def _note(database: Database, done: Restored) -> None:
    from exclusion_map.accounts import COMMAND_LINE
    from exclusion_map.accounts.audit import note

    with database.writing() as session:
        note(session, COMMAND_LINE, "backup restored", "", f"made {done.manifest.made_at}")


@contextmanager
def _opened() -> Iterator[Database]:
    url = read(DatabaseSettings).database_url
    if url == "none":
        raise DatabaseError(
            "EXCLUSION_MAP_DATABASE_URL",
            found="none",
            expected="a database",
            mend="Set the address that the service uses.",
        )
    database = open_database(url)
    try:
        yield database
    finally:
        database.close()


class _Teller:
    """Shows each table as it is done."""

    def __init__(self, what: str) -> None:
        self._what = what
        self._status = _console.status(what)

    def __call__(self, table: str, rows: int) -> None:
        self._status.update(f"{self._what}: {table}, {rows:,} rows")

    def __enter__(self) -> Self:
        self._status.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._status.stop()


def _words(manifest: Manifest) -> str:
    return (
        f"{manifest.rows:,} rows of {len(manifest.tables)} tables (revision {manifest.revision}) "
        f"of {manifest.made_at}"
    )
