"""Rows of a list, cell by cell: the place, the count and the catchment of each."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import overload

import numpy as np
import numpy.typing as npt

from exclusion_map.targeting.footprint import row_columns
from exclusion_map.targeting.footprint.catchments import FARTHEST
from exclusion_map.targeting.footprint.columns import bare, read_number
from exclusion_map.targeting.footprint.listing import Lines, Listing

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

NO_PLACE = "nothing in the column of places"
NO_COUNT = "no count"
WITHHELD = "a count that is withheld"
BAD_COUNT = "a count that is no number of 0 or more"
CUT_COUNT = "a count that its own comma cuts in two: write 1200, or put it in quotation marks"
HUGE_COUNT = "a count of more than 100,000,000, more people than the UK has"
COUNT_FAULTS = frozenset({NO_COUNT, WITHHELD, BAD_COUNT, CUT_COUNT, HUGE_COUNT})
BAD_RADIUS = f"no radius of more than 0 and at most {FARTHEST / 1000:,.0f} km"
_MOST = 100_000_000
_LONG_NUMBER = re.compile(r"[0-9]{20,}(?:\.[0-9]*)?")
_THOUSANDS = re.compile(r"[0-9]{3}")
_DEGREES = re.compile(r"[+-]?[0-9]{1,3}(?:[.,][0-9]+)?")
_WITHHELD = frozenset({"*", "**", "c", "x", ":", "..", "s"})


@dataclass(frozen=True, eq=False)
class RowsRead:
    """Rows of a list, (m,) arrays."""

    key: Ints
    count: Floats
    wrong: dict[int, str]
    """By row: what is wrong with it, if anything."""
    texts: Sequence[str]
    """Distinct texts; with sites, the text of each distinct site."""
    sites: list[tuple[float, float, float]]
    """Longitude, latitude (NaN: of the text) and radius; empty where rows are no sites."""
    plain: npt.NDArray[np.bytes_] | None = None
    """Letters and digits of the texts in capitals, where they are known already."""


def read_row_cells(listing: Listing, radius: float | None) -> RowsRead:
    """Return what the rows of a list say; ``radius`` of each that says none, in metres."""
    columns = listing.columns
    sites = radius is not None or columns.radius is not None or columns.latitude is not None
    if not sites and isinstance(listing.rows, Lines) and listing.rows.plain:
        read = _by_column(listing, listing.rows)
        if read is not None:
            return read
    return _by_cell(listing, radius, sites=sites)


def _by_cell(listing: Listing, radius: float | None, *, sites: bool) -> RowsRead:
    """Return what the rows of a list say, cell by cell."""
    columns = listing.columns
    numbers: dict[object, int] = {}
    known: dict[object, int] = {}
    key = np.empty(len(listing), dtype=np.int64)
    count, wrong = np.ones(len(listing)), {}
    texts: list[str] = []
    places: list[tuple[float, float, float]] = []
    at, counts = columns.place, columns.count
    for row, cells in enumerate(listing.rows):
        text = cells[at].strip() if at < len(cells) else ""
        if counts is not None:
            count[row], fault = _count(_cell(cells, counts), columns.decimal_comma)
            if _cut(listing, cells):
                fault = CUT_COUNT
            if fault:
                wrong[row] = fault
        site = _site(listing, cells, radius) if sites else None
        if not text and (site is None or np.isnan(site[0])):
            wrong[row] = NO_PLACE
        elif site is not None and not 0 < site[2] <= FARTHEST:
            wrong[row] = BAD_RADIUS
        said = text if site is None else (text, str(site))
        number = known.get(said)
        if number is None:
            # The same place written in another way is the same place.
            one = bare(text) if site is None else (bare(text), str(site))
            number = numbers.setdefault(one, len(texts))
            known[said] = number
            if number == len(texts):
                texts.append(text)
                if site is not None:
                    places.append(site)
        key[row] = number
    return RowsRead(key, count, wrong, texts, places)


def _by_column(listing: Listing, lines: Lines) -> RowsRead | None:
    """Return what the rows of a plain list without sites say, column by column.

    None where a place is written with so many letters that it has to be read cell by cell.
    """
    columns = listing.columns
    wrong: dict[int, str] = {}
    places = _places(lines, columns.place, wrong)
    read = row_columns.numbered(row_columns.bares(cells) for cells in places)
    if read is None:
        return None
    key, plain, first = read
    count = np.ones(len(listing))
    if columns.count is not None:
        _count_by_column(listing, lines, columns.count, count, wrong)
    return RowsRead(key, count, wrong, FirstCells(lines, columns.place, first), [], plain)


def _count_by_column(
    listing: Listing, lines: Lines, at: int, count: Floats, wrong: dict[int, str]
) -> None:
    """Read the counts of the rows into ``count``; note what is wrong with any."""
    known: dict[str, tuple[float, str]] = {}
    row = 0
    for part in lines.texts():
        for line, told in zip(part, row_columns.column(part, lines.separator, at), strict=True):
            if (seen := known.get(told)) is None:
                seen = known[told] = _count(told, listing.columns.decimal_comma)
            count[row], fault = seen
            if line.count(lines.separator) > at and _cut(listing, line.split(lines.separator)):
                fault = CUT_COUNT
            if fault:
                wrong.setdefault(row, fault)
            row += 1


def _places(lines: Lines, at: int, wrong: dict[int, str]) -> Iterator[list[str]]:
    """Yield the cells of the column of places, some at a time; note where there is none."""
    row = 0
    for part in lines.texts():
        cells = row_columns.column(part, lines.separator, at)
        wrong |= {row + number: NO_PLACE for number, cell in enumerate(cells) if not cell}
        row += len(cells)
        yield cells


class FirstCells(Sequence[str]):
    """The text of each distinct place where it came first, looked up in the list when asked for."""

    def __init__(self, lines: Lines, at: int, rows: Ints) -> None:
        """Take a plain list, the column of places, and the row of each distinct place (k,)."""
        self._lines, self._at, self._rows = lines, at, rows

    def __len__(self) -> int:
        return len(self._rows)

    @overload
    def __getitem__(self, number: int) -> str: ...

    @overload
    def __getitem__(self, number: slice) -> list[str]: ...

    def __getitem__(self, number: int | slice) -> str | list[str]:
        if isinstance(number, slice):
            return [self[one] for one in range(*number.indices(len(self)))]
        cells = self._lines[int(self._rows[number])]
        return cells[self._at].strip() if self._at < len(cells) else ""


def _cell(cells: Sequence[str], at: int | None) -> str:
    return cells[at] if at is not None and at < len(cells) else ""


def _cut(listing: Listing, cells: Sequence[str]) -> bool:
    """Return whether a row has three digits after its last column, a count: 1,200 without quotes.

    It would count as one person.
    """
    at = listing.columns.count
    if at is None or at + 1 != len(listing.head) or len(cells) <= at + 1:
        return False
    return _THOUSANDS.fullmatch(cells[at + 1]) is not None


def _count(text: str, decimal_comma: bool) -> tuple[float, str]:
    told = read_number(text, decimal_comma=decimal_comma)
    if told is not None:
        return (told, "") if told <= _MOST else (0.0, HUGE_COUNT)
    bare_text = text.strip().lower()
    if not bare_text:
        return 0.0, NO_COUNT
    if _LONG_NUMBER.fullmatch(bare_text):
        return 0.0, HUGE_COUNT
    return 0.0, WITHHELD if bare_text in _WITHHELD or bare_text[0] in "<≤" else BAD_COUNT


def _site(
    listing: Listing, cells: Sequence[str], radius: float | None
) -> tuple[float, float, float]:
    columns = listing.columns
    told = _cell(cells, columns.radius).strip()
    number = read_number(told, decimal_comma=True) if told else None
    metres = (radius or 0.0) if not told else columns.metres * (number or 0.0)
    longitude, latitude = (
        float(text.replace(",", ".")) if _DEGREES.fullmatch(text) else np.nan
        for text in (
            _cell(cells, columns.longitude).strip(),
            _cell(cells, columns.latitude).strip(),
        )
    )
    known = abs(latitude) <= 90 and abs(longitude) <= 180
    return (longitude, latitude, metres) if known else (np.nan, np.nan, metres)
