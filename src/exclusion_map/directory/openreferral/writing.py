"""From listings to the JSON of Open Referral UK; empty values are left out, as its schemas want."""

from collections.abc import Iterator
from typing import Any

from exclusion_map.directory.checking import web_link
from exclusion_map.directory.listing import ACCESSIBILITY, Held, Listing, Offer, Provider
from exclusion_map.directory.rows import BYDAY, service_at_location_id
from exclusion_map.directory.terms import PLACES, SUPPORT, TaxonomyOfTerms, stable_id, taxonomy

Json = dict[str, Any]
UNNAMED = "Not named"
"""What stands where the standard wants a text and nobody gave one."""


def service_json(held: Held, offer: Offer, *, whole: bool = True) -> Json:
    """Return a service of a listing.

    Args:
        held: the listing.
        offer: one of its offers.
        whole: with everything that belongs to it (``/services/{id}``), or as lists show it.
    """
    provider = held.listing.provider
    made: Json = {
        "id": offer.id,
        "organization_id": provider.id if provider else None,
        "name": offer.name,
        "description": offer.description,
        "url": web_link(offer.url),
        "email": offer.email,
        "status": offer.status,
        "fees": offer.fees or ("Free" if offer.cost == "free" else ""),
        "minimum_age": offer.minimum_age,
        "maximum_age": offer.maximum_age,
        "assured_date": held.confirmed_at.date().isoformat() if held.confirmed_at else None,
        "alert": offer.alert,
        "last_modified": held.updated_at.isoformat().replace("+00:00", "Z"),
        "organization": organization_json(provider) if provider else None,
    }
    if whole:
        here = service_at_location_json(held, offer, service=False)
        made |= {
            "service_at_locations": [here],
            "schedules": list(_schedules(held, offer)),
            "languages": [
                {"id": stable_id("language", offer.id, code), "name": code, "code": code}
                for code in offer.languages
            ],
            "cost_options": list(_costs(offer)),
            "contacts": list(_contacts(offer)),
            "attributes": list(_support(offer)),
        }
    return _without_empty(made)


def service_at_location_json(held: Held, offer: Offer, *, service: bool = True) -> Json:
    """Return a service at its location; with the service inside unless it is shown within one."""
    made: Json = {
        "id": service_at_location_id(offer.id, held.id),
        "service_id": offer.id,
        "location_id": held.id,
        "location": _location(held),
        "service": service_json(held, offer, whole=False) if service else None,
    }
    return _without_empty(made)


def organization_json(provider: Provider) -> Json:
    """Return an organisation."""
    return _without_empty(
        {
            "id": provider.id,
            "name": provider.name,
            "description": provider.description or UNNAMED,
            "email": provider.email,
            "website": web_link(provider.website),
        }
    )


def taxonomy_json(held: TaxonomyOfTerms) -> Json:
    """Return a taxonomy without its terms."""
    return {
        "id": held.id,
        "name": held.name,
        "description": held.description,
        "version": held.version,
    }


def term_json(held: TaxonomyOfTerms, key: str) -> Json:
    """Return a term of a taxonomy."""
    term = held.term(key)
    return {
        "id": held.term_id(key),
        "name": term.name,
        "description": term.description,
        "taxonomy": held.name,
        "taxonomy_id": held.id,
        "term": key,
    }


def _location(held: Held) -> Json:
    listing = held.listing
    made: Json = {
        "id": held.id,
        "location_type": "physical",
        "name": listing.name,
        "description": listing.description,
        "latitude": listing.latitude,
        "longitude": listing.longitude,
        "addresses": [_address(held)] if listing.address or listing.postcode else [],
        "accessibility": [
            {
                "id": stable_id("accessibility", held.id, feature),
                "location_id": held.id,
                "description": ACCESSIBILITY[feature],
                "details": listing.access_note or None,
            }
            for feature in listing.accessibility
        ],
        "attributes": [_attribute(held.id, "location", PLACES, listing.kind, "stated")],
    }
    made["accessibility"] = [_without_empty(feature) for feature in made["accessibility"]]
    return _without_empty(made)


def _address(held: Held) -> Json:
    listing = held.listing
    return {
        "id": stable_id("address", held.id),
        "location_id": held.id,
        "address_1": listing.address or UNNAMED,
        "city": listing.city or UNNAMED,
        "state_province": _nation(listing),
        "postal_code": listing.postcode or UNNAMED,
        "country": "GB",
        "address_type": "physical",
    }


def _nation(listing: Listing) -> str:
    names = {"E": "England", "W": "Wales", "S": "Scotland", "N": "Northern Ireland"}
    return names.get((listing.area_code or "")[:1], UNNAMED)


def _schedules(held: Held, offer: Offer) -> Iterator[Json]:
    here = service_at_location_id(offer.id, held.id)
    spans: dict[tuple[str, str], list[str]] = {}
    for day, hours in (offer.schedule or {}).items():
        for opens, closes in hours:
            spans.setdefault((opens, closes), []).append(BYDAY[day])
    for number, ((opens, closes), days) in enumerate(sorted(spans.items())):
        yield _without_empty(
            {
                "id": stable_id("schedule", here, str(number)),
                "service_id": offer.id,
                "service_at_location_id": here,
                "freq": "WEEKLY",
                "interval": 1,
                "byday": ",".join(days),
                "opens_at": opens,
                "closes_at": closes,
                "notes": offer.hours_note,
            }
        )


def _costs(offer: Offer) -> Iterator[Json]:
    for number, line in enumerate(offer.costs):
        made = {"id": stable_id("cost", offer.id, str(number)), "service_id": offer.id}
        yield _without_empty({**made, **line.model_dump()})


def _contacts(offer: Offer) -> Iterator[Json]:
    if not (offer.contact or offer.phone):
        return
    made: Json = {
        "id": stable_id("contact", offer.id),
        "service_id": offer.id,
        "name": offer.contact,
    }
    if offer.phone:
        made["phones"] = [{"id": stable_id("phone", offer.id), "number": offer.phone}]
    yield _without_empty(made)


def _support(offer: Offer) -> Iterator[Json]:
    for key, how in offer.support.items():
        yield _attribute(offer.id, "service", SUPPORT, key, how)


def _attribute(link_id: str, entity: str, taxonomy_key: str, key: str, how: str) -> Json:
    held = taxonomy(taxonomy_key)
    return {
        "id": stable_id("attribute", link_id, held.term_id(key)),
        "link_id": link_id,
        "link_entity": entity,
        "link_type": how,
        "taxonomy_term_id": held.term_id(key),
        "taxonomy_term": term_json(held, key),
    }


def _without_empty(made: Json) -> Json:
    return {key: value for key, value in made.items() if value not in (None, "", [])}
