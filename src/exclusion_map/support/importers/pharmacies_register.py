"""Pharmacies of England and Wales from the current register of dispensaries (edispensary).

The register also lists appliance contractors. Community pharmacies have sub-type 1 in the old
coding and role RO182 in the new one. No code marks distance-selling pharmacies, which can be
recognised by name only.
"""

from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from exclusion_map.support import tidy
from exclusion_map.support.importers import ods_register
from exclusion_map.support.importers.absent import none_fits
from exclusion_map.support.importers.pharmacies_local import (
    LOCAL_AS_OF,
    in_wales,
    local_hours,
    read_local,
    sells_online,
)
from exclusion_map.support.opening_hours import Week
from exclusion_map.support.record import Imported, RawPlace, note_of
from exclusion_map.terms import SupportKind

SOURCE = "nhs-ods-pharmacies"
FILE = "edispensary_report.csv"
_KIND = SupportKind.PHARMACY
_PHARMACY = frozenset({"1", "RO182"})
_CLOSED = frozenset({"not_active"})

HOURS_OF = f"Hours are from a list of {LOCAL_AS_OF}."
NOTES = (
    "Pharmacies are those marked as active in the NHS register of dispensaries. Appliance "
    "contractors, which the register lists too, are left out.",
    "The register does not mark distance-selling pharmacies. Those recognisable by name are left "
    "out; others may be shown at a place without a walk-in service.",
)
WITH_HOURS = f"Opening hours are known in Greater Manchester only, from a list of {LOCAL_AS_OF}."
NOT_IN_WALES = "The register used has no pharmacies in Wales, so none are shown there."


def read_current(raw_dir: Path, path: Path) -> Imported:
    """Return the active community pharmacies of a register.

    Raises:
        SourceError: the layout of the register or of the local list with hours is unknown.
    """
    register = ods_register.read_register(path)
    pharmacy = ods_register.has_code(register["org_subtype"], _PHARMACY)
    active = ods_register.is_active(register)
    online = register["name"].map(sells_online)
    left_out = Counter(
        {
            "not_a_pharmacy": int((~pharmacy).sum()),
            "not_active": int((pharmacy & ~active).sum()),
            "online_only": int((pharmacy & active & online).sum()),
        }
    )
    rows = register[pharmacy & active & ~online]
    if rows.empty:
        judged = {"status": register["status"], "sub-type": register["org_subtype"]}
        return none_fits(_KIND, left_out, _CLOSED, judged)
    day = ods_register.fetched_on(raw_dir, SOURCE, path)
    local = read_local(raw_dir)
    places = tuple(
        _place({str(key): str(value) for key, value in row.items()}, local, day)
        for row in rows.to_dict("records")
    )
    return Imported(
        kind=_KIND,
        read=len(register),
        places=places,
        left_out=left_out,
        closed=_CLOSED,
        notes=_notes(places, with_hours=bool(local)),
    )


def _notes(places: tuple[RawPlace, ...], *, with_hours: bool) -> tuple[str, ...]:
    welsh = any(in_wales(place.postcode) for place in places)
    return (
        *NOTES,
        *((WITH_HOURS,) if with_hours else ()),
        *(() if welsh else (NOT_IN_WALES,)),
    )


def _place(row: dict[str, str], local: Mapping[str, Mapping[str, str]], day: str) -> RawPlace:
    name = tidy.name(row["name"])
    code = row["org_code"].strip()
    return RawPlace(
        key=code,
        name=name,
        address=ods_register.address_of(row, name),
        postcode=row["postcode"],
        phone=tidy.phone(row["tel"]),
        source=SOURCE,
        as_of=day,
        hours=_hours(local.get(code)),
    )


def _hours(row: Mapping[str, str] | None) -> Week:
    if row is None:
        return Week()
    week = local_hours(row)
    return Week(week.schedule, note_of(HOURS_OF, week.note), week.problems)
