"""From a listing to the rows of its tables."""

from collections.abc import Iterator
from typing import Any

from exclusion_map.database import new_id
from exclusion_map.directory.listing import Listing, Offer, Provider
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
from exclusion_map.directory.terms import PLACES, SUPPORT, stable_id, taxonomy
from exclusion_map.support.opening_hours import DAYS

Row = tuple[type[Any], dict[str, Any]]
BYDAY = dict(zip(DAYS, ("MO", "TU", "WE", "TH", "FR", "SA", "SU"), strict=True))
"""Days as Open Referral (after iCalendar) writes them."""
_SERVICE_FIELDS = [
    "name",
    "description",
    "url",
    "email",
    "status",
    "cost",
    "fees",
    "minimum_age",
    "maximum_age",
    "alert",
]


def provider_id(provider: Provider) -> str:
    """Return the id of an organisation: its own, or one made of its name."""
    return provider.id or stable_id("organization", provider.name.casefold())


def with_ids(listing: Listing, location_id: str) -> Listing:
    """Return the listing with an id on every offer that has none, and on its provider."""
    taken = {offer.id for offer in listing.offers}
    offers = []
    for number, offer in enumerate(listing.offers):
        if not offer.id:
            made = stable_id("service", location_id, str(number))
            offer = offer.model_copy(update={"id": new_id() if made in taken else made})
        offers.append(offer)
    provider = listing.provider
    if provider is not None:
        provider = provider.model_copy(update={"id": provider_id(provider)})
    return listing.model_copy(update={"offers": tuple(offers), "provider": provider})


def location_fields(listing: Listing) -> dict[str, Any]:
    """Return what the row of the location itself holds of a listing that has its ids."""
    return {
        "location_type": "physical",
        "name": listing.name,
        "description": listing.description,
        "latitude": listing.latitude,
        "longitude": listing.longitude,
        "provider_id": listing.provider.id if listing.provider else None,
        "area_code": listing.area_code,
        "placed_by": listing.placed_by,
        "as_of": listing.as_of,
    }


def rows_of(listing: Listing, location_id: str) -> Iterator[Row]:
    """Yield every row but the location's own, owners before what they own.

    Args:
        listing: with ids, as :func:`with_ids` gives it.
        location_id: id of its location.
    """
    places = taxonomy(PLACES)
    if listing.provider is not None:
        yield Organization, listing.provider.model_dump()
    yield (
        Address,
        {
            "id": stable_id("address", location_id),
            "location_id": location_id,
            "address_1": listing.address,
            "city": listing.city,
            "postal_code": listing.postcode,
        },
    )
    for feature in listing.accessibility or ([""] if listing.access_note else []):
        yield (
            Accessibility,
            {
                "id": stable_id("accessibility", location_id, feature),
                "location_id": location_id,
                "feature": feature,
                "details": listing.access_note,
            },
        )
    yield _attribute("location", location_id, places.term_id(listing.kind), "stated")
    for position, offer in enumerate(listing.offers):
        yield from _offer_rows(offer, listing.provider, location_id, position)


def _offer_rows(
    offer: Offer, provider: Provider | None, location_id: str, position: int
) -> Iterator[Row]:
    service = offer.model_dump(include=set(_SERVICE_FIELDS))
    yield (
        Service,
        {"id": offer.id, "organization_id": provider.id if provider else None, **service},
    )
    here = service_at_location_id(offer.id, location_id)
    yield (
        ServiceAtLocation,
        {
            "id": here,
            "service_id": offer.id,
            "location_id": location_id,
            "position": position,
            "closed_days": _closed(offer),
            "hours_note": offer.hours_note,
            "computers": offer.computers,
            "staffed_hours": offer.staffed_hours,
        },
    )
    yield from _schedule_rows(offer, here)
    for number, line in enumerate(offer.costs):
        yield (
            CostOption,
            {
                "id": stable_id("cost", offer.id, str(number)),
                "service_id": offer.id,
                "position": number,
                **line.model_dump(),
            },
        )
    for number, code in enumerate(offer.languages):
        yield (
            Language,
            {
                "id": stable_id("language", offer.id, code),
                "service_id": offer.id,
                "position": number,
                "code": code,
            },
        )
    if offer.phone or offer.contact:
        contact = stable_id("contact", offer.id)
        yield Contact, {"id": contact, "service_id": offer.id, "name": offer.contact}
        if offer.phone:
            phone = stable_id("phone", offer.id)
            yield Phone, {"id": phone, "contact_id": contact, "number": offer.phone}
    terms = taxonomy(SUPPORT)
    for key, how in offer.support.items():
        yield _attribute("service", offer.id, terms.term_id(key), how)


def service_at_location_id(service_id: str, location_id: str) -> str:
    """Return the id of a service at a location."""
    return stable_id("service_at_location", service_id, location_id)


def _closed(offer: Offer) -> str | None:
    """Return the days known to be closed; None where no hours are known at all."""
    if offer.schedule is None:
        return None
    return ",".join(BYDAY[day] for day, spans in offer.schedule.items() if not spans)


def _schedule_rows(offer: Offer, here: str) -> Iterator[Row]:
    """Yield one row for each span, with all the days that share it."""
    days: dict[tuple[str, str], list[str]] = {}
    for day, spans in (offer.schedule or {}).items():
        for opens, closes in spans:
            days.setdefault((opens, closes), []).append(BYDAY[day])
    for number, ((opens, closes), names) in enumerate(sorted(days.items())):
        yield (
            Schedule,
            {
                "id": stable_id("schedule", here, str(number)),
                "service_at_location_id": here,
                "byday": ",".join(names),
                "opens_at": opens,
                "closes_at": closes,
            },
        )


def _attribute(entity: str, link_id: str, term_id: str, how: str) -> Row:
    return (
        Attribute,
        {
            "id": stable_id("attribute", link_id, term_id),
            "link_id": link_id,
            "link_entity": entity,
            "link_type": how,
            "taxonomy_term_id": term_id,
        },
    )
