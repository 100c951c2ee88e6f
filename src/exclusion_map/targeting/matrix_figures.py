"""Read figures somebody brings along: a place and a number on each line."""

import math
import re
from dataclasses import dataclass

from exclusion_map.errors import InvalidRequestError
from exclusion_map.uploads.text import csv_rows

MOST_FIGURES = 20_000
LARGEST = 1e9
_THOUSANDS = re.compile(r"[0-9]{1,3}(,[0-9]{3})+(\.[0-9]+)?")
_NUMBER_HEADS = frozenset(
    {"number", "count", "patients", "people", "users", "value", "n", "total", "figure", "list size"}
)


@dataclass(frozen=True, slots=True)
class Figure:
    """How many there are at a place: an area code, a postcode, a practice code or a name."""

    place: str
    number: float


def read_figures(text: str) -> tuple[Figure, ...]:
    """Return the figures of a text, those of one place added up.

    A line is a place and a number, with a comma, semicolon or tab between; without a number it
    counts one, so that a bare list of postcodes counts people. A first line that ends in no number
    is taken for headings when lines after it do.

    Raises:
        InvalidRequestError: a number cannot be read, or there are too many lines.
    """
    lines = [line for line in text.lstrip("\ufeff").splitlines() if line.strip()]
    if not lines:
        return ()
    between = max(",;\t", key=lines[0].count)
    rows = csv_rows("\n".join(lines), between, "figures")
    place, number, first = _columns(rows)
    if len(rows) - first > MOST_FIGURES:
        raise InvalidRequestError(
            "figures",
            found=f"{len(rows) - first:,} lines",
            expected=f"at most {MOST_FIGURES:,}",
            mend="Add up the figures for each area or postcode before you send them.",
        )
    summed: dict[str, float] = {}
    for at, row in enumerate(rows[first:], start=first + 1):
        named = row[place].strip() if place < len(row) else ""
        if named:
            cell = row[number].strip() if number < len(row) else ""
            summed[named] = summed.get(named, 0.0) + _number(at, cell)
    return tuple(Figure(name, total) for name, total in summed.items())


def _columns(rows: list[list[str]]) -> tuple[int, int, int]:
    """Return which columns hold places and numbers, and the first line of data."""
    head = [cell.strip().casefold() for cell in rows[0]]
    named = next((at for at, cell in enumerate(head) if cell in _NUMBER_HEADS), None)
    if named is not None:
        return (1 if named == 0 else 0), named, 1
    headed = len(head) > 1 and bool(head[1]) and _plain(head[1]) is None
    return 0, 1, int(headed and len(rows) > 1)


def _plain(cell: str) -> float | None:
    text = cell.strip()
    try:
        # 1,500 is a number with a sign for thousands; 1,5 may be one and a half, and is refused.
        value = float(text.replace(",", "") if _THOUSANDS.fullmatch(text) else text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def _number(at: int, cell: str) -> float:
    if not cell:
        return 1.0
    value = _plain(cell)
    if value is None or not 0 <= value <= LARGEST:
        raise InvalidRequestError(
            f"figures, line {at}", found=repr(cell[:40]), expected="a number from 0, or nothing"
        )
    return value
