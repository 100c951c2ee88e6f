"""Public libraries in both lists of Arts Council England: the UK's, and England's of 2023."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from exclusion_map.sampleshire.files import csv_text, write
from exclusion_map.sampleshire.sites import DAYS, Planner, Site

SOURCE = "ace-libraries"

_COUNCILS = {
    "Sampleford": "Sampleford City Council",
    "Samplehaven": "Samplehaven Borough Council",
    "Nether Sample": "Nether Sample District Council",
    "Sample Vale": "Sample Vale District Council",
    "Abersampl": "Abersampl County Borough Council",
}
# Monday to Sunday; the last is a library that is open but whose hours nobody wrote down.
_LUNCH = "10:00-13:00,14:00-17:00"
_WEEKS = (
    ("09:00-19:00", *("09:00-17:00",) * 4, "09:30-16:00", ""),
    ("10:00-17:00", "10:00-17:00", "", "10:00-19:00", "10:00-17:00", "10:00-13:00", ""),
    ("", _LUNCH, "", _LUNCH, "10:00-13:00", "10:00-13:00", ""),
    ("", "14:00-17:00", "", "", "09:30-12:30", "10:00-12:00", ""),
    ("",) * 7,
)
_DAY, _BOTH = "All Day (continuous)", "AM & PM (continuous)"
_SHUT_AT_NOON = "AM & PM (with closure)"
_ROUGH = (
    (_DAY, _DAY, _DAY, _DAY, _DAY, _BOTH, "Closed"),
    (_BOTH, _BOTH, "Closed", _BOTH, _BOTH, "AM Only", "Closed"),
    ("Closed", _SHUT_AT_NOON, "Closed", _SHUT_AT_NOON, "AM Only", "AM Only", "Closed"),
    ("Closed", "PM Only", "Closed", "Closed", "AM Only", "AM Only", "Closed"),
    ("AM Only", "PM Only", "Closed", "PM Only", "AM Only", "AM Only", "Closed"),
)
_TYPES = ("LAL", "LAL", "CRL", "LAL", "CL")

# By number: what is the matter with a library. Numbers below 8 are the towns' main ones.
_CLOSED = (11, 17)
_CLOSED_IN_2023_ONLY = 14
_SHUT_FOR_NOW = 16
_BAD_POSTCODE = 13
_ONLY_IN_2023 = 19

_UK_HEADER = (
    *("Local authority", "Library name", "Address 1", "Address 2", "Address 3", "Postcode"),
    *("Unique property reference number", "Statutory", "Type of library"),
    *("Year opened", "Year closed"),
    *(f"{day} staffed hours" for day in DAYS),
    *(f"{day} unstaffed hours" for day in DAYS),
    *("Special hours", "Co-located", "Co-located with", "Notes", "URL", "Email address"),
)
_SHARED_WITH = (
    "archives", "artscentre", "carehome_hostel", "catering_bars_pub", "civic", "community",
    "faithbuildings", "health", "hotel", "industrial_business", "library", "museum", "retail",
    "schools_colleges", "universities_highereducation", "other",
)  # fmt: skip
_ENGLAND_HEADER = (
    *("reporting", "name", "address1", "address2", "address3", "authority", "postcode", "uprn"),
    *("type", "statutory_10", "statutory_16", "statutory_19", "statutory_21", "statutory_22"),
    *("statutory_23", "operation_16", "operation_19", "operation_21", "operation_22"),
    *("operation_23", "closed", "opened", "operating_organisation", "department", "new_build_22"),
    *("co_located", *(f"co_located_{what}" for what in _SHARED_WITH), "co_located_other_text"),
    *(day.lower() for day in DAYS),
    *("hours", "staffed_hours", "automated", "email"),
)


def write_libraries(folder: Path, planner: Planner) -> None:
    """Write both lists: with some closed, one postcode that is none, one that only one list has."""
    sites = planner.plan(25)
    uk = [_uk_row(site) for site in sites if site.number != _ONLY_IN_2023]
    text = csv_text(_UK_HEADER, [_cells(_UK_HEADER, row) for row in uk])
    write(folder / SOURCE / "libraries.csv", text)
    england = [_england_row(site) for site in sites if site.english]
    england.append(_mobile(sites[0]))
    text = csv_text(_ENGLAND_HEADER, [_cells(_ENGLAND_HEADER, row) for row in england])
    write(folder / SOURCE / "libraries_england_2023.csv", text, "utf-8-sig")


def _cells(header: Sequence[str], row: Mapping[str, str]) -> list[str]:
    return [row.get(name, "") for name in header]


def _name(site: Site) -> str:
    return f"{site.district} Library"


def _postcode(site: Site) -> str:
    return "ZS? ???" if site.number == _BAD_POSTCODE else site.postcode


def _email(site: Site) -> str:
    return f"library.{site.number + 1}@example.org"


def _uk_row(site: Site) -> dict[str, str]:
    closed = site.number in _CLOSED
    week = _WEEKS[4] if closed else _WEEKS[0 if site.number < 3 else site.number % 5]
    row = {
        "Local authority": _COUNCILS[site.authority],
        "Library name": _name(site),
        "Address 1": site.street,
        "Address 2": site.town,
        "Address 3": "Sampleshire",
        "Postcode": _postcode(site),
        "Unique property reference number": f"9990000{site.number:05d}" if site.number % 3 else "",
        "Statutory": "No" if closed or site.number % 7 == 6 else "Yes",
        "Type of library": _TYPES[site.number % 5],
        "Year opened": "2012" if site.number == 2 else "",
        "Year closed": "2017" if closed else "",
        "Co-located": "Yes" if site.number % 4 == 1 else "No",
        "Co-located with": "Community Centre" if site.number % 4 == 1 else "",
        "Notes": "Closed for lunch 1-2pm" if site.number % 5 == 2 and not closed else "",
        "URL": f"https://example.org/libraries/{site.number + 1}" if site.number % 3 else "",
        "Email address": _email(site),
    }
    row |= {f"{day} staffed hours": hours for day, hours in zip(DAYS, week, strict=True)}
    if site.number == 1:  # the one that opens without staff
        row["Saturday unstaffed hours"] = "07:00-09:30,16:00-20:00"
    return row


def _england_row(site: Site) -> dict[str, str]:
    closed = site.number in (*_CLOSED, _CLOSED_IN_2023_ONLY)
    row = {
        "reporting": site.authority,
        "name": _name(site).removesuffix(" Library"),
        "address1": site.street,
        "address2": site.town,
        "address3": "Sampleshire",
        "authority": site.authority,
        "postcode": _postcode(site),
        "uprn": "",
        "type": "Static Library",
        "closed": "2022" if closed else "",
        "operating_organisation": "-",
        "department": "Invented Services",
        "new_build_22": "No",
        "co_located": "Yes" if site.number % 4 == 1 else "No",
        "co_located_community": "X" if site.number % 4 == 1 else "",
        "hours": "N/A Closed" if closed else "35",
        "staffed_hours": "N/A Closed" if closed else "35",
        "automated": "No",
        "email": _email(site),
    }
    row |= {f"statutory_{year}": "Yes" for year in (10, 16, 19, 21, 22)}
    row["statutory_23"] = "No" if closed else "Yes"
    row |= {f"operation_{year}": "LA" for year in (16, 19, 21, 22)}
    row["operation_23"] = _operation(site.number, closed=closed)
    rough = ("N/A Closed",) * 7 if closed else _ROUGH[0 if site.number < 3 else site.number % 5]
    row |= {day.lower(): words for day, words in zip(DAYS, rough, strict=True)}
    return row


def _operation(number: int, *, closed: bool) -> str:
    if closed:
        return "Closed"
    if number == _SHUT_FOR_NOW:
        return "Temporary Closure"
    return ("LA", "LA", "CR", "LA", "C")[number % 5]


def _mobile(site: Site) -> dict[str, str]:
    row = _england_row(site)
    row |= {"name": "Mobile Library", "type": "Mobile Library", "address1": "", "address2": ""}
    return row | {day.lower(): "Varied by schedule" for day in DAYS}
