"""Places of the published lists (libraries, GP practices, pharmacies, jobcentres) as listings."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from exclusion_map.directory.listing import Listing, Offer
from exclusion_map.directory.terms import PLACES, Term, taxonomy
from exclusion_map.support.opening_hours import Schedule

_OFFER_NAMES = {
    "library": "Library services",
    "gp_practice": "GP services",
    "pharmacy": "Pharmacy services",
    "jobcentre": "Jobcentre services",
}


def listing_of(row: Mapping[str, Any]) -> Listing:
    """Return a place of an edition's table of support as a listing.

    Args:
        row: columns as :data:`exclusion_map.support.record.COLUMNS`; None where nothing is known.

    What a kind of place usually offers is marked as usual, not as stated for this place.
    """
    kind = taxonomy(PLACES).term(str(row["kind"]))
    return Listing(
        name=row["name"],
        kind=kind.key,
        address=row["address"] or "",
        postcode=row["postcode"] or "",
        latitude=row["latitude"],
        longitude=row["longitude"],
        area_code=row["area_code"],
        placed_by=row["placed_by"] or "",
        as_of=row["as_of"] or "",
        offers=(_offer(row, kind),),
    )


def by_source(rows: Iterable[Mapping[str, Any]]) -> dict[str, dict[str, Listing]]:
    """Return listings by source and by the key the source knows them by."""
    found: dict[str, dict[str, Listing]] = {}
    for row in rows:
        found.setdefault(str(row["source"]), {})[str(row["id"])] = listing_of(row)
    return found


def offer_name(kind: Term) -> str:
    """Return what the service of a place of a published list is called."""
    return _OFFER_NAMES.get(kind.key, kind.name)


def _offer(row: Mapping[str, Any], kind: Term) -> Offer:
    hours: Schedule | None = json.loads(row["opening_hours"]) if row["opening_hours"] else None
    return Offer(
        name=offer_name(kind),
        description=row["about"] or "",
        support=dict.fromkeys(kind.usual, "usual"),
        url=row["url"] or "",
        email=row["email"] or "",
        phone=row["phone"] or "",
        schedule=hours,
        hours_note=row["hours_note"] or "",
    )
