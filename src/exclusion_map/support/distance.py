"""Straight-line distances in metres. Say so wherever they are shown: real routes are longer."""

import numpy as np
import numpy.typing as npt

EARTH_M = 6_371_008.8
"""Mean radius of the Earth (IUGG), in metres."""

Floats = npt.NDArray[np.float64]


def unit_vectors(longitude: Floats, latitude: Floats) -> Floats:
    """Return points on the unit sphere (n, 3) for degrees (n,)."""
    x, y = np.radians(longitude), np.radians(latitude)
    return np.stack([np.cos(y) * np.cos(x), np.cos(y) * np.sin(x), np.sin(y)], axis=-1)


def metres(a: Floats, b: Floats) -> Floats:
    """Return great-circle metres between unit vectors (..., 3), accurate also for nearby points.

    The haversine formula in terms of chords: 2 R asin(chord / 2).
    """
    gap = a - b
    chord = np.sqrt(np.einsum("...i,...i->...", gap, gap))
    arc: Floats = 2 * EARTH_M * np.arcsin(np.minimum(chord / 2, 1.0))
    return arc


def metres_between(
    longitude: float, latitude: float, other_longitude: float, other_latitude: float
) -> float:
    """Return great-circle metres between two points in degrees."""
    ends = unit_vectors(
        np.array([longitude, other_longitude]), np.array([latitude, other_latitude])
    )
    return float(metres(ends[0], ends[1]))
