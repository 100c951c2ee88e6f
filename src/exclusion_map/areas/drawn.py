"""Small areas inside a drawn boundary, by their addresses or else by a representative point.

A hand-drawn boundary cuts through areas. An area is inside if at least half of its postcodes in use
are inside. A postcode covers about fifteen households, so this follows people rather than land.
Without postcodes, an area is inside if its representative point is.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from exclusion_map.areas.atlas import Floats, Level, Rows
from exclusion_map.errors import InvalidRequestError

MOST = 0.5
MAX_CORNERS = 50_000
"""Maximum number of vertices: enough for a detailed county boundary."""

Ring = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Degrees = npt.NDArray[np.floating[Any]]


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where people live: m points in degrees, and the row of the small area of each."""

    longitude: Degrees
    latitude: Degrees
    area: Rows


@dataclass(frozen=True, slots=True)
class Drawn:
    """The small areas inside a boundary.

    Attributes:
        rows: sorted rows of the small areas.
        share: (n,) share of each small area's addresses inside; 0 or 1 where there are none.
    """

    rows: Rows
    share: Floats


def drawn(geometry: Mapping[str, Any], level: Level, addresses: Addresses | None = None) -> Drawn:
    """Return the small areas inside a boundary.

    Args:
        geometry: a GeoJSON Polygon or MultiPolygon, in degrees.
        level: the small areas.
        addresses: postcodes in use; without them, representative points are used.

    Raises:
        InvalidRequestError: the boundary is not a polygon, or has too many vertices.
    """
    polygons = _polygons(geometry)
    share = inside(polygons, level.longitude, level.latitude).astype(np.float64)
    if addresses is not None:
        placed = addresses.area >= 0
        known = np.bincount(addresses.area[placed], minlength=len(level))
        within = placed & inside(polygons, addresses.longitude, addresses.latitude)
        found = np.bincount(addresses.area[within], minlength=len(level))
        share = np.divide(found, known, out=share, where=known > 0)
    return Drawn(np.flatnonzero(share >= MOST).astype(np.int32), share)


def inside(polygons: Sequence[Sequence[Ring]], longitude: Degrees, latitude: Degrees) -> Flags:
    """Return a mask (m,) of points inside any of the polygons, excluding holes.

    Even-odd rule: a line eastwards from a point inside crosses the rings an odd number of times.
    """
    found = np.zeros(len(longitude), dtype=bool)
    for rings in polygons:
        west, south = rings[0].min(axis=0)
        east, north = rings[0].max(axis=0)
        near = np.flatnonzero(
            (longitude >= west) & (longitude <= east) & (latitude >= south) & (latitude <= north)
        )
        # With points sorted by latitude, those that an edge can affect are a slice, so many short
        # edges are cheap.
        near = near[np.argsort(latitude[near], kind="stable")]
        x, y = longitude[near].astype(np.float64), latitude[near].astype(np.float64)
        odd = np.zeros(len(near), dtype=bool)
        for first, last, x0, y0, slope in _edges(rings, y):
            odd[first:last] ^= x[first:last] < x0 + (y[first:last] - y0) * slope
        found[near] |= odd
    return found


def _edges(
    rings: Sequence[Ring], y: npt.NDArray[np.float64]
) -> Iterator[tuple[int, int, float, float, float]]:
    """Yield each edge that separates points: their slice of ``y``, a corner, run over rise.

    An edge separates the points from its lower end up to, but not at, its upper end.
    """
    corners = np.concatenate([np.column_stack([ring[:-1], ring[1:]]) for ring in rings])
    x0, y0, x1, y1 = corners.T
    first = np.searchsorted(y, np.minimum(y0, y1))
    last = np.searchsorted(y, np.maximum(y0, y1))
    at = np.flatnonzero(last > first)  # never a horizontal edge
    slope = (x1[at] - x0[at]) / (y1[at] - y0[at])
    columns = (first[at], last[at], x0[at], y0[at], slope)
    yield from zip(*(column.tolist() for column in columns), strict=True)


def _polygons(geometry: Mapping[str, Any]) -> list[list[Ring]]:
    kind, given = geometry.get("type"), geometry.get("coordinates")
    if kind not in ("Polygon", "MultiPolygon") or not isinstance(given, Sequence) or not given:
        raise _refused(f"type {kind!r}")
    try:
        listed = [given] if kind == "Polygon" else given
        polygons = [[_ring(ring) for ring in rings] for rings in listed]
    except (TypeError, ValueError):
        raise _refused("coordinates that are not lists of longitude and latitude") from None
    if not all(polygons):
        raise _refused("a polygon without an outline")
    corners = sum(len(ring) for rings in polygons for ring in rings)
    if corners > MAX_CORNERS:
        raise InvalidRequestError(
            "drawn outline",
            found=f"{corners:,} corners",
            expected=f"at most {MAX_CORNERS:,}",
            mend="Simplify the outline.",
        )
    return polygons


def _ring(positions: Any) -> Ring:
    ring = np.array([[float(one) for one in position[:2]] for position in positions])
    if ring.ndim != 2 or ring.shape[1] != 2 or len(ring) < 4 or (ring[0] != ring[-1]).any():
        raise _refused("a ring with fewer than 4 positions, or one that is not closed")
    if not (np.abs(ring) <= (180, 90)).all():  # also refuses NaN
        raise _refused("positions that are not degrees")
    return ring


def _refused(found: str) -> InvalidRequestError:
    return InvalidRequestError(
        "drawn outline",
        found=found,
        expected="a GeoJSON Polygon or MultiPolygon with closed rings of [longitude, latitude]",
        mend="Draw the outline again.",
    )
