"""The tile grid: Web Mercator in integer units with y downwards, as in vector tiles.

At each zoom the world is ``2**zoom`` tiles wide and each tile is ``EXTENT`` units wide. Lengths and
positions below are in these units unless stated in metres.
"""

import numpy as np
import numpy.typing as npt

Geometries = npt.NDArray[np.object_]
Floats = npt.NDArray[np.float64]

WORLD_M = 2 * np.pi * 6_378_137.0
"""Width of the Web Mercator square, in metres at the equator."""
WEB_MERCATOR = 3857
PIXELS = 512
"""Width of a tile on a screen, in CSS pixels, as MapLibre draws it."""
EXTENT = 4096
"""Width of a tile in grid units."""
BUFFER = 64
"""Margin around a tile, in units, so that lines along its edge are drawn completely."""


def to_units(geometries: Geometries, zoom: int) -> Geometries:
    """Return geometries in units of a zoom's grid.

    Args:
        geometries: shape (n,), in Web Mercator metres.
        zoom: Web Mercator zoom.
    """
    import shapely  # Imported here: not needed for the grid itself.

    scale = EXTENT * 2**zoom / WORLD_M
    middle = EXTENT * 2**zoom / 2
    return np.asarray(
        shapely.transform(geometries, lambda xy: xy * [scale, -scale] + [middle, middle])
    )


def half_pixel_m(zoom: int) -> float:
    """Return half the width of a pixel at a zoom, in Web Mercator metres."""
    return float(WORLD_M / 2**zoom / PIXELS / 2)
