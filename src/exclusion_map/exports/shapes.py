"""Outlines and points as WKB in batches, so that a country's geometry is never all in memory.

Coordinates are degrees, longitude before latitude (OGC:CRS84).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import pyarrow.parquet as pq

from exclusion_map.errors import EditionError

Rows = npt.NDArray[np.int64]
Wkb = npt.NDArray[Any]
_POLYGON = 3


class Shapes(Protocol):
    """Geometry of the rows of a table, in their order."""

    @property
    def kind(self) -> str:
        """The common geometry type: MultiPolygon or Point."""

    def batches(self) -> Iterator[Wkb]:
        """Yield WKB of all rows in batches."""


@dataclass(frozen=True, eq=False)
class Outlines:
    """Outlines in a GeoParquet table of an edition.

    Attributes:
        path: path of the table; its column ``geometry`` is WKB.
        rows: sorted row numbers.
    """

    path: Path
    rows: Rows
    kind: str = "MultiPolygon"

    def stored_bytes(self) -> int:
        """Return the approximate size of the outlines as WKB, from the table's statistics."""
        with pq.ParquetFile(self.path, memory_map=True) as file:
            metadata = file.metadata
            at = metadata.schema.names.index("geometry")
            first, total = 0, 0.0
            for group in range(metadata.num_row_groups):
                part = metadata.row_group(group)
                start, stop = np.searchsorted(self.rows, [first, first + part.num_rows])
                size = part.column(at).total_uncompressed_size
                total += size * float(stop - start) / max(part.num_rows, 1)
                first += part.num_rows
        return round(total)

    def batches(self) -> Iterator[Wkb]:
        """Yield outlines as MultiPolygons, one row group at a time.

        Raises:
            EditionError: the table has fewer rows than it should.
        """
        told = 0
        with pq.ParquetFile(self.path, memory_map=True) as file:
            first = 0
            for group in range(file.num_row_groups):
                count = file.metadata.row_group(group).num_rows
                start, stop = np.searchsorted(self.rows, [first, first + count])
                if stop > start:
                    column = file.read_row_group(group, columns=["geometry"]).column("geometry")
                    yield _multi(
                        [column[int(row) - first].as_py() for row in self.rows[start:stop]]
                    )
                    told += int(stop - start)
                first += count
        if told != len(self.rows):
            raise EditionError(
                f"outlines in {self.path}",
                found=f"{told:,} of {len(self.rows):,}",
                expected="one for each area",
                mend="Build the edition again.",
            )


@dataclass(frozen=True, eq=False)
class Points:
    """Points by longitude and latitude, (n,) each; NaN means no geometry."""

    longitude: npt.NDArray[np.float64]
    latitude: npt.NDArray[np.float64]
    kind: str = "Point"
    at_once: int = 5_000

    def batches(self) -> Iterator[Wkb]:
        """Yield points in batches of some thousands."""
        import shapely

        for start in range(0, len(self.longitude), self.at_once):
            part = slice(start, start + self.at_once)
            x, y = self.longitude[part], self.latitude[part]
            wkb = np.asarray(shapely.to_wkb(shapely.points(x, y)), dtype=object)
            wkb[np.isnan(x) | np.isnan(y)] = None
            yield wkb


def _multi(wkb: list[bytes]) -> Wkb:
    """Return outlines as multipolygons: some readers accept only one type per layer."""
    import shapely

    shapes: npt.NDArray[Any] = shapely.from_wkb(np.array(wkb, dtype=object))
    single = np.flatnonzero(shapely.get_type_id(shapes) == _POLYGON)
    if len(single):
        shapes[single] = shapely.multipolygons(shapes[single], indices=np.arange(len(single)))
    told: Wkb = shapely.to_wkb(shapes)
    return told
