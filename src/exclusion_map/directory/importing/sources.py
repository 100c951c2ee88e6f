"""Where the places in the directory come from."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import case, func, select

from exclusion_map.database import Database
from exclusion_map.directory.tables import Location


@dataclass(frozen=True, slots=True)
class SourceSummary:
    """What the directory holds of a source.

    Attributes:
        source: its id; ``here`` for places that people added themselves.
        places: how many are shown, ``placed`` of them on the map.
        taken_out: how many are held and not shown.
        as_of: the oldest and newest day that its rows are of, as they say it.
        changed_at: when any of them last changed here.
    """

    source: str
    places: int
    placed: int
    taken_out: int
    as_of: str
    changed_at: datetime


def sources_of(database: Database) -> Sequence[SourceSummary]:
    """Return every source, by name."""
    shown = Location.deleted_at.is_(None)
    mapped = shown & Location.latitude.is_not(None)
    dated = case((Location.as_of == "", None), else_=Location.as_of)
    query = (
        select(
            Location.source,
            func.sum(case((shown, 1), else_=0)).label("places"),
            func.sum(case((mapped, 1), else_=0)).label("placed"),
            func.sum(case((shown, 0), else_=1)).label("taken_out"),
            func.min(dated).label("first"),
            func.max(dated).label("last"),
            func.max(Location.updated_at).label("changed_at"),
        )
        .group_by(Location.source)
        .order_by(Location.source)
    )
    with database.reading() as session:
        rows = session.execute(query).all()
    return [
        SourceSummary(
            source=row.source,
            places=int(row.places),
            placed=int(row.placed),
            taken_out=int(row.taken_out),
            as_of=" to ".join(dict.fromkeys(one for one in (row.first, row.last) if one)),
            changed_at=row.changed_at,
        )
        for row in rows
    ]
