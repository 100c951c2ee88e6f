"""Faults that every request would meet again while something is away: told once in a while.

A database that is away for an hour must not fill the disk with the same traceback a thousand times
a minute. What is known to be away is one line; anything else is told with its traceback.
"""

import logging
import threading
import time
from typing import Final

from sqlalchemy.exc import DBAPIError

from exclusion_map.errors import DatabaseError

EVERY_S: Final = 60.0
"""Seconds between two lines of one kind."""


class Rarely:
    """Tells of faults of one place in the code.

    Args:
        logger: of the module.
        words: what could not be done.
        every_s: seconds between two lines about one type of error.
    """

    def __init__(self, logger: logging.Logger, words: str, every_s: float = EVERY_S) -> None:
        self._logger = logger
        self._words = words
        self._every_s = every_s
        self._lock = threading.Lock()
        self._told: dict[type[Exception], tuple[float, int]] = {}

    def tell(self, error: Exception) -> None:
        """Log an error, unless one of its type was logged a moment ago: then count it."""
        kind, moment = type(error), time.monotonic()
        with self._lock:
            last, unsaid = self._told.get(kind, (-self._every_s, 0))
            due = moment - last >= self._every_s
            self._told[kind] = (moment, 0) if due else (last, unsaid + 1)
        if not due:
            return
        away = isinstance(error, (DatabaseError, DBAPIError))
        also = f"; {unsaid} times more since it was last told" if unsaid else ""
        self._logger.error(
            "%s (%s)%s",
            self._words,
            # Words of drivers may hold the address of the database with its password.
            error.found if isinstance(error, DatabaseError) else kind.__name__,
            also,
            exc_info=None if away else error,
        )
