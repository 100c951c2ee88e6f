"""Which features stand in a spatial relation to a geometry: boxes first, outlines where needed."""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry.base import BaseGeometry

from exclusion_map.errors import InvalidRequestError
from exclusion_map.features.crs import CRS84, Crs, to_degrees
from exclusion_map.features.table import Flags, Shapes

Relation = Callable[[npt.NDArray[np.object_], BaseGeometry], Flags]

RELATIONS: Final[Mapping[str, Relation]] = MappingProxyType(
    {
        "s_intersects": shapely.intersects,
        "s_disjoint": shapely.disjoint,
        "s_within": shapely.within,
        "s_contains": shapely.contains,
        "s_equals": shapely.equals,
        "s_overlaps": shapely.overlaps,
        "s_touches": shapely.touches,
        "s_crosses": shapely.crosses,
    }
)
"""The feature is the first of the two: ``s_within`` finds features inside the geometry."""

TURNED: Final[Mapping[str, str]] = MappingProxyType(
    {"s_within": "s_contains", "s_contains": "s_within"}
)
"""The same relation with the geometry first; the others are the same either way round."""

_STEPS: Final = 64
"""Pieces a side is cut into before it is transformed: straight in one system is bent in another."""


def related(shapes: Shapes, relation: str, geometry: BaseGeometry) -> Flags:
    """Return which features stand in a relation to a geometry in degrees, (n,)."""
    if relation == "s_disjoint":
        return ~related(shapes, "s_intersects", geometry)
    west, south, east, north = geometry.bounds if not geometry.is_empty else (np.nan,) * 4
    boxes = shapes.boxes
    near = (boxes[:, 0] <= east) & (boxes[:, 2] >= west)
    near &= (boxes[:, 1] <= north) & (boxes[:, 3] >= south)
    found = np.zeros(len(boxes), dtype=bool)
    left = np.flatnonzero(near)
    if relation == "s_intersects" and len(left):
        # A point of the feature inside the geometry settles it without reading the outline.
        sure = shapely.intersects_xy(_prepared(geometry), shapes.points[left])
        found[left[sure]] = True
        left = left[~sure]
    if len(left):
        # The box of a feature that the geometry does not touch settles it too.
        left = left[shapely.intersects(shapely.box(*boxes[left].T), _prepared(geometry))]
    if len(left):
        # Not in one go: outlines of a whole country would take hundreds of megabytes.
        for part in np.array_split(left, -(-len(left) // 1000)):
            found[part] = RELATIONS[relation](shapes.read(part), _prepared(geometry))
    return found


def _prepared(geometry: BaseGeometry) -> BaseGeometry:
    shapely.prepare(geometry)
    return geometry


def geometry_of(node: Mapping[str, Any], crs: Crs = CRS84) -> BaseGeometry:
    """Return a GeoJSON geometry or a ``bbox`` of a filter, in degrees.

    Raises:
        InvalidRequestError: it is no valid geometry, or lies outside its reference system.
    """
    if "bbox" in node:
        return box_of(node["bbox"], crs, "BBOX")
    import json

    try:
        geometry = shapely.force_2d(shapely.from_geojson(json.dumps(node)))
        why = shapely.is_valid_reason(geometry)
    except (shapely.errors.ShapelyError, TypeError, ValueError) as error:
        why = str(error)
    if why != "Valid Geometry":
        raise InvalidRequestError(
            f"filter, geometry {node.get('type')}", found=why, expected="a valid geometry"
        )
    return transformed(geometry, crs)


def transformed(geometry: BaseGeometry, crs: Crs) -> BaseGeometry:
    """Return a geometry of a system in degrees, longitude first."""
    if not geometry.is_empty and crs.code not in (0, 4326):
        west, south, east, north = geometry.bounds
        side = max(east - west, north - south) / _STEPS
        geometry = shapely.segmentize(geometry, side) if side > 0 else geometry
    return shapely.transform(geometry, lambda coordinates: to_degrees(coordinates, crs))


def box_of(numbers: Sequence[Any], crs: Crs, thing: str = "bbox") -> BaseGeometry:
    """Return a box of 4 numbers, or of 6 with heights, in degrees.

    In degrees a box may cross the antimeridian: its west is then greater than its east.

    Raises:
        InvalidRequestError: the numbers are no box.
    """
    plain = [float(n) for n in numbers if isinstance(n, int | float) and np.isfinite(n)]
    if len(plain) != len(numbers) or len(plain) not in (4, 6):
        raise InvalidRequestError(
            thing, found=f"{len(numbers)} parts, {len(plain)} of them numbers", expected="4 or 6"
        )
    half = len(plain) // 2
    low, high = np.array(plain[:2]), np.array(plain[half : half + 2])
    x = 1 if crs.north_first else 0
    crosses = crs.code in (0, 4326) and low[x] > high[x]
    if low[1 - x] > high[1 - x] or (low[x] > high[x] and not crosses):
        raise InvalidRequestError(
            thing,
            found=", ".join(f"{number:g}" for number in plain),
            expected="the lower corner, then the upper corner"
            + (", latitude before longitude" if crs.north_first else ""),
        )
    if not crosses:
        return transformed(shapely.box(*low, *high), crs)
    west, east = to_degrees(np.array([low, high]), crs)
    parts = (
        shapely.box(west[0], west[1], 180, east[1]),
        shapely.box(-180, west[1], east[0], east[1]),
    )
    return shapely.MultiPolygon(list(parts))
