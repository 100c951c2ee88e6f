"""Put listings on the map by their coordinates or their postcode, and say where that fails."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from exclusion_map.directory.importing.problems import Problem
from exclusion_map.directory.listing import Listing
from exclusion_map.errors import InvalidRequestError
from exclusion_map.geography.postcode_index import PostcodeIndex, PostcodePlace, normalise, pretty
from exclusion_map.support.distance import metres_between

FAR_M = 2_000.0
"""Coordinates further than this from their postcode are not believed: the postcode is."""
SOUTH, NORTH, WEST, EAST = 49.8, 60.95, -8.75, 1.85
"""A box around the United Kingdom, in degrees."""

Floats = npt.NDArray[np.float64]
AreasAt = Callable[[Floats, Floats], npt.NDArray[np.int32]]


@dataclass(frozen=True, eq=False)
class Geocoder:
    """What places are put on the map with; ``editions.geocoding.geocoder_of`` makes it.

    Attributes:
        postcodes: of an edition; None where it has none, and then only coordinates help.
        codes: of the small areas, in the order of their rows.
        areas_at: gives the row of the small area at each longitude and latitude (n,), -1 for none.
    """

    postcodes: PostcodeIndex | None
    codes: Sequence[str]
    areas_at: AreasAt

    def code(self, area: int) -> str | None:
        """Return the code of a small area by its row; None outside the map."""
        return str(self.codes[area]) if area >= 0 else None


@dataclass(frozen=True, slots=True)
class Where:
    """What a row says of where its place is, and the columns that say so, for messages."""

    row: int
    name: str
    postcode: str
    latitude: float | None = None
    longitude: float | None = None
    postcode_column: str = "postcode"
    latitude_column: str = "latitude"


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a place is, and what was wrong with what its row says of it."""

    postcode: str = ""
    latitude: float | None = None
    longitude: float | None = None
    area_code: str | None = None
    by: str = ""
    warnings: tuple[Problem, ...] = ()
    not_placed: Problem | None = None

    def put(self, listing: Listing) -> Listing:
        """Return a listing at this spot."""
        return listing.model_copy(
            update={
                "postcode": self.postcode,
                "latitude": self.latitude,
                "longitude": self.longitude,
                "area_code": self.area_code,
                "placed_by": self.by,
            }
        )


@dataclass
class _Own:
    """Coordinates of a row once they are checked."""

    at: tuple[float, float] | None = None
    problems: list[Problem] = field(default_factory=list)


def place(asked: Sequence[Where], geocoder: Geocoder) -> list[Spot]:
    """Return where each place is, in order.

    Coordinates hold where they lie in the United Kingdom and within ``FAR_M`` of the postcode;
    otherwise the postcode does, live or no longer in use.
    """
    own = [_own(where) for where in asked]
    spots = [_spot(where, mine, geocoder) for where, mine in zip(asked, own, strict=True)]
    rows = [at for at, spot in enumerate(spots) if spot.by == "coordinates"]
    longitude = np.array([spots[at].longitude for at in rows], dtype=np.float64)
    latitude = np.array([spots[at].latitude for at in rows], dtype=np.float64)
    areas = geocoder.areas_at(longitude, latitude) if rows else np.empty(0, dtype=np.int32)
    for at, area in zip(rows, areas, strict=True):
        spots[at] = replace(spots[at], area_code=geocoder.code(int(area)))
    return [
        _told_outside(where, spot) if spot.by and spot.area_code is None else spot
        for where, spot in zip(asked, spots, strict=True)
    ]


def _own(where: Where) -> _Own:
    if where.latitude is None or where.longitude is None:
        return _Own()
    latitude, longitude = where.latitude, where.longitude
    if _in_uk(latitude, longitude):
        return _Own((latitude, longitude))
    found = f"latitude {latitude:g}, longitude {longitude:g}"
    if _in_uk(longitude, latitude):
        told = _problem(
            where,
            where.latitude_column,
            found,
            "latitude near 54 and longitude near -2",
            "They stand the wrong way round and were exchanged.",
        )
        return _Own((longitude, latitude), [told])
    if _in_uk(latitude, -longitude):
        # West of Greenwich is below zero; a lost minus sign would put Wales into the North Sea.
        mend = "Not used. A longitude west of Greenwich needs its minus sign."
    else:
        mend = "Not used."
    expected = "a point in the United Kingdom"
    return _Own(None, [_problem(where, where.latitude_column, found, expected, mend)])


def _in_uk(latitude: float, longitude: float) -> bool:
    return SOUTH <= latitude <= NORTH and WEST <= longitude <= EAST


def _spot(where: Where, own: _Own, geocoder: Geocoder) -> Spot:
    postcode, problem = _look_up(where, geocoder)
    warnings = [*own.problems]
    written = postcode.pretty if postcode is not None else _written(where.postcode)
    at = _position(postcode)
    if own.at is not None and (at is None or _apart(own.at, at) <= FAR_M):
        return Spot(
            postcode=written,
            latitude=own.at[0],
            longitude=own.at[1],
            by="coordinates",
            warnings=(*warnings, *([problem] if problem else ())),
        )
    if at is None or postcode is None:
        return Spot(
            postcode=written, warnings=tuple(warnings), not_placed=problem or _nowhere(where)
        )
    if own.at is not None:
        warnings.append(_told_apart(where, own.at, at, written))
    if problem is not None:
        warnings.append(problem)
    return Spot(
        postcode=written,
        latitude=at[0],
        longitude=at[1],
        area_code=geocoder.code(postcode.area),
        by="postcode",
        warnings=tuple(warnings),
    )


def _look_up(where: Where, geocoder: Geocoder) -> tuple[PostcodePlace | None, Problem | None]:
    """Return where the postcode is, and what is wrong with it."""
    text = where.postcode
    if not text or geocoder.postcodes is None:
        return None, None
    column = where.postcode_column
    try:
        found = geocoder.postcodes.find(text)
    except InvalidRequestError:
        expected, mend = "a full UK postcode, such as CH41 2AB", "Check its letters and numbers."
        return None, _problem(where, column, repr(text[:20]), expected, mend)
    if found is None:
        expected, mend = "a postcode that exists", "No list knows it: check it."
        return None, _problem(where, column, repr(text[:20]), expected, mend)
    if found.latitude is None:
        expected = "a postcode that is on the map"
        return found, _problem(where, column, repr(text[:20]), expected, "It has no known place.")
    if not found.live:
        expected, mend = "a postcode in use", "It was ended: the place stands where it was. Check."
        return found, _problem(where, column, repr(text[:20]), expected, mend)
    return found, None


def _position(postcode: PostcodePlace | None) -> tuple[float, float] | None:
    if postcode is None or postcode.latitude is None or postcode.longitude is None:
        return None
    return postcode.latitude, postcode.longitude


def _apart(one: tuple[float, float], other: tuple[float, float]) -> float:
    return metres_between(one[1], one[0], other[1], other[0])


def _told_apart(
    where: Where, own: tuple[float, float], at: tuple[float, float], postcode: str
) -> Problem:
    kilometres = _apart(own, at) / 1000
    return _problem(
        where,
        where.latitude_column,
        f"coordinates {kilometres:.1f} km from postcode {postcode}",
        f"both within {FAR_M / 1000:g} km",
        "The place stands at its postcode. Check both.",
    )


def _told_outside(where: Where, spot: Spot) -> Spot:
    told = _problem(
        where,
        where.postcode_column if spot.by == "postcode" else where.latitude_column,
        "a point outside the areas of this edition",
        "a point inside one",
        "It is listed and on the map, but counts for no area.",
    )
    return replace(spot, warnings=(*spot.warnings, told))


def _nowhere(where: Where) -> Problem:
    given = f"postcode {where.postcode!r}" if where.postcode else "no postcode"
    found = f"{given} and no coordinates that can be used"
    mend = "It is listed, but not on the map. Add one and import again."
    return _problem(where, where.postcode_column, found, "one of them", mend)


def _problem(where: Where, column: str, found: str, expected: str, mend: str) -> Problem:
    return Problem(where.row, column, found, expected, mend, where.name)


def _written(text: str) -> str:
    """Return a postcode that is in no list as it should be written, if it has the form of one."""
    try:
        return pretty(normalise(text))
    except InvalidRequestError:
        return text.upper()[:20]


def degrees(easting: float, northing: float) -> tuple[float, float] | None:
    """Return latitude and longitude of a point on the British National Grid; None off the grid."""
    if not (0 < easting < 700_000 and 0 < northing < 1_300_000):
        return None
    from exclusion_map.directory.importing.grid import to_degrees

    latitude, longitude = to_degrees(easting, northing)
    known = math.isfinite(latitude) and math.isfinite(longitude)
    return (round(latitude, 6), round(longitude, 6)) if known else None
