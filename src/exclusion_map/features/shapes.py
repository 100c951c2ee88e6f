"""Geometries of features: outlines read from a Parquet file as they are needed, or points."""

from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow.parquet as pq

from exclusion_map.features.table import Floats, Rows


class ParquetShapes:
    """Outlines in the column ``geometry`` of a Parquet file, one row a feature. None is kept."""

    kind = "MultiPolygon"

    def __init__(self, path: Path, first: int, boxes: Floats, points: Floats) -> None:
        """Make shapes of n features.

        Args:
            path: of the file.
            first: row of the file that the first feature stands in.
            boxes: (n, 4) west, south, east, north.
            points: (n, 2) a point inside each.
        """
        self.boxes = boxes
        self.points = points
        self._path = path
        self._first = first

    @cached_property
    def _metadata(self) -> pq.FileMetaData:
        return pq.read_metadata(self._path)

    @cached_property
    def _ends(self) -> npt.NDArray[np.int64]:
        """Row at which each group of rows ends."""
        groups = range(self._metadata.num_row_groups)
        return np.cumsum([self._metadata.row_group(group).num_rows for group in groups])

    def read(self, rows: Rows) -> npt.NDArray[np.object_]:
        """Return the shapely geometries at sorted rows, (n,)."""
        import shapely  # Not needed to start.

        wanted = np.asarray(rows, dtype=np.int64) + self._first
        groups = np.searchsorted(self._ends, wanted, side="right")
        found: list[bytes] = []
        with pq.ParquetFile(self._path, memory_map=True, metadata=self._metadata) as file:
            for group in np.unique(groups).tolist():
                start = int(self._ends[group - 1]) if group else 0
                column = file.read_row_group(group, columns=["geometry"], use_threads=False).column(
                    0
                )
                found.extend(column[at - start].as_py() for at in wanted[groups == group].tolist())
        shapes: npt.NDArray[np.object_] = shapely.from_wkb(np.array(found, dtype=object))
        return shapes


class PointShapes:
    """Points, (n, 2) longitude and latitude."""

    kind = "Point"

    def __init__(self, points: Floats) -> None:
        self.points = points
        self.boxes = np.column_stack([points, points])

    def read(self, rows: Rows) -> npt.NDArray[np.object_]:
        """Return the shapely points at rows, (n,)."""
        import shapely  # Not needed to start.

        return np.asarray(shapely.points(self.points[rows]))
