"""Borders that two areas share, told by their corners alone.

Go from a point to one next to it: how many areas cover the ground changes only at an edge that is
not shared, in opposite directions, by exactly two of them. So where every outline is valid, ground
covered twice is bounded by such edges, and it is enough to look there: along coasts, and where
rounding has made one border into two.
"""

import numpy as np
import numpy.typing as npt
import shapely

from exclusion_map.tiles.grid import Floats, Geometries

Flags = npt.NDArray[np.bool_]
_MIX = np.uint64(0x9E3779B97F4A7C15)
"""An odd number without pattern: products with it spread over all 64 bits."""


def by_unshared_borders(outlines: Geometries) -> npt.NDArray[np.intp]:
    """Return the positions of polygons in the boxes of edges that are not shared by two.

    Args:
        outlines: shape (n,), polygons with whole numbers from -2**31 to 2**31 for corners.
    """
    start, end = _edges(shapely.orient_polygons(outlines))
    alone = ~_shared(start, end)
    low, high = np.minimum(start[alone], end[alone]), np.maximum(start[alone], end[alone])
    boxes = shapely.box(*low.T, *high.T)
    return np.unique(shapely.STRtree(outlines).query(boxes)[1])


def _edges(outlines: Geometries) -> tuple[Floats, Floats]:
    """Return where the edges of all rings start and end, each of shape (m, 2); none is a point."""
    _, corners, (rings, *_) = shapely.to_ragged_array(outlines)
    there = (corners[1:] != corners[:-1]).any(axis=1)
    there[rings[1:-1] - 1] = False  # from the end of a ring to the start of the next
    return corners[:-1][there], corners[1:][there]


def _shared(start: Floats, end: Floats) -> Flags:
    """Return which edges (m,) have exactly one other between their corners, the other way round."""
    one, other = _numbers(start), _numbers(end)
    low, high, turned = np.minimum(one, other), np.maximum(one, other), one > other
    order = np.argsort(low * _MIX ^ high)
    low, high, turned = low[order], high[order], turned[order]
    same = (low[1:] == low[:-1]) & (high[1:] == high[:-1])
    # Of neighbours in the order: alike, the other way round, and no third on either side.
    alone = ~np.concatenate([[False], same[:-1]]) & ~np.concatenate([same[1:], [False]])
    pair = same & alone & (turned[1:] != turned[:-1])
    shared = np.zeros(len(order), dtype=bool)
    shared[order[:-1][pair]] = shared[order[1:][pair]] = True
    return shared


def _numbers(corners: Floats) -> npt.NDArray[np.uint64]:
    """Return one number for each corner, shape (m,)."""
    x, y = (corners.T.astype(np.int64) & 0xFFFFFFFF).astype(np.uint64)
    return np.asarray(x << np.uint64(32) | y)
