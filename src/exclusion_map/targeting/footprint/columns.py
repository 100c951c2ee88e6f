"""Which column of a list is what: places, counts, positions and catchments."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

_PLACE = re.compile(
    r"(?:[A-Z]{1,2}[0-9][A-Z0-9]?|GIR|NPT)[0-9][A-Z]{2}|[EWSNKL][0-9]{8}|[A-Z][0-9]{5}"
)
_ODD = re.compile(r"[^A-Za-z0-9]+")
_SURE = ("postcode", "postalcode", "pcds", "pcd", "pcd7", "pcd8")
_PLACES = frozenset(
    {
        *("code", "areacode", "area", "place", "where", "lsoa", "lsoa21cd", "lsoacode", "lsoa11cd"),
        *("smallarea", "msoa", "msoa21cd", "msoacode", "ward", "wardcode", "geography"),
        *("geographycode", "practice", "practicecode", "gppractice", "gpcode", "orgcode"),
        *("odscode", "organisationcode", "localauthority", "council", "ladcode", "icb", "name"),
        *("icbcode", "site", "siteaddress", "zip", "zipcode", "list"),
    }
)
_COUNTS = frozenset(
    {
        *("count", "counts", "n", "no", "number", "num", "people", "persons", "patients"),
        *("clients", "users", "customers", "members", "participants", "total", "served"),
        *("registrations", "freq", "frequency", "residents", "tenants", "households", "devices"),
        *("learners", "visitors", "visits", "quantity", "qty", "listsize"),
    }
)
_COUNT_START = ("numberof", "noof", "countof", "total", "peopleserved", "numof")
_LATITUDE = frozenset({"lat", "latitude", "y"})
_LONGITUDE = frozenset({"lon", "long", "lng", "longitude", "x"})
_RADIUS = {
    **dict.fromkeys(("radius", "radiusm", "radiusmetres", "catchment", "catchmentm"), 1.0),
    **dict.fromkeys(("catchmentmetres", "reach", "reachm", "metres", "distancem"), 1.0),
    **dict.fromkeys(("radiuskm", "catchmentkm", "reachkm", "km", "distancekm"), 1_000.0),
    **dict.fromkeys(("radiusmiles", "catchmentmiles", "miles"), 1_609.344),
}
_ABOVE = 20
"""Rows within which the headings must come."""
_LOOK = 500
_MOSTLY = 0.5


@dataclass(frozen=True, slots=True)
class Columns:
    """What the columns of a list are; None for none.

    Attributes:
        place: of postcodes, codes or names.
        headed: whether the first row is a heading.
        count: of people.
        latitude: degrees.
        longitude: degrees.
        radius: of a catchment.
        metres: what a radius of 1 is.
        decimal_comma: whether a comma in a number is more likely a decimal one.
    """

    place: int
    headed: bool
    count: int | None = None
    latitude: int | None = None
    longitude: int | None = None
    radius: int | None = None
    metres: float = 1.0
    decimal_comma: bool = False


def bare(text: str) -> str:
    """Return letters and digits in capitals: ``"ch41 2AB"`` gives ``"CH412AB"``."""
    plain = text.replace(" ", "")
    if plain.isascii() and plain.isalnum():
        return plain.upper()
    return _ODD.sub("", text).upper()


def like_a_place(text: str) -> bool:
    """Return whether a cell has the form of a postcode, an area code or a practice code."""
    return _PLACE.fullmatch(bare(text)) is not None


def _shares(rows: Sequence[Sequence[str]]) -> list[float]:
    """Return, for each column, the share of its cells that look like a place."""
    looked = rows[:_LOOK]
    width = max((len(row) for row in looked), default=0)
    found = []
    for at in range(width):
        cells = [row[at] for row in looked if len(row) > at and row[at].strip()]
        found.append(sum(map(like_a_place, cells)) / len(cells) if cells else 0.0)
    return found


def flat(rows: Sequence[Sequence[str]]) -> bool:
    """Return whether rows are no table but a list that runs on: several places in a line."""
    if len(rows) == 1:
        one = [cell for cell in rows[0] if cell.strip()]
        return len(one) > 2 or (len(one) == 2 and _number(one[1]) is None)
    shares = _shares(rows)
    if len(shares) < 2 or any(_known(cell) for cell in rows[0]):
        return False
    return sum(share > _MOSTLY for share in shares) > 1


def heading_at(rows: Sequence[Sequence[str]]) -> int:
    """Return the row of headings: titles and notes may stand above it; 0 where there are none.

    Args:
        rows: with anything in them.
    """
    for at, row in enumerate(rows[:_ABOVE]):
        if any(map(_known, row)):
            below = rows[at + 1 : at + 1 + _ABOVE]
            return at if any(like_a_place(cell) for one in below for cell in one) else 0
        if any(map(like_a_place, row)):
            break
    return 0


def columns_of(rows: Sequence[Sequence[str]], *, decimal_comma: bool = False) -> Columns:
    """Return what the columns of a list are, by its first row and by what cells look like.

    Args:
        rows: with anything in them, the heading included.
        decimal_comma: whether a comma in a number is more likely a decimal one.
    """
    first = [_ODD.sub("", cell).lower() for cell in rows[0]]
    named = not any(map(like_a_place, rows[0]))
    shares = _shares(rows[1:] if named and len(rows) > 1 else rows)
    place = _place(first if named else [], shares)
    headed = named and (
        any(map(_known, rows[0]))
        or (shares[place] > _MOSTLY if place < len(shares) and len(rows) > 1 else False)
    )
    if not headed:
        return Columns(
            place=place,
            headed=False,
            count=_numbers(rows, place),
            decimal_comma=decimal_comma,
        )
    radius = next((at for at, one in enumerate(first) if one in _RADIUS), None)
    return Columns(
        place=place,
        headed=True,
        count=_count(first, rows, place),
        latitude=next((at for at, one in enumerate(first) if one in _LATITUDE), None),
        longitude=next((at for at, one in enumerate(first) if one in _LONGITUDE), None),
        radius=radius,
        metres=1.0 if radius is None else _RADIUS[first[radius]],
        decimal_comma=decimal_comma,
    )


def _known(cell: str) -> bool:
    word = _ODD.sub("", cell).lower()
    known = word in _PLACES or word in _COUNTS or word in _RADIUS or _says_postcode(word)
    return known or word in _LATITUDE or word in _LONGITUDE or word.startswith(_COUNT_START)


def _says_postcode(word: str) -> bool:
    return word in _SURE or "postcode" in word or "postalcode" in word


def _place(first: Sequence[str], shares: Sequence[float]) -> int:
    """Return the column of places: by its heading and by what is in it, the first of the best."""
    best, best_score = 0, -1.0
    for at in range(max(len(first), len(shares))):
        score = shares[at] if at < len(shares) else 0.0
        if at < len(first):
            score += 1.0 if _says_postcode(first[at]) else 0.4 if first[at] in _PLACES else 0.0
        if score > best_score + 1e-9:
            best, best_score = at, score
    return best


def _count(first: Sequence[str], rows: Sequence[Sequence[str]], place: int) -> int | None:
    exact = [at for at, one in enumerate(first) if one in _COUNTS and at != place]
    near = [at for at, one in enumerate(first) if one.startswith(_COUNT_START) and at != place]
    for at in (*exact, *near):
        cells = [row[at] for row in rows[1:_LOOK] if len(row) > at and row[at].strip()]
        if not cells or any(_meant_as_number(cell) for cell in cells):
            return at
    return None


def _meant_as_number(cell: str) -> bool:
    """Return whether a cell is a number or was meant as one, such as ``-5``, ``45%`` or ``NaN``.

    A column of these alone is still a column of counts: read as none, each row would count as one
    person, and nobody would be told why.
    """
    return _number(cell) is not None or _MEANT.fullmatch(cell.strip()) is not None


def _numbers(rows: Sequence[Sequence[str]], place: int) -> int | None:
    """Return the only other column of a list without headings, where it holds whole numbers."""
    if any(len([cell for cell in row if cell.strip()]) > 2 for row in rows[:_LOOK]):
        return None
    others = {
        at for row in rows[:_LOOK] for at, cell in enumerate(row) if at != place and cell.strip()
    }
    if len(others) != 1:
        return None
    at = others.pop()
    cells = [row[at] for row in rows[:_LOOK] if len(row) > at and row[at].strip()]
    return at if all(_number(cell) is not None for cell in cells) else None


_LONGEST = 40
"""Characters of a number; longer ones are none that counts people."""
_PLAIN = re.compile(r"[0-9]+(?:\.[0-9]+)?")
_THOUSANDS = re.compile(r"[0-9]{1,3}(?:[, ’'][0-9]{3})+(?:\.[0-9]+)?")
_MEANT = re.compile(
    r"[-+−~<>≤≥£]*\s*[0-9][0-9.,\s]*(?:e[-+]?[0-9]+)?\s*%?|[-+]?inf(?:inity)?|nan|\*+",
    re.IGNORECASE,
)
_CONTINENTAL = re.compile(r"[0-9]{1,3}(?:\.[0-9]{3})+,[0-9]+|[0-9]+,[0-9]+")


def _number(text: str) -> float | None:
    return read_number(text, decimal_comma=True)


def read_number(text: str, *, decimal_comma: bool = False) -> float | None:
    """Return a number of 0 or more as people write it; None for none.

    ``1,200`` and ``1 200`` are twelve hundred; ``3,5`` is three and a half. With a decimal comma,
    as in files cut by semicolons, ``1.200,5`` is twelve hundred and a half.
    """
    told = text.strip()
    if len(told) > _LONGEST:
        return None
    if told.isascii() and told.isdigit():
        return float(told)
    told = told.replace("\xa0", " ").removeprefix("+")
    if _PLAIN.fullmatch(told):
        return float(told)
    if _THOUSANDS.fullmatch(told):
        return float(re.sub(r"[, ’']", "", told))
    if decimal_comma and _CONTINENTAL.fullmatch(told):
        return float(told.replace(".", "").replace(",", "."))
    if re.fullmatch(r"[0-9]+,[0-9]{1,2}", told):
        return float(told.replace(",", "."))
    return None
