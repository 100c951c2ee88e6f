"""The result of an importer: places as given by their source, and counts of what it left out."""

from collections import Counter
from dataclasses import dataclass, field

from exclusion_map.support.opening_hours import Week
from exclusion_map.terms import SupportKind

COLUMNS = (
    "id",
    "kind",
    "name",
    "address",
    "postcode",
    "latitude",
    "longitude",
    "phone",
    "email",
    "url",
    "opening_hours",
    "hours_note",
    "about",
    "area_code",
    "source",
    "as_of",
    "placed_by",
)
"""Columns of the support table, in order."""


@dataclass(frozen=True, slots=True)
class RawPlace:
    """A place before geocoding.

    ``key`` is the source's identifier, unique within the kind. Coordinates are degrees (WGS 84) as
    given by the source, or None. ``about`` is one plain sentence for visitors; ``as_of`` is the
    date of the information, empty if unknown.
    """

    key: str
    name: str
    address: str
    postcode: str
    source: str
    as_of: str
    latitude: float | None = None
    longitude: float | None = None
    phone: str = ""
    email: str = ""
    url: str = ""
    hours: Week = field(default_factory=Week)
    about: str = ""


@dataclass(frozen=True)
class Imported:
    """All places of one kind found by an importer.

    ``read`` is the number of rows read; every row is either a place or counted by reason in
    ``left_out``. ``closed`` lists the reasons that mean closed. ``notes`` are plain sentences about
    the decisions made. ``listed`` is false if there was no usable list: an empty result then does
    not mean that there are no places.
    """

    kind: SupportKind
    read: int
    places: tuple[RawPlace, ...]
    left_out: Counter[str]
    closed: frozenset[str]
    notes: tuple[str, ...]
    listed: bool = True


def note_of(*parts: str) -> str:
    """Return the non-empty parts joined into one text."""
    return " ".join(part.strip() for part in parts if part and part.strip())
