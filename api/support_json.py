"""A place that can help as JSON: flat enough for a map, whole enough for a directory."""

from typing import Any

from exclusion_map.directory.checking import web_link
from exclusion_map.directory.confirming import last_checked
from exclusion_map.directory.listing import Held, Offer
from exclusion_map.directory.terms import PLACES, taxonomy

Json = dict[str, Any]


def feature(held: Held, metres: float | None = None) -> Json:
    """Return a place as a GeoJSON feature; its geometry is null where it is not on the map."""
    properties = place_json(held, metres)
    longitude, latitude = properties.pop("longitude"), properties.pop("latitude")
    placed = longitude is not None and latitude is not None
    return {
        "type": "Feature",
        "id": properties.pop("id"),
        "geometry": {"type": "Point", "coordinates": [longitude, latitude]} if placed else None,
        "properties": properties,
    }


def place_json(held: Held, metres: float | None = None) -> Json:
    """Return a place as plain values. What nobody knows is null; nothing is guessed."""
    listing = held.listing
    checked = last_checked(held)
    support = _support(listing.offers)
    told: Json = {
        "id": held.id,
        "name": listing.name,
        "kind": listing.kind,
        "kind_label": taxonomy(PLACES).term(listing.kind).name,
        "description": listing.description or None,
        "provider": listing.provider.name if listing.provider else None,
        "address": listing.address or None,
        "postcode": listing.postcode or None,
        "latitude": listing.latitude,
        "longitude": listing.longitude,
        "area_code": listing.area_code,
        "placed_by": listing.placed_by or None,
        **{name: _first(listing.offers, name) for name in ("phone", "email")},
        "url": web_link(_first(listing.offers, "url") or "") or None,
        "opening_hours": _first(listing.offers, "schedule"),
        "hours_note": _first(listing.offers, "hours_note"),
        "about": _first(listing.offers, "description"),
        "support_stated": support["stated"],
        "support_usual": support["usual"],
        "accessibility": list(listing.accessibility),
        "access_note": listing.access_note or None,
        "services": [_service(offer) for offer in listing.offers],
        "source": held.source,
        "source_key": held.source_key,
        "as_of": listing.as_of or None,
        "confirmed_at": held.confirmed_at.isoformat() if held.confirmed_at else None,
        "confirmed_by": held.confirmed_by or None,
        "checked_within_a_year": checked.recent,
        "version": held.version,
        "page": f"/support/{held.id}",
    }
    if metres is not None:
        told["distance_m"] = round(metres)
    return told


def _first(offers: tuple[Offer, ...], name: str) -> Any:
    return next((value for offer in offers if (value := getattr(offer, name))), None)


def _support(offers: tuple[Offer, ...]) -> dict[str, list[str]]:
    stated = {key for offer in offers for key, how in offer.support.items() if how == "stated"}
    every = dict.fromkeys(key for offer in offers for key in offer.support)
    return {
        "stated": [key for key in every if key in stated],
        "usual": [key for key in every if key not in stated],
    }


def _service(offer: Offer) -> Json:
    told = offer.model_dump(mode="json", exclude={"contact"}) | {"url": web_link(offer.url)}
    return {name: value if value not in ("", []) else None for name, value in told.items()}
