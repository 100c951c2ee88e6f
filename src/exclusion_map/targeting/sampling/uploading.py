"""A column somebody brings along to divide areas by: read from a CSV file, matched by code."""

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from exclusion_map.errors import InvalidRequestError

CODES = ("area_code", "code", "lsoa21cd", "lsoa code (2021)", "small_area")
MOST_ROWS = 200_000
_LONGEST = 60


@dataclass(frozen=True)
class OwnColumn:
    """A column of small areas.

    Attributes:
        name: its heading.
        texts: (n,) what it says of each small area, empty where it says nothing.
        matched: rows whose code is of this edition.
        unknown: codes that are not, the first few.
        missed: how many are not.
    """

    name: str
    texts: tuple[str, ...]
    matched: int
    unknown: tuple[str, ...]
    missed: int


def read_column(text: str, position: Mapping[str, int], column: str = "") -> OwnColumn:
    """Return a column of a CSV file; the first that is not the code where none is named.

    Commas, semicolons and tabs are understood.

    Raises:
        InvalidRequestError: there is no column of codes, no such column, or no code is known.
    """
    reader = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), _dialect(text))
    try:
        heading = [cell.strip() for cell in next(reader, [])]
        code, wanted = _places(heading, column)
        return _matched(reader, code, wanted, heading[wanted], position)
    except csv.Error as error:
        raise InvalidRequestError("file", found=str(error), expected="a CSV file") from None


def _dialect(text: str) -> type[csv.Dialect]:
    first = text.split("\n", 1)[0]
    mark = max(",;\t", key=first.count)

    class Found(csv.excel):
        delimiter = mark

    return Found


def _places(heading: list[str], column: str) -> tuple[int, int]:
    lower = [cell.lower() for cell in heading]
    code = next((lower.index(name) for name in CODES if name in lower), -1)
    others = [at for at in range(len(heading)) if at != code]
    if code < 0 or not others:
        raise InvalidRequestError(
            "file",
            found=f"columns {', '.join(heading[:8]) or 'none'}",
            expected="a column area_code and at least one other",
        )
    if not column.strip():
        return code, others[0]
    asked = column.strip().lower()
    if asked not in lower or lower.index(asked) == code:
        raise InvalidRequestError(
            f"column {column!r}",
            found=f"columns {', '.join(heading[:8])}",
            expected="the heading of one of them",
        )
    return code, lower.index(asked)


def _matched(
    reader: Iterator[list[str]], code: int, wanted: int, name: str, position: Mapping[str, int]
) -> OwnColumn:
    texts = [""] * len(position)
    unknown: list[str] = []
    matched = missed = 0
    for number, row in enumerate(reader, start=2):
        if number > MOST_ROWS:
            raise InvalidRequestError(
                "file", found=f"more than {MOST_ROWS:,} rows", expected="no more than that"
            )
        if not any(row):
            continue
        key = row[code].strip().upper() if len(row) > code else ""
        at = position.get(key, -1)
        if at < 0:
            missed += 1
            unknown += [key[:_LONGEST]] if len(unknown) < 5 else []
            continue
        matched += 1
        texts[at] = row[wanted].strip()[:_LONGEST] if len(row) > wanted else ""
    if not matched:
        raise InvalidRequestError(
            "file", found="no code of this edition", expected="codes of its areas"
        )
    return OwnColumn(name, tuple(texts), matched, tuple(unknown), missed)
