"""Open the database that a setting names, ready for many readers and writers at once."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Engine, make_url
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError
from sqlalchemy.orm import Session, sessionmaker

from exclusion_map.database.door import Door, away
from exclusion_map.database.limits import Limits
from exclusion_map.database.sqlite import BUSY_S, WRITES, sqlite_engine
from exclusion_map.errors import SettingsError
from exclusion_map.settings import DatabaseSettings, read

DRIVERS = {"sqlite": "sqlite", "postgresql": "postgresql+psycopg", "postgres": "postgresql+psycopg"}


class Database:
    """A database, and sessions on it.

    Attributes:
        engine: SQLAlchemy's engine, for migrations and backups.
        limits: how long it is waited for.
    """

    def __init__(self, engine: Engine, limits: Limits | None = None) -> None:
        self.engine = engine
        self.limits = limits or Limits()
        self._door = Door(self._ping, self.limits.connect_s)
        # SQLite's own queue is a wait by chance: of many writers in one process one may starve.
        self._turn = threading.Lock() if self.kind == "sqlite" else None
        self._sessions = sessionmaker(engine, expire_on_commit=False)
        self._writers = sessionmaker(
            engine.execution_options(**{WRITES: True}), expire_on_commit=False
        )

    @property
    def kind(self) -> str:
        """``sqlite`` or ``postgresql``."""
        return self.engine.dialect.name

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """Open a session that reads; what it changes is dropped.

        Raises:
            DatabaseAwayError: the database does not answer.
        """
        with self._door.passing(), self._sessions() as session:
            yield session

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """Open a session that commits at its end, or changes nothing where an error leaves it.

        Raises:
            DatabaseAwayError: the database does not answer, or others write for too long.
        """
        with self._writer(), self._door.passing(), self._writers.begin() as session:
            yield session

    @contextmanager
    def patient(self) -> Iterator["Database"]:
        """Yield the same database with all the time it takes, for migrations and the like."""
        if self.limits.statement_s is None or self.kind == "sqlite":
            yield self
            return
        database = _opened(self.engine.url, self.limits.patient)
        try:
            yield database
        finally:
            database.close()

    def close(self) -> None:
        """Close every connection."""
        self._door.close()
        self.engine.dispose()

    def _ping(self) -> None:
        with self.engine.connect() as connection:
            connection.exec_driver_sql("SELECT 1")

    @contextmanager
    def _writer(self) -> Iterator[None]:
        turn = self._turn
        if turn is None:
            yield
            return
        if not turn.acquire(timeout=self.limits.statement_s or BUSY_S):
            raise away("others who write")
        try:
            yield
        finally:
            turn.release()


def open_database(url: str, limits: Limits | None = None) -> Database:
    """Return the database at an address; a missing folder of a SQLite file is made.

    Args:
        url: ``sqlite:///path/to/file.db`` or ``postgresql://user:password@host/name``.
        limits: how long to wait; of the settings when None.

    Raises:
        SettingsError: the address is not one of these.
    """
    return _opened(_parse(url), limits or Limits.of(read(DatabaseSettings)))


def _opened(url: URL, limits: Limits) -> Database:
    if url.get_backend_name() == "sqlite":
        return Database(sqlite_engine(url, limits), limits)
    # Imported where it is used: the driver is needed for PostgreSQL alone.
    from exclusion_map.database.postgres import postgres_engine

    return Database(postgres_engine(url, limits), limits)


def _parse(url: str) -> URL:
    try:
        parsed = make_url(url)
        driver = DRIVERS[parsed.get_backend_name()]
    except (ArgumentError, KeyError, ValueError) as error:
        raise SettingsError(
            "EXCLUSION_MAP_DATABASE_URL",
            # The address may hold a password: only its beginning is told.
            found=f"{url.split('://', maxsplit=1)[0][:20]!r}",
            expected="sqlite:///path/to/file.db or postgresql://user:password@host/name",
            mend="Correct the setting, or remove it to use an SQLite file in the data folder.",
        ) from error
    return parsed.set(drivername=driver)
