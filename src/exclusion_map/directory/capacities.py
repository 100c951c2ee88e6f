"""What places can do where somebody said so: computers for the public, staffed hours a week."""

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from exclusion_map.directory.tables import Location, ServiceAtLocation


def read_capacities(session: Session) -> dict[str, tuple[float, float]]:
    """Return computers and staffed hours by id of the place; NaN where nobody said.

    Services at one place share its computers and its staff: the most that one states counts.
    """
    found = session.execute(
        select(
            ServiceAtLocation.location_id,
            func.max(ServiceAtLocation.computers),
            func.max(ServiceAtLocation.staffed_hours),
        )
        .join(Location, Location.id == ServiceAtLocation.location_id)
        .where(Location.deleted_at.is_(None))
        .where(
            or_(
                ServiceAtLocation.computers.is_not(None),
                ServiceAtLocation.staffed_hours.is_not(None),
            )
        )
        .group_by(ServiceAtLocation.location_id)
    )
    return {place: (_number(computers), _number(hours)) for place, computers, hours in found}


def _number(value: float | None) -> float:
    return float("nan") if value is None else float(value)
