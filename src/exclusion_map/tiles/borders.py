"""Find borders that are not shared by two areas, from their vertices only.

Between adjacent points, the number of areas that cover the ground changes only across an edge that
is not shared, in opposite directions, by exactly two areas. So if every outline is valid, any
overlap is bounded by such edges, and only these need checking: along coasts, and where rounding has
split a shared border into two.
"""

import numpy as np
import numpy.typing as npt
import shapely

from exclusion_map.tiles.grid import Floats, Geometries

Flags = npt.NDArray[np.bool_]
_MIX = np.uint64(0x9E3779B97F4A7C15)
"""An odd hashing constant: products with it spread over all 64 bits."""


def by_unshared_borders(outlines: Geometries) -> npt.NDArray[np.intp]:
    """Return the positions of polygons near edges that are not shared by exactly two areas.

    Args:
        outlines: shape (n,), polygons with integer coordinates from -2**31 to 2**31.
    """
    start, end = _edges(shapely.orient_polygons(outlines))
    alone = ~_shared(start, end)
    low, high = np.minimum(start[alone], end[alone]), np.maximum(start[alone], end[alone])
    boxes = shapely.box(*low.T, *high.T)
    return np.unique(shapely.STRtree(outlines).query(boxes)[1])


def _edges(outlines: Geometries) -> tuple[Floats, Floats]:
    """Return the start and end of all ring edges, each of shape (m, 2), without null edges."""
    _, corners, (rings, *_) = shapely.to_ragged_array(outlines)
    there = (corners[1:] != corners[:-1]).any(axis=1)
    there[rings[1:-1] - 1] = False  # from the end of a ring to the start of the next
    return corners[:-1][there], corners[1:][there]


def _shared(start: Floats, end: Floats) -> Flags:
    """Return a mask (m,) of edges with exactly one counterpart in the opposite direction."""
    one, other = _numbers(start), _numbers(end)
    low, high, turned = np.minimum(one, other), np.maximum(one, other), one > other
    order = np.argsort(low * _MIX ^ high)
    low, high, turned = low[order], high[order], turned[order]
    same = (low[1:] == low[:-1]) & (high[1:] == high[:-1])
    # In sorted order: equal neighbours of opposite direction, and no third equal on either side.
    alone = ~np.concatenate([[False], same[:-1]]) & ~np.concatenate([same[1:], [False]])
    pair = same & alone & (turned[1:] != turned[:-1])
    shared = np.zeros(len(order), dtype=bool)
    shared[order[:-1][pair]] = shared[order[1:][pair]] = True
    return shared


def _numbers(corners: Floats) -> npt.NDArray[np.uint64]:
    """Return one integer for each vertex, shape (m,)."""
    x, y = (corners.T.astype(np.int64) & 0xFFFFFFFF).astype(np.uint64)
    return np.asarray(x << np.uint64(32) | y)
