"""Databases that a scene can copy for each point it is killed at: files, or of a server."""

import shutil
from contextlib import suppress
from pathlib import Path
from typing import Protocol

import psycopg

from tests.own_postgres import OwnPostgres

TABLESPACE = "small"


class Kind(Protocol):
    """Where the database of a folder is."""

    def url(self, folder: Path) -> str:
        """Return its address."""

    def begin(self, folder: Path) -> None:
        """Make an empty one."""

    def copy(self, template: Path, folder: Path) -> None:
        """Copy a folder with its database, which nobody uses."""

    def drop(self, folder: Path) -> None:
        """Take both away."""

    def own_files(self) -> set[str]:
        """Return the names of files in the folder that are the database."""


class Files:
    """SQLite: the database is a file of the folder."""

    def url(self, folder: Path) -> str:
        return f"sqlite:///{folder / 'd.db'}"

    def begin(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)

    def copy(self, template: Path, folder: Path) -> None:
        shutil.copytree(template, folder)

    def drop(self, folder: Path) -> None:
        shutil.rmtree(folder, ignore_errors=True)

    def own_files(self) -> set[str]:
        return {"d.db", "d.db-wal", "d.db-shm"}


class Served:
    """PostgreSQL: each folder has a database of its own on one server.

    Args:
        programs: the folder of PostgreSQL's programs.
        small: a folder on a file system without much room, for the tables; None for none such.
    """

    def __init__(self, programs: Path, small: Path | None = None) -> None:
        self._server = OwnPostgres(programs)
        self._server.start()
        self._of: dict[Path, str] = {}
        self._space = ""
        if small is not None:
            shutil.chown(small, "postgres")
            self._run(f"CREATE TABLESPACE {TABLESPACE} LOCATION '{small}'")
            self._space = f" TABLESPACE {TABLESPACE}"

    def url(self, folder: Path) -> str:
        return self._server.url.replace("/postgres?", f"/{self._of[folder]}?")

    def begin(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._make(folder, "template1")

    def copy(self, template: Path, folder: Path) -> None:
        shutil.copytree(template, folder)
        self._make(folder, self._of[template])

    def drop(self, folder: Path) -> None:
        shutil.rmtree(folder, ignore_errors=True)
        with suppress(KeyError):
            self._run(f"DROP DATABASE {self._of.pop(folder)} WITH (FORCE)")

    def own_files(self) -> set[str]:
        return set()

    def end(self) -> None:
        """Stop the server."""
        self._server.remove()

    def _make(self, folder: Path, template: str) -> None:
        name = f"d_{folder.parent.name}_{folder.name}".replace("-", "_")
        # Killed clients of the template are gone; a moment later the server knows it too.
        self._run(f"CREATE DATABASE {name} TEMPLATE {template}{self._space}")
        self._of[folder] = name

    def _run(self, statement: str) -> None:
        with psycopg.connect(self._server.url, autocommit=True) as connection:
            connection.execute(statement)
