"""Open Referral UK in a file or a feed: its services as listings, one for each location."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from exclusion_map.directory.importing.placing import Geocoder, Where, place
from exclusion_map.directory.importing.problems import Built, Problem
from exclusion_map.directory.importing.tidying import fit
from exclusion_map.directory.listing import Listing
from exclusion_map.directory.openreferral import listings_of

Json = Mapping[str, Any]
_OF_A_SERVICE = ("service_at_locations", "organization_id", "organization", "status", "schedules")


def services_of(document: object) -> list[Json] | None:
    """Return the services in JSON of Open Referral UK; None where it holds something else."""
    if isinstance(document, list):
        parts = [services_of(one) for one in document]
        if not parts or any(part is None for part in parts):
            return None
        return [service for part in parts for service in part or ()]
    if not isinstance(document, dict):
        return None
    if isinstance(document.get("contents"), list):
        return services_of(document["contents"]) if document["contents"] else []
    if isinstance(document.get("services"), list):
        whose = {key: value for key, value in document.items() if key != "services"}
        return [{"organization": whose, **one} for one in document["services"]]
    if isinstance(document.get("service"), dict):
        here = {key: value for key, value in document.items() if key != "service"}
        return [{**document["service"], "service_at_locations": [here]}]
    if "name" in document and any(key in document for key in _OF_A_SERVICE):
        return [document]
    return None


def build_services(services: Iterable[Json], geocoder: Geocoder, name: str = "feed") -> Built:
    """Return the listings of services: one for each location, with every service that is there.

    Args:
        services: as ``/services/{id}`` of a feed gives them.
        geocoder: what places are put on the map with.
        name: of the file or feed, for the report.

    Rows are numbers of services, from 1. A place is known by the id of its location, a service
    without a location by its own.
    """
    listings: dict[str, Listing] = {}
    wheres: dict[str, Where] = {}
    rows_of: dict[str, tuple[int, ...]] = {}
    rejected: list[Problem] = []
    warnings: list[Problem] = []
    count = 0
    for count, service in enumerate(services, 1):
        for key, where, made in _listings(service, count):
            if isinstance(made, Problem):
                rejected.append(made)
                continue
            listing, told = fit(made, count)
            warnings += told
            rows_of[key] = (*rows_of.get(key, ()), count)
            held = listings.get(key)
            listings[key] = listing if held is None else _with_offers(held, listing)
            wheres.setdefault(key, where)
    spots = place([wheres[key] for key in listings], geocoder)
    return Built(
        name=name,
        listings={
            key: spot.put(listing)
            for (key, listing), spot in zip(listings.items(), spots, strict=True)
        },
        rejected=tuple(rejected),
        warnings=(*warnings, *(told for spot in spots for told in spot.warnings)),
        not_placed=tuple(spot.not_placed for spot in spots if spot.not_placed is not None),
        rows=count,
        rows_of=rows_of,
    )


def _with_offers(held: Listing, more: Listing) -> Listing:
    known = {offer.id for offer in held.offers}
    added = [offer for offer in more.offers if offer.id not in known]
    return held.model_copy(update={"offers": (*held.offers, *added)})


def _listings(service: Json, number: int) -> Iterator[tuple[str, Where, Listing | Problem]]:
    """Yield key, place and listing of each location, or what is wrong with it."""
    title = str(service.get("name") or "")
    for here in _at(service):
        location = here.get("location") or {}
        key = str(location.get("id") or service.get("id") or f"service {number}")[:200]
        bare = {k: v for k, v in location.items() if k not in ("latitude", "longitude")}
        one = {**service, "service_at_locations": [{**here, "location": bare}] if here else []}
        try:
            _, listing = next(iter(listings_of(one)))
        except (ValidationError, TypeError, ValueError, AttributeError, KeyError) as error:
            yield key, Where(number, title, ""), _wrong(error, number, title)
            continue
        offers = tuple(
            offer.model_copy(update={"id": str(service.get("id") or offer.name)})
            for offer in listing.offers
        )
        where = Where(
            row=number,
            name=listing.name,
            postcode=listing.postcode,
            latitude=_number(location.get("latitude")),
            longitude=_number(location.get("longitude")),
            postcode_column="postal_code",
        )
        yield key, where, listing.model_copy(update={"offers": offers})


def _at(service: Json) -> Sequence[Json]:
    places = service.get("service_at_locations")
    held = [one for one in places if isinstance(one, dict)] if isinstance(places, list) else []
    return held or [{}]


def _number(value: object) -> float | None:
    try:
        return None if value is None else float(str(value))
    except ValueError:
        return None


def _wrong(error: Exception, number: int, title: str) -> Problem:
    if isinstance(error, ValidationError):
        first = error.errors(include_url=False)[0]
        column = ".".join(str(part) for part in first["loc"])
        return Problem(number, column, repr(first["input"])[:100], first["msg"], name=title)
    return Problem(
        number,
        "",
        f"a service that cannot be read ({error})"[:200],
        "a service of Open Referral UK 3.0",
        "Check it with the standard's validator.",
        title,
    )
