"""Small pictures of where places are, over the outlines of small areas, as SVG."""

import math
from collections.abc import Sequence
from typing import Final

import numpy as np

from api.service import Service
from exclusion_map.directory.listing import Listing
from exclusion_map.maps.area_map import Dot, dotted
from exclusion_map.maps.palette import SUPPORT_COLOURS
from exclusion_map.maps.raster_colour import Scheme
from exclusion_map.maps.static_map import Bounds, Frame, lay_out
from exclusion_map.terms import AreaKind

WIDTH: Final = 480
HEIGHT: Final = 320
AROUND_M: Final = 900.0
"""From a place to the sides of its picture."""
LAND: Final = "#e6e1ee"
METRES_A_DEGREE: Final = 111_320.0
_CREDIT: Final = (
    "Contains OS data and National Statistics data, Crown copyright and database right."
)


def place_svg(service: Service, listing: Listing) -> str | None:
    """Return a map around a place; None where it is not on the map."""
    if listing.longitude is None or listing.latitude is None:
        return None
    at = (listing.longitude, listing.latitude)
    frame = frame_of(around(at, at, AROUND_M))
    dot = Dot(*at, SUPPORT_COLOURS[listing.kind], 9.0)
    alt = f"Map with {listing.name} in its middle, {2 * AROUND_M / 1000:.1f} km across."
    return land_svg(service, frame, [dot], alt)


def frame_of(bounds: Bounds) -> Frame:
    """Return where a picture shows what lies within bounds, in degrees."""
    return lay_out(bounds, WIDTH, HEIGHT, title="", legend=None, credit=_CREDIT)


def land_svg(service: Service, frame: Frame, dots: Sequence[Dot], alt: str) -> str:
    """Return small areas in the colour of paper with dots on them."""
    from exclusion_map.maps.static_map_svg import areas_in, map_svg  # Not needed to start.

    edition = service.edition
    rows, outlines = areas_in(edition.folder, AreaKind.SMALL_AREA, frame)
    everywhere = np.ones(len(edition.atlas.level(AreaKind.SMALL_AREA)) + 1, dtype=np.uint8)
    marked, scheme = dotted(frame, dots), Scheme((LAND,))
    return map_svg(marked, rows, outlines, everywhere, scheme, title="", alt=alt)


def around(one: tuple[float, float], other: tuple[float, float], least: float) -> Bounds:
    """Return west, south, east and north of a box around two points, in degrees.

    Args:
        one: longitude and latitude.
        other: longitude and latitude.
        least: metres from the middle to the sides, at least.
    """
    wide = METRES_A_DEGREE * max(math.cos(math.radians(one[1])), 0.1)
    across = max(abs(one[0] - other[0]) * wide, least) / wide
    along = max(abs(one[1] - other[1]) * METRES_A_DEGREE, least / 2) / METRES_A_DEGREE
    middle = ((one[0] + other[0]) / 2, (one[1] + other[1]) / 2)
    return (middle[0] - across, middle[1] - along, middle[0] + across, middle[1] + along)
