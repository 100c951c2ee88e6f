"""Journeys by public transport and on foot, from a timetable: a ``TravelCost`` in minutes.

A journey walks to a stop, rides, may change, and walks to the place; or walks all the way. What it
takes is the median over a departure each minute of a time of day, waiting included, as Conway,
Byrd and van der Linden (2017, Transportation Research Record 2653) recommend: a single departure
would flatter whoever lives by a bus that leaves just then.

The timetable is scanned from its last ride to its first, and each stop keeps for which departures
it reaches a place when (profile connection scan: Dibbelt, Pajor, Strasser and Wagner 2018, Journal
of Experimental Algorithmics 23, 1.7). One scan finds the nearest place from everywhere.
"""

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Self

import numpy as np

from exclusion_map.access.costs import Floats, Ints, Pairs, Points, TravelCost, Unit
from exclusion_map.access.timetable import Timetable, read_timetable
from exclusion_map.errors import InvalidRequestError

WALK_MIN = 20.0
"""Farthest walk to or from a stop, in minutes."""
TRANSFER_MIN = 10.0
"""Farthest walk between two stops."""
CHANGE_MIN = 2.0
"""Least time between getting off and getting on."""
LONGEST_MIN = 120.0
"""A journey that takes longer is none."""
MOST_PLACES = 500
"""Places for which every pair may be asked: each needs a scan of its own."""
_NOWHERE = (np.inf, -1)


class _Profile:
    """For which departures a stop reaches a place when: later departures arrive later."""

    __slots__ = ("arrives", "leaves", "place")

    def __init__(self) -> None:
        self.leaves: list[float] = []  # Negative, so that it ascends while the scan goes back.
        self.arrives: list[float] = []
        self.place: list[int] = []

    def at(self, minute: float) -> int:
        """Return which entry to take at a minute, -1 for none."""
        return bisect_right(self.leaves, -minute) - 1

    def add(self, leaves: float, arrives: float, place: int) -> None:
        """Keep a departure unless a later one arrives as early; drop those it makes useless."""
        after = bisect_right(self.leaves, -leaves)
        if after and self.arrives[after - 1] <= arrives:
            return
        if after and self.leaves[after - 1] == -leaves:
            after -= 1
        end = after
        while end < len(self.leaves) and self.arrives[end] >= arrives:
            end += 1
        self.leaves[after:end] = [-leaves]
        self.arrives[after:end] = [arrives]
        self.place[after:end] = [place]

    def table(self) -> "_Table":
        """Return departures, ascending, and arrival and place of each.

        One more arrival, inf, and place, -1, stand for "none leaves any more".
        """
        return (
            -np.array(self.leaves[::-1]),
            np.array([*self.arrives[::-1], np.inf]),
            np.array([*self.place[::-1], -1], dtype=np.int64),
        )


_Table = tuple[Floats, Floats, Ints]


@dataclass(frozen=True, eq=False)
class PublicTransport:
    """Minutes by public transport and on foot.

    Attributes:
        timetable: rides of one day.
        walk: ways on foot, in minutes.
        first: minutes after midnight of the first departure.
        last: of the last one.
    """

    timetable: Timetable
    walk: TravelCost
    first: float
    last: float
    _near: list[list[tuple[int, float]]] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        if self.walk.unit != "minutes" or not self.first < self.last:
            raise InvalidRequestError(
                "public transport",
                found=f"walks in {self.walk.unit}, departures {self.first:g} to {self.last:g}",
                expected="walking times in minutes, and a first departure before the last",
            )
        stops = self.timetable.stops
        near: list[list[tuple[int, float]]] = [[(stop, 0.0)] for stop in range(len(stops))]
        pairs = self.walk.within(stops, stops, TRANSFER_MIN)
        for origin, destination, cost in zip(
            pairs.origin.tolist(), pairs.destination.tolist(), pairs.cost.tolist(), strict=True
        ):
            if origin != destination:
                near[destination].append((origin, cost))
        object.__setattr__(self, "_near", near)

    @classmethod
    def open(cls, path: Path, day: date, first: float, last: float, walk: TravelCost) -> Self:
        """Return the journeys of a timetable in GTFS.

        Raises:
            InvalidRequestError: it cannot be used, or nothing runs then.
        """
        return cls(read_timetable(path, day, first, last + LONGEST_MIN), walk, first, last)

    @property
    def unit(self) -> Unit:
        """The unit of costs."""
        return "minutes"

    @property
    def label(self) -> str:
        """How it was found, in words."""
        day = f"{self.timetable.day:%A} {self.timetable.day.day} {self.timetable.day:%B %Y}"
        return (
            f"Minutes by public transport and on foot, door to door: the median of departures from "
            f"{_clock(self.first)} to {_clock(self.last)} on {day}, by the timetable "
            f"{self.timetable.source}, not as it ran. {self.walk.label}"
        )

    def nearest(self, origins: Points, destinations: Points) -> tuple[Floats, Ints]:
        """Return median minutes (n,) to the place reached first, and which it mostly is."""
        minutes, places = self._journeys(origins, destinations)
        order = np.argsort(minutes, axis=1, kind="stable")[:, (minutes.shape[1] - 1) // 2]
        at = np.arange(len(origins))
        cost, row = minutes[at, order], places[at, order]
        return cost, np.where(np.isfinite(cost), row, -1)

    def within(self, origins: Points, destinations: Points, limit: float) -> Pairs:
        """Return every pair whose cost is at most a limit.

        Raises:
            InvalidRequestError: there are too many destinations.
        """
        if len(destinations) > MOST_PLACES:
            raise InvalidRequestError(
                "places by public transport",
                found=f"{len(destinations):,}",
                expected=f"at most {MOST_PLACES} for every pair",
                mend="Choose a smaller area, fewer kinds of place, or only the nearest place.",
            )
        origin, destination, cost = [], [], []
        for place in range(len(destinations)):
            there = Points(
                destinations.longitude[place : place + 1], destinations.latitude[place : place + 1]
            )
            minutes, _ = self.nearest(origins, there)
            found = np.flatnonzero(minutes <= limit)
            origin.append(found)
            destination.append(np.full(len(found), place, dtype=np.int64))
            cost.append(minutes[found])
        rows = np.concatenate([*origin, np.empty(0, dtype=np.int64)]).astype(np.int64)
        places = np.concatenate([*destination, np.empty(0, dtype=np.int64)]).astype(np.int64)
        order = np.lexsort((places, rows))
        return Pairs(
            origin=rows[order],
            destination=places[order],
            cost=np.concatenate([*cost, np.empty(0)])[order],
            origins=len(origins),
            destinations=len(destinations),
        )

    def _journeys(self, origins: Points, destinations: Points) -> tuple[Floats, Ints]:
        """Return minutes and place (n, departures) of the journey that arrives first."""
        departures = np.arange(self.first, self.last)
        away, place = self.walk.nearest(origins, destinations)
        away = np.where(away > LONGEST_MIN, np.inf, away)
        minutes = np.repeat(away[:, None], len(departures), axis=1)
        places = np.repeat(place[:, None], len(departures), axis=1)
        held = self._scan(destinations)
        reach = self.walk.within(origins, self.timetable.stops, WALK_MIN)
        for origin, stop, foot in zip(
            reach.origin.tolist(), reach.destination.tolist(), reach.cost.tolist(), strict=True
        ):
            if (table := held.get(stop)) is None:
                continue
            leaves, arrives, there = table
            next_one = np.searchsorted(leaves, departures + foot)
            took = arrives[next_one] - departures
            better = (took < minutes[origin]) & (took <= LONGEST_MIN)
            minutes[origin, better] = took[better]
            places[origin, better] = there[next_one[better]]
        return minutes, places

    def _scan(self, destinations: Points) -> dict[int, _Table]:
        """Return for stops what their profiles hold."""
        rides, profiles = self.timetable, [_Profile() for _ in range(len(self.timetable.stops))]
        egress, place = self._egress(destinations)
        aboard: dict[int, tuple[float, int]] = {}
        for start, end, leaves, arrives, trip, board, alight in _backwards(rides):
            best, where = aboard.get(trip, _NOWHERE)
            if alight:
                if arrives + egress[end] < best:
                    best, where = arrives + egress[end], place[end]
                onward = profiles[end]
                entry = onward.at(arrives + CHANGE_MIN)
                if entry >= 0 and onward.arrives[entry] < best:
                    best, where = onward.arrives[entry], onward.place[entry]
            if best - leaves > LONGEST_MIN:
                continue
            aboard[trip] = (best, where)
            if board:
                for stop, foot in self._near[start]:
                    profiles[stop].add(leaves - foot, best, where)
        return {stop: one.table() for stop, one in enumerate(profiles) if one.leaves}

    def _egress(self, destinations: Points) -> tuple[list[float], list[int]]:
        """Return minutes on foot from each stop to its nearest place, and which; inf if too far."""
        away, place = self.walk.nearest(self.timetable.stops, destinations)
        near = away <= WALK_MIN
        return np.where(near, away, np.inf).tolist(), np.where(near, place, -1).tolist()


def _backwards(rides: Timetable) -> Iterator[tuple[int, int, float, float, int, bool, bool]]:
    """Yield start, end, departure, arrival, trip, may board, may alight; the last ride first."""
    columns = (
        rides.start,
        rides.end,
        rides.leaves,
        rides.arrives,
        rides.trip,
        rides.board,
        rides.alight,
    )
    yield from zip(*(column[::-1].tolist() for column in columns), strict=True)


def _clock(minutes: float) -> str:
    return f"{int(minutes) // 60:02d}:{int(minutes) % 60:02d}"
