"""Support places as pages show them: facts, services, hours in words, how sure all of it is."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from urllib.parse import quote

from api.service import Service
from exclusion_map.areas.search import context_of
from exclusion_map.database import now
from exclusion_map.directory.checking import web_link
from exclusion_map.directory.confirming import Checked, last_checked
from exclusion_map.directory.languages import LANGUAGES
from exclusion_map.directory.listing import ACCESSIBILITY, Held, Offer
from exclusion_map.directory.selecting import parse_open
from exclusion_map.directory.snapshot import spans_of
from exclusion_map.directory.store import HERE
from exclusion_map.directory.terms import PLACES, SUPPORT, Term, taxonomy
from exclusion_map.support.opening_hours import in_words
from exclusion_map.terms import AreaKind

_COSTS = {"free": "Free", "charge": "There is a charge", "unknown": ""}


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferView:
    """A service of a place."""

    name: str
    description: str
    alert: str
    status: str
    stated: Sequence[Term]
    usual: Sequence[Term]
    cost: str
    cost_lines: Sequence[str]
    languages: Sequence[str]
    ages: str
    hours: Sequence[tuple[str, str]]
    hours_note: str
    open_now: bool | None
    phone: str
    phone_link: str
    email: str
    website: str
    contact: str
    computers: int | None
    staffed_hours: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceView:
    """One support place."""

    id: str
    url: str
    kind: str
    kind_label: str
    name: str
    description: str
    provider: str
    provider_website: str
    address: str
    phone: str
    phone_link: str
    email: str
    website: str
    hours: Sequence[tuple[str, str]]
    hours_note: str
    about: str
    offers: Sequence[OfferView]
    stated: Sequence[Term]
    usual: Sequence[Term]
    usual_source: str
    accessibility: Sequence[str]
    access_note: str
    source: str
    as_of: str
    checked: Checked
    confirmed_on: date | None
    confirmed_by: str
    version: int
    placed_by: str
    postcode: str
    latitude: float | None
    longitude: float | None
    area_name: str
    area_where: str
    area_url: str
    metres: float | None = None


def place_view(
    service: Service, held: Held, metres: float | None = None, moment: datetime | None = None
) -> PlaceView:
    """Return a place as pages show it, with the area it lies in."""
    listing = held.listing
    kind = taxonomy(PLACES).term(listing.kind)
    level = service.edition.atlas.level(AreaKind.SMALL_AREA)
    row = level.position.get(listing.area_code or "")
    offers = [_offer(offer, moment or now()) for offer in listing.offers]
    stated = {term.key: term for offer in offers for term in offer.stated}
    usual = {term.key: term for offer in offers for term in offer.usual if term.key not in stated}
    return PlaceView(
        id=held.id,
        url=f"/support/{quote(held.id, safe=':')}",
        kind=listing.kind,
        kind_label=kind.name,
        name=listing.name,
        description=listing.description,
        provider=listing.provider.name if listing.provider else "",
        provider_website=web_link(listing.provider.website) if listing.provider else "",
        address=_address(held),
        postcode=listing.postcode,
        phone=_first(offers, "phone"),
        phone_link=_first(offers, "phone_link"),
        email=_first(offers, "email"),
        website=_first(offers, "website"),
        hours=next((offer.hours for offer in offers if offer.hours), ()),
        hours_note=_first(offers, "hours_note"),
        about=_first(offers, "description"),
        offers=offers,
        stated=list(stated.values()),
        usual=list(usual.values()),
        usual_source=kind.usual_source,
        accessibility=[ACCESSIBILITY[feature] for feature in listing.accessibility],
        access_note=listing.access_note,
        source=_source(service, held.source),
        as_of=listing.as_of,
        checked=last_checked(held, moment.date() if moment else None),
        confirmed_on=held.confirmed_at.date() if held.confirmed_at else None,
        confirmed_by=held.confirmed_by,
        version=held.version,
        placed_by=listing.placed_by,
        latitude=listing.latitude,
        longitude=listing.longitude,
        area_name=level.labels[row] if row is not None else "",
        area_where=context_of(service.edition.atlas, level, row) if row is not None else "",
        area_url=f"/areas/{listing.area_code}" if row is not None else "",
        metres=metres,
    )


def _offer(offer: Offer, moment: datetime) -> OfferView:
    terms = taxonomy(SUPPORT)
    lines = [
        " ".join(
            part for part in (line.option, _pounds(line.amount), line.amount_description) if part
        )
        for line in offer.costs
    ]
    return OfferView(
        name=offer.name,
        description=offer.description,
        alert=offer.alert,
        status="" if offer.status == "active" else offer.status,
        stated=[terms.term(key) for key, how in offer.support.items() if how == "stated"],
        usual=[terms.term(key) for key, how in offer.support.items() if how == "usual"],
        cost=offer.fees or _COSTS[offer.cost],
        cost_lines=lines,
        languages=[LANGUAGES.get(code, code) for code in offer.languages],
        ages=_ages(offer),
        hours=in_words(offer.schedule),
        hours_note=offer.hours_note,
        open_now=_open(offer, moment),
        phone=offer.phone,
        phone_link="".join(sign for sign in offer.phone if sign.isdecimal() or sign == "+"),
        email=offer.email,
        website=web_link(offer.url),
        contact=offer.contact,
        computers=offer.computers,
        staffed_hours=offer.staffed_hours,
    )


def _open(offer: Offer, moment: datetime) -> bool | None:
    if offer.schedule is None:
        return None
    minute = parse_open("now", moment)
    assert minute is not None  # noqa: S101
    return any(opens <= minute < closes for opens, closes in spans_of(offer.schedule))


def _pounds(amount: float | None) -> str:
    return "" if amount is None else f"£{amount:,.2f}".removesuffix(".00")


def _ages(offer: Offer) -> str:
    low, high = offer.minimum_age, offer.maximum_age
    if low is not None and high is not None:
        return f"{low} to {high}"
    if low is not None:
        return f"{low} and over"
    return "" if high is None else f"up to {high}"


def _address(held: Held) -> str:
    listing = held.listing
    parts = [listing.address]
    for part in (listing.city, listing.postcode):
        if part and part.casefold() not in ", ".join(parts).casefold():
            parts.append(part)
    return ", ".join(part for part in parts if part)


def _first(offers: Sequence[OfferView], name: str) -> str:
    return next((text for offer in offers if (text := getattr(offer, name))), "")


def _source(service: Service, source: str) -> str:
    if source == HERE:
        return "people who use this service"
    held = service.edition.manifest.source(source.rpartition("/")[2])
    return held.title if held else source
