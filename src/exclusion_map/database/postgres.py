"""PostgreSQL: a pool that outlives restarts of the server, and no wait without an end."""

import time
from collections.abc import Callable, Generator
from typing import Any

from psycopg import Connection
from psycopg.errors import ConnectionTimeout
from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine import URL
from sqlalchemy.pool import NullPool

from exclusion_map.database.limits import APPLICATION, Limits

GRACE_S = 2.0
"""The server ends a statement that takes too long itself; so much later it is taken for hung."""


class BoundedConnection(Connection[Any]):
    """A connection that gives up on a server that says nothing.

    ``statement_timeout`` is kept by the server, so a server that hangs does not keep it.

    Attributes:
        longest_s: seconds to wait for an answer; None for as long as it takes.
    """

    longest_s: float | None = None

    def wait(self, gen: Any, *args: Any, **kwargs: Any) -> Any:
        """Wait for the server as psycopg does, and no longer than allowed.

        Raises:
            ConnectionTimeout: it did not answer in time; the connection is closed.
        """
        if self.longest_s is not None:
            gen = self._until(gen, self.longest_s)
        return super().wait(gen, *args, **kwargs)

    def _until(self, gen: Any, longest_s: float) -> Generator[Any, Any, Any]:
        until = time.monotonic() + longest_s
        wanted = next_of(gen)
        while not isinstance(wanted, StopIteration):
            ready = yield wanted[0]
            # psycopg looks in ten times a second, with nothing when nothing came. Whatever moves
            # begins the wait anew: many rows take long, and silence alone is a server that hangs.
            if ready:
                until = time.monotonic() + longest_s
            elif time.monotonic() > until:
                self.pgconn.finish()
                raise ConnectionTimeout(f"no answer in {longest_s:g} seconds")
            wanted = next_of(gen, ready)
        return wanted.value


def next_of(gen: Any, sent: Any = None) -> tuple[Any] | StopIteration:
    """Return what a generator yields next in a tuple, or how it ended."""
    try:
        return (gen.send(sent),)
    except StopIteration as end:
        return end


def postgres_engine(url: URL, limits: Limits) -> Engine:
    """Return an engine that tries a connection before it hands it out.

    Args:
        url: of the database; ``options`` of its own are kept instead of ours.
        limits: how long to wait.
    """
    arguments: dict[str, Any] = {
        "connect_timeout": limits.connect_s,
        "application_name": APPLICATION,
    }
    if limits.statement_s is not None and "options" not in url.query:
        arguments["options"] = _options(limits.statement_s)
        arguments["tcp_user_timeout"] = limits.connect_s * 1000
    pooling: dict[str, Any] = {"poolclass": NullPool}
    if limits.statement_s is not None:
        pooling = {"pool_pre_ping": True, "pool_timeout": limits.connect_s}
    engine = create_engine(url, connect_args=arguments, **pooling)
    _bound(engine, limits)
    return engine


def _options(statement_s: float) -> str:
    """Return what the server is told at the start of a connection."""
    millis = int(statement_s * 1000)
    # Whoever stops in the middle of a transaction must not hold its locks for ever.
    waits = {
        "statement_timeout": millis,
        "lock_timeout": millis,
        "idle_in_transaction_session_timeout": 4 * millis,
    }
    return " ".join(f"-c {name}={value}" for name, value in waits.items())


def _bound(engine: Engine, limits: Limits) -> None:
    longest_s = None if limits.statement_s is None else limits.statement_s + GRACE_S

    @event.listens_for(engine, "do_connect")
    def _connect(_dialect: Any, _record: Any, arguments: Any, named: Any) -> BoundedConnection:
        connection = BoundedConnection.connect(*arguments, **named)
        connection.longest_s = longest_s
        return connection

    if longest_s is None:
        return
    # A connection that rested is tried before it is used: that is quick, or it is no use.
    _set_when(engine, "checkin", float(limits.connect_s))
    _set_when(engine, "checkout", longest_s)


def _set_when(engine: Engine, moment: str, longest_s: float) -> None:
    def set_it(connection: Any, *_: Any) -> None:
        if connection is not None:
            connection.longest_s = longest_s

    listener: Callable[..., None] = set_it
    event.listen(engine, moment, listener)
