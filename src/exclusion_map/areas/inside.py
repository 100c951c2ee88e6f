"""Areas of a kind inside a boundary or near a point, by where most of their people live."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from exclusion_map.areas.atlas import OUTSIDE, Atlas, Rows
from exclusion_map.areas.drawn import MOST, Addresses, drawn
from exclusion_map.areas.selection import geometry_of
from exclusion_map.errors import InvalidRequestError
from exclusion_map.terms import AreaKind

MAX_METRES = 50_000.0
_CORNERS = 96
"""Vertices of a circle, which then deviates from its radius by at most 0.06 %."""
_METRES_A_DEGREE = 111_195.0


@dataclass(frozen=True, eq=False)
class Inside:
    """The areas of one kind inside a boundary.

    Attributes:
        rows: sorted rows of the areas with at least half of their people inside.
        people: residents inside, estimated from the share of each small area's postcodes in use;
            areas that are cut count in part.
    """

    rows: Rows
    people: float


def areas_inside(
    atlas: Atlas, kind: AreaKind, geojson: Mapping[str, Any], addresses: Addresses | None
) -> Inside:
    """Return the areas of a kind inside a boundary.

    Args:
        atlas: the areas.
        kind: kind of area to return.
        geojson: a Polygon or MultiPolygon in degrees, a Feature of one, or a FeatureCollection.
        addresses: postcodes in use; without them, representative points are used.

    Raises:
        InvalidRequestError: the GeoJSON is not a boundary.
        NotFoundError: the atlas has no areas of that kind.
    """
    level, small = atlas.level(kind), atlas.level(AreaKind.SMALL_AREA)
    share = drawn(geometry_of(geojson), small, addresses).share
    people = np.nan_to_num(small.population)
    inside = share * people
    if kind is AreaKind.SMALL_AREA:
        return Inside(np.flatnonzero(share >= MOST).astype(np.int32), float(inside.sum()))
    parent = small.parents[kind]
    placed = parent != OUTSIDE
    held = np.bincount(parent[placed], weights=inside[placed], minlength=len(level))
    whole = np.bincount(parent[placed], weights=people[placed], minlength=len(level))
    rows = np.flatnonzero((whole > 0) & (held >= MOST * whole)).astype(np.int32)
    return Inside(rows, float(inside.sum()))


def circle(longitude: float, latitude: float, metres: float) -> dict[str, Any]:
    """Return a circle around a point as a GeoJSON Polygon, wound anticlockwise.

    Uses a tangent plane, which is accurate to 0.1 % over 50 km.

    Raises:
        InvalidRequestError: the radius is not above 0, or larger than ``MAX_METRES``.
    """
    if not 0 < metres <= MAX_METRES:
        raise InvalidRequestError(
            "distance", found=f"{metres:g} m", expected=f"more than 0, at most {MAX_METRES:,.0f} m"
        )
    north = metres / _METRES_A_DEGREE
    east = north / math.cos(math.radians(latitude))
    turn = np.linspace(0, 2 * math.pi, _CORNERS, endpoint=False)
    ring = np.column_stack([longitude + east * np.cos(turn), latitude + north * np.sin(turn)])
    return {"type": "Polygon", "coordinates": [[*ring.tolist(), ring[0].tolist()]]}
