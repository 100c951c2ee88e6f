"""What an edition puts places on the map with: postcodes, and outlines of small areas."""

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow.parquet as pq

from exclusion_map.areas.atlas import Level
from exclusion_map.directory.importing.placing import Geocoder
from exclusion_map.editions.reader import Edition
from exclusion_map.editions.tables import AREAS
from exclusion_map.terms import AreaKind

NEAR_DEGREES = 0.004
"""How far off an area's box a point may lie: more than the coast is generalised by."""

Floats = npt.NDArray[np.float64]


def geocoder_of(edition: Edition) -> Geocoder:
    """Return what puts places on the map of an edition."""
    small = edition.atlas.level(AreaKind.SMALL_AREA)

    def areas_at(longitude: Floats, latitude: Floats) -> npt.NDArray[np.int32]:
        return areas_of(edition.folder, small, longitude, latitude)

    return Geocoder(edition.postcodes, small.codes, areas_at)


def areas_of(
    folder: Path, small: Level, longitude: Floats, latitude: Floats
) -> npt.NDArray[np.int32]:
    """Return the row of the small area at each point (n,), in degrees; -1 outside.

    Only outlines whose box holds a point are read, so that a few points cost little.
    """
    from exclusion_map.geography.placing import locate  # Loads PROJ: not needed to start.

    rows = _candidates(small.bbox, longitude, latitude)
    if not len(rows):
        return np.full(len(longitude), -1, dtype=np.int32)
    codes = [small.codes[row] for row in rows]
    polygons = _outlines(folder, set(codes))
    shapes = np.array([polygons[code] for code in codes], dtype=object)
    found = locate(longitude, latitude, shapes).area
    inside: npt.NDArray[np.int32] = np.where(found >= 0, rows[np.maximum(found, 0)], -1)
    return inside.astype(np.int32)


def _candidates(bbox: Floats, longitude: Floats, latitude: Floats) -> npt.NDArray[np.intp]:
    """Return rows of areas whose box, a little widened, holds any of the points, sorted."""
    near: set[int] = set()
    west, south, east, north = bbox.T
    for x, y in zip(longitude, latitude, strict=True):
        holds = (
            (west - NEAR_DEGREES <= x)
            & (x <= east + NEAR_DEGREES)
            & (south - NEAR_DEGREES <= y)
            & (y <= north + NEAR_DEGREES)
        )
        near.update(np.flatnonzero(holds).tolist())
    return np.array(sorted(near), dtype=np.intp)


def _outlines(folder: Path, codes: set[str]) -> dict[str, Any]:
    """Return the outlines of areas by code, reading no row group that holds none of them."""
    import shapely

    found: dict[str, Any] = {}
    with pq.ParquetFile(folder / AREAS, memory_map=True) as file:
        for group in range(file.num_row_groups):
            held = file.read_row_group(group, columns=["code"]).column("code").to_pylist()
            wanted = [at for at, code in enumerate(held) if code in codes]
            if not wanted:
                continue
            geometry = file.read_row_group(group, columns=["geometry"]).column("geometry")
            shapes = shapely.from_wkb(geometry.take(wanted).to_pylist())
            found.update(zip((held[at] for at in wanted), shapes, strict=True))
    return found
