"""Make a snapshot: from the tables with one plain query each, or from listings in memory."""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from exclusion_map.directory.builtin import offer_name
from exclusion_map.directory.listing import Listing
from exclusion_map.directory.rows import BYDAY
from exclusion_map.directory.snapshot import Snapshot, SnapshotMaker, spans_of, week_minute
from exclusion_map.directory.tables import (
    Accessibility,
    Attribute,
    Change,
    Language,
    Location,
    Schedule,
    Service,
    ServiceAtLocation,
)
from exclusion_map.directory.terms import PLACES, SUPPORT, stable_id, taxonomy

_DAY_OF = {short: day for day, short in BYDAY.items()}

Spans = list[tuple[int, int]]


def read_snapshot(session: Session) -> Snapshot:
    """Return the snapshot of a database, without places that were taken out."""
    # The number is read first: a change that comes in between is then seen as new once more.
    generation = session.scalar(select(func.max(Change.number))) or 0
    kinds = _terms(session, PLACES)
    support = _terms(session, SUPPORT)
    features = _texts(session, Accessibility.location_id, Accessibility.feature)
    languages = _texts(session, Language.service_id, Language.code)
    spans = _spans(session)
    offers = _offers(session)
    query = (
        select(
            Location.id,
            Location.name,
            Location.longitude,
            Location.latitude,
            Location.area_code,
            Location.source_key,
        )
        .where(Location.deleted_at.is_(None))
        .order_by(func.lower(Location.name), Location.id)
    )
    maker = SnapshotMaker()
    for identity, name, longitude, latitude, area_code, source_key in session.execute(query):
        maker.place(
            identity,
            name,
            kind=next(iter(kinds.get(identity, ())), "other"),
            longitude=longitude,
            latitude=latitude,
            area_code=area_code,
            accessibility=features.get(identity, ()),
            source_key=source_key,
        )
        for here, service, name_of_offer, cost, low, high, organization in offers.get(identity, ()):
            maker.offer(
                service,
                name_of_offer,
                support=support.get(service, {}),
                cost=cost,
                languages=languages.get(service, ()),
                ages=(low, high),
                spans=spans.get(here, ()),
                organization=organization,
            )
    return maker.done(generation)


def snapshot_of(listings: Iterable[tuple[str, str, Listing]], generation: int = 0) -> Snapshot:
    """Return the snapshot of listings, each with its id and what its source knows it by."""
    maker = SnapshotMaker()
    for identity, source_key, listing in sorted(
        listings, key=lambda item: (item[2].name.casefold(), item[0])
    ):
        maker.place(
            identity,
            listing.name,
            kind=listing.kind,
            longitude=listing.longitude,
            latitude=listing.latitude,
            area_code=listing.area_code,
            accessibility=listing.accessibility,
            source_key=source_key,
        )
        for offer in listing.offers:
            maker.offer(
                offer.id,
                offer.name,
                support=offer.support,
                cost=offer.cost,
                languages=offer.languages,
                ages=(offer.minimum_age, offer.maximum_age),
                spans=spans_of(offer.schedule),
                organization=listing.provider.id if listing.provider else None,
            )
    return maker.done(generation)


def snapshot_of_rows(rows: Iterable[tuple[str, Mapping[str, Any]]]) -> Snapshot:
    """Return the snapshot of rows of an edition's table of support, by name, each with its id.

    It is what :func:`snapshot_of` makes of their listings, in a third of the time.
    """
    maker = SnapshotMaker()
    for identity, row in rows:
        kind = taxonomy(PLACES).term(str(row["kind"]))
        maker.place(
            identity,
            str(row["name"]).strip(),
            kind=kind.key,
            longitude=row["longitude"],
            latitude=row["latitude"],
            area_code=row["area_code"],
            accessibility=(),
            source_key=str(row["id"]),
        )
        maker.offer(
            stable_id("service", identity, "0"),
            offer_name(kind),
            support=dict.fromkeys(kind.usual, "usual"),
            cost="unknown",
            languages=(),
            ages=(None, None),
            spans=spans_of(json.loads(row["opening_hours"]) if row["opening_hours"] else None),
            organization=None,
        )
    return maker.done(0)


def _terms(session: Session, taxonomy_key: str) -> Mapping[str, Mapping[str, str]]:
    """Return the terms that things carry, each with how it is known, by the thing's id."""
    held = taxonomy(taxonomy_key)
    keys = {held.term_id(key): key for key in held.term_keys}
    query = select(Attribute.link_id, Attribute.taxonomy_term_id, Attribute.link_type).where(
        Attribute.taxonomy_term_id.in_(keys)
    )
    found: dict[str, dict[str, str]] = defaultdict(dict)
    for link, term, how in session.execute(query):
        found[link][keys[term]] = how
    return found


def _texts(session: Session, owner: object, value: object) -> Mapping[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for key, text in session.execute(select(owner, value)):  # type: ignore[call-overload]
        found[key].append(text)
    return found


def _offers(session: Session) -> Mapping[str, Sequence[tuple[Any, ...]]]:
    query = (
        select(
            ServiceAtLocation.location_id,
            ServiceAtLocation.id,
            Service.id,
            Service.name,
            Service.cost,
            Service.minimum_age,
            Service.maximum_age,
            Service.organization_id,
        )
        .join(Service, Service.id == ServiceAtLocation.service_id)
        .order_by(ServiceAtLocation.position)
    )
    found: dict[str, list[tuple[Any, ...]]] = defaultdict(list)
    for location, *offer in session.execute(query):
        found[location].append(tuple(offer))
    return found


def _spans(session: Session) -> Mapping[str, Spans]:
    query = select(
        Schedule.service_at_location_id, Schedule.byday, Schedule.opens_at, Schedule.closes_at
    )
    found: dict[str, Spans] = defaultdict(list)
    for here, days, opens, closes in session.execute(query):
        found[here].extend(
            (week_minute(_DAY_OF[day], opens), week_minute(_DAY_OF[day], closes))
            for day in days.split(",")
        )
    return found
