"""Features as GeoJSON text, some at a time: geometry by GEOS, properties by column."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from exclusion_map.features.crs import CRS84, Crs, from_degrees
from exclusion_map.features.table import FeatureTable, Rows

BATCH: Final = 200
"""Features written together: enough to be quick, few enough for outlines of whole councils."""
_MOST_IN_MEMORY: Final = 4
_LARGE: Final = 60
"""Collections with fewer features than this have large outlines: a few at a time."""


def geometry_json(shapes: npt.NDArray[np.object_], crs: Crs) -> list[str]:
    """Return geometries in degrees as GeoJSON text in a system, rounded to about a centimetre."""
    import shapely  # Not needed to start.

    def to_crs(coordinates: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        return np.round(from_degrees(coordinates, crs), crs.decimals)

    if (shapely.get_type_id(shapes) == shapely.GeometryType.POLYGON).any():
        # One type for all: readers take the type of a layer from its first feature.
        shapes = np.array([_many(shape) for shape in shapes], dtype=object)
    # Outer rings anticlockwise as RFC 7946 wants them; turning axes round would turn them too.
    turned = shapes if crs.north_first else shapely.orient_polygons(shapes)
    written: list[str] = shapely.to_geojson(shapely.transform(turned, to_crs)).tolist()
    return written


def _many(shape: Any) -> Any:
    import shapely

    return shapely.MultiPolygon([shape]) if shape.geom_type == "Polygon" else shape


def feature_texts(
    table: FeatureTable,
    rows: Rows,
    names: Sequence[str],
    crs: Crs = CRS84,
    *,
    geometry: bool = True,
    links: Mapping[str, Any] | None = None,
) -> Iterator[str]:
    """Yield each feature as GeoJSON text, in the order of the rows.

    Args:
        table: the features.
        rows: which of them.
        names: properties to tell.
        crs: of the coordinates.
        geometry: whether to tell it; null if not.
        links: further members of every feature.
    """
    batch = _MOST_IN_MEMORY if len(table) < _LARGE else BATCH
    more = "".join(f",{json.dumps(name)}:{dumps(value)}" for name, value in (links or {}).items())
    for start in range(0, len(rows), batch):
        part = rows[start : start + batch]
        shapes = _shapes(table, part, crs) if geometry else ["null"] * len(part)
        columns = table.taken(names, part)
        values = zip(*columns.values(), strict=True) if columns else (() for _ in part)
        for row, shape, known in zip(part.tolist(), shapes, values, strict=True):
            properties = dumps(dict(zip(names, known, strict=True)))
            yield (
                f'{{"type":"Feature","id":{dumps(table.ids[row])},"geometry":{shape},'
                f'"properties":{properties}{more}}}'
            )


def _shapes(table: FeatureTable, rows: Rows, crs: Crs) -> list[str]:
    """Return geometries in the order of rows, which need not be sorted."""
    order = np.argsort(rows, kind="stable")
    back = np.empty_like(order)
    back[order] = np.arange(len(order))
    written = geometry_json(table.shapes.read(rows[order]), crs)
    return [written[place] for place in back.tolist()]


def dumps(value: object) -> str:
    """Return compact JSON in which nothing is NaN."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
