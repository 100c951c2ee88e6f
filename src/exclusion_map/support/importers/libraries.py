"""Public libraries: the UK list, corrected with the list of England in 2023.

Addresses and hours come from the UK list. The England 2023 list is more current about which
libraries are open: libraries it marks as closed are left out, and those it alone lists as open are
added.
"""

import re
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path

from exclusion_map import catalogue
from exclusion_map.sources.files import find_or_none
from exclusion_map.sources.readers.text import read_csv
from exclusion_map.support import tidy
from exclusion_map.support.importers import libraries_england as england
from exclusion_map.support.importers.absent import lacking, no_list
from exclusion_map.support.importers.libraries_england import (
    EnglandLibrary,
    Status,
    authority_key,
)
from exclusion_map.support.opening_hours import DAY_NAMES, DAYS, Week, in_words, parse_week
from exclusion_map.support.record import Imported, RawPlace, note_of
from exclusion_map.terms import SupportKind

SOURCE = "ace-libraries"
FILE = "libraries.csv"

_ADDRESS = ("Address 1", "Address 2", "Address 3")
_STAFFED = {day: f"{DAY_NAMES[day]} staffed hours" for day in DAYS}
_UNSTAFFED = {day: f"{DAY_NAMES[day]} unstaffed hours" for day in DAYS}
_COLUMNS = (
    "Local authority",
    "Library name",
    *_ADDRESS,
    "Postcode",
    "Type of library",
    "Year closed",
    *_STAFFED.values(),
    *_UNSTAFFED.values(),
    "Notes",
    "URL",
    "Email address",
)

# Descriptions of the library types in both lists.
TYPES = {
    "LAL": "Run by the council.",
    "LA": "Run by the council.",
    "LAL-": "Run by the council without library staff on site.",
    "LAU": "Run by the council without library staff on site.",
    "CL": "Run for the council by another organisation.",
    "C": "Run for the council by another organisation.",
    "CRL": "Run by volunteers or a community group with the council's support.",
    "CR": "Run by volunteers or a community group with the council's support.",
    "ICL": "Run by the community, independent of the council.",
}
SPECIAL = "mobile_prison_archive_or_local_history"
BOTH = "same_library_in_both_lists"
TEMPORARILY = "Temporarily closed in 2023: check before you go."
FROM_BOTH = (
    "Addresses and staffed hours are from the UK list of libraries; hours may have changed.",
    "Libraries in England that the 2023 list marks as closed are left out, and those that only it "
    "lists as open are added, with approximate hours.",
)
NOT_TO_WALK_INTO = (
    "Mobile and prison libraries, archives and local history rooms are left out, because people "
    "cannot walk in for help there."
)
ENGLAND_ONLY = "The UK list is missing, so there is England only, with approximate hours."
UNCHECKED = "The England 2023 list is missing, so some libraries shown may have closed."

_CLOSED_FOR_GOOD = re.compile(r"^closed( on)? \d|^closed and (re)?(located|moved)", re.IGNORECASE)
_REOPENED = re.compile(r"re-?opened|new .* opened", re.IGNORECASE)
_ABOUT_HOURS = re.compile(r"lunch|hours|appointment|\b(mon|tue|wed|thu|fri|sat|sun)", re.IGNORECASE)
_LOCAL_HISTORY = re.compile(r"\blocal (history|studies)\b", re.IGNORECASE)
_ALSO_LENDS = re.compile(r"\bincluding\b", re.IGNORECASE)
_NOT_PUBLIC = re.compile(r"\b(prison|hmp|hospital|support unit)\b", re.IGNORECASE)
# Names with one of these words do not get "Library" appended.
_SAYS_WHAT_IT_IS = re.compile(
    r"librar|llyfrgell|\b(centre|collection|discovery|explore|express|forum|gateway|hive|hub|link"
    r"|lounge|micro|museum|reads|space|store|studies)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class _Row:
    """A row of the UK list, with the matching row of the England list, if any."""

    cells: dict[str, str]
    matches: tuple[EnglandLibrary, ...]

    @property
    def why_not(self) -> str | None:
        """Why it is left out, or None for an open library."""
        name = self.cells["Library name"]
        notes = self.cells["Notes"]
        for_good = _CLOSED_FOR_GOOD.search(notes) and not _REOPENED.search(notes)
        if self.cells["Year closed"].strip() or for_good:
            return "closed"
        certain = self.matches and all(m.status is Status.CLOSED for m in self.matches)
        if certain:
            return "closed_in_2023_list"
        special = _LOCAL_HISTORY.search(name) and not _ALSO_LENDS.search(name)
        return SPECIAL if special else None


def read(raw_dir: Path) -> Imported:
    """Return the libraries of the United Kingdom that are open according to the lists.

    Either list can be used without the other; without both, the import is empty.

    Raises:
        SourceError: a column is missing.
    """
    uk, newer = (find_or_none(raw_dir, SOURCE, file) for file in (FILE, england.FILE))
    if uk is None and newer is None:
        return no_list(SupportKind.LIBRARY, SOURCE, FILE)
    listed = england.england_list(_records(newer, england.COLUMNS))
    rows = [_Row(cells, tuple(listed.match(*_keys(cells)))) for cells in _records(uk, _COLUMNS)]
    left_out: Counter[str] = Counter(row.why_not for row in rows if row.why_not)
    open_rows = [row for row in rows if row.why_not is None]
    told = _Told(
        by_open=frozenset(id(match) for row in open_rows for match in row.matches),
        by_any=frozenset(id(match) for row in rows for match in row.matches),
    )
    vintage = catalogue.source(SOURCE).vintage
    places = [_place(row, vintage) for row in open_rows]
    for library in listed.libraries:
        reason = _why_not_added(library, told)
        if reason is None:
            places.append(_added(library, vintage))
        else:
            left_out[reason] += 1
    return Imported(
        kind=SupportKind.LIBRARY,
        read=len(rows) + len(listed.libraries),
        places=tuple(_distinct(places)),
        left_out=left_out,
        closed=frozenset({"closed", "closed_in_2023_list", "temporarily_closed_in_2023_list"}),
        notes=(*_of_lists(uk, newer), NOT_TO_WALK_INTO),
    )


def _of_lists(uk: Path | None, newer: Path | None) -> tuple[str, ...]:
    """Return notes on the lists used and on a missing one."""
    if uk is None:
        return ENGLAND_ONLY, lacking(SOURCE, FILE)
    if newer is None:
        return UNCHECKED, lacking(SOURCE, england.FILE)
    return FROM_BOTH


def _records(path: Path | None, columns: tuple[str, ...]) -> list[dict[str, str]]:
    if path is None:
        return []
    frame = read_csv(path, columns).fillna("")
    return [
        {str(key): str(value) for key, value in row.items()} for row in frame.to_dict("records")
    ]


def _keys(cells: dict[str, str]) -> tuple[str, str, str]:
    return cells["Local authority"], cells["Library name"], cells["Postcode"]


@dataclass(frozen=True)
class _Told:
    """Rows of the England list that are also in the UK list, by identity."""

    by_open: frozenset[int]
    by_any: frozenset[int]


def _why_not_added(library: EnglandLibrary, told: _Told) -> str | None:
    """Return why a row of the England list is not a new place, or None if it is one."""
    if library.kind != "static library":
        return SPECIAL
    if id(library) in told.by_open:
        return BOTH
    if library.status is Status.CLOSED:
        return BOTH if id(library) in told.by_any else "closed_in_2023_list"
    if library.status is Status.TEMPORARILY_CLOSED:
        return "temporarily_closed_in_2023_list"
    return "not_for_the_public" if _NOT_PUBLIC.search(library.row["name"]) else None


def _place(row: _Row, vintage: str) -> RawPlace:
    cells = row.cells
    best = row.matches[0] if row.matches else None
    shut = best is not None and best.status is Status.TEMPORARILY_CLOSED
    name = _name(cells["Library name"])
    return RawPlace(
        key=_key(cells["Local authority"], cells["Library name"]),
        name=name,
        address=tidy.address((cells[part] for part in _ADDRESS), without=(name,)),
        postcode=cells["Postcode"],
        email=tidy.email(cells["Email address"]),
        url=tidy.web(cells["URL"]),
        source=SOURCE,
        as_of=vintage,
        hours=_hours(cells, best, shut=shut),
        about=TYPES.get(cells["Type of library"].strip(), ""),
    )


def _hours(cells: dict[str, str], best: EnglandLibrary | None, *, shut: bool) -> Week:
    week = parse_week(
        {day: cells[column] for day, column in _STAFFED.items()}, blank_is_closed=True
    )
    unstaffed = parse_week(
        {day: cells[column] for day, column in _UNSTAFFED.items()}, blank_is_closed=False
    )
    without_staff = "; ".join(
        f"{days} {hours}"
        for days, hours in in_words(unstaffed.schedule)
        if hours not in ("closed", "not known")
    )
    notes = tidy.squeeze(cells["Notes"])
    rough = best.hours() if best is not None and week.schedule is None else ""
    note = note_of(
        TEMPORARILY if shut else "",
        rough,
        week.note,
        f"Also open without staff: {without_staff}." if without_staff else "",
        _sentence(notes) if _ABOUT_HOURS.search(notes) and not _REOPENED.search(notes) else "",
    )
    return Week(week.schedule, note, week.problems + unstaffed.problems)


def _added(library: EnglandLibrary, vintage: str) -> RawPlace:
    cells = library.row
    name = _name(cells["name"])
    return RawPlace(
        key=_key(cells["reporting"], cells["name"]),
        name=name,
        address=tidy.address(
            (cells[part] for part in ("address1", "address2", "address3")), without=(name,)
        ),
        postcode=cells["postcode"],
        email=tidy.email(cells["email"]),
        source=SOURCE,
        as_of=vintage,
        hours=Week(note=library.hours()),
        about=TYPES.get(cells["operation_23"].strip().upper(), ""),
    )


def _name(text: str) -> str:
    """Return a library's name, with the word Library added to a bare place name."""
    name = tidy.name(text)
    if _SAYS_WHAT_IT_IS.search(name):
        return name
    before, bracket, after = name.partition(" (")
    return f"{before} Library{bracket}{after}"


def _sentence(text: str) -> str:
    return text if text.endswith(".") else f"{text}."


def _key(authority: str, name: str) -> str:
    return tidy.slug(f"{authority_key(authority)} {name}")


def _distinct(places: list[RawPlace]) -> list[RawPlace]:
    """Return the places, with the postcode added to keys that are not unique."""
    times = Counter(place.key for place in places)
    return [
        place
        if times[place.key] == 1
        else replace(place, key=f"{place.key}-{tidy.slug(place.postcode)}")
        for place in places
    ]
