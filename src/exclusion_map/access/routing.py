"""Walking along streets instead of straight lines: pandana on an OpenStreetMap extract, offline.

An optional extra (``pip install exclusion-map[routing]``): nothing else of the project needs it.
For public transport see :mod:`exclusion_map.access.transit`, which can walk along these streets.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from exclusion_map.access.costs import WALK_M_PER_MINUTE, Floats, Ints, Pairs, Points, Unit
from exclusion_map.errors import InvalidRequestError
from exclusion_map.support.distance import metres

NOT_ON_FOOT = ("motorway", "motorway_link", "trunk_link", "construction", "proposed", "raceway")
"""Values of ``highway`` that nobody walks along."""
SNAP_M = 500.0
"""A point farther from the network than this has no known way."""
FARTHEST_M = 50_000.0
_CHOICES = 5
_DEGREES = 7


@dataclass(frozen=True, eq=False)
class Streets:
    """A network: nodes in degrees (WGS 84), edges as places of their nodes, metres of edges."""

    longitude: Floats
    latitude: Floats
    start: Ints
    end: Ints
    length: Floats


def read_streets(path: Path) -> Streets:
    """Return the streets and paths of an OpenStreetMap extract (.osm or .osm.pbf) to walk along.

    Ways meet where they share a vertex, as they do in OpenStreetMap.

    Raises:
        InvalidRequestError: the file cannot be read, or holds nothing to walk along.
    """
    import pyogrio
    import shapely

    try:
        _, _, shapes, (highway, tags) = pyogrio.raw.read(
            path, layer="lines", columns=["highway", "other_tags"]
        )
    except Exception as error:
        raise InvalidRequestError(
            f"street network {path.name}", found=str(error), expected="an OpenStreetMap extract"
        ) from None
    ways = zip(highway.tolist(), tags.tolist(), strict=True)
    walked = np.array([_on_foot(kind, more or "") for kind, more in ways], dtype=np.bool_)
    lines = shapely.from_wkb(shapes[walked])
    points, owner = shapely.get_coordinates(lines, return_index=True)
    if not len(points):
        raise InvalidRequestError(
            f"street network {path.name}", found="nothing to walk along", expected="highways"
        )
    nodes, at = np.unique(np.round(points, _DEGREES), axis=0, return_inverse=True)
    at = at.reshape(-1)
    joined = owner[1:] == owner[:-1]
    start, end = at[:-1][joined], at[1:][joined]
    place = Points(nodes[:, 0], nodes[:, 1]).vectors()
    return Streets(nodes[:, 0], nodes[:, 1], start, end, metres(place[start], place[end]))


def _on_foot(highway: str | None, tags: str) -> bool:
    return bool(highway) and highway not in NOT_ON_FOOT and '"foot"=>"no"' not in tags


class StreetWalk:
    """Ways on foot along a network: a ``TravelCost``.

    A point joins the network at its nearest node, in a straight line. Of the nearest place a few by
    network distance are compared, their own last metres included.
    """

    def __init__(
        self, streets: Streets, *, metres_per_minute: float | None = None, source: str = ""
    ) -> None:
        try:
            import pandana
        except ImportError:
            raise InvalidRequestError(
                "walking along streets",
                found="no pandana",
                expected="the extra for routing",
                mend="Install it: pip install 'exclusion-map[routing]'.",
            ) from None
        import pandas as pd

        self._streets = streets
        self._per_minute = metres_per_minute
        self._source = source
        self._places = Points(streets.longitude, streets.latitude)
        self._network: Any = pandana.Network(
            pd.Series(streets.longitude),
            pd.Series(streets.latitude),
            pd.Series(streets.start),
            pd.Series(streets.end),
            pd.DataFrame({"metres": streets.length}),
        )

    @classmethod
    def open(cls, path: Path, *, metres_per_minute: float | None = None) -> Self:
        """Return the network of an OpenStreetMap extract.

        Raises:
            InvalidRequestError: the extract cannot be used, or pandana is not installed.
        """
        return cls(read_streets(path), metres_per_minute=metres_per_minute, source=path.name)

    @property
    def unit(self) -> Unit:
        """The unit of costs."""
        return "metres" if self._per_minute is None else "minutes"

    @property
    def label(self) -> str:
        """How it was found, in words."""
        of = f" of {self._source}" if self._source else ""
        speed = self._per_minute or WALK_M_PER_MINUTE
        pace = f", at {speed * 60 / 1000:.1f} km an hour" if self._per_minute else ""
        return f"Way on foot along the streets and paths{of} (OpenStreetMap contributors){pace}."

    def nearest(self, origins: Points, destinations: Points) -> tuple[Floats, Ints]:
        """Return cost (n,) and row (n,) of each origin's nearest destination."""
        node, first = self._snap(origins)
        there, last = self._snap(destinations)
        cost, row = np.full(len(origins), np.nan), np.full(len(origins), -1, dtype=np.int64)
        known, kept = np.flatnonzero(node >= 0), np.flatnonzero(there >= 0)
        cost[known] = np.inf
        if len(known) and len(kept):
            away, found = self._few(there[kept])
            total = away[node[known]] + np.append(last[kept], np.inf)[found[node[known]]]
            best = total.argmin(axis=1)
            at = np.arange(len(known))
            cost[known] = total[at, best] + first[known]
            reached = np.isfinite(cost[known])
            row[known[reached]] = kept[found[node[known]][at, best][reached]]
        return cost / (self._per_minute or 1.0), row

    def within(self, origins: Points, destinations: Points, limit: float) -> Pairs:
        """Return every pair whose cost is at most a limit."""
        far = limit * (self._per_minute or 1.0)
        node, first = self._snap(origins)
        there, last = self._snap(destinations)
        known, kept = np.flatnonzero(node >= 0), np.flatnonzero(there >= 0)
        nothing = np.empty(0, dtype=np.int64)
        pairs = (nothing, nothing, np.empty(0))
        if len(known) and len(kept):
            pairs = self._joined(node, known, there, kept, far)
        origin, destination, along = pairs
        cost = along + first[origin] + last[destination]
        near = cost <= far
        order = np.lexsort((destination[near], origin[near]))
        return Pairs(
            origin=origin[near][order],
            destination=destination[near][order],
            cost=cost[near][order] / (self._per_minute or 1.0),
            origins=len(origins),
            destinations=len(destinations),
        )

    def _few(self, nodes: Ints) -> tuple[Floats, Ints]:
        """Return metres and number of the few nearest of some nodes, (nodes of the network, few).

        Inf and the number past the last where there are not as many.
        """
        few = min(_CHOICES, len(nodes))
        self._network.set_pois(
            "places",
            FARTHEST_M,
            few,
            self._network.nodes_df["x"].to_numpy()[nodes],
            self._network.nodes_df["y"].to_numpy()[nodes],
        )
        table = self._network.nearest_pois(
            FARTHEST_M, "places", num_pois=few, max_distance=np.inf, include_poi_ids=True
        ).sort_index()
        away = table.iloc[:, :few].to_numpy(dtype=np.float64)
        number = table.iloc[:, few:].to_numpy(dtype=np.float64)
        return away, np.where(np.isnan(number), len(nodes), number).astype(np.int64)

    def _joined(
        self, node: Ints, known: Ints, there: Ints, kept: Ints, far: float
    ) -> tuple[Ints, Ints, Floats]:
        """Return origins and destinations whose nodes are within metres, and these metres."""
        ends = np.unique(there[kept])
        table = self._network.nodes_in_range(ends.tolist(), far)
        source = table["source"].to_numpy(dtype=np.int64)
        target = table["destination"].to_numpy(dtype=np.int64)
        along = table.iloc[:, 2].to_numpy(dtype=np.float64)
        origin, left = _matched(target, node[known])
        destination, right = _matched(source[left], there[kept])
        return known[origin[right]], kept[destination], along[left][right]

    def _snap(self, points: Points) -> tuple[Ints, Floats]:
        """Return the nearest node (n,) of each point, -1 for none, and metres to it."""
        from exclusion_map.access.costs import StraightLine

        away, node = StraightLine(detour=1.0).nearest(points, self._places)
        near = away <= SNAP_M
        return np.where(near, node, -1), np.where(near, away, np.nan)


def _matched(keys: Ints, values: Ints) -> tuple[Ints, npt.NDArray[np.int64]]:
    """Return places in ``values`` that equal a key, and places of these keys; many to many."""
    order = np.argsort(values, kind="stable")
    low = np.searchsorted(values[order], keys, side="left")
    high = np.searchsorted(values[order], keys, side="right")
    count = high - low
    key = np.repeat(np.arange(len(keys)), count)
    begins = np.repeat(np.cumsum(count) - count, count)
    at = np.repeat(low, count) + np.arange(len(key)) - begins
    return order[at], key
