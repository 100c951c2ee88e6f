"""SQLite: readers go on while one writes, writers queue, what was saved outlasts a power cut."""

import sqlite3
import time
from pathlib import Path

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL
from sqlalchemy.engine.interfaces import DBAPIConnection, DBAPICursor
from sqlalchemy.pool import ConnectionPoolEntry

from exclusion_map.database.limits import Limits

BUSY_S = 15.0
"""How long a writer waits for another one where no limit is set."""
RETRY_S = 0.02
TAKEN = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
"""What SQLite says while somebody else works on the file."""
WRITES = "exclusion_map_writes"
"""Execution option of a connection that is going to write."""


def sqlite_engine(url: URL, limits: Limits) -> Engine:
    """Return an engine; a missing folder of the file is made."""
    if url.database and url.database != ":memory:":
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)
    busy_s = limits.statement_s or BUSY_S
    engine = create_engine(url, connect_args={"timeout": busy_s})
    _tune(engine, busy_s)
    return engine


def _tune(engine: Engine, busy_s: float) -> None:
    """Let readers go on while one writes, keep foreign keys, and queue writers from the start."""

    @event.listens_for(engine, "connect")
    def _connect(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
        # The driver's own handling of transactions begins them too late: two writers that both
        # read first would meet in a deadlock that no waiting resolves.
        connection.isolation_level = None
        cursor = connection.cursor()
        _keep_log(cursor, busy_s)
        for pragma in ("foreign_keys=ON", "synchronous=FULL"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get(WRITES, False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _keep_log(cursor: DBAPICursor, busy_s: float) -> None:
    """Write ahead to a log. SQLite does not wait for others who begin with that on a new file."""
    until = time.monotonic() + busy_s
    while True:
        try:
            cursor.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError as error:
            # A full disk, or a folder that cannot be written to, does not pass by waiting.
            if error.sqlite_errorcode & 0xFF not in TAKEN or time.monotonic() > until:
                raise
            time.sleep(RETRY_S)
        else:
            return


def foreign_keys(connection: Connection, *, kept: bool) -> None:
    """Keep foreign keys, or not, on a connection outside a transaction.

    Tables that are made anew are dropped on the way, which would delete what points at them.
    """
    # Past SQLAlchemy, which would begin a transaction first; within one it has no effect.
    cursor = connection.connection.cursor()
    cursor.execute(f"PRAGMA foreign_keys={'ON' if kept else 'OFF'}")
    cursor.close()
