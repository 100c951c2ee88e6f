"""Access of small areas to a choice of places: how far, which one, who is within a threshold."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from exclusion_map.access import (
    Gaussian,
    People,
    Points,
    Step,
    TravelCost,
    count_within,
    floating_catchment,
    supply_within,
)
from exclusion_map.access.measures import Decay
from exclusion_map.targeting.homes import Homes, points_of
from exclusion_map.targeting.sites import Sites

Floats = npt.NDArray[np.float64]
Rows = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]


class Capacity(StrEnum):
    """Capacity of a place, for the floating catchment method."""

    PLACES = "places"
    HOURS = "hours"
    COMPUTERS = "computers"

    @property
    def label(self) -> str:
        """The words people see."""
        return _CAPACITY_LABELS[self]


_CAPACITY_LABELS = {
    Capacity.PLACES: "places",
    Capacity.HOURS: "hours a week",
    Capacity.COMPUTERS: "computers",
}


class DecayName(StrEnum):
    """How the weight of places decreases with distance."""

    STEP = "step"
    GAUSSIAN = "gaussian"


@dataclass(frozen=True, eq=False, kw_only=True)
class Nearness:
    """How far people live from the nearest of some places; by area (k,).

    Attributes:
        way: population-weighted mean cost; inf where there is no place at all, NaN unknown.
        nearest: number of the place nearest to most of the area's people, -1 for none.
        share: of the area's people within the threshold, 0 to 1; NaN unknown.
    """

    way: Floats
    nearest: Rows
    share: Floats


def nearness(people: People, places: Points, cost: TravelCost, threshold: float) -> Nearness:
    """Return how far people live from the nearest place, from every postcode."""
    away, found = cost.nearest(points_of(people), places)
    # inf times no people would be NaN: an area far from everything keeps its inf.
    with np.errstate(invalid="ignore"):
        way = people.mean(away)
    return Nearness(
        way=way if len(places) else np.full(people.areas, np.inf),
        nearest=main_place(people, found, len(places)),
        share=people.share(away <= threshold),
    )


def main_place(people: People, found: Rows, places: int) -> Rows:
    """Return for each area (k,) which place is the nearest for most of its people; -1 for none."""
    main = np.full(people.areas, -1, dtype=np.int64)
    have = found >= 0
    if not have.any():
        return main
    pair, at = np.unique(people.area[have] * places + found[have], return_inverse=True)
    # An area without people has its points count instead.
    lived = people.totals()[people.area[have]] > 0
    living = np.bincount(at, weights=np.where(lived, people.weight[have], 1.0))
    area, place = np.divmod(pair, places)
    order = np.lexsort((place, -living, area))
    first = np.unique(area[order], return_index=True)[1]
    main[area[order][first]] = place[order][first]
    return main


def unlisted(sites: Sites, rows: Rows, nations: tuple[str, ...]) -> Flags:
    """Return (n,) the small areas in nations where the list has none of the chosen places.

    None in a whole nation means that no list of it was read, not that there is no such place.
    """
    at = sites.area[rows]
    listed = {nations[row] for row in at[at >= 0].tolist()}
    return np.array([nation not in listed for nation in nations], dtype=np.bool_)


def capacity_of(sites: Sites, rows: Rows, capacity: Capacity) -> Floats:
    """Return the capacity (k,) of some places; NaN where it is not known."""
    if capacity is Capacity.HOURS:
        return sites.hours[rows]
    if capacity is Capacity.COMPUTERS:
        return sites.computers[rows]
    return np.ones(len(rows))


@dataclass(frozen=True, eq=False, kw_only=True)
class Supply:
    """What is in reach of each small area (n,), from its population-weighted centre.

    Attributes:
        count: places within the threshold.
        supply: their capacity together; NaN where one of them is not known.
        per_10000: two-step floating catchment: capacity for each 10,000 people.
        unknown: places whose capacity nobody knows; the catchment leaves them out.
    """

    count: npt.NDArray[np.int64]
    supply: Floats
    per_10000: Floats
    unknown: int


def supply_of(
    homes: Homes,
    places: Points,
    capacity: Floats,
    cost: TravelCost,
    *,
    threshold: float,
    decay: DecayName = DecayName.STEP,
    catchment: float | None = None,
) -> Supply:
    """Return what is in reach of every small area, and the floating catchment.

    Args:
        homes: all small areas: those who come from elsewhere use a place too.
        places: (m,)
        capacity: (m,) NaN where it is not known.
        cost: of the way.
        threshold: limit of the plain count.
        decay: step (weights 1, 0.68 and 0.22 in three zones, Luo and Qi 2009) or Gaussian.
        catchment: where places cease to count; three thresholds if None.
    """
    limit = catchment or 3 * threshold
    weigh: Decay = Gaussian(limit)
    if decay is DecayName.STEP:
        weigh = Step((limit / 3, 2 * limit / 3, limit))
    centres = homes.centres
    far = cost.within(points_of(centres), places, limit)
    near = cost.within(points_of(centres), places, threshold)
    access = floating_catchment(far, supply=capacity, demand=centres.weight, decay=weigh)
    return Supply(
        count=count_within(near),
        supply=supply_within(near, capacity),
        per_10000=access * 10_000,
        unknown=int(np.isnan(capacity).sum()),
    )
