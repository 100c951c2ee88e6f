"""How fresh an entry is: when somebody last made sure of it, and whether that is too long ago."""

import calendar
import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache

from exclusion_map.database import now
from exclusion_map.directory.listing import Held
from exclusion_map.directory.store import HERE

GOOD_FOR = timedelta(days=365)
_MONTHS = (
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
)
_AS_OF = re.compile(
    rf"(?:({'|'.join(_MONTHS)}) )?(\d{{4}})(?:-(\d{{2}})(?:-(\d{{2}}))?)?\b", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Checked:
    """When an entry was last known to be right.

    Attributes:
        on: the day; None where nobody knows.
        by_people: whether somebody confirmed it here, rather than its list being of that day.
        recent: whether that is less than a year ago.
    """

    on: date | None
    by_people: bool
    recent: bool


def last_checked(held: Held, today: date | None = None) -> Checked:
    """Return when an entry was last confirmed, or the day that its list is of."""
    as_of = dated(held.listing.as_of, held.source, held.created_at)
    return checked(held.confirmed_at, as_of, today or now().date())


def dated(as_of: str, source: str, created_at: datetime) -> str:
    """Return the date of an entry: of its list, or the day on which a person added it here."""
    return as_of or (created_at.date().isoformat() if source == HERE else "")


def checked(
    confirmed_at: datetime | None, as_of: str, today: date, good_for: timedelta = GOOD_FOR
) -> Checked:
    """Return when an entry was last known to be right.

    Args:
        confirmed_at: when somebody confirmed it here.
        as_of: the date of its list, in words or figures.
        today: the day it is asked on.
        good_for: how long what was right is taken to be so.
    """
    listed = day_of(as_of)
    on, by_people = listed, False
    if confirmed_at is not None:
        confirmed = confirmed_at.date()
        if listed is None or listed <= confirmed:
            on, by_people = confirmed, True
    return Checked(on, by_people, recent=on is not None and today - on < good_for)


@lru_cache(maxsize=1024)
def day_of(as_of: str) -> date | None:
    """Return the last day that a date in words or figures can mean; None where it names no year.

    ``2023``, ``2023-05``, ``2023-05-17``, ``May 2023``, ``2023 or later``.
    """
    found = _AS_OF.match(as_of.strip())
    if found is None:
        return None
    name, *figures = found.groups()
    year, month, day = (int(part) if part else None for part in figures)
    last_month = month or (_MONTHS.index(name.casefold()) + 1 if name else 12)
    try:
        return date(year or 0, last_month, day or calendar.monthrange(year or 0, last_month)[1])
    except (ValueError, IndexError):
        return None
