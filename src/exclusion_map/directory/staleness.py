"""Entries that nobody made sure of for a year: which they are, and since when."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from exclusion_map.database import now
from exclusion_map.directory.confirming import Checked, checked, dated
from exclusion_map.directory.tables import Location


@dataclass(frozen=True, slots=True)
class Stale:
    """An entry that has not been confirmed for a year.

    Attributes:
        id: of the place.
        name: of the place.
        area_code: its small area; empty where that is not known.
        checked: when it was last known to be right.
    """

    id: str
    name: str
    area_code: str
    checked: Checked


def stale_places(session: Session, today: date | None = None) -> list[Stale]:
    """Return the entries that were not confirmed for a year, in the order of their names."""
    today = today or now().date()
    query = (
        select(
            Location.id,
            Location.name,
            Location.area_code,
            Location.confirmed_at,
            Location.as_of,
            Location.source,
            Location.created_at,
        )
        .where(Location.deleted_at.is_(None))
        .order_by(Location.name, Location.id)
    )
    found = []
    for identity, name, area_code, confirmed_at, as_of, source, created_at in session.execute(
        query
    ):
        known = checked(confirmed_at, dated(as_of, source, created_at), today)
        if not known.recent:
            found.append(Stale(identity, name, area_code or "", known))
    return found
