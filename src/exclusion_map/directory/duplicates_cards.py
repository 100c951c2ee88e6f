"""What a place is compared by: its name, kind, address, position, phone numbers, web addresses."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from exclusion_map.directory.listing import Listing
from exclusion_map.directory.tables import (
    Address,
    Attribute,
    Contact,
    Location,
    Phone,
    Service,
    ServiceAtLocation,
)
from exclusion_map.directory.terms import PLACES, taxonomy

_HOST = re.compile(r"^(?:https?://)?(?:www\.)?", re.IGNORECASE)
_Texts = Mapping[str, set[str]]


@dataclass(frozen=True, slots=True)
class Card:
    """A place as it is compared with others.

    Attributes:
        id: of the listing.
        source: where it came from.
        longitude: degrees; None where it is not on the map.
        latitude: degrees; None where it is not on the map.
        phones: national numbers, digits alone.
        sites: web addresses without scheme and ``www``.
        emails: in small letters.
    """

    id: str
    source: str
    name: str
    kind: str
    address: str
    postcode: str
    longitude: float | None
    latitude: float | None
    phones: frozenset[str] = frozenset()
    sites: frozenset[str] = frozenset()
    emails: frozenset[str] = frozenset()


def card_of(identity: str, source: str, listing: Listing) -> Card:
    """Return the card of a listing."""
    offers = listing.offers
    return _card(
        id=identity,
        source=source,
        name=listing.name,
        kind=listing.kind,
        address=listing.address,
        postcode=listing.postcode,
        longitude=listing.longitude,
        latitude=listing.latitude,
        phones={offer.phone for offer in offers},
        sites={offer.url for offer in offers},
        emails={offer.email for offer in offers},
    )


def read_cards(session: Session) -> list[Card]:
    """Return a card for each listing of the directory, in the order of ids."""
    kinds = _kinds(session)
    services = _texts(session, ServiceAtLocation.location_id, Service.url, Service.email)
    query = (
        select(
            Location.id,
            Location.source,
            Location.name,
            Address.address_1.label("address"),
            Address.postal_code.label("postcode"),
            Location.longitude,
            Location.latitude,
        )
        .outerjoin(Address, Address.location_id == Location.id)
        .where(Location.deleted_at.is_(None))
        .order_by(Location.id, Address.id)
    )
    phones = _phones(session)
    found: dict[str, Card] = {}
    for row in session.execute(query).mappings():
        # A location may have several addresses; the first one speaks for it.
        if row["id"] in found:
            continue
        sites, emails = services.get(row["id"], (set(), set()))
        found[row["id"]] = _card(
            **{**row, "address": row["address"] or "", "postcode": row["postcode"] or ""},
            kind=kinds.get(row["id"], "other"),
            phones=phones.get(row["id"], set()),
            sites=sites,
            emails=emails,
        )
    return list(found.values())


def _card(
    *, phones: Iterable[str], sites: Iterable[str], emails: Iterable[str], **rest: Any
) -> Card:
    return Card(
        **{**rest, "postcode": rest["postcode"].replace(" ", "").upper()},
        phones=frozenset(number for text in phones if (number := plain_phone(text))),
        sites=frozenset(site for text in sites if (site := plain_site(text))),
        emails=frozenset(email for text in emails if (email := text.strip().casefold())),
    )


def plain_phone(text: str) -> str:
    """Return the digits of a national number: ``+44 (0)161 912 3189`` as ``1619123189``."""
    digits = re.sub(r"\D", "", text.replace("(0)", ""))
    digits = digits.removeprefix("0044") if digits.startswith("00") else digits
    digits = digits.removeprefix("44") if len(digits) > 10 else digits
    digits = digits.removeprefix("0")
    return digits if 9 <= len(digits) <= 11 else ""


def plain_site(text: str) -> str:
    """Return a web address without what does not tell pages apart."""
    return _HOST.sub("", text.strip()).split("#")[0].rstrip("/").casefold()


def _kinds(session: Session) -> Mapping[str, str]:
    held = taxonomy(PLACES)
    keys = {held.term_id(key): key for key in held.term_keys}
    query = select(Attribute.link_id, Attribute.taxonomy_term_id).where(
        Attribute.taxonomy_term_id.in_(keys)
    )
    return {link: keys[term] for link, term in session.execute(query)}


def _texts(session: Session, owner: Any, *columns: Any) -> Mapping[str, tuple[set[str], set[str]]]:
    query = select(owner, *columns).join(Service, Service.id == ServiceAtLocation.service_id)
    found: dict[str, tuple[set[str], set[str]]] = defaultdict(lambda: (set(), set()))
    for key, *texts in session.execute(query):
        for kept, text in zip(found[key], texts, strict=True):
            kept.add(text)
    return found


def _phones(session: Session) -> _Texts:
    query = (
        select(ServiceAtLocation.location_id, Phone.number)
        .join(Contact, Contact.service_id == ServiceAtLocation.service_id)
        .join(Phone, Phone.contact_id == Contact.id)
    )
    found: dict[str, set[str]] = defaultdict(set)
    for place, number in session.execute(query):
        found[place].add(number)
    return found
