"""Put places on the map: by postcode, or by their own coordinates where the postcode agrees."""

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from exclusion_map.errors import InvalidRequestError
from exclusion_map.geography.placing import locate
from exclusion_map.geography.postcode_index import WIDTH
from exclusion_map.geography.postcodes import PostcodePlace, Postcodes, normalise
from exclusion_map.support.distance import metres_between
from exclusion_map.support.record import RawPlace
from exclusion_map.support.report import MALFORMED, NO_LOCATION, NO_POSTCODE, UNKNOWN

AGREE_M = 1000.0
"""Coordinates are accepted within this distance (metres) of the place's postcode."""

_DIGITS = {"I": "1", "O": "0"}

PlacedBy = Literal["postcode", "coordinates"]


@dataclass(frozen=True, slots=True)
class Position:
    """Where a place is: ``area`` is a row of the small areas, -1 outside the map."""

    latitude: float
    longitude: float
    area: int
    placed_by: PlacedBy
    postcode: str
    live: bool = True
    mended: bool = False
    near_coast: bool = False
    apart_m: float | None = None


@dataclass(frozen=True, slots=True)
class Unplaced:
    """Why a place has no position: a reason from ``report``, and the postcode as given."""

    reason: str
    postcode: str


def positions(
    places: Sequence[RawPlace], postcodes: Postcodes, polygons: npt.NDArray[np.object_]
) -> list[Position | Unplaced]:
    """Return a position, or why there is none, for each place, in order.

    A place without coordinates, or with coordinates more than ``AGREE_M`` from its postcode, gets
    the location of its postcode, live or terminated. Otherwise its more precise coordinates are
    kept.
    """
    found = [_look_up(place.postcode, postcodes) for place in places]
    given = np.array(
        [_coordinates(place) or (np.nan, np.nan) for place in places], dtype=float
    ).reshape(-1, 2)
    inside = locate(given[:, 0], given[:, 1], polygons)
    return [
        _position(place, postcode, int(area), near_coast=bool(near))
        for place, postcode, area, near in zip(
            places, found, inside.area, inside.nearest, strict=True
        )
    ]


def _look_up(text: str, postcodes: Postcodes) -> PostcodePlace | Unplaced:
    if not text.strip():
        return Unplaced(NO_POSTCODE, "")
    try:
        found = postcodes.find(text)
    except InvalidRequestError:
        return _mended(text, postcodes) or Unplaced(MALFORMED, text.strip())
    return found if found is not None else Unplaced(UNKNOWN, text.strip())


def _mended(text: str, postcodes: Postcodes) -> PostcodePlace | None:
    """Return the postcode meant if I was typed for 1 or O for 0, provided it is unambiguous."""
    bare = _bare(text)
    if len(bare) > WIDTH:
        return None
    choices = [
        (c, _DIGITS[c]) if c in _DIGITS and 0 < i < len(bare) - 2 else (c,)
        for i, c in enumerate(bare)
    ]
    found = set()
    for letters in itertools.product(*choices):
        try:
            found.add(postcodes.find("".join(letters)))
        except InvalidRequestError:
            continue
    found.discard(None)
    return found.pop() if len(found) == 1 else None


def _position(
    place: RawPlace, postcode: PostcodePlace | Unplaced, area: int, *, near_coast: bool
) -> Position | Unplaced:
    """Return the position of a place whose own coordinates, if any, lie in ``area``."""
    own = _coordinates(place)
    if isinstance(postcode, Unplaced):
        if own is None:
            return postcode
        written = _written(postcode.postcode)
        return Position(own[1], own[0], area, "coordinates", written, near_coast=near_coast)
    if postcode.latitude is None or postcode.longitude is None:
        return Unplaced(NO_LOCATION, postcode.pretty)
    known = {"live": postcode.live, "mended": _bare(place.postcode) != postcode.postcode}
    there = (postcode.longitude, postcode.latitude)
    apart = metres_between(*own, *there) if own is not None else math.nan
    if own is not None and apart <= AGREE_M and area >= 0:
        return Position(
            own[1], own[0], area, "coordinates", postcode.pretty, near_coast=near_coast, **known
        )
    far = apart if apart > AGREE_M else None
    return Position(
        there[1], there[0], postcode.area, "postcode", postcode.pretty, apart_m=far, **known
    )


def _coordinates(place: RawPlace) -> tuple[float, float] | None:
    """Return (longitude, latitude) as the source gives them."""
    if place.latitude is None or place.longitude is None:
        return None
    return place.longitude, place.latitude


def _bare(text: str) -> str:
    return "".join(c for c in text.upper() if c.isalnum())


def _written(text: str) -> str:
    """Return an unknown postcode in standard form, if its format is valid."""
    try:
        bare = normalise(text)
    except InvalidRequestError:
        return text.upper()
    return f"{bare[:-3]} {bare[-3:]}"
