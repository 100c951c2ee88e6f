"""The England 2023 list of libraries: closures, new libraries and approximate opening hours.

Its rows are matched to the UK list by authority and, within an authority, by name or postcode.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from exclusion_map.support import tidy
from exclusion_map.support.opening_hours import DAY_NAMES, DAYS, together

FILE = "libraries_england_2023.csv"
WEEK = {day: DAY_NAMES[day].lower() for day in DAYS}
COLUMNS = (
    "reporting",
    "name",
    "address1",
    "address2",
    "address3",
    "postcode",
    "type",
    "operation_23",
    "email",
    *WEEK.values(),
)

_AUTHORITY_WORDS = frozenset(
    """
    and borough city corporation council county district london metropolitan of royal
    the upon
    """.split()  # noqa: SIM905 - a list of words reads better as text
)
_AUTHORITIES = {
    "kingston hull": "hull",
    "newcastle tyne": "newcastle",
    "southend on sea": "southend",
}
_LIBRARY_WORDS = frozenset(
    """
    and center centre community hub learning libraries library lrc resource the
    """.split()  # noqa: SIM905 - a list of words reads better as text
)
_TIMES = {
    "am only": "morning",
    "pm only": "afternoon",
    "eve only": "evening",
    "am & pm": "morning and afternoon",
    "am & pm (continuous)": "morning and afternoon",
    "am & pm (with closure)": "morning and afternoon, closed in between",
    "pm & eve (continuous)": "afternoon and evening",
    "pm & eve (with closure)": "afternoon and evening, closed in between",
    "all day (continuous)": "morning to evening",
    "all day (with closure)": "morning to evening, closed in between",
    "24 hours": "all day and night",
    "closed": "closed",
    "n/a closed": "closed",
    "varied by schedule": "varies",
    "no regular opening": "no regular hours",
    "appointment only": "by appointment",
}


class Status(StrEnum):
    """Status of a library in the 2023 list."""

    OPEN = "open"
    CLOSED = "closed"
    TEMPORARILY_CLOSED = "temporarily_closed"


@dataclass(frozen=True)
class EnglandLibrary:
    """A row of the list, with its matching keys."""

    row: Mapping[str, str]
    authority: str
    name: str
    postcode: str
    status: Status

    @property
    def kind(self) -> str:
        """Kind of library: "static library", "mobile library", "prison library", ..."""
        return self.row["type"].strip().lower()

    def hours(self) -> str:
        """Return the approximate hours in words, or an empty text if unknown."""
        cells = {day: self.row[column].strip().lower() for day, column in WEEK.items()}
        words = {day: _TIMES.get(cell, "not known") for day, cell in cells.items()}
        if set(words.values()) <= {"not known", "closed"}:
            return ""
        return "In 2023: " + "; ".join(f"{days} {text}" for days, text in together(words)) + "."


@dataclass
class EnglandList:
    """The list, indexed by authority and name and by authority and postcode."""

    libraries: list[EnglandLibrary]
    _by_key: dict[tuple[str, str], list[EnglandLibrary]] = field(
        default_factory=lambda: defaultdict(list)
    )

    def __post_init__(self) -> None:
        for library in self.libraries:
            self._by_key[library.authority, library.name].append(library)
            self._by_key[library.authority, library.postcode].append(library)

    def match(self, authority: str, name: str, postcode: str) -> list[EnglandLibrary]:
        """Return the rows of the same authority with this name or postcode, best first.

        The best match has the same name and postcode, then the same postcode, then the same name;
        open libraries come first among equals. Names are given as written in the lists.
        """
        key = authority_key(authority)
        wanted_name, wanted_postcode = name_key(name), postcode_key(postcode)
        found = {
            id(library): library
            for text in (wanted_postcode, wanted_name)
            for library in self._by_key.get((key, text), ())
        }
        return sorted(
            found.values(),
            key=lambda library: (
                -2 * (library.postcode == wanted_postcode) - (library.name == wanted_name),
                library.status is not Status.OPEN,
            ),
        )


def england_list(rows: Iterable[Mapping[str, str]]) -> EnglandList:
    """Return the list built from its rows (columns: ``COLUMNS``)."""
    return EnglandList(
        [
            EnglandLibrary(
                row=row,
                authority=authority_key(row["reporting"]),
                name=name_key(row["name"]),
                postcode=postcode_key(row["postcode"]),
                status=_status(row["operation_23"]),
            )
            for row in rows
        ]
    )


def _status(operation: str) -> Status:
    text = operation.strip().lower()
    if text == "closed":
        return Status.CLOSED
    return Status.TEMPORARILY_CLOSED if text == "temporary closure" else Status.OPEN


def authority_key(text: str) -> str:
    """Return the part of an authority's name common to both lists: ``"kensington chelsea"``."""
    words = re.sub(r"[^a-z ]", "", text.lower().replace("-", " ")).split()
    key = " ".join(word for word in words if word not in _AUTHORITY_WORDS)
    return _AUTHORITIES.get(key, key)


def name_key(text: str) -> str:
    """Return a library's name without optional words: ``"birkenhead central"``."""
    words = tidy.slug(text).split("-")
    return " ".join(word for word in words if word not in _LIBRARY_WORDS) or " ".join(words)


def postcode_key(text: str) -> str:
    """Return a postcode without spaces; never equal to a name key, which is in lower case."""
    return re.sub(r"[^A-Z0-9]", "", text.upper())
