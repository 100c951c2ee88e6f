"""Simplify outlines for a zoom and round them to its grid, keeping a valid coverage.

Tiles hold integers, and rounding can move a vertex across a nearby border, which makes areas
overlap. Three steps keep the coverage valid: vertices are added where borders meet tile edges, so
that cutting moves nothing; all vertices are rounded; and the few places where borders then cross
are noded and assigned to one area each. This is done once per zoom, before cutting into tiles, so
that adjacent tiles show identical borders.
"""

from itertools import pairwise

import numpy as np
import numpy.typing as npt
import shapely

from exclusion_map.errors import GeographyError
from exclusion_map.tiles.borders import by_unshared_borders
from exclusion_map.tiles.grid import BUFFER, EXTENT, Floats, Geometries, half_pixel_m

FINEST_M = 20.0
"""Finest detail, in Web Mercator metres, at which simplifying is worthwhile. Boundaries generalised
to 20 m have about 33 of these metres at 53 degrees north; at zoom 11, simplifying would remove only
one vertex in 28."""
_ROUNDS = 12
"""Noding adds vertices that are rounded in turn; each round leaves fewer crossings."""


def simplify(outlines: Geometries, zoom: int) -> Geometries:
    """Return outlines simplified to half a pixel of a zoom, with shared borders preserved.

    Args:
        outlines: shape (n,), polygons in Web Mercator metres.
        zoom: Web Mercator zoom.
    """
    if half_pixel_m(zoom) < FINEST_M:
        return outlines
    return np.asarray(shapely.coverage_simplify(outlines, half_pixel_m(zoom)))


def on_grid(exact: Geometries) -> Geometries:
    """Return outlines with integer coordinates that still cover the land exactly once.

    Args:
        exact: shape (n,), polygons that form a coverage, in units of the grid.

    Returns:
        Valid polygons; those smaller than a unit may be empty.

    Raises:
        GeographyError: borders still cross after noding.
    """
    rounded = round_corners(exact)
    near = np.arange(len(rounded))
    for _ in range(_ROUNDS):
        faulty = near[crossed(rounded[near])]
        if not faulty.size:
            return rounded
        patch = _around(rounded, faulty)
        mended = round_corners(noded(rounded[patch], exact[patch]))
        moved = patch[shapely.normalize(mended) != shapely.normalize(rounded[patch])]
        rounded[patch] = mended
        near = _around(rounded, moved)
    raise GeographyError(
        "outlines on the grid of tiles",
        found=f"{faulty.size} areas whose borders cross",
        expected="areas that cover the land once",
        mend="Look for damaged outlines in the boundary file.",
    )


def crossed(outlines: Geometries) -> npt.NDArray[np.intp]:
    """Return the positions of polygons that overlap a neighbour or cross themselves.

    Args:
        outlines: shape (n,), polygons with integer coordinates.
    """
    valid = shapely.is_valid(outlines)
    close = by_unshared_borders(outlines)
    close = close[valid[close]]
    if close.size < 2:
        return np.flatnonzero(~valid)
    edges = shapely.coverage_invalid_edges(outlines[close])
    suspects = close[~shapely.is_empty(edges)]
    # If an area touches itself at a point, a valid edge may be reported as invalid.
    one, other = shapely.STRtree(outlines[close]).query(outlines[suspects])
    one, other = suspects[one], close[other]
    one, other = one[one != other], other[one != other]
    overlap = shapely.relate_pattern(outlines[one], outlines[other], "2********")
    return np.union1d(np.flatnonzero(~valid), one[overlap])


def _around(outlines: Geometries, some: npt.NDArray[np.intp]) -> npt.NDArray[np.intp]:
    """Return the positions of outlines that meet the bounding boxes of some of them."""
    boxes = shapely.envelope(outlines[some])
    met = shapely.STRtree(outlines).query(boxes, predicate="intersects")[1]
    return np.union1d(met, some)


def noded(outlines: Geometries, exact: Geometries) -> Geometries:
    """Return outlines with a vertex wherever borders cross, and each face assigned to one area.

    A face is assigned to an area that covers it after rounding; if none does, to the area that
    covered it before, if any.

    Args:
        outlines: shape (n,), rounded outlines, some of which cross.
        exact: shape (n,), the same before rounding.
    """
    faces = shapely.get_parts(shapely.polygonize([shapely.unary_union(shapely.boundary(outlines))]))
    points = shapely.point_on_surface(faces)
    owner = np.full(len(faces), -1)
    for candidates in (exact, outlines):  # the latter overrides the former
        face, area = _within(points, candidates)
        # The first of several, whatever the order of the tree: adjacent tiles must agree.
        last_first = np.argsort(area)[::-1]
        owner[face[last_first]] = area[last_first]
    mended = np.full(len(outlines), shapely.Polygon(), dtype=object)
    by_owner = faces[np.argsort(owner, kind="stable")]
    ends = np.cumsum(np.bincount(owner + 1, minlength=len(outlines) + 1))
    for number, (start, end) in enumerate(pairwise(ends.tolist())):
        mine = by_owner[start:end]
        if len(mine):
            mended[number] = mine[0] if len(mine) == 1 else shapely.coverage_union_all(mine)
    return mended


def _within(
    points: Geometries, outlines: Geometries
) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """Return the pairs of points and outlines that contain them, as positions of both.

    Outlines may cross themselves: the even-odd rule applies.
    """
    point, outline = shapely.STRtree(outlines).query(points)
    shapely.prepare(outlines)
    x, y = shapely.get_coordinates(points[point]).T
    inside = shapely.contains_xy(outlines[outline], x, y)
    return point[inside], outline[inside]


def round_corners(outlines: Geometries) -> Geometries:
    """Return outlines with rounded vertices; equal vertices of neighbours stay equal.

    The results may cross themselves, and rings may shrink to a point.
    """
    return np.asarray(shapely.transform(outlines, np.rint))


def cut_at_tile_edges(outlines: Geometries) -> Geometries:
    """Return outlines with a vertex wherever they meet the edge of a tile or of its buffer.

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
    """Return where edges meet the grid lines: edge, fraction along it, and point.

    Edge ``i`` runs from vertex ``i`` to the next. Points are computed from the lower to the upper
    end of an edge, so that both areas along a border get exactly the same point.
    """
    within = np.ones(len(corners) - 1, dtype=bool)
    within[rings[1:-1] - 1] = False  # from the end of a ring to the start of the next
    edges = np.flatnonzero(within)
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
    """Return the number of grid lines before a position: three per tile, at and beside its edge."""
    tile = np.floor((place + BUFFER) / EXTENT)
    rest = place - tile * EXTENT
    passed = np.greater_equal if inclusive else np.greater
    lines = 3 * tile.astype(np.int64)
    for at in (-BUFFER, 0, BUFFER):
        lines += passed(rest, at)
    return lines
