"""Read who shares from what people type, paste or upload: partners, their areas, their bounds."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt

from exclusion_map.errors import InvalidRequestError
from exclusion_map.uploads.text import csv_rows

Floats = npt.NDArray[np.float64]

_NAMES = ("name", "unit", "partner", "organisation", "organization", "list", "group", "pcn")
_ENTRIES = (
    *("code", "codes", "area", "areas", "area_code", "area code", "postcode", "postcodes"),
    *("where", "places", "ward", "council", "lsoa21cd"),
)
_NUMBERS = {
    "minimum": ("minimum", "min", "at least", "least"),
    "maximum": ("maximum", "max", "at most", "most"),
    "received": ("received", "already", "already received", "has"),
    "number": ("number", "own", "value", "claim", "weight"),
}
MOST_NUMBER = 1e12
LONGEST_NAME = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitRow:
    """One unit as a list names it.

    Attributes:
        name: of the unit.
        entries: codes, postcodes and names of its areas; empty where the name is one.
        minimum: it must get at least so much; None = as for all.
        maximum: it may get at most so much; None = as for all.
        received: what it has already.
        number: of one's own, to share by.
    """

    name: str
    entries: tuple[str, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    received: float | None = None
    number: float | None = None


@dataclass(frozen=True, eq=False, kw_only=True)
class Terms:
    """Numbers of each of n units; NaN where none was given."""

    minimum: Floats
    maximum: Floats
    received: Floats
    number: Floats

    @classmethod
    def none(cls, count: int) -> Self:
        """Return no numbers for ``count`` units."""
        return cls(**{name: np.full(count, np.nan) for name in _NUMBERS})

    @classmethod
    def of(cls, count: int, rows: Iterable[tuple[int, UnitRow]]) -> Self:
        """Return the numbers of rows at their places among ``count`` units."""
        found = {name: np.full(count, np.nan) for name in _NUMBERS}
        for at, one in rows:
            for name, values in found.items():
                number = getattr(one, name)
                if number is not None:
                    values[at] = number
        return cls(**found)


def read_units(text: str) -> tuple[UnitRow, ...]:
    """Return the units of a text: a table with headings, or lines such as ``name: code, code``.

    Headings are ``name`` (or partner, organisation, list), ``code`` (or areas, postcode) and, where
    wanted, ``minimum``, ``maximum``, ``received`` and ``number``. A unit may stand on several
    lines, one for each of its areas; a cell may hold several, with blanks or ``|`` between codes.

    Raises:
        InvalidRequestError: a line cannot be read, or says something else than an earlier one.
    """
    lines = [line for line in text.lstrip("\ufeff").splitlines() if line.strip()]
    if not lines:
        return ()
    between = max("\t;,", key=lines[0].count)
    head = [cell.strip().strip('"').casefold() for cell in lines[0].split(between)]
    known = {*_NAMES, *_ENTRIES, *(word for words in _NUMBERS.values() for word in words)}
    if head[0] in known or len(known.intersection(head)) > 1:
        return _table("\n".join(lines), between)
    return tuple(_merged([_line(at, line) for at, line in enumerate(lines, start=1)]))


def _line(at: int, line: str) -> tuple[int, UnitRow]:
    name, colon, rest = line.partition(":")
    if not colon:
        return at, UnitRow(name=name.strip().strip(","))
    cut = csv_rows(rest.replace(";", ","), ",", f"units, line {at}")
    entries = cut[0] if cut else []
    row = UnitRow(name=name.strip(), entries=tuple(one.strip() for one in entries if one.strip()))
    if not row.name:
        raise InvalidRequestError(
            f"units, line {at}", found="no name before the colon", expected="name: code, code"
        )
    return at, row


def _table(text: str, between: str) -> tuple[UnitRow, ...]:
    rows = csv_rows(text, between, "units")
    head = [cell.strip().casefold() for cell in rows[0]]
    names = _column(head, _NAMES)
    entries = _column(head, _ENTRIES)
    numbers = {name: _column(head, words) for name, words in _NUMBERS.items()}
    if names is None and entries is None:
        raise InvalidRequestError(
            "units", found=f"headings {', '.join(head)}", expected="a column name, code or areas"
        )
    found = []
    for at, row in enumerate(rows[1:], start=2):
        cells = [cell.strip() for cell in row] + [""] * (len(head) - len(row))
        listed = _entries(cells[entries]) if entries is not None else ()
        name = cells[names] if names is not None else cells[entries or 0]
        if not name:
            raise InvalidRequestError(f"units, line {at}", found="no name", expected="one")
        found.append(
            (
                at,
                UnitRow(
                    name=name,
                    entries=listed,
                    **{
                        key: None if column is None else _number(at, key, cells[column])
                        for key, column in numbers.items()
                    },
                ),
            )
        )
    return tuple(_merged(found))


def _column(head: Sequence[str], words: Sequence[str]) -> int | None:
    return next((at for at, cell in enumerate(head) if cell in words), None)


def _entries(cell: str) -> tuple[str, ...]:
    """Return the entries of a cell: codes may stand with blanks between, postcodes may not."""
    for sign in "|;,":
        if sign in cell:
            return tuple(part.strip() for part in cell.split(sign) if part.strip())
    parts = cell.split()
    if len(parts) > 1 and all(len(part) == 9 and part[1:].isdigit() for part in parts):
        return tuple(parts)
    return (cell,) if cell else ()


def _number(at: int, name: str, cell: str) -> float | None:
    text = cell.replace(",", "").replace("£", "").strip()
    if not text:
        return None
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0 <= value <= MOST_NUMBER:
        raise InvalidRequestError(
            f"units, line {at}", found=f"{name} {cell!r}", expected="a number from 0, or nothing"
        )
    return value


def _merged(rows: Iterable[tuple[int, UnitRow]]) -> list[UnitRow]:
    """Return each unit once, with the areas of all its lines.

    Raises:
        InvalidRequestError: two lines say different numbers, or a name is too long.
    """
    found: dict[str, UnitRow] = {}
    for at, row in rows:
        if len(row.name) > LONGEST_NAME:
            raise InvalidRequestError(
                f"units, line {at}",
                found=f"a name of {len(row.name):,} characters",
                expected=f"at most {LONGEST_NAME}",
                mend="Put a colon between the name and its areas.",
            )
        held = found.setdefault(row.name, row)
        if held is row:
            continue
        numbers = {}
        for name in _NUMBERS:
            first, second = getattr(held, name), getattr(row, name)
            if None not in (first, second) and first != second:
                raise InvalidRequestError(
                    f"units, line {at}",
                    found=f"{name} {second:g} for {row.name!r}, {first:g} before",
                    expected="one number per unit",
                )
            numbers[name] = second if first is None else first
        both = tuple(dict.fromkeys((*held.entries, *row.entries)))
        found[row.name] = UnitRow(name=row.name, entries=both, **numbers)
    return list(found.values())
