"""The list of pharmacies in Greater Manchester, the only open list with opening hours."""

import re
from collections.abc import Mapping
from pathlib import Path

from exclusion_map.sources.files import find_or_none
from exclusion_map.sources.readers.text import read_csv
from exclusion_map.support import tidy
from exclusion_map.support.opening_hours import DAY_NAMES, DAYS, Week, parse_week
from exclusion_map.support.record import RawPlace

SOURCE = "nhs-pharmacies"
LOCAL = "greater_manchester_pharmacies_with_hours.csv"
LOCAL_ICB = "NHS Greater Manchester Integrated Care Board"
# The list is undated, but uses the wards first elected in May 2023.
LOCAL_AS_OF = "2023 or later"

HOURS = {day: f"opening_hours_{DAY_NAMES[day].lower()}" for day in DAYS}
COLUMNS = (
    "pharmacy_name",
    "address",
    "postcode",
    *HOURS.values(),
    "organisation_data_service_code",
)
_ONLINE = re.compile(r"\.com\b|\.co\.uk\b|\bonline\b|\binternet\b", re.IGNORECASE)


def read_local(raw_dir: Path) -> dict[str, dict[str, str]]:
    """Return the rows by code; empty if the list is missing.

    Raises:
        SourceError: a column is missing.
    """
    path = find_or_none(raw_dir, SOURCE, LOCAL)
    rows = [] if path is None else records(path, COLUMNS)
    return {row["organisation_data_service_code"].strip(): row for row in rows}


def records(path: Path, columns: tuple[str, ...]) -> list[dict[str, str]]:
    """Return the rows of a CSV as text, an empty cell as ``""``."""
    frame = read_csv(path, columns).fillna("")
    return [
        {str(key): str(value) for key, value in row.items()} for row in frame.to_dict("records")
    ]


def local_hours(row: Mapping[str, str]) -> Week:
    """Return the opening hours of a row."""
    return parse_week({day: row[column] for day, column in HOURS.items()}, blank_is_closed=False)


def local_place(row: Mapping[str, str], phone: str = "") -> RawPlace:
    """Return a row as a place."""
    name = tidy.name(row["pharmacy_name"])
    return RawPlace(
        key=row["organisation_data_service_code"].strip(),
        name=name,
        address=tidy.address(row["address"].split(","), without=(name,)),
        postcode=row["postcode"],
        phone=tidy.phone(phone),
        source=SOURCE,
        as_of=LOCAL_AS_OF,
        hours=local_hours(row),
    )


def sells_online(name: str) -> bool:
    """Return whether a name shows that a pharmacy sells online only and has no walk-in service."""
    return _ONLINE.search(name) is not None


def bare(postcode: str) -> str:
    """Return only the letters and digits of a postcode, in capitals."""
    return re.sub(r"[^A-Z0-9]", "", postcode.upper())


def in_wales(postcode: str) -> bool:
    """Return whether a postcode area is in Wales; areas on the border count as England."""
    return re.match(r"(CF|LD|LL|NP|SA)\d", bare(postcode)) is not None
