"""Rows of a list, cell by cell: the place, the count and the catchment of each."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

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
BAD_RADIUS = f"no radius of more than 0 and at most {FARTHEST / 1000:,.0f} km"
_DEGREES = re.compile(r"[+-]?[0-9]{1,3}(?:[.,][0-9]+)?")
_WITHHELD = frozenset({"*", "**", "c", "x", ":", "..", "s"})


@dataclass(frozen=True, eq=False)
class RowsRead:
    """Rows of a list, (m,) arrays."""

    key: Ints
    count: Floats
    wrong: dict[int, str]
    """By row: what is wrong with it, if anything."""
    texts: list[str]
    """Distinct texts; with sites, the text of each distinct site."""
    sites: list[tuple[float, float, float]]
    """Longitude, latitude (NaN: of the text) and radius; empty where rows are no sites."""


def read_row_cells(listing: Listing, radius: float | None) -> RowsRead:
    """Return what the rows of a list say; ``radius`` of each that says none, in metres."""
    columns = listing.columns
    sites = radius is not None or columns.radius is not None or columns.latitude is not None
    if not sites and isinstance(listing.rows, Lines) and listing.rows.plain:
        return _by_column(listing, listing.rows)
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


def _by_column(listing: Listing, lines: Lines) -> RowsRead:
    """Return what the rows of a plain list without sites say, column by column."""
    columns = listing.columns
    cells = row_columns.column(lines.texts, lines.separator, columns.place)
    key, texts = row_columns.alike(cells)
    wrong = {}
    count = np.ones(len(listing))
    if columns.count is not None:
        told = row_columns.column(lines.texts, lines.separator, columns.count)
        which, written = row_columns.numbered(told)
        read = [_count(one, columns.decimal_comma) for one in written]
        count = np.array([number for number, _ in read])[which]
        faulty = np.array([bool(fault) for _, fault in read])[which]
        wrong = {row: read[which[row]][1] for row in np.flatnonzero(faulty).tolist()}
    wrong |= {row: NO_PLACE for row, cell in enumerate(cells) if not cell}
    return RowsRead(key, count, wrong, texts, [])


def _cell(cells: Sequence[str], at: int | None) -> str:
    return cells[at] if at is not None and at < len(cells) else ""


def _count(text: str, decimal_comma: bool) -> tuple[float, str]:
    told = read_number(text, decimal_comma=decimal_comma)
    if told is not None:
        return told, ""
    bare_text = text.strip().lower()
    if not bare_text:
        return 0.0, NO_COUNT
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
