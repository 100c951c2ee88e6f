"""Cut outlines into tiles, the world halved both ways again and again.

Halving makes large areas cheap: a tile is cut from what is left of its parent, not from the whole
country. Outlines have corners wherever they meet the edge of a tile or its buffer, so cutting
makes no new ones but on straight edges of the grid, and needs no rounding.
"""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import shapely

from exclusion_map.tiles.grid import BUFFER, EXTENT, Geometries
from exclusion_map.tiles.pack import Place

Ids = npt.NDArray[np.int64]
Cut = tuple[Place, Ids, Geometries]
"""A tile, the row numbers of what it shows, and their outlines in its own units."""


def cut(outlines: Geometries, zoom: int) -> Iterator[Cut]:
    """Yield every tile that shows some of the outlines.

    Args:
        outlines: shape (n,), valid polygons in units of a zoom's grid, with the corners that
            ``outlines.cut_at_tile_edges`` gives them; empty ones are passed over.
        zoom: Web Mercator zoom.
    """
    rows = np.flatnonzero(~shapely.is_empty(outlines))
    yield from _quarter(outlines[rows], rows, zoom, (0, 0), 2**zoom)


def _quarter(
    outlines: Geometries, rows: Ids, zoom: int, corner: tuple[int, int], span: int
) -> Iterator[Cut]:
    """Yield the tiles of a square of them, ``span`` tiles wide from the tile at ``corner`` on."""
    outlines, rows = _inside(outlines, rows, corner, span)
    if not len(rows):
        return
    column, row = corner
    if span == 1:
        west, north = column * EXTENT, row * EXTENT
        shown = shapely.transform(outlines, lambda xy: xy - [west, north])
        yield (zoom, column, row), rows, np.asarray(shown)
        return
    half = span // 2
    for right in (0, half):
        for down in (0, half):
            yield from _quarter(outlines, rows, zoom, (column + right, row + down), half)


def _inside(
    outlines: Geometries, rows: Ids, corner: tuple[int, int], span: int
) -> tuple[Geometries, Ids]:
    """Return what lies in a square of tiles and its buffer, cut off there."""
    low = np.array(corner) * EXTENT - BUFFER
    high = (np.array(corner) + span) * EXTENT + BUFFER
    boxes = shapely.bounds(outlines)
    touching = (boxes[:, :2] < high).all(axis=1) & (boxes[:, 2:] > low).all(axis=1)
    outlines, rows, boxes = outlines[touching], rows[touching], boxes[touching]
    within = (boxes[:, :2] >= low).all(axis=1) & (boxes[:, 2:] <= high).all(axis=1)
    outlines[~within] = clip(outlines[~within], (*low.tolist(), *high.tolist()))
    there = ~shapely.is_empty(outlines)
    return outlines[there], rows[there]


def clip(outlines: Geometries, box: tuple[float, float, float, float]) -> Geometries:
    """Return the parts of polygons within a box; lines and points along its edge are left out.

    Args:
        outlines: shape (n,), valid polygons.
        box: least x, least y, greatest x, greatest y.
    """
    clipped = shapely.clip_by_rect(outlines, *box)
    doubtful = ~shapely.is_valid(clipped)
    if doubtful.any():
        clipped[doubtful] = shapely.intersection(outlines[doubtful], shapely.box(*box))
    kinds = shapely.get_type_id(clipped)
    polygon, multipolygon = shapely.GeometryType.POLYGON, shapely.GeometryType.MULTIPOLYGON
    for position in np.flatnonzero((kinds != polygon) & (kinds != multipolygon)):
        parts = shapely.get_parts(clipped[position])
        areal = parts[shapely.get_dimensions(parts) == 2]
        clipped[position] = shapely.multipolygons(shapely.get_parts(areal))
    return np.asarray(clipped)
