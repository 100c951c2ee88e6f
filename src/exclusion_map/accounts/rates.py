"""How often somebody may do a thing, counted in the database: all processes count together.

The generic cell rate algorithm (ITU-T I.371, annex A): of each key one number is kept, the moment
when nothing of its limit is used any more. A request moves it on by the share it takes; one that
would move it beyond the window is refused. One statement does both, so that requests at the same
moment in several processes cannot take the same share.
"""

import hashlib
import random
import threading
import time
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sqlalchemy import case, delete, select
from sqlalchemy.orm import Session

from exclusion_map.accounts.tables import RateBucket
from exclusion_map.database import Base, Database, open_database
from exclusion_map.database.inserting import insert_into

MOST_REFUSALS: Final = 20_000
"""Refusals remembered in memory; beyond, the oldest are forgotten, which costs a query."""
CLEAR_ONE_IN: Final = 200
"""One request in so many clears away what is full again."""
_ROUNDING_S: Final = 1e-3


@dataclass(frozen=True, slots=True)
class Limit:
    """At most ``size`` requests at once, and on average in ``window_s`` seconds."""

    name: str
    size: int
    window_s: float

    @property
    def share_s(self) -> float:
        """The time it takes until one more is allowed."""
        return self.window_s / self.size


class Rates:
    """Limits counted in a database. Of clients and accounts only digests are kept, for a while."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._refused: OrderedDict[str, float] = OrderedDict()
        self._lock = threading.Lock()

    def take(self, limit: Limit, who: str) -> float:
        """Take one request of a limit; return 0, or the seconds until there is one to take.

        Who is refused is remembered here until then: a flood costs the database nothing.
        """
        key = hashlib.sha256(f"{limit.name}\x00{who}".encode()).hexdigest()
        left = self._remembered(key)
        if left:
            return left
        moment = time.time()
        with self._database.writing() as session:
            wait = _take(session, key, limit, moment)
            if random.randrange(CLEAR_ONE_IN) == 0:  # noqa: S311 - no secret
                session.execute(delete(RateBucket).where(RateBucket.full_at < moment))
        if wait:
            self._remember(key, wait)
        return wait

    def _remembered(self, key: str) -> float:
        with self._lock:
            until = self._refused.get(key, 0.0)
            left = until - time.monotonic()
            if until and left <= 0:
                del self._refused[key]
        return max(left, 0.0) if until else 0.0

    def _remember(self, key: str, wait: float) -> None:
        with self._lock:
            self._refused[key] = time.monotonic() + wait
            self._refused.move_to_end(key)
            while len(self._refused) > MOST_REFUSALS:
                self._refused.popitem(last=False)


def open_rates(path: Path) -> Rates:
    """Return limits counted in a small file, for services that have no database."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    database = open_database(f"sqlite:///{path}")
    Base.metadata.create_all(database.engine, tables=[Base.metadata.tables["rate_bucket"]])
    return Rates(database)


def _take(session: Session, key: str, limit: Limit, moment: float) -> float:
    kept = RateBucket.full_at
    next_full = case((kept > moment, kept), else_=moment) + limit.share_s
    statement = (
        insert_into(session, RateBucket)
        .values(key=key, full_at=moment + limit.share_s)
        .on_conflict_do_update(
            index_elements=[RateBucket.key],
            set_={"full_at": next_full},
            where=next_full <= moment + limit.window_s + _ROUNDING_S,
        )
    )
    if session.execute(statement.returning(RateBucket.full_at)).first() is not None:
        return 0.0
    full_at = session.scalar(select(kept).where(RateBucket.key == key))
    if full_at is None:
        return 0.0
    return max(full_at + limit.share_s - moment - limit.window_s, _ROUNDING_S)
