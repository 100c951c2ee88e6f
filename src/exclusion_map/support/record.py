"""What an importer hands over: places as their source tells of them, and what it left out."""

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
    """A place before it is put on the map.

    ``key`` is what the source knows it by, unique within the kind. Coordinates are degrees (WGS 84)
    as the source gives them, or None. ``about`` is one plain sentence a visitor should know;
    ``as_of`` is empty where nobody knows the date.
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
    """Everything an importer found of one kind.

    ``read`` counts the rows of its files; every row is a place, or is counted under a reason in
    ``left_out``. ``closed`` names the reasons that mean closed. ``notes`` are plain sentences for
    people about what was decided. ``listed`` is false where there was no list that could be used:
    no places then does not mean that there are none.
    """

    kind: SupportKind
    read: int
    places: tuple[RawPlace, ...]
    left_out: Counter[str]
    closed: frozenset[str]
    notes: tuple[str, ...]
    listed: bool = True


def note_of(*parts: str) -> str:
    """Return the parts that say something, as one text."""
    return " ".join(part.strip() for part in parts if part and part.strip())
