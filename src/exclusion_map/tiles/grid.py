"""The grid of tiles: Web Mercator as whole numbers, y down, as vector tiles hold it.

At a zoom the world is ``2**zoom`` tiles wide and each tile ``EXTENT`` units. Lengths and positions
below are in those units unless they say metres.
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
"""Width of a tile in the whole numbers it is stored in."""
BUFFER = 64
"""Units around a tile that its outlines go on for, so that lines drawn at its edge are whole."""


def to_units(geometries: Geometries, zoom: int) -> Geometries:
    """Return geometries in units of a zoom's grid.

    Args:
        geometries: shape (n,), in Web Mercator metres.
        zoom: Web Mercator zoom.
    """
    import shapely  # Who only needs the grid need not load it.

    scale = EXTENT * 2**zoom / WORLD_M
    middle = EXTENT * 2**zoom / 2
    return np.asarray(
        shapely.transform(geometries, lambda xy: xy * [scale, -scale] + [middle, middle])
    )


def half_pixel_m(zoom: int) -> float:
    """Return half the width of a pixel at a zoom, in Web Mercator metres."""
    return float(WORLD_M / 2**zoom / PIXELS / 2)
