"""The grid over an edition's small areas, built from their outlines; see ``kernels``."""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import shapely

from exclusion_map.placing import grid_build, kernels
from exclusion_map.placing.kernels import Floats, Grid, Outlines, Rows

CELLS_AN_AREA: Final = 4
MOST_CELLS: Final = 1 << 24
WORTH_ORDER: Final = 50_000
"""From so many points on they are looked at cell by cell: fewer are spread too thin to gain."""


@dataclass(frozen=True, slots=True)
class AreaGrid:
    """Areas ready to be found by points; arrays may be memory maps."""

    grid: Grid
    outlines: Outlines

    def find(self, x: Floats, y: Floats) -> Rows:
        """Return the row of the area that each point (n,) lies in, -1 for none.

        A point on a border that areas share belongs to the one of the lowest row.
        """
        x, y = (np.ascontiguousarray(one, dtype=np.float64) for one in (x, y))
        area = np.empty(len(x), dtype=np.int32)
        if len(x) < WORTH_ORDER:
            order = np.arange(len(x), dtype=np.int32)
        else:
            order = kernels.by_cell(self.grid, x, y)
        kernels.find(self.grid, self.outlines, x, y, order, area)
        return area

    @property
    def nbytes(self) -> int:
        """Bytes of all arrays."""
        return sum(array.nbytes for array in (*self.grid, *self.outlines))


def build_grid(polygons: npt.NDArray[np.object_]) -> AreaGrid:
    """Build the grid of valid polygons and multipolygons (n,), empty ones among them allowed."""
    parts, polygon = shapely.get_parts(polygons, return_index=True)
    rings, part = shapely.get_rings(parts, return_index=True)
    corners, ring = shapely.get_coordinates(rings, return_index=True)
    owner = polygon[part][ring].astype(np.int32)
    ends = np.zeros(len(corners), dtype=np.int32)
    ends[np.flatnonzero(np.diff(ring))] = 1
    ends[-1:] = 1
    outlines = grid_build.slabs(np.ascontiguousarray(corners), ends, owner, len(polygons))
    frame, rows, columns = _frame(corners, len(polygons))
    start, edge = grid_build.edges_by_cell(corners, ends, frame, rows, columns)
    upper = np.empty((rows, columns), dtype=np.int32)
    grid_build.upper_covers(outlines, owner, frame, start, edge, upper)
    grid = grid_build.finer_grids(outlines, owner, frame, start, edge, upper)
    for array in (*grid, *outlines):
        array.flags.writeable = False
    return AreaGrid(grid, outlines)


def _frame(corners: Floats, areas: int) -> tuple[Floats, int, int]:
    """Return the frame of the upper cells, a little wider than the areas, and rows and columns."""
    if not len(corners):
        return np.array([0.0, 0.0, 1.0, 1.0]), 1, 1
    low, high = corners.min(axis=0), corners.max(axis=0)
    margin = 1e-6 * max(float((high - low).max()), 1e-6)
    width, height = (high - low + 2 * margin).tolist()
    cells = min(max(CELLS_AN_AREA * areas, 1), MOST_CELLS)
    size = math.sqrt(width * height / cells)
    columns, rows = max(1, round(width / size)), max(1, round(height / size))
    frame = np.array([*(low - margin), columns / width, rows / height])
    return frame, rows, columns
