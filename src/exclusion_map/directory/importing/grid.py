"""The British National Grid in degrees."""

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyproj import Transformer


@cache
def _transformer() -> "Transformer":
    from pyproj import Transformer  # Not needed to start.

    return Transformer.from_crs(27700, 4326, always_xy=True)


def to_degrees(easting: float, northing: float) -> tuple[float, float]:
    """Return latitude and longitude (WGS 84) of metres on the grid (EPSG:27700).

    Without the OSTN15 grid on this machine PROJ is right to about two metres.
    """
    longitude, latitude = _transformer().transform(easting, northing)
    return float(latitude), float(longitude)
