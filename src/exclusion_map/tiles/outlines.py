"""Outlines of a zoom: simplified and on the grid of its tiles, neighbours sharing every border.

Tiles hold whole numbers, and rounding can carry a corner across a border nearby: a sliver covered
twice. Three steps keep a coverage a coverage: corners are put where borders meet the edges of
tiles, so that cutting moves nothing; all corners are rounded; the few places where borders then
cross are noded and given to one area each.
"""

import numpy as np
import numpy.typing as npt
import shapely

from exclusion_map.errors import GeographyError
from exclusion_map.tiles.grid import BUFFER, EXTENT, Floats, Geometries, half_pixel_m

FINEST_M = 10.0
"""Detail finer than this, in Web Mercator metres, is not in boundaries generalised to 20 m."""
_ROUNDS = 12
"""Mending adds corners that are rounded in turn; each round leaves fewer crossings."""


def simplify(outlines: Geometries, zoom: int) -> Geometries:
    """Return outlines simplified to half a pixel of a zoom, neighbours still sharing their border.

    Args:
        outlines: shape (n,), polygons in Web Mercator metres.
        zoom: Web Mercator zoom.
    """
    if half_pixel_m(zoom) < FINEST_M:
        return outlines
    return np.asarray(shapely.coverage_simplify(outlines, half_pixel_m(zoom)))


def on_grid(exact: Geometries) -> Geometries:
    """Return outlines with whole numbers for corners, still covering the land once.

    Args:
        exact: shape (n,), polygons that form a coverage, in units of the grid.

    Returns:
        Valid polygons; one smaller than a unit can be empty.

    Raises:
        GeographyError: borders still cross after mending.
    """
    rounded = round_corners(exact)
    for _ in range(_ROUNDS):
        faulty = crossed(rounded)
        if not faulty.size:
            return rounded
        patch = _around(shapely.STRtree(rounded), rounded[faulty])
        rounded[patch] = round_corners(noded(rounded[patch], exact[patch]))
    raise GeographyError(
        "outlines on the grid of tiles",
        found=f"{faulty.size} areas whose borders cross",
        expected="areas that cover the land once",
        mend="Look for damaged outlines in the boundary file.",
    )


def crossed(outlines: Geometries) -> npt.NDArray[np.intp]:
    """Return the positions of polygons that overlap a neighbour or cross themselves."""
    valid = shapely.is_valid(outlines)
    if len(outlines) == 1:
        return np.flatnonzero(~valid)
    edges = shapely.coverage_invalid_edges(outlines)
    suspects = np.flatnonzero(~shapely.is_empty(edges) & valid)
    if suspects.size and valid.all():
        # Where an area touches itself in a point, an edge can be called invalid that is not.
        suspects = np.array(
            [one for one in suspects if _overlaps(outlines, int(one))], dtype=np.intp
        )
    return np.sort(np.append(np.flatnonzero(~valid), suspects))


def _overlaps(outlines: Geometries, one: int) -> bool:
    near = np.setdiff1d(_around(shapely.STRtree(outlines), outlines[one : one + 1]), one)
    return bool(shapely.relate_pattern(outlines[one], outlines[near], "2********").any())


def _around(tree: shapely.STRtree, outlines: Geometries) -> npt.NDArray[np.intp]:
    """Return the positions of what a tree holds in the boxes of some outlines."""
    return np.unique(tree.query(shapely.envelope(outlines), predicate="intersects")[1])


def noded(outlines: Geometries, exact: Geometries) -> Geometries:
    """Return outlines with a corner wherever borders cross, each face given to one area.

    A face goes to an area that covers it after rounding; one that none covers, to the area that
    covered it before, if any did.

    Args:
        outlines: shape (n,), rounded outlines, some of which cross.
        exact: shape (n,), the same before they were rounded.
    """
    whole = shapely.make_valid(outlines, method="structure", keep_collapsed=False)
    faces = shapely.get_parts(shapely.polygonize([shapely.unary_union(shapely.boundary(outlines))]))
    points = shapely.point_on_surface(faces)
    owner = np.full(len(faces), -1)
    for candidates in (exact, whole):  # the latter overrides the former
        face, area = shapely.STRtree(candidates).query(points, predicate="within")
        # Of several the first, whatever the tree's order: tiles next to each other must agree.
        order = np.argsort(area)[::-1]
        owner[face[order]] = area[order]
    mended = np.array(
        [shapely.union_all(faces[owner == area]) for area in range(len(outlines))], dtype=object
    )
    mended[shapely.is_empty(mended)] = shapely.Polygon()
    return mended


def round_corners(outlines: Geometries) -> Geometries:
    """Return outlines with whole numbers for corners; equal corners of neighbours stay equal.

    The result can cross itself, and rings can shrink to a point.
    """
    return np.asarray(shapely.transform(outlines, np.rint))


def cut_at_tile_edges(outlines: Geometries) -> Geometries:
    """Return outlines with a corner wherever they meet the edge of a tile or of its buffer.

    Args:
        outlines: shape (n,), polygons in units of a zoom's grid.
    """
    kind, corners, (rings, *parts) = shapely.to_ragged_array(outlines)
    edge, share, points = _meetings(corners, rings)
    order = np.lexsort((share, edge))
    whole = np.insert(corners, edge[order] + 1, points[order], axis=0)
    longer = rings + np.searchsorted(edge[order], rings)
    return np.asarray(shapely.from_ragged_array(kind, whole, (longer, *parts)))


def _meetings(
    corners: Floats, rings: npt.NDArray[np.integer]
) -> tuple[npt.NDArray[np.intp], Floats, Floats]:
    """Return where edges meet the lines of the grid: edge, share of its way, point.

    Edge ``i`` runs from corner ``i`` to the next. Each is worked out from its lower to its upper
    end, so that both areas along a border come to the very same point.
    """
    edges = np.setdiff1d(np.arange(len(corners) - 1), rings[1:-1] - 1)
    found = []
    for axis in (0, 1):
        one, other = corners[edges, axis], corners[edges + 1, axis]
        turned = one > other
        low, high = np.minimum(one, other), np.maximum(one, other)
        first = _lines_before(low, inclusive=True)
        count = np.maximum(_lines_before(high, inclusive=False) - first, 0)
        at = np.repeat(np.arange(len(edges)), count)
        line = first[at] + np.arange(len(at)) - np.repeat(np.cumsum(count) - count, count)
        place = line // 3 * EXTENT + (line % 3 - 1) * BUFFER
        share = (place - low[at]) / (high[at] - low[at])
        across = corners[:, 1 - axis]
        start = np.where(turned, across[edges + 1], across[edges])[at]
        end = np.where(turned, across[edges], across[edges + 1])[at]
        point = np.empty((len(at), 2))
        point[:, axis], point[:, 1 - axis] = place, start + share * (end - start)
        found.append((edges[at], np.where(turned[at], 1 - share, share), point))
    (edge_x, share_x, point_x), (edge_y, share_y, point_y) = found
    return (
        np.concatenate([edge_x, edge_y]),
        np.concatenate([share_x, share_y]),
        np.concatenate([point_x, point_y]),
    )


def _lines_before(place: Floats, *, inclusive: bool) -> npt.NDArray[np.int64]:
    """Return how many lines lie before a place: three a tile, at its edge and either side."""
    tile = np.floor((place + BUFFER) / EXTENT)
    rest = place - tile * EXTENT
    passed = np.greater_equal if inclusive else np.greater
    lines = 3 * tile.astype(np.int64)
    for at in (-BUFFER, 0, BUFFER):
        lines += passed(rest, at)
    return lines
