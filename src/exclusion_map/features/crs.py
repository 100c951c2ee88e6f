"""Coordinate reference systems of OGC API Features, Part 2, and their order of axes.

Everything is kept in longitude and latitude (CRS84). What goes out and comes in stands in the order
of axes that the authority of the system defines: EPSG:4326 is latitude first, the others are not.
"""

from dataclasses import dataclass
from functools import cache
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from exclusion_map.errors import InvalidRequestError

Coordinates = npt.NDArray[np.float64]
"""Shape (n, 2)."""


@dataclass(frozen=True, slots=True)
class Crs:
    """One reference system.

    Attributes:
        uri: its name in addresses and headers.
        title: what people call it.
        code: of the EPSG register; 0 for CRS84.
        north_first: whether the first coordinate is the northing or latitude.
        decimals: that are written: about a centimetre on the ground.
        short: the names that are understood beside the address.
    """

    uri: str
    title: str
    code: int
    north_first: bool
    decimals: int
    short: tuple[str, ...]


_EPSG: Final = "http://www.opengis.net/def/crs/EPSG/0/"
CRS84: Final = Crs(
    "http://www.opengis.net/def/crs/OGC/1.3/CRS84",
    "Longitude and latitude (WGS 84)",
    0,
    north_first=False,
    decimals=7,
    short=("CRS84", "OGC:CRS84"),
)
WGS84: Final = Crs(
    f"{_EPSG}4326",
    "Latitude and longitude (WGS 84)",
    4326,
    north_first=True,
    decimals=7,
    short=("EPSG:4326", "4326"),
)
NATIONAL_GRID: Final = Crs(
    f"{_EPSG}27700",
    "British National Grid",
    27700,
    north_first=False,
    decimals=2,
    short=("EPSG:27700", "27700"),
)
WEB_MERCATOR: Final = Crs(
    f"{_EPSG}3857",
    "Web Mercator",
    3857,
    north_first=False,
    decimals=2,
    short=("EPSG:3857", "3857"),
)
EVERY: Final = (CRS84, WGS84, NATIONAL_GRID, WEB_MERCATOR)


def find_crs(text: str, parameter: str) -> Crs:
    """Return the system that a parameter names.

    Raises:
        InvalidRequestError: it is none that is served.
    """
    # CRS84h adds a height, which plain features do not have; clients send it all the same.
    wanted = text.strip().replace("CRS84h", "CRS84").replace("https://", "http://", 1)
    for crs in EVERY:
        if wanted == crs.uri or wanted in crs.short:
            return crs
    raise InvalidRequestError(
        parameter, found=repr(text[:100]), expected=f"one of: {', '.join(c.uri for c in EVERY)}"
    )


@cache
def _transformer(source: int, target: int) -> Any:
    from pyproj import Transformer  # Not needed to start.

    return Transformer.from_crs(source or 4326, target or 4326, always_xy=True)


def from_degrees(coordinates: Coordinates, crs: Crs) -> Coordinates:
    """Return longitudes and latitudes (n, 2) in a system, in its order of axes."""
    if crs.code not in (0, 4326):
        x, y = _transformer(0, crs.code).transform(coordinates[:, 0], coordinates[:, 1])
        coordinates = np.column_stack([x, y])
    return coordinates[:, ::-1] if crs.north_first else coordinates


def to_degrees(coordinates: Coordinates, crs: Crs) -> Coordinates:
    """Return coordinates (n, 2) of a system, in its order of axes, as longitude and latitude.

    Raises:
        InvalidRequestError: one of them lies outside the system.
    """
    given = coordinates[:, ::-1] if crs.north_first else coordinates
    if crs.code in (0, 4326):
        usable = (np.abs(given) <= [180, 90]).all(axis=1)
        found = given
    else:
        found = np.column_stack(_transformer(crs.code, 0).transform(given[:, 0], given[:, 1]))
        usable = np.isfinite(found).all(axis=1)
    if not usable.all():
        first = coordinates[int(np.argmin(usable))].tolist()
        raise InvalidRequestError(
            "coordinates",
            found=f"{first[0]:g}, {first[1]:g}",
            expected=f"coordinates of {crs.title}"
            + (", latitude first" if crs.north_first else ", longitude or easting first"),
        )
    return found
