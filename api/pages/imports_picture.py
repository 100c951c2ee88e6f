"""A picture of where two places are, with the outlines of small areas around them, as SVG."""

import math
from typing import Final

import numpy as np

from api.pages.target_picture import Dot, with_dots
from api.service import Service
from exclusion_map.directory.duplicates import distance_words
from exclusion_map.directory.reviews import Review
from exclusion_map.maps.palette import SUPPORT_COLOURS
from exclusion_map.maps.raster_colour import Scheme
from exclusion_map.maps.static_map import Frame, lay_out
from exclusion_map.terms import AreaKind

WIDTH: Final = 480
HEIGHT: Final = 320
LEAST_M: Final = 250.0
"""From the middle of the picture to its sides, at least."""
LAND: Final = "#e6e1ee"
_METRES_A_DEGREE: Final = 111_320.0
_RADIUS: Final = 12.0


def pair_svg(service: Service, review: Review) -> str | None:
    """Return a map around both places; None where one of them is not on the map."""
    a, b = review.a.listing, review.b.listing
    if a.longitude is None or a.latitude is None or b.longitude is None or b.latitude is None:
        return None
    from exclusion_map.maps.static_map_svg import areas_in, map_svg  # Not needed to start.

    edition = service.edition
    bounds = _around((a.longitude, a.latitude), (b.longitude, b.latitude))
    credit = "Contains OS data and National Statistics data, Crown copyright and database right."
    frame = lay_out(bounds, WIDTH, HEIGHT, title="", legend=None, credit=credit)
    rows, outlines = areas_in(edition.folder, AreaKind.SMALL_AREA, frame)
    everywhere = np.ones(len(edition.atlas.level(AreaKind.SMALL_AREA)) + 1, dtype=np.uint8)
    away = distance_words(review.distance_m or 0.0)
    alt = f"Map with {a.name} (A) and {b.name} (B), {away}."
    drawn = map_svg(frame, rows, outlines, everywhere, Scheme((LAND,)), title="", alt=alt)
    return with_dots(drawn, frame, _dots(review, frame))


def _dots(review: Review, frame: Frame) -> list[Dot]:
    a, b = review.a.listing, review.b.listing
    colours = [SUPPORT_COLOURS[one.kind] for one in (a, b)]
    west, _, east, _ = frame.bounds
    metres = (east - west) * _METRES_A_DEGREE * math.cos(math.radians(a.latitude or 0.0))
    if (review.distance_m or 0.0) / metres * frame.window.width < 2 * _RADIUS:
        # They would hide each other.
        return [Dot(a.longitude or 0.0, a.latitude or 0.0, colours[0], 1.5 * _RADIUS, "A, B")]
    return [
        Dot(one.longitude or 0.0, one.latitude or 0.0, colour, _RADIUS, letter)
        for one, colour, letter in zip((a, b), colours, "AB", strict=True)
    ]


def _around(
    one: tuple[float, float], other: tuple[float, float]
) -> tuple[float, float, float, float]:
    """Return west, south, east and north of a box around two points, in degrees."""
    wide = _METRES_A_DEGREE * max(math.cos(math.radians(one[1])), 0.1)
    across = max(abs(one[0] - other[0]) * wide, LEAST_M) / wide
    along = max(abs(one[1] - other[1]) * _METRES_A_DEGREE, LEAST_M / 2) / _METRES_A_DEGREE
    middle = ((one[0] + other[0]) / 2, (one[1] + other[1]) / 2)
    return (middle[0] - across, middle[1] - along, middle[0] + across, middle[1] + along)
