"""The grid of Web Mercator tiles."""

import math

EXTENT = 4096
"""Units of a tile's own grid."""

Place = tuple[int, int, int]
"""Zoom, column and row of a tile."""


def tile_at(longitude: float, latitude: float, zoom: int) -> tuple[Place, tuple[float, float]]:
    """Return the tile a point lies in, and where in it: units of its grid, y down.

    Source: OGC Two Dimensional Tile Matrix Set, WebMercatorQuad.
    """
    x = (longitude / 360 + 0.5) * 2**zoom
    y = (0.5 - math.asinh(math.tan(math.radians(latitude))) / (2 * math.pi)) * 2**zoom
    return (zoom, int(x), int(y)), ((x % 1) * EXTENT, (y % 1) * EXTENT)
