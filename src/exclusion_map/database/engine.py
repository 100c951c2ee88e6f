"""Open the database that a setting names, ready for many readers and writers at once."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.engine import URL
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError
from sqlalchemy.orm import Session, sessionmaker
from sqlalchemy.pool import ConnectionPoolEntry

from exclusion_map.errors import SettingsError

BUSY_MS = 15_000
"""How long a writer waits for another one on SQLite."""
DRIVERS = {"sqlite": "sqlite", "postgresql": "postgresql+psycopg", "postgres": "postgresql+psycopg"}
WRITES = "exclusion_map_writes"
"""Execution option of a connection that is going to write."""


class Database:
    """A database, and sessions on it.

    Attributes:
        engine: SQLAlchemy's engine, for migrations and backups.
    """

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
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
        """Open a session that reads; what it changes is dropped."""
        with self._sessions() as session:
            yield session

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """Open a session that commits at its end, or changes nothing where an error leaves it."""
        with self._writers.begin() as session:
            yield session

    def close(self) -> None:
        """Close every connection."""
        self.engine.dispose()


def open_database(url: str) -> Database:
    """Return the database at an address; a missing folder of a SQLite file is made.

    Args:
        url: ``sqlite:///path/to/file.db`` or ``postgresql://user:password@host/name``.

    Raises:
        SettingsError: the address is not one of these.
    """
    parsed = _parse(url)
    if parsed.get_backend_name() == "sqlite":
        if parsed.database and parsed.database != ":memory:":
            Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
        engine = create_engine(parsed, connect_args={"timeout": BUSY_MS / 1000})
        _tune_sqlite(engine)
    else:
        engine = create_engine(parsed, pool_pre_ping=True, connect_args={"connect_timeout": 5})
    return Database(engine)


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
            mend="Correct the setting, or leave it out for a SQLite file in the data folder.",
        ) from error
    return parsed.set(drivername=driver)


def _tune_sqlite(engine: Engine) -> None:
    """Let readers go on while one writes, keep foreign keys, and queue writers from the start."""

    @event.listens_for(engine, "connect")
    def _connect(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
        # The driver's own handling of transactions begins them too late: two writers that both
        # read first would meet in a deadlock that no waiting resolves.
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in ("journal_mode=WAL", "foreign_keys=ON", "synchronous=NORMAL"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get(WRITES, False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
