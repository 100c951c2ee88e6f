"""GP practices, from the register of practices and prescribing centres (epraccur).

The register lists prescribing centres of every kind. GP practices have prescribing setting 4 in the
old coding and role RO76 in the new one. It lists only the main site of each practice, not branch
surgeries.
"""

from collections import Counter
from pathlib import Path

from exclusion_map import catalogue
from exclusion_map.sources.files import find_or_none
from exclusion_map.support import tidy
from exclusion_map.support.importers import ods_register
from exclusion_map.support.importers.absent import no_list, none_fits
from exclusion_map.support.record import Imported, RawPlace
from exclusion_map.terms import SupportKind

SOURCE = "nhs-ods-gp-practices"
FILE = "epraccur_report.csv"
_KIND = SupportKind.GP_PRACTICE
_GP_PRACTICE = frozenset({"4", "RO76"})
_CLOSED = frozenset({"not_active"})

NOTES = (
    "The register lists only the main site of each practice, not branch surgeries.",
    "Prescribing centres that are not GP practices are left out.",
)
NOT_IN_WALES = "The register used has no practices in Wales, so none are shown there."


def read(raw_dir: Path) -> Imported:
    """Return the open GP practices of England and Wales; an empty import without the register.

    Raises:
        SourceError: the layout of the register is unknown.
    """
    path = find_or_none(raw_dir, SOURCE, FILE)
    if path is None:
        return no_list(_KIND, SOURCE, FILE)
    register = ods_register.read_register(path)
    practice = ods_register.has_code(register["prescribing_setting"], _GP_PRACTICE)
    active = ods_register.is_active(register)
    left_out = Counter(
        {
            "not_a_gp_practice": int((~practice).sum()),
            "not_active": int((practice & ~active).sum()),
        }
    )
    rows = register[practice & active]
    if rows.empty:
        judged = {"status": register["status"], "setting": register["prescribing_setting"]}
        return none_fits(_KIND, left_out, _CLOSED, judged)
    copy = catalogue.source(SOURCE).vintage if path.name != FILE else ""
    day = ods_register.fetched_on(raw_dir, SOURCE, path) or copy
    welsh = rows["org_code"].str.startswith("W").any()
    return Imported(
        kind=_KIND,
        read=len(register),
        places=tuple(
            _place({str(k): str(v) for k, v in row.items()}, day) for row in rows.to_dict("records")
        ),
        left_out=left_out,
        closed=_CLOSED,
        notes=NOTES if welsh else (*NOTES, NOT_IN_WALES),
    )


def _place(row: dict[str, str], day: str) -> RawPlace:
    name = tidy.name(row["name"])
    return RawPlace(
        key=row["org_code"].strip(),
        name=name,
        address=ods_register.address_of(row, name),
        postcode=row["postcode"],
        phone=tidy.phone(row["tel"]),
        source=SOURCE,
        as_of=day,
    )
