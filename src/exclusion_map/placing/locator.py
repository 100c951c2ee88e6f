"""Find areas of points with an edition's outlines, by the grid or, without numba, by a tree."""

from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from exclusion_map.areas.atlas import Level
from exclusion_map.placing.order import CODE, Placed, Reason

Floats = npt.NDArray[np.float64]
Rows = npt.NDArray[np.int32]
Outcomes = npt.NDArray[np.uint8]
_DEGREE_M = 60_000
"""A degree of longitude is at least as many metres in Britain."""


class Locator:
    """The small areas of an edition, ready to be found by points; threads may share one."""

    def __init__(self, edition: Path, small: Level, grid: Path | None, coast_m: float) -> None:
        self._edition, self._bbox, self._coast_m = edition, small.bbox, coast_m
        self._grid = None
        if grid is not None:
            from exclusion_map.placing.store import open_grid

            self._grid = open_grid(grid)

    def place(self, longitude: Floats, latitude: Floats) -> tuple[Rows, Outcomes]:
        """Return rows of areas (n,), -1 for none, and outcomes (n,) as numbers of ``HOW``."""
        if self._grid is not None:
            area = self._grid.find(longitude, latitude)
        else:
            from exclusion_map.geography.placing import locate

            area = locate(longitude, latitude, self._outlines, coast_m=0.0).area
        outcome = np.full(len(area), CODE[Placed.INSIDE], dtype=np.uint8)
        left = np.flatnonzero(area < 0)
        outcome[left] = CODE[Reason.OUTSIDE]
        if self._coast_m > 0 and len(left):
            left = left[self._near(longitude[left], latitude[left])]
            area[left] = self._off_coast(longitude[left], latitude[left])
            outcome[left[area[left] >= 0]] = CODE[Placed.COAST]
        return area, outcome

    def _near(self, x: Floats, y: Floats) -> npt.NDArray[np.bool_]:
        """Return which points (n,) are in a coarse cell that is near an area."""
        near, west, south, size = self._coarse
        rows, columns = near.shape
        with np.errstate(invalid="ignore"):
            i, j = np.floor((x - west) / size), np.floor((y - south) / size)
            there = (i >= 0) & (i < columns) & (j >= 0) & (j < rows)
        held: npt.NDArray[np.bool_] = np.zeros(len(x), dtype=np.bool_)
        held[there] = near[j[there].astype(np.intp), i[there].astype(np.intp)]
        return held

    @cached_property
    def _coarse(self) -> tuple[npt.NDArray[np.bool_], float, float, float]:
        """Cells of which those are marked that the widened box of an area touches."""
        reach = self._reach
        west, south = self._bbox[:, :2].min(axis=0) - reach
        east, north = self._bbox[:, 2:].max(axis=0) + reach
        size = max(float(max(east - west, north - south)) / 1000, reach)
        shape = (int((north - south) / size) + 1, int((east - west) / size) + 1)
        near = np.zeros(shape, dtype=np.bool_)
        first = ((self._bbox[:, :2] - reach - (west, south)) / size).astype(np.intp)
        last = ((self._bbox[:, 2:] + reach - (west, south)) / size).astype(np.intp)
        for (i, j), (to_i, to_j) in zip(first.tolist(), last.tolist(), strict=True):
            near[max(j, 0) : to_j + 1, max(i, 0) : to_i + 1] = True
        return near, float(west), float(south), size

    @property
    def _reach(self) -> float:
        return self._coast_m / _DEGREE_M + 1e-6

    @cached_property
    def _outlines(self) -> npt.NDArray[np.object_]:
        from exclusion_map.placing.outlines import read_outlines

        return read_outlines(self._edition)

    def _off_coast(self, x: Floats, y: Floats) -> Rows:
        """Return the area within reach of each point, as the rest of the service places it."""
        import shapely

        from exclusion_map.geography.placing import locate

        area = np.full(len(x), -1, dtype=np.int32)
        if not len(x):
            return area
        reach = self._reach
        boxes = shapely.box(x - reach, y - reach, x + reach, y + reach)
        point, rows = self._tree.query(boxes)
        if len(rows):
            some, point = np.unique(rows), np.unique(point)
            found = locate(x[point], y[point], self._outlines[some], coast_m=self._coast_m).area
            area[point] = np.where(found >= 0, some[np.maximum(found, 0)], -1)
        return area

    @cached_property
    def _tree(self) -> Any:
        import shapely

        boxes: Any = shapely.box(*self._bbox.T)
        return shapely.STRtree(boxes)
