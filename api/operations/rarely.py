"""Faults that every request would meet again while something is away: told once in a while.

A database that is away for an hour must not fill the disk with the same traceback a thousand times
a minute. What is known to be away is one line; anything else is told with its traceback.
"""

import asyncio
import logging
import threading
import time
from contextvars import Context
from typing import Final

from sqlalchemy.exc import DBAPIError

from api.operations.logs import told
from exclusion_map.errors import DatabaseError

EVERY_S: Final = 60.0
"""Seconds between two lines of one kind."""
TOGETHER_S: Final = 1.0
"""Seconds whose events share a line."""


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


class Together:
    """Counts events of the event loop that may come by the thousand: one line a second at most.

    Args:
        logger: of the module.
        words: what happened; the line adds how often.
    """

    def __init__(self, logger: logging.Logger, words: str) -> None:
        self._logger = logger
        self._words = words
        self._count = 0

    def add(self) -> None:
        """Count an event; a second after the first they are told together."""
        self._count += 1
        if self._count == 1:
            # The line is of many requests, so it names none.
            asyncio.get_running_loop().call_later(TOGETHER_S, self._tell, context=Context())

    def _tell(self) -> None:
        count, self._count = self._count, 0
        told(self._logger, logging.WARNING, self._words, count=count)
