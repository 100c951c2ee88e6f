"""What changed between two states of a listing, in words; and one state made of two."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from exclusion_map.directory.languages import LANGUAGES
from exclusion_map.directory.listing import ACCESSIBILITY, CostLine, Listing, Offer, Provider
from exclusion_map.directory.terms import PLACES, SUPPORT, taxonomy
from exclusion_map.support.opening_hours import Schedule, in_words

POSITION = ("latitude", "longitude", "area_code", "placed_by")
"""Fields that only make sense together."""
PLACE_LABELS: Mapping[str, str] = {
    "name": "Name of the place",
    "kind": "Kind of place",
    "description": "About the place",
    "provider": "Organisation",
    "address": "Address",
    "city": "Town",
    "postcode": "Postcode",
    "position": "Position on the map",
    "accessibility": "Accessibility",
    "access_note": "Note on access",
    "as_of": "Date of the list",
}
OFFER_LABELS: Mapping[str, str] = {
    "name": "Name of the service",
    "description": "About the service",
    "support": "What is offered",
    "status": "Status",
    "cost": "Cost",
    "fees": "What it costs",
    "costs": "Prices",
    "languages": "Languages",
    "minimum_age": "Lowest age",
    "maximum_age": "Highest age",
    "url": "Website",
    "email": "Email",
    "phone": "Phone",
    "contact": "Ask for",
    "alert": "Notice",
    "schedule": "Opening hours",
    "hours_note": "Note on hours",
    "computers": "Computers",
    "staffed_hours": "Staffed hours a week",
}
ORDER = "order"
_COSTS = {"free": "free", "charge": "there is a charge", "unknown": ""}


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that two states say differently; empty text where one says nothing.

    Attributes:
        key: ``name``, ``offers/<id>`` for a whole service, ``offers/<id>/phone``.
        label: what it is.
        service: name of the service it belongs to; empty for the place itself.
        before: in words.
        after: in words.
    """

    key: str
    label: str
    service: str
    before: str
    after: str


def differences(before: Listing, after: Listing) -> list[Difference]:
    """Return what two states of a listing say differently, in the order of its page."""
    found = [
        Difference(key, label, "", place_words(before, key), place_words(after, key))
        for key, label in PLACE_LABELS.items()
        if place_part(before, key) != place_part(after, key)
    ]
    was = {offer.id: offer for offer in before.offers}
    now = {offer.id: offer for offer in after.offers}
    for identity in dict.fromkeys([*was, *now]):
        found += _offer(identity, was.get(identity), now.get(identity))
    if _common(before, now) != _common(after, was):
        names = (", ".join(offer.name for offer in one.offers) for one in (before, after))
        found.append(Difference(ORDER, "Order of services", "", *names))
    return found


def combine(theirs: Listing, mine: Listing, taken: Mapping[str, bool]) -> Listing:
    """Return one state of a listing made of two.

    Args:
        theirs: what stays where nothing else is said.
        mine: what is taken by choice.
        taken: whether mine is taken, by the keys of their differences.
    """
    updates: dict[str, Any] = {}
    for key in PLACE_LABELS:
        if taken.get(key):
            names = POSITION if key == "position" else (key,)
            updates |= {name: getattr(mine, name) for name in names}
    offers = list(_offers(theirs, mine, taken))
    if taken.get(ORDER):
        order = {offer.id: at for at, offer in enumerate(mine.offers)}
        offers.sort(key=lambda offer: order.get(offer.id, len(order)))
    return theirs.model_copy(update={**updates, "offers": tuple(offers)})


def changed_by(before: Listing, after: Listing) -> set[str]:
    """Return the keys of what differs between two states."""
    return {one.key for one in differences(before, after)}


def _offers(theirs: Listing, mine: Listing, taken: Mapping[str, bool]) -> Iterator[Offer]:
    own = {offer.id: offer for offer in mine.offers}
    held = {offer.id for offer in theirs.offers}
    for offer in theirs.offers:
        if offer.id not in own:
            if not taken.get(f"offers/{offer.id}"):
                yield offer
            continue
        chosen = own[offer.id]
        names = [name for name in OFFER_LABELS if taken.get(f"offers/{offer.id}/{name}")]
        yield offer.model_copy(update={name: getattr(chosen, name) for name in names})
    for identity, offer in own.items():
        if identity not in held and taken.get(f"offers/{identity}"):
            yield offer


def _common(listing: Listing, others: Mapping[str, Offer]) -> list[str]:
    return [offer.id for offer in listing.offers if offer.id in others]


def _offer(identity: str, before: Offer | None, after: Offer | None) -> Iterator[Difference]:
    if before is None or after is None:
        one = after or before
        assert one is not None  # noqa: S101
        key, label = f"offers/{identity}", "Service"
        yield Difference(key, label, one.name, _summary(before), _summary(after))
        return
    for name, label in OFFER_LABELS.items():
        if getattr(before, name) != getattr(after, name):
            key = f"offers/{identity}/{name}"
            yield Difference(
                key, label, before.name, offer_words(before, name), offer_words(after, name)
            )


def place_part(listing: Listing, key: str) -> Any:
    """Return a part of a listing by its key."""
    if key == "position":
        return tuple(getattr(listing, name) for name in POSITION)
    return getattr(listing, key)


def place_words(listing: Listing, key: str) -> str:
    """Return a part of a listing in words; empty where it says nothing."""
    if key == "kind":
        return taxonomy(PLACES).term(listing.kind).name
    if key == "provider":
        return _provider(listing.provider)
    if key == "accessibility":
        return ", ".join(ACCESSIBILITY[feature] for feature in listing.accessibility)
    if key == "position":
        if listing.latitude is None or listing.longitude is None:
            return ""
        how = f" (by {listing.placed_by})" if listing.placed_by else ""
        return f"{listing.latitude:.5f}, {listing.longitude:.5f}{how}"
    return str(getattr(listing, key))


def offer_words(offer: Offer, name: str) -> str:
    """Return a field of a service in words; empty where it says nothing."""
    value = getattr(offer, name)
    if name == "support":
        terms = taxonomy(SUPPORT)
        return ", ".join(
            terms.term(key).name + (" (usual, not confirmed)" if how == "usual" else "")
            for key, how in value.items()
        )
    if name == "schedule":
        return hours_words(value)
    if name == "costs":
        return "\n".join(_price(line) for line in value)
    if name == "languages":
        return ", ".join(LANGUAGES.get(code, code) for code in value)
    if name == "cost":
        return _COSTS[value]
    if isinstance(value, float):
        return f"{value:g}"
    return "" if value is None else str(value)


def hours_words(schedule: Schedule | None) -> str:
    """Return a week in words, a line for each run of days."""
    return "\n".join(f"{days}: {hours}" for days, hours in in_words(schedule))


def _price(line: CostLine) -> str:
    amount = "" if line.amount is None else f"£{line.amount:,.2f}"
    return " ".join(part for part in (line.option, amount, line.amount_description) if part)


def _provider(provider: Provider | None) -> str:
    if provider is None:
        return ""
    parts = (provider.name, provider.website, provider.email, provider.description)
    return "\n".join(part for part in parts if part)


def _summary(offer: Offer | None) -> str:
    if offer is None:
        return ""
    told = [offer.name]
    for name, label in OFFER_LABELS.items():
        if name not in ("name", "status") and (words := offer_words(offer, name)):
            told.append(f"{label}: {words}")
    return "\n".join(told)
