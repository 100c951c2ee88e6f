"""Who lives within reach of sites: the share of each small area's postcodes inside a circle."""

import numpy as np
import numpy.typing as npt

from exclusion_map.areas.atlas import Floats, Level
from exclusion_map.areas.drawn import Addresses, Degrees

METRES_A_DEGREE = 111_195.0
FARTHEST = 100_000.0
"""Metres of a radius; beyond it no catchment makes sense."""


class Around:
    """Points where people live, sorted by latitude, so that those around a site are a slice."""

    def __init__(self, level: Level, addresses: Addresses | None) -> None:
        """Take postcodes in use; areas without one stand at a point inside them."""
        count = len(level)
        held = np.zeros(count, dtype=np.int64)
        longitude: Degrees = np.empty(0)
        latitude: Degrees = np.empty(0)
        area = np.empty(0, dtype=np.int64)
        if addresses is not None:
            good = (addresses.area >= 0) & np.isfinite(addresses.latitude)
            area = addresses.area[good].astype(np.int64)
            longitude, latitude = addresses.longitude[good], addresses.latitude[good]
            held = np.bincount(area, minlength=count)
        without = np.flatnonzero(held == 0)
        latitude = np.concatenate([latitude, level.latitude[without]])
        order = np.argsort(latitude, kind="stable")
        self._latitude = latitude[order].astype(np.float64)
        self._longitude = np.concatenate([longitude, level.longitude[without]])[order]
        self._area = np.concatenate([area, without])[order]
        self._points = np.maximum(held, 1)

    def inside(self, longitude: float, latitude: float, metres: float) -> npt.NDArray[np.int64]:
        """Return the points within a straight line of a site.

        On a plane that touches the place: over tens of kilometres that is right to some metres.
        """
        band = metres / METRES_A_DEGREE
        first, last = np.searchsorted(self._latitude, [latitude - band, latitude + band])
        north = (self._latitude[first:last] - latitude) * METRES_A_DEGREE
        east = (self._longitude[first:last] - longitude) * METRES_A_DEGREE
        away = np.hypot(north, east * np.cos(np.radians(latitude)))
        found: npt.NDArray[np.int64] = np.flatnonzero(away <= metres) + int(first)
        return found

    def share(self, points: npt.NDArray[np.int64]) -> Floats:
        """Return the share (n,) of each small area's points among some, each once."""
        found = np.bincount(self._area[points], minlength=len(self._points))
        share: Floats = found / self._points
        return share
