"""Put rows of listings into the tables: what one owned before goes, what it owns now comes."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from typing import Any

from sqlalchemy import Table, delete, insert, select
from sqlalchemy.orm import Session

from exclusion_map.database.inserting import insert_into
from exclusion_map.directory.reading import AT_ONCE
from exclusion_map.directory.rows import Row
from exclusion_map.directory.tables import (
    Accessibility,
    Address,
    Attribute,
    Contact,
    CostOption,
    Language,
    Organization,
    Phone,
    Schedule,
    Service,
    ServiceAtLocation,
)

SHARED = (Organization, Service)
"""Tables whose rows several listings may point at: they are updated, not replaced."""
_OF_SERVICE = (CostOption, Language)
_OF_LOCATION = (Address, Accessibility)


def write_rows(session: Session, rows: Iterable[Row]) -> None:
    """Insert rows, table by table in the order in which they first come."""
    by_table: dict[type[Any], dict[str, dict[str, Any]]] = defaultdict(dict)
    for table, values in rows:
        by_table[table][values["id"]] = values
    order: list[type[Any]] = [*SHARED, *(table for table in by_table if table not in SHARED)]
    for table in order:
        values_of = list(by_table.get(table, {}).values())
        if not values_of:
            continue
        if table in SHARED:
            _upsert(session, table.__table__, values_of)
        else:
            session.execute(insert(table.__table__), values_of)


def _upsert(session: Session, table: Table, values: Sequence[dict[str, Any]]) -> None:
    statement = insert_into(session, table)
    changed = {name: statement.excluded[name] for name in values[0] if name != "id"}
    session.execute(
        statement.on_conflict_do_update(index_elements=["id"], set_=changed), list(values)
    )


def clear_owned(session: Session, location_ids: Collection[str]) -> None:
    """Delete everything that locations own; services stay, since others may offer them too."""
    wanted = list(location_ids)
    for start in range(0, len(wanted), AT_ONCE):
        _clear(session, wanted[start : start + AT_ONCE])


def _clear(session: Session, ids: Sequence[str]) -> None:
    here = session.execute(
        select(ServiceAtLocation.id, ServiceAtLocation.service_id).where(
            ServiceAtLocation.location_id.in_(ids)
        )
    ).all()
    services = sorted({row.service_id for row in here})
    contacts = session.scalars(select(Contact.id).where(Contact.service_id.in_(services))).all()
    session.execute(
        delete(Schedule).where(Schedule.service_at_location_id.in_([row.id for row in here]))
    )
    session.execute(delete(ServiceAtLocation).where(ServiceAtLocation.location_id.in_(ids)))
    session.execute(delete(Phone).where(Phone.contact_id.in_(contacts)))
    session.execute(delete(Contact).where(Contact.id.in_(contacts)))
    for of_service in _OF_SERVICE:
        session.execute(delete(of_service).where(of_service.service_id.in_(services)))
    for of_location in _OF_LOCATION:
        session.execute(delete(of_location).where(of_location.location_id.in_(ids)))
    session.execute(delete(Attribute).where(Attribute.link_id.in_([*ids, *services])))
