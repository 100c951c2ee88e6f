"""Cut outlines into tiles by recursive quartering.

This makes large areas cheap: a tile is cut from the part inside its parent square, not from the
whole country. Outlines already have vertices wherever they meet the edge of a tile or its buffer,
so cutting adds vertices only along straight grid lines and needs no rounding.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely

from exclusion_map.tiles.grid import BUFFER, EXTENT, Floats, Geometries
from exclusion_map.tiles.pack import Place

Ids = npt.NDArray[np.int64]
Cut = tuple[Place, Ids, Geometries]
"""A tile, the row numbers of the areas it shows, and their outlines in grid units."""


def cut(outlines: Geometries, zoom: int) -> Iterator[Cut]:
    """Yield every tile that shows some of the outlines.

    Args:
        outlines: shape (n,), valid polygons with integer coordinates in units of a zoom's grid,
            with vertices added by ``outlines.cut_at_tile_edges``; empty ones are skipped.
        zoom: Web Mercator zoom.
    """
    rows = np.flatnonzero(~shapely.is_empty(outlines))
    outlines = outlines[rows]
    boxed = _Boxed(rows, outlines, shapely.bounds(outlines))
    for (column, row), shown in _quarter(boxed, (0, 0), 2**zoom):
        yield (zoom, column, row), shown.rows, shown.outlines


@dataclass(frozen=True)
class _Boxed:
    """Outlines with their row numbers and bounding boxes (n, 4)."""

    rows: Ids
    outlines: Geometries
    boxes: Floats

    def at(self, where: npt.NDArray[np.bool_]) -> "_Boxed":
        return _Boxed(self.rows[where], self.outlines[where], self.boxes[where])


def _quarter(
    shown: _Boxed, corner: tuple[int, int], span: int
) -> Iterator[tuple[tuple[int, int], _Boxed]]:
    """Yield the tiles in a square ``span`` tiles wide, starting at the tile ``corner``."""
    shown = _inside(shown, corner, span)
    if not len(shown.rows):
        return
    if span == 1:
        yield corner, shown
        return
    column, row = corner
    half = span // 2
    for right in (0, half):
        for down in (0, half):
            yield from _quarter(shown, (column + right, row + down), half)


def _inside(shown: _Boxed, corner: tuple[int, int], span: int) -> _Boxed:
    """Return the outlines clipped to a square of tiles plus its buffer."""
    low = np.array(corner) * EXTENT - BUFFER
    high = (np.array(corner) + span) * EXTENT + BUFFER
    west, north, east, south = shown.boxes.T
    touching = (west < high[0]) & (north < high[1]) & (east > low[0]) & (south > low[1])
    shown = shown.at(touching)
    west, north, east, south = shown.boxes.T
    across = (west < low[0]) | (north < low[1]) | (east > high[0]) | (south > high[1])
    if not across.any():
        return shown
    clipped = clip(shown.outlines[across], (*low.tolist(), *high.tolist()))
    shown.outlines[across], shown.boxes[across] = clipped, shapely.bounds(clipped)
    return shown.at(~np.isnan(shown.boxes[:, 0]))


def clip(outlines: Geometries, box: tuple[float, float, float, float]) -> Geometries:
    """Return the parts of polygons within a box; lines and points along its edge are left out.

    Args:
        outlines: shape (n,), valid polygons.
        box: minimum x, minimum y, maximum x, maximum y.
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
