"""What it costs to get somewhere: the protocol, and the straight line with a detour."""

from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np
import numpy.typing as npt

from exclusion_map.errors import InvalidRequestError
from exclusion_map.support.distance import EARTH_M, unit_vectors

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Unit = Literal["metres", "minutes"]

DETOUR = 1.3
"""Metres on foot for a metre in a straight line, an assumption between the 1.2 to 1.4 that studies
of street networks report; towns cut by rivers, railways and motorways need more."""
WALK_M_PER_MINUTE = 80.0
"""4.8 km/h, the walking speed of the Department for Transport's accessibility statistics."""


@dataclass(frozen=True)
class Points:
    """Points in degrees (WGS 84): ``longitude`` (n,), ``latitude`` (n,)."""

    longitude: Floats
    latitude: Floats

    def __len__(self) -> int:
        """How many points."""
        return len(self.longitude)

    def vectors(self) -> Floats:
        """Return the points (n, 3) on the unit sphere."""
        return unit_vectors(self.longitude, self.latitude)


@dataclass(frozen=True)
class Pairs:
    """Origins and destinations within a limit of each other, origins ascending.

    Attributes:
        origin: (k,) row of the origin.
        destination: (k,) row of the destination.
        cost: (k,) what the way costs, in the unit of the travel cost that found it.
        origins: how many origins there are.
        destinations: how many destinations there are.
    """

    origin: Ints
    destination: Ints
    cost: Floats
    origins: int
    destinations: int

    def __len__(self) -> int:
        """How many pairs."""
        return len(self.cost)


class TravelCost(Protocol):
    """A way to tell what it costs to get from one place to another."""

    @property
    def unit(self) -> Unit:
        """The unit of every cost it gives."""
        ...

    @property
    def label(self) -> str:
        """One plain sentence on how it was found, shown beside each result."""
        ...

    def nearest(self, origins: Points, destinations: Points) -> tuple[Floats, Ints]:
        """Return cost (n,) and row (n,) of each origin's nearest destination.

        Inf and -1 where none can be reached; NaN and -1 where the origin's position is not known.
        """
        ...

    def within(self, origins: Points, destinations: Points, limit: float) -> Pairs:
        """Return every pair whose cost is at most a limit, in the unit of the travel cost."""
        ...


@dataclass(frozen=True)
class StraightLine:
    """Distance over the ground, times a detour factor; optionally as walking time.

    Attributes:
        detour: metres of way for a metre of straight line.
        metres_per_minute: walking speed; None gives metres.
    """

    detour: float = DETOUR
    metres_per_minute: float | None = None

    def __post_init__(self) -> None:
        if not self.detour >= 1 or (
            self.metres_per_minute is not None and not self.metres_per_minute > 0
        ):
            raise InvalidRequestError(
                "the straight-line travel cost",
                found=f"detour {self.detour}, {self.metres_per_minute} metres a minute",
                expected="a detour of at least 1 and a speed above 0",
            )

    @property
    def unit(self) -> Unit:
        """The unit of costs."""
        return "metres" if self.metres_per_minute is None else "minutes"

    @property
    def label(self) -> str:
        """How it was found, in words."""
        way = f"straight-line distance times {self.detour:g} for the detour streets make"
        if self.metres_per_minute is None:
            return f"Estimated way on foot: {way}, not a route."
        speed = self.metres_per_minute * 60 / 1000
        return f"Estimated walking time: {way}, at {speed:.1f} km an hour; not a route."

    def nearest(self, origins: Points, destinations: Points) -> tuple[Floats, Ints]:
        """Return cost (n,) and row (n,) of each origin's nearest destination."""
        from scipy.spatial import cKDTree

        cost = np.full(len(origins), np.inf)
        row = np.full(len(origins), -1, dtype=np.int64)
        known = _known(origins)
        there = np.flatnonzero(_known(destinations))
        if len(there):
            tree = cKDTree(destinations.vectors()[there])
            chord, found = tree.query(origins.vectors()[known], workers=-1)
            cost[known] = self._cost(chord)
            row[known] = there[found]
        cost[~known] = np.nan
        return cost, row

    def within(self, origins: Points, destinations: Points, limit: float) -> Pairs:
        """Return every pair whose cost is at most a limit."""
        from scipy.spatial import cKDTree

        here, there = np.flatnonzero(_known(origins)), np.flatnonzero(_known(destinations))
        if not len(here) or not len(there):
            nothing = np.empty(0, dtype=np.int64)
            return Pairs(nothing, nothing, np.empty(0), len(origins), len(destinations))
        # A hair more than the limit, so that rounding of chords loses no pair at the limit itself.
        chord = 2 * np.sin(min(self._metres(limit) * (1 + 1e-9) / EARTH_M / 2, np.pi / 2))
        tree = cKDTree(origins.vectors()[here])
        found = tree.sparse_distance_matrix(
            cKDTree(destinations.vectors()[there]), chord, output_type="ndarray"
        )
        cost = self._cost(found["v"])
        kept = cost <= limit
        origin, destination = here[found["i"][kept]], there[found["j"][kept]]
        order = np.lexsort((destination, origin))
        return Pairs(
            origin=origin[order],
            destination=destination[order],
            cost=cost[kept][order],
            origins=len(origins),
            destinations=len(destinations),
        )

    def _cost(self, chord: Floats) -> Floats:
        metres = 2 * EARTH_M * np.arcsin(np.minimum(chord / 2, 1.0)) * self.detour
        return metres if self.metres_per_minute is None else metres / self.metres_per_minute

    def _metres(self, limit: float) -> float:
        """Return the straight line (m) that a cost stands for."""
        return limit * (self.metres_per_minute or 1.0) / self.detour


def _known(points: Points) -> npt.NDArray[np.bool_]:
    return np.isfinite(points.longitude) & np.isfinite(points.latitude)
