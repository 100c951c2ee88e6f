"""The outline of one area, read from the edition on demand: geometry is never held in memory."""

import json
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from exclusion_map.editions.tables import AREAS, LARGER_AREAS
from exclusion_map.errors import NotFoundError
from exclusion_map.terms import AreaKind


def read_outline(folder: Path, kind: AreaKind, code: str) -> dict[str, Any]:
    """Return the GeoJSON geometry of an area, in degrees, longitude before latitude.

    Row groups whose stated range of codes cannot hold the area are not read.

    Raises:
        NotFoundError: the edition has no geometry of that area.
    """
    import shapely  # Not needed to start: only outlines are decoded here.

    path = folder / (AREAS if kind is AreaKind.SMALL_AREA else LARGER_AREAS)
    with pq.ParquetFile(path, memory_map=True) as file:
        for group in range(file.num_row_groups):
            if not _may_hold(file.metadata.row_group(group), code):
                continue
            codes = file.read_row_group(group, columns=["code"]).column("code").to_pylist()
            if code not in codes:
                continue
            geometry = file.read_row_group(group, columns=["geometry"]).column("geometry")
            shape = shapely.from_wkb(geometry[codes.index(code)].as_py())
            outline: dict[str, Any] = json.loads(shapely.to_geojson(shape))
            return outline
    raise NotFoundError(
        f"outline of {code}", found="no geometry", expected="an area of this edition"
    )


def _may_hold(group: Any, code: str) -> bool:
    """Whether the stated range of codes of a row group leaves room for one."""
    for number in range(group.num_columns):
        column = group.column(number)
        if column.path_in_schema == "code" and column.statistics is not None:
            limits = column.statistics
            return not limits.has_min_max or limits.min <= code <= limits.max
    return True
