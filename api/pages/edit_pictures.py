"""A small picture of where a place is, beside its form."""

import math
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from exclusion_map.directory.listing import Listing

WIDTH: Final = 360
HEIGHT: Final = 260
REACH_M: Final = 900.0
"""From the middle of the picture to its sides."""
_METRES_A_DEGREE: Final = 111_320.0


@dataclass(frozen=True, slots=True)
class Picture:
    """Address and words of a picture; the place is in its middle."""

    src: str
    alt: str


def picture_of(listing: Listing) -> Picture | None:
    """Return the picture of where a place is; None where it is not on the map."""
    if listing.latitude is None or listing.longitude is None:
        return None
    east = REACH_M / _METRES_A_DEGREE / max(math.cos(math.radians(listing.latitude)), 0.1)
    north = REACH_M / _METRES_A_DEGREE * HEIGHT / WIDTH
    west, south = listing.longitude - east, listing.latitude - north
    bounds = (west, south, listing.longitude + east, listing.latitude + north)
    asked = {
        "bbox": ",".join(f"{edge:.5f}" for edge in bounds),
        "width": WIDTH,
        "height": HEIGHT,
        "legend": "false",
        "title": "",
    }
    kilometres = 2 * REACH_M / 1000
    alt = f"Map of about {kilometres:.0f} km around {listing.name}, which is in its middle."
    return Picture(f"/api/v1/static-map.png?{urlencode(asked, safe=',')}", alt)
