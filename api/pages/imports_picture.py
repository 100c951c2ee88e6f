"""A picture of where two places are that may be one."""

import math
from typing import Final

from api.pages.place_picture import METRES_A_DEGREE, around, frame_of, land_svg
from api.service import Service
from exclusion_map.directory.duplicates import distance_words
from exclusion_map.directory.reviews import Review
from exclusion_map.maps.area_map import Dot
from exclusion_map.maps.palette import SUPPORT_COLOURS
from exclusion_map.maps.static_map import Frame

LEAST_M: Final = 250.0
"""From the middle of the picture to its sides, at least."""
_RADIUS: Final = 12.0


def pair_svg(service: Service, review: Review) -> str | None:
    """Return a map around both places; None where one of them is not on the map."""
    a, b = review.a.listing, review.b.listing
    if a.longitude is None or a.latitude is None or b.longitude is None or b.latitude is None:
        return None
    frame = frame_of(around((a.longitude, a.latitude), (b.longitude, b.latitude), LEAST_M))
    away = distance_words(review.distance_m or 0.0)
    alt = f"Map with {a.name} (A) and {b.name} (B), {away}."
    return land_svg(service, frame, _dots(review, frame), alt)


def _dots(review: Review, frame: Frame) -> list[Dot]:
    a, b = review.a.listing, review.b.listing
    colours = [SUPPORT_COLOURS[one.kind] for one in (a, b)]
    west, _, east, _ = frame.bounds
    metres = (east - west) * METRES_A_DEGREE * math.cos(math.radians(a.latitude or 0.0))
    if (review.distance_m or 0.0) / metres * frame.window.width < 2 * _RADIUS:
        # They would hide each other.
        return [Dot(a.longitude or 0.0, a.latitude or 0.0, colours[0], 1.5 * _RADIUS, "A, B")]
    return [
        Dot(one.longitude or 0.0, one.latitude or 0.0, colour, _RADIUS, letter)
        for one, colour, letter in zip((a, b), colours, "AB", strict=True)
    ]
