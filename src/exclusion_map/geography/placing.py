"""Assign points to small areas, including points on a border or just off the coastline."""

from dataclasses import dataclass
from threading import Lock

import numpy as np
import numpy.typing as npt
import shapely
from pyproj import Transformer

COAST_M = 200.0
"""Maximum distance (metres) off the generalised coastline to count as in the nearest area."""

# West, south, east, north in degrees. Points just north of the border with Scotland are in Scotland
# and not off an English coast: some Scottish postcodes on the Tweed and the Sark are within 200 m
# of England.
LAND_BORDER = (-3.1, 54.98, -2.035, 55.82)

_CHUNK = 200_000
_PREPARED = Lock()

Floats = npt.NDArray[np.float64]
Geometries = npt.NDArray[np.object_]


@dataclass(frozen=True)
class Placement:
    """The small area of each of n points.

    ``area`` (n,) int32 is the row of each point's area, -1 outside; ``nearest`` (n,) bool marks
    points just off the generalised coastline, which were assigned to the nearest area.
    """

    area: npt.NDArray[np.int32]
    nearest: npt.NDArray[np.bool_]


def locate(
    longitude: Floats,
    latitude: Floats,
    polygons: Geometries,
    *,
    coast_m: float = COAST_M,
) -> Placement:
    """Assign points (n,) to polygons (m,), all in degrees (EPSG:4326).

    A point on a border belongs to the polygon with the lowest row. A point outside all polygons but
    within ``coast_m`` metres of one is assigned to the nearest, except along the land border with
    Scotland.
    """
    area = np.full(len(longitude), -1, dtype=np.int32)
    nearest = np.zeros(len(longitude), dtype=np.bool_)
    if len(polygons):
        tree = shapely.STRtree(polygons)
        rows = _near_bounds(longitude, latitude, shapely.total_bounds(polygons))
        # Prepared polygons make point-in-polygon tests about twice as fast. The polygons may be
        # shared, so no other thread may discard the prepared form meanwhile.
        with _PREPARED:
            shapely.prepare(polygons)
            for start in range(0, len(rows), _CHUNK):
                chunk = rows[start : start + _CHUNK]
                area[chunk] = _inside(tree, polygons, longitude[chunk], latitude[chunk])
            shapely.destroy_prepared(polygons)
        left = _off_coast(rows[area[rows] < 0], longitude, latitude)
        area[left] = _nearest(tree, polygons, longitude[left], latitude[left], coast_m)
        nearest[left] = area[left] >= 0
    return Placement(area, nearest)


def _near_bounds(
    longitude: Floats,
    latitude: Floats,
    bounds: Floats,
) -> npt.NDArray[np.int64]:
    """Return rows of points inside the polygons' bounding box plus about 300 m; NaN is outside."""
    west, south, east, north = bounds
    return np.flatnonzero(
        (longitude >= west - 0.005)
        & (longitude <= east + 0.005)
        & (latitude >= south - 0.003)
        & (latitude <= north + 0.003)
    )


def _off_coast(
    rows: npt.NDArray[np.int64],
    longitude: Floats,
    latitude: Floats,
) -> npt.NDArray[np.int64]:
    west, south, east, north = LAND_BORDER
    x, y = longitude[rows], latitude[rows]
    return rows[~((x > west) & (x < east) & (y > south) & (y < north))]


def _inside(
    tree: shapely.STRtree,
    polygons: Geometries,
    x: Floats,
    y: Floats,
) -> npt.NDArray[np.int32]:
    point, polygon = tree.query(shapely.points(x, y))
    hit = shapely.intersects_xy(polygons[polygon], x[point], y[point])
    point, polygon = point[hit], polygon[hit]
    # Assigned from the highest row down, so that the lowest row wins on a shared border.
    order = np.argsort(-polygon, kind="stable")
    area = np.full(len(x), -1, dtype=np.int32)
    area[point[order]] = polygon[order]
    return area


def _nearest(
    tree: shapely.STRtree,
    polygons: Geometries,
    x: Floats,
    y: Floats,
    coast_m: float,
) -> npt.NDArray[np.int32]:
    """Return the nearest polygon within ``coast_m`` metres, on the British National Grid."""
    area = np.full(len(x), -1, dtype=np.int32)
    # A degree of longitude is at least 60 km in Britain: select generously, then measure exactly.
    reach = coast_m / 60_000
    point, polygon = tree.query(shapely.points(x, y), predicate="dwithin", distance=reach)
    if not len(point):
        return area
    some, inverse = np.unique(polygon, return_inverse=True)
    points = _to_grid(shapely.points(x[point], y[point]))
    metres = shapely.distance(points, _to_grid(polygons[some])[inverse])
    # Later assignments win: sort the nearest last and, among equals, the lowest row last.
    order = np.lexsort((-polygon, -metres))
    order = order[metres[order] <= coast_m]
    area[point[order]] = polygon[order]
    return area


def _to_grid(geometries: Geometries) -> Geometries:
    transformer = Transformer.from_crs(4326, 27700, always_xy=True)

    def move(xy: Floats) -> Floats:
        return np.column_stack(transformer.transform(xy[:, 0], xy[:, 1]))

    return shapely.transform(geometries, move)
