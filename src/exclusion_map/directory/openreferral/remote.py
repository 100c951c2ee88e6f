"""Help without a place as services of Open Referral UK that have no location."""

from typing import Any

from exclusion_map.directory.listing import CostLine, Held, Listing, Offer, Provider
from exclusion_map.directory.openreferral.writing import service_json
from exclusion_map.directory.remote import NEEDS, HeldHelp
from exclusion_map.directory.rows import with_ids

_SUPPORT = {need.key: need.support for need in NEEDS}


def help_service_json(held: HeldHelp) -> dict[str, Any]:
    """Return an entry as a service without a location.

    A price that nobody made sure of for half a year is left out, and an alert says how old it is.
    """
    entry, checked = held.listing, held.checked()
    support = _SUPPORT[entry.need]
    sure = checked.recent and entry.price is not None
    listing = Listing(
        name=entry.name,
        provider=Provider(name=entry.provider) if entry.provider else None,
        offers=(
            Offer(
                id=held.id,
                name=entry.name,
                description=" ".join(part for part in (entry.description, entry.who) if part),
                support={support: "stated"} if support else {},
                cost="free" if entry.price == 0 else "charge" if entry.price else "unknown",
                costs=(CostLine(amount=entry.price, amount_description="a month"),) if sure else (),
                url=entry.url,
                phone=entry.phone,
                hours_note=entry.hours,
                alert="" if checked.recent else _alert(held),
            ),
        ),
        as_of=entry.as_of,
    )
    whole = Held(
        id=held.id,
        version=held.version,
        listing=with_ids(listing, held.id),
        source="remote_help",
        source_key=held.source_key,
        confirmed_at=held.confirmed_at,
        confirmed_by=held.confirmed_by,
        created_at=held.created_at,
        updated_at=held.updated_at,
        deleted_at=None,
    )
    made = service_json(whole, whole.listing.offers[0])
    made.pop("service_at_locations", None)
    return made


def _alert(held: HeldHelp) -> str:
    told = held.listing.as_of or "an unknown date"
    return f"Check before relying on it: its source is of {told}."
