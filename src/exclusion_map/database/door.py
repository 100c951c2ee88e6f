"""What stands before a database: its faults become one error, and one that hangs stops nobody.

A server that refuses costs nothing, so everybody tries, and the first request after its return
works. A server that hangs holds whoever asks it until the time is up; were that every thread of the
service, pages that need no database would wait too. So while it hangs a thread of its own waits for
it, and everybody else is told at once.
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sqlalchemy import exc

from exclusion_map.errors import DatabaseAwayError

FAULTS = (exc.OperationalError, exc.InterfaceError, exc.TimeoutError)
"""What SQLAlchemy raises when a database is away, too busy or full; the last for its pool."""
FULL_KINDS = frozenset({"SQLITE_FULL", "DiskFull"})

PAUSE_S = 0.5
"""Between two looks at a database that hangs."""


FULL = "a disk that is full"
READ_ONLY = "one that may only be read"
UNWRITTEN = {
    # A standby, one that is being moved, or a setting: statements that write are refused.
    "ReadOnlySqlTransaction": READ_ONLY,
    "InsufficientPrivilege": READ_ONLY,
    "IdleInTransactionSessionTimeout": "no patience any more",
    "TransactionTimeout": "no patience any more",
}
"""By psycopg's class, faults that SQLAlchemy does not count among ``FAULTS``: what is meant."""


def away(found: str) -> DatabaseAwayError:
    """Return the error of a database that does not answer; addresses and passwords stay out."""
    expected, mend = {
        FULL: ("room on the disk of the database", "Make room there, then try again"),
        READ_ONLY: ("one that can be written to", "Try again when it can"),
    }.get(found, ("one that answers", "Try again in a moment"))
    return DatabaseAwayError(
        "database", found=found, expected=expected, mend=f"{mend}; nothing was changed."
    )


def told(error: BaseException) -> DatabaseAwayError:
    """Return what one of ``FAULTS`` means: the disk is full, or the database does not answer."""
    cause = getattr(error, "orig", None) or error
    # SQLite's name of a fault, and psycopg's class for it.
    kind = getattr(cause, "sqlite_errorname", "") or type(cause).__name__
    return away(FULL if kind in FULL_KINDS else f"no answer ({kind})")


class Door:
    """Lets callers through to a database.

    Args:
        ping: asks the database something small, or raises as a caller would.
        patience_s: how long a place in the pool is waited for; seconds.
    """

    def __init__(self, ping: Callable[[], None], patience_s: float) -> None:
        self._ping = ping
        self._patience_s = patience_s
        self._hangs = False
        self._answered_at = time.monotonic()
        self._lock = threading.Lock()
        self._closed = threading.Event()

    @property
    def hangs(self) -> bool:
        """Whether the last caller waited in vain, and nobody was answered since."""
        return self._hangs

    def close(self) -> None:
        """Wait for the database no longer."""
        self._closed.set()

    @contextmanager
    def passing(self) -> Iterator[None]:
        """Hold while the database is used.

        Raises:
            DatabaseAwayError: it does not answer, or did not when it was last asked.
        """
        if self._hangs:
            raise away("no answer in time")
        try:
            yield
        except FAULTS as error:
            if self._hung(error):
                self._wait_for_it()
            raise told(error) from error
        except exc.DatabaseError as error:
            unwritten = UNWRITTEN.get(type(error.orig).__name__)
            if unwritten:
                raise away(unwritten) from error
            # A damaged SQLite file; faults of statements are subclasses and none of ours to hide.
            if type(error) is exc.DatabaseError:
                raise away("a file that is damaged or no database") from error
            raise
        else:
            self._answered_at = time.monotonic()

    def _wait_for_it(self) -> None:
        with self._lock:
            if self._hangs:
                return
            self._hangs = True
        self._closed.clear()
        threading.Thread(target=self._look, name="database-look", daemon=True).start()

    def _look(self) -> None:
        """Ask until it answers, or refuses: then everybody is told that soon enough."""
        while not self._closed.is_set():
            try:
                self._ping()
            except FAULTS as error:
                if not self._hung(error):
                    break
            else:
                break
            self._closed.wait(PAUSE_S)
        self._answered_at = time.monotonic()
        self._hangs = False

    def _hung(self, error: BaseException) -> bool:
        if isinstance(error, exc.TimeoutError):
            # The pool is empty: of a server that is slow, or of one that answers nobody at all?
            return time.monotonic() - self._answered_at > self._patience_s
        # psycopg's own name for both, and for what BoundedConnection raises.
        return type(getattr(error, "orig", None)).__name__ == "ConnectionTimeout"
