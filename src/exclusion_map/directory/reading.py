"""From the rows of the tables back to listings; many at once cost one query a table."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, RowMapping, Select, select
from sqlalchemy.orm import Session

from exclusion_map.directory.listing import CostLine, Held, Listing, Offer, Provider
from exclusion_map.directory.rows import BYDAY
from exclusion_map.directory.tables import (
    Accessibility,
    Address,
    Attribute,
    Contact,
    CostOption,
    Language,
    Location,
    Organization,
    Phone,
    Schedule,
    Service,
    ServiceAtLocation,
)
from exclusion_map.directory.terms import PLACES, SUPPORT, taxonomy
from exclusion_map.support.opening_hours import DAYS
from exclusion_map.support.opening_hours import Schedule as Hours

AT_ONCE = 500
"""Ids in one query: databases bound how many values a query may name."""
_DAY_OF = {short: day for day, short in BYDAY.items()}

Grouped = Mapping[str, list[RowMapping]]


def read_listings(
    session: Session, ids: Collection[str] | None = None, *, deleted: bool = False
) -> list[Held]:
    """Return listings in the order of their names.

    Args:
        session: an open session.
        ids: of locations; None for all.
        deleted: also those that were taken out.
    """
    if ids is None:
        return _read(session, None, deleted=deleted)
    wanted = list(ids)
    found: list[Held] = []
    for start in range(0, len(wanted), AT_ONCE):
        found += _read(session, wanted[start : start + AT_ONCE], deleted=deleted)
    return sorted(found, key=_by_name)


def _by_name(held: Held) -> tuple[str, str]:
    return held.listing.name.casefold(), held.id


@dataclass(frozen=True)
class _Rows:
    """Rows that belong to locations and services, by what they belong to."""

    addresses: Grouped
    accessibility: Grouped
    attributes: Grouped
    here: Grouped
    schedules: Grouped
    services: Mapping[str, RowMapping]
    organizations: Mapping[str, RowMapping]
    costs: Grouped
    languages: Grouped
    contacts: Grouped
    phones: Grouped


def _read(session: Session, ids: Sequence[str] | None, *, deleted: bool) -> list[Held]:
    columns = Location.__table__.columns
    # What the source last said is as large as the listing, and only an import looks at it.
    wanted = select(*(column for column in columns if column.name != "source_record"))
    if ids is not None:
        wanted = wanted.where(Location.id.in_(ids))
    if not deleted:
        wanted = wanted.where(Location.deleted_at.is_(None))
    locations = session.execute(wanted).mappings().all()
    rows = _rows(session, None if ids is None else [row["id"] for row in locations])
    return sorted((_held(row, rows) for row in locations), key=_by_name)


def _rows(session: Session, ids: Sequence[str] | None) -> _Rows:
    def owned(table: type[Any], column: str, owners: Sequence[str] | None) -> Grouped:
        query = select(table.__table__)
        if owners is not None:
            query = query.where(_among(table, column, owners))
        if "position" in table.__table__.columns:
            query = query.order_by(table.position)
        return _grouped(session, query, column)

    here = owned(ServiceAtLocation, "location_id", ids)
    all_here = [row for rows in here.values() for row in rows]
    services = None if ids is None else sorted({row["service_id"] for row in all_here})
    places = None if ids is None else [row["id"] for row in all_here]
    by_id = owned(Service, "id", services)
    contacts = owned(Contact, "service_id", services)
    return _Rows(
        addresses=owned(Address, "location_id", ids),
        accessibility=owned(Accessibility, "location_id", ids),
        attributes=owned(
            Attribute, "link_id", None if services is None else [*(ids or ()), *services]
        ),
        here=here,
        schedules=owned(Schedule, "service_at_location_id", places),
        services={key: rows[0] for key, rows in by_id.items()},
        organizations=_organizations(session, by_id, everything=ids is None),
        costs=owned(CostOption, "service_id", services),
        languages=owned(Language, "service_id", services),
        contacts=contacts,
        phones=owned(
            Phone,
            "contact_id",
            None if ids is None else [row["id"] for rows in contacts.values() for row in rows],
        ),
    )


def _organizations(
    session: Session, services: Grouped, *, everything: bool
) -> Mapping[str, RowMapping]:
    query = select(Organization.__table__)
    if not everything:
        wanted = {rows[0]["organization_id"] for rows in services.values()} - {None}
        query = query.where(Organization.id.in_(sorted(wanted)))
    return {row["id"]: row for row in session.execute(query).mappings()}


def _among(table: type[Any], column: str, values: Sequence[str]) -> ColumnElement[bool]:
    among: ColumnElement[bool] = table.__table__.columns[column].in_(values)
    return among


def _grouped(session: Session, query: Select[Any], column: str) -> Grouped:
    grouped: dict[str, list[RowMapping]] = defaultdict(list)
    for row in session.execute(query).mappings():
        grouped[row[column]].append(row)
    return grouped


def _held(row: RowMapping, rows: _Rows) -> Held:
    return Held(
        id=row["id"],
        version=row["version"],
        listing=_listing(row, rows),
        source=row["source"],
        source_key=row["source_key"],
        confirmed_at=row["confirmed_at"],
        confirmed_by=row["confirmed_by"],
        created_at=row["created_at"],
        updated_at=row["updated_at"],
        deleted_at=row["deleted_at"],
    )


def _listing(row: RowMapping, rows: _Rows) -> Listing:
    address = next(iter(rows.addresses.get(row["id"], ())), None)
    features = rows.accessibility.get(row["id"], [])
    offers = [(here, rows.services[here["service_id"]]) for here in rows.here.get(row["id"], ())]
    owner = next((service["organization_id"] for _, service in offers), None) or row["provider_id"]
    return Listing(
        name=row["name"],
        kind=_terms(PLACES, rows.attributes.get(row["id"], ()))[0][0],
        description=row["description"],
        provider=_provider(rows.organizations.get(owner)) if owner else None,
        address=address["address_1"] if address else "",
        city=address["city"] if address else "",
        postcode=address["postal_code"] if address else "",
        latitude=row["latitude"],
        longitude=row["longitude"],
        area_code=row["area_code"],
        placed_by=row["placed_by"],
        accessibility=tuple(feature["feature"] for feature in features if feature["feature"]),
        access_note=features[0]["details"] if features else "",
        offers=tuple(_offer(here, service, rows) for here, service in offers),
        as_of=row["as_of"],
    )


def _provider(row: RowMapping | None) -> Provider | None:
    if row is None:
        return None
    return Provider(**{name: row[name] for name in Provider.model_fields})


@cache
def _keys_by_id(taxonomy_key: str) -> Mapping[str, str]:
    terms = taxonomy(taxonomy_key)
    return {terms.term_id(key): key for key in terms.term_keys}


def _terms(taxonomy_key: str, attributes: Iterable[RowMapping]) -> list[tuple[str, str]]:
    """Return the terms of a taxonomy among attributes, each with how it is known."""
    keys = _keys_by_id(taxonomy_key)
    found = [
        (keys[attribute["taxonomy_term_id"]], attribute["link_type"])
        for attribute in attributes
        if attribute["taxonomy_term_id"] in keys
    ]
    return found or ([("other", "stated")] if taxonomy_key == PLACES else [])


def _offer(here: RowMapping, service: RowMapping, rows: _Rows) -> Offer:
    key = service["id"]
    contact = next(iter(rows.contacts.get(key, ())), None)
    phone = next(iter(rows.phones.get(contact["id"], ())), None) if contact else None
    plain = {
        name: service[name]
        for name in Offer.model_fields
        if name in service and name not in ("support", "languages")
    }
    return Offer.model_validate(
        {
            **plain,
            "support": dict(_terms(SUPPORT, rows.attributes.get(key, ()))),
            "costs": [
                CostLine(**{name: cost[name] for name in CostLine.model_fields})
                for cost in rows.costs.get(key, ())
            ],
            "languages": [language["code"] for language in rows.languages.get(key, ())],
            "contact": contact["name"] if contact else "",
            "phone": phone["number"] if phone else "",
            "schedule": _hours(here, rows.schedules.get(here["id"], ())),
            "hours_note": here["hours_note"],
            "computers": here["computers"],
            "staffed_hours": here["staffed_hours"],
        }
    )


def _hours(here: RowMapping, schedules: Iterable[RowMapping]) -> Hours | None:
    """Return the week of a service at a location; None where no hours are known."""
    if here["closed_days"] is None:
        return None
    week: Hours = {_DAY_OF[day]: [] for day in here["closed_days"].split(",") if day}
    for row in schedules:
        for day in row["byday"].split(","):
            week.setdefault(_DAY_OF[day], []).append([row["opens_at"], row["closes_at"]])
    return {day: sorted(week[day]) for day in DAYS if day in week}
