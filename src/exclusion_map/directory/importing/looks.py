"""What the values of a column look like, whatever its heading says."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from exclusion_map.directory.importing.hours import read_day, read_hours
from exclusion_map.directory.importing.placing import EAST, NORTH, SOUTH, WEST
from exclusion_map.directory.importing.vocabulary import (
    UNKNOWN,
    features_in,
    kind_of,
    languages_in,
    terms_in,
    yes_or_no,
)
from exclusion_map.errors import InvalidRequestError
from exclusion_map.geography.postcode_index import normalise

SAMPLE: Final = 200
"""Cells of a column that are looked at."""

_EMAIL: Final = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_URL: Final = re.compile(
    r"(https?://|www\.)\S+|[\w-]+(\.[\w-]+)*\.(uk|com|org|net|wales|cymru)(/\S*)?"
)
_PHONE: Final = re.compile(r"(\+44|0)?[\d\s()\-./]{9,16}")
_DATE: Final = re.compile(
    r"\d{4}(-\d{2}){0,2}.*|\d{1,2}[/.-]\d{1,2}[/.-]\d{2,4}.*|[A-Z][a-z]+ \d{4}"
)
_NUMBER: Final = re.compile(r"£?-?\d+(\.\d+)?")


def _number(text: str) -> float:
    return float(text.replace(",", ""))


def _between(low: float, high: float) -> Callable[[str], bool]:
    def test(text: str) -> bool:
        return low <= _number(text) <= high

    return test


def _postcode(text: str) -> bool:
    return bool(normalise(text)) and len(text) <= 10


def _tick(text: str) -> bool:
    yes_or_no(text)
    return True


def _hours(text: str) -> bool:
    return read_hours(text).schedule is not None


def _day(text: str) -> bool:
    read_day(text)
    return True


def _cost(text: str) -> bool:
    bare = text.casefold()
    return "free" in bare or "£" in text or bare in ("charge", "yes", "no", "paid", "donation")


def _all(listed: tuple[list[str], list[str]]) -> bool:
    return bool(listed[0]) and not listed[1]


TESTS: Final[Mapping[str, Callable[[str], object]]] = {
    "postcode": _postcode,
    "latitude": _between(SOUTH, NORTH),
    "longitude": _between(WEST, EAST),
    "easting": _between(1_000, 700_000),
    "northing": _between(1_000, 1_300_000),
    "email": _EMAIL.fullmatch,
    "url": _URL.fullmatch,
    "phone": lambda text: _PHONE.fullmatch(text) and 9 <= len(re.sub(r"\D", "", text)) <= 13,
    "date": _DATE.fullmatch,
    "number": _NUMBER.fullmatch,
    "tick": _tick,
    "hours": _hours,
    "day": _day,
    "cost": _cost,
    "terms": lambda text: _all(terms_in(text, {})),
    "features": lambda text: _all(features_in(text)),
    "languages": lambda text: _all(languages_in(text)),
    "kind": lambda text: kind_of(text, {}),
}
WORDS: Final[Mapping[str, str]] = {
    "postcode": "postcodes",
    "latitude": "latitudes in the UK",
    "longitude": "longitudes in the UK",
    "easting": "eastings",
    "northing": "northings",
    "email": "email addresses",
    "url": "web addresses",
    "phone": "telephone numbers",
    "date": "dates",
    "number": "numbers",
    "tick": "yes or no",
    "hours": "opening hours",
    "day": "hours of a day",
    "cost": "costs",
    "terms": "kinds of support",
    "features": "features of access",
    "languages": "languages",
    "kind": "kinds of place",
}


def share(values: Sequence[str], looks: str) -> float | None:
    """Return the share of cells that pass a test; None where no cell says anything."""
    said = [text for text in values[:SAMPLE] if text.casefold() not in UNKNOWN]
    if not said:
        return None
    return sum(passes(text, looks) for text in said) / len(said)


def passes(text: str, looks: str) -> bool:
    """Whether a cell passes a test."""
    try:
        return bool(TESTS[looks](text))
    except (ValueError, InvalidRequestError):
        return False
