"""Which areas of a kind lie in an outline or near a point: those where most of their people do."""

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
"""Of a circle: its outline then lies within 0.06 % of the radius asked for."""
_METRES_A_DEGREE = 111_195.0


@dataclass(frozen=True, eq=False)
class Inside:
    """The areas of one kind that lie in an outline.

    Attributes:
        rows: sorted rows of the areas with at least half of their people inside.
        people: who live inside, by the share of each small area's postcodes in use; those of areas
            that are cut count in part.
    """

    rows: Rows
    people: float


def areas_inside(
    atlas: Atlas, kind: AreaKind, geojson: Mapping[str, Any], addresses: Addresses | None
) -> Inside:
    """Return the areas of a kind that lie in an outline.

    Args:
        atlas: the areas.
        kind: of the areas to return.
        geojson: a Polygon or MultiPolygon in degrees, a Feature of one, or a FeatureCollection.
        addresses: postcodes in use; without them each small area is in or out by its point.

    Raises:
        InvalidRequestError: it is no outline.
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

    Distances are on a plane that touches the globe at the point: right to 0.1 % over 50 km.

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
