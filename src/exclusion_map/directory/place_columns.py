"""What is told of all places at once, column by column: for features that clients page through.

Reading every listing whole takes seconds; these few plain queries take a fraction of one.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from exclusion_map.directory.places import DirectoryPlaces, ListedPlaces, Places, joined_address
from exclusion_map.directory.places_away import RememberedPlaces
from exclusion_map.directory.rows import BYDAY
from exclusion_map.directory.tables import (
    Address,
    Contact,
    Location,
    Phone,
    Schedule,
    Service,
    ServiceAtLocation,
)
from exclusion_map.directory.terms import PLACES, taxonomy
from exclusion_map.support.opening_hours import DAYS

NAMES: Final = (
    "id",
    "kind",
    "name",
    "address",
    "postcode",
    "phone",
    "email",
    "url",
    "opening_hours",
    "hours_note",
    "about",
    "source",
    "as_of",
    "area_code",
)
_DAY_OF = {short: day for day, short in BYDAY.items()}
Told = dict[str, dict[str, str]]


def place_columns(places: Places) -> Mapping[str, list[str]]:
    """Return texts by name of column, one for each place in the snapshot's order; empty for none.

    Phone, email, website, hours and description are those of the first service that has them.
    """
    snapshot = places.snapshot
    kinds = taxonomy(PLACES).term_keys
    told = _told(places)
    plain = {
        "id": list(snapshot.ids),
        "kind": [kinds[number] for number in snapshot.kind.tolist()],
        "name": list(snapshot.names),
        "area_code": list(snapshot.area_codes),
    }
    nothing: dict[str, str] = {}
    return {
        name: plain.get(name) or [told.get(key, nothing).get(name, "") for key in snapshot.ids]
        for name in NAMES
    }


def _told(places: Places) -> Mapping[str, dict[str, str]]:
    if isinstance(places, RememberedPlaces):
        return _told(places.listed())
    if isinstance(places, ListedPlaces):
        names = [name for name in NAMES if name != "id"]
        return {key: {name: str(row[name] or "") for name in names} for key, row in places.rows()}
    if not isinstance(places, DirectoryPlaces):
        return {}
    with places.database.reading() as session:
        return _read(session)


def _read(session: Session) -> Told:
    told: Told = {}
    of_places = select(
        Location.id,
        Location.source,
        Location.as_of,
        Address.address_1,
        Address.city,
        Address.postal_code,
    ).outerjoin(Address, Address.location_id == Location.id)
    for key, source, as_of, address, city, postcode in session.execute(of_places):
        told[key] = {
            "source": source,
            "as_of": as_of,
            "address": joined_address(address or "", city or ""),
            "postcode": postcode or "",
        }
    hours = _hours(session)
    of_offers = (
        select(
            ServiceAtLocation.location_id,
            ServiceAtLocation.id,
            ServiceAtLocation.closed_days,
            ServiceAtLocation.hours_note,
            Service.description,
            Service.url,
            Service.email,
            Phone.number,
        )
        .join(Service, Service.id == ServiceAtLocation.service_id)
        .outerjoin(Contact, Contact.service_id == Service.id)
        .outerjoin(Phone, Phone.contact_id == Contact.id)
        .order_by(ServiceAtLocation.position)
    )
    for key, here, closed, note, about, url, email, phone in session.execute(of_offers):
        week = None if closed is None else _week(closed, hours.get(here, ()))
        said = {
            "opening_hours": "" if week is None else json.dumps(week, separators=(",", ":")),
            "hours_note": note,
            "about": about,
            "url": url,
            "email": email,
            "phone": phone,
        }
        for name, text in said.items():
            if text:
                told[key].setdefault(name, text)
    return told


def _hours(session: Session) -> Mapping[str, list[tuple[str, str, str]]]:
    """Return days, opening and closing by service at location."""
    found: dict[str, list[tuple[str, str, str]]] = {}
    query = select(
        Schedule.service_at_location_id, Schedule.byday, Schedule.opens_at, Schedule.closes_at
    )
    for here, days, opens, closes in session.execute(query):
        found.setdefault(here, []).append((days, opens, closes))
    return found


def _week(closed: str, spans: Iterable[tuple[str, str, str]]) -> dict[str, Sequence[Any]]:
    week: dict[str, list[list[str]]] = {_DAY_OF[day]: [] for day in closed.split(",") if day}
    for days, opens, closes in sorted(spans):
        for day in days.split(","):
            week.setdefault(_DAY_OF[day], []).append([opens, closes])
    return {day: sorted(week[day]) for day in DAYS if day in week}
