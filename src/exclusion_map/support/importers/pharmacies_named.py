"""Community pharmacies in England from the named list of 2020, if there is no current register.

The named list dates from February 2020. The newer contractors' list gives postcodes only and seems
to keep those of former contractors. So a pharmacy whose postcode is missing from it has very
probably closed, and one whose postcode is listed may have closed. Greater Manchester has a newer
named list with opening hours, which replaces the old one there.
"""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from exclusion_map.sources.files import find_or_none
from exclusion_map.support import tidy
from exclusion_map.support.importers.absent import lacking
from exclusion_map.support.importers.pharmacies_local import (
    LOCAL_AS_OF,
    LOCAL_ICB,
    SOURCE,
    bare,
    in_wales,
    local_place,
    read_local,
    records,
    sells_online,
)
from exclusion_map.support.record import Imported, RawPlace
from exclusion_map.terms import SupportKind

NAMED = "Pharmacy.csv"
CONTRACTORS = "consolidated_pharmaceutical_list_postcodes.csv"
NAMED_AS_OF = "February 2020"

_ADDRESS = ("Address1", "Address2", "Address3", "City")
_NAMED_COLUMNS = (
    "OrganisationCode",
    "OrganisationName",
    *_ADDRESS,
    "Postcode",
    "Phone",
    "Latitude",
    "Longitude",
)
ABOUT = "Name and phone number are from February 2020: the pharmacy may have changed or closed."
# LloydsPharmacy withdrew from all 237 of its pharmacies inside Sainsbury's stores by June 2023.
_WITHDRAWN = re.compile(r"lloyds\s*pharmacy.*sainsbury", re.IGNORECASE)


@dataclass(frozen=True)
class _Lists:
    """The newer lists used to check the named list."""

    contractors: dict[str, str] | None
    local: dict[str, dict[str, str]]

    def why_not(self, row: dict[str, str]) -> str | None:
        """Return why a pharmacy of 2020 is left out, or None if it is kept."""
        postcode = bare(row["Postcode"])
        if _WITHDRAWN.search(row["OrganisationName"]):
            return "withdrawn_in_2023"
        if sells_online(row["OrganisationName"]):
            return "online_only"
        if row["OrganisationCode"] in self.local or self.contractors is None:
            return None
        if postcode and postcode not in self.contractors and not in_wales(postcode):
            return "probably_closed"
        if self.local and self.contractors.get(postcode) == LOCAL_ICB:
            return "not_in_newer_local_list"
        return None


def read_named(raw_dir: Path, path: Path) -> Imported:
    """Return the pharmacies of the named list that are open according to the other lists.

    Raises:
        SourceError: a column is missing.
    """
    named = records(path, _NAMED_COLUMNS)
    lists = _Lists(_contractors(raw_dir), read_local(raw_dir))
    reasons = [lists.why_not(row) for row in named]
    left_out = Counter(reason for reason in reasons if reason is not None)
    kept = [row for row, reason in zip(named, reasons, strict=True) if reason is None]
    codes = {row["OrganisationCode"] for row in named}
    extra = [row for code, row in lists.local.items() if code not in codes]
    new = [row for row in extra if not sells_online(row["pharmacy_name"])]
    left_out["online_only"] += len(extra) - len(new)
    places = [_place(row, lists.local.get(row["OrganisationCode"])) for row in kept]
    places += [local_place(row) for row in new]
    return Imported(
        kind=SupportKind.PHARMACY,
        read=len(named) + len(extra),
        places=tuple(places),
        left_out=left_out,
        closed=frozenset({"probably_closed", "not_in_newer_local_list", "withdrawn_in_2023"}),
        notes=(
            *_notes(places, lists),
            *_of_contractors(lists.contractors, places, (row["Postcode"] for row in named)),
        ),
    )


def _contractors(raw_dir: Path) -> dict[str, str] | None:
    """Return the integrated care board by contractor postcode, or None without the list."""
    path = find_or_none(raw_dir, SOURCE, CONTRACTORS)
    if path is None:
        return None
    return {
        bare(row["postcode"]): row["icb_name"] for row in records(path, ("postcode", "icb_name"))
    }


def _notes(places: list[RawPlace], lists: _Lists) -> tuple[str, ...]:
    welsh = sum(in_wales(place.postcode) for place in places)
    newer = f", and of {LOCAL_AS_OF} in Greater Manchester, where opening hours are known too"
    return (
        f"Names are of {NAMED_AS_OF}{newer if lists.local else ''}.",
        f"The lists are of England; pharmacies in Wales: {welsh}.",
    )


def _of_contractors(
    contractors: dict[str, str] | None, places: list[RawPlace], named: Iterable[str]
) -> tuple[str, ...]:
    """Return a note on how the contractors' list was used, or on the effect of its absence."""
    if contractors is None:
        return (
            "Without the contractors' list there is no way to tell which of them have closed "
            "since: many of those shown may have.",
            lacking(SOURCE, CONTRACTORS),
        )
    known = {bare(place.postcode) for place in places} | {bare(text) for text in named}
    nameless = sum(postcode not in known for postcode in contractors)
    return (
        "Pharmacies whose postcode is no longer in the contractors' list are left out as probably "
        "closed. That list still contains postcodes of some former contractors, so some of the "
        "places shown may have closed.",
        f"{nameless:,} postcodes of the contractors' list have no named pharmacy. They are not "
        "shown: some are new or relocated pharmacies, others sell online only or are not "
        "pharmacies, and a place without a name is of no use to visitors.",
    )


def _place(row: dict[str, str], local: dict[str, str] | None) -> RawPlace:
    if local is not None:
        return local_place(local, phone=row["Phone"])
    name = tidy.name(row["OrganisationName"])
    return RawPlace(
        key=row["OrganisationCode"].strip(),
        name=name,
        address=tidy.address((row[part] for part in _ADDRESS), without=(name,)),
        postcode=row["Postcode"],
        latitude=float(row["Latitude"]) if row["Latitude"] else None,
        longitude=float(row["Longitude"]) if row["Longitude"] else None,
        phone=tidy.phone(row["Phone"]),
        source=SOURCE,
        as_of=NAMED_AS_OF,
        about=ABOUT,
    )
