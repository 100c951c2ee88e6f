"""Outlines and points as WKB, a batch at a time: the geometry of a country is never all in memory.

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
        """The one type that all have: MultiPolygon or Point."""

    def batches(self) -> Iterator[Wkb]:
        """Yield WKB of some rows after another, until all are told."""


@dataclass(frozen=True, eq=False)
class Outlines:
    """Outlines in a GeoParquet table of an edition.

    Attributes:
        path: of the table; its column ``geometry`` is WKB.
        rows: sorted row numbers in it.
    """

    path: Path
    rows: Rows
    kind: str = "MultiPolygon"

    def stored_bytes(self) -> int:
        """Return about how many bytes the outlines take as WKB, from the table's own statistics."""
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
        """Yield outlines of one row group after another, each as a MultiPolygon.

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
    """Points by longitude and latitude, (n,) each; where they are NaN there is no geometry."""

    longitude: npt.NDArray[np.float64]
    latitude: npt.NDArray[np.float64]
    kind: str = "Point"
    at_once: int = 5_000

    def batches(self) -> Iterator[Wkb]:
        """Yield points, some thousand at a time."""
        import shapely

        for start in range(0, len(self.longitude), self.at_once):
            part = slice(start, start + self.at_once)
            x, y = self.longitude[part], self.latitude[part]
            wkb = np.asarray(shapely.to_wkb(shapely.points(x, y)), dtype=object)
            wkb[np.isnan(x) | np.isnan(y)] = None
            yield wkb


def _multi(wkb: list[bytes]) -> Wkb:
    """Return outlines as multipolygons: some readers take only one type a layer."""
    import shapely

    shapes: npt.NDArray[Any] = shapely.from_wkb(np.array(wkb, dtype=object))
    single = np.flatnonzero(shapely.get_type_id(shapes) == _POLYGON)
    if len(single):
        shapes[single] = shapely.multipolygons(shapes[single], indices=np.arange(len(single)))
    told: Wkb = shapely.to_wkb(shapes)
    return told
