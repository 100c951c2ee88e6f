"""What is asked for, how it is cut into parts, and what came of a part."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from exclusion_map.terms import AreaKind

DEGREES = "EPSG:4326"
NATIONAL_GRID = "EPSG:27700"


class Placed(StrEnum):
    """How a row got its area."""

    INSIDE = "inside"
    COAST = "off the coast"
    POSTCODE = "by postcode"


class Reason(StrEnum):
    """Why a row has no area."""

    OUTSIDE = "outside every area"
    NO_COORDINATES = "no coordinates"
    NOT_A_NUMBER = "coordinates are not numbers"
    IMPOSSIBLE = "coordinates cannot be"
    NO_POSTCODE = "no postcode"
    NOT_A_POSTCODE = "not a postcode"
    UNKNOWN_POSTCODE = "no such postcode"
    NOT_A_POINT = "geometry is not a point"
    COMMA = "decimal comma in coordinates"
    SWAPPED = "latitude and longitude swapped"


HOW: tuple[Placed | Reason, ...] = (*Placed, *Reason)
"""Numbers of outcomes in arrays are places in this list."""
CODE: Mapping[Placed | Reason, int] = {how: number for number, how in enumerate(HOW)}


@dataclass(frozen=True, kw_only=True)
class Spot:
    """Which columns say where a row is: two coordinates, a point, or a postcode."""

    x: str = ""
    y: str = ""
    postcode: str = ""
    crs: str = DEGREES
    geometry: str = ""
    """A column of points as well-known binary, as GeoParquet has them."""

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that are read for it."""
        one = self.postcode or self.geometry
        return (one,) if one else (self.x, self.y)


@dataclass(frozen=True, kw_only=True)
class Task:
    """Everything that placing a part needs to know; goes to other processes as it is."""

    edition: Path
    grid: Path | None
    """Folder of the edition's grid; None without compiled code."""
    spot: Spot
    index: str
    kinds: tuple[AreaKind, ...]
    keep: tuple[str, ...]
    """Columns of the input that go into the output."""
    prefix: str
    coast_m: float
    form: str
    """``parquet`` or ``csv``, of the parts."""
    parts: Path
    """Folder that parts are written to."""
    batch_rows: int


@dataclass(frozen=True, kw_only=True)
class Part:
    """A piece of the input: row groups of a Parquet file, or a range of bytes of a CSV file."""

    number: int
    file: Path
    row_groups: tuple[int, ...] = ()
    start: int = 0
    stop: int = 0
    rows: int = 0
    """How many it has where that is known before it is read; else 0."""
    columns: tuple[str, ...] = field(default=(), repr=False)
    """Of a CSV file, from its first line."""
    delimiter: str = ","
    """What separates the cells of a CSV file."""
    keys: tuple[tuple[str, str | None], ...] = ()
    """Columns that the names of the file's folders say, with what they hold in every row."""


@dataclass(frozen=True, kw_only=True)
class PartDone:
    """What came of a part."""

    number: int
    rows: int
    outcomes: Mapping[str, int]
    """How many rows by the value of ``Placed`` or ``Reason``."""
