"""What if a place closes: who then has farther to go, and where to."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from exclusion_map.access import DETOUR, People, TravelCost
from exclusion_map.access.people import weighted_counts
from exclusion_map.directory.selecting import Choice
from exclusion_map.errors import InvalidRequestError
from exclusion_map.targeting.homes import Homes, points_of
from exclusion_map.targeting.reach import main_place
from exclusion_map.targeting.sites import Sites, choose_sites

Floats = npt.NDArray[np.float64]
Rows = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False, kw_only=True)
class Closing:
    """What the closing of a place does, by small area (k,), most people who lose reach first.

    Attributes:
        site: row of the place.
        rows: of small areas where it is the nearest for anybody.
        users: people for whom it is the nearest.
        lose: of them, people within the threshold now and beyond it afterwards.
        now: mean way (m) of the users now.
        then: mean way of the users to the next nearest place; inf where there is none.
        other: row of the place that is then the nearest for most of them; -1 for none.
        threshold: metres.
    """

    site: int
    rows: Rows
    users: Floats
    lose: Floats
    now: Floats
    then: Floats
    other: Rows
    threshold: float

    @property
    def farther(self) -> float:
        """Mean additional metres of all users; inf where no other place is left, NaN for none."""
        with np.errstate(invalid="ignore"):
            more = self.then - self.now
        return float(np.average(more, weights=self.users)) if len(self.rows) else float("nan")


def closing_of(
    homes: Homes,
    sites: Sites,
    identity: str,
    cost: TravelCost,
    *,
    choice: Choice | None = None,
    threshold: float = 1_000.0,
) -> Closing:
    """Return who would have farther to go without a place.

    Args:
        homes: where people live.
        sites: all places there are.
        identity: id of the place.
        cost: of the way, in metres.
        choice: which places can stand in for it; those of its kind if None.
        threshold: metres that count as in reach.

    Raises:
        NotFoundError: there is no such place.
        InvalidRequestError: it is not on the map.
    """
    row = sites.find(identity)
    if np.isnan(sites.points.longitude[row]):
        raise InvalidRequestError(
            sites.name(row),
            found="a place that is not on the map",
            expected="a place with a postcode or coordinates",
        )
    asked = choice or Choice(kinds=(sites.kind(row),))
    others = choose_sites(sites, asked).rows
    others = others[others != row]
    near = _candidates(homes, sites, row, others, cost)
    people = homes.of(near)
    points = points_of(people)
    here, _ = cost.nearest(points, sites.at(np.array([row])))
    away, found = cost.nearest(points, sites.at(others))
    mine = np.asarray(here < away, dtype=np.bool_)
    loses = mine & (here <= threshold) & (away > threshold)
    users = _sums(people, mine)
    used = np.flatnonzero(users > 0)
    lose = _sums(people, loses)
    order = used[np.lexsort((near[used], -users[used], -lose[used]))]
    with np.errstate(invalid="ignore"):
        now, then = (_mean(people, mine, one) for one in (here, away))
    main = main_place(people, np.where(mine, found, -1), len(others))
    places = np.append(others, -1)
    return Closing(
        site=row,
        rows=near[order],
        users=users[order],
        lose=lose[order],
        now=now[order],
        then=then[order],
        other=places[main[order]],
        threshold=threshold,
    )


def _candidates(homes: Homes, sites: Sites, row: int, others: Rows, cost: TravelCost) -> Rows:
    """Return the small areas that may hold people nearest to a place.

    A postcode is at most the breadth of its area from the centre, so that its two ways differ from
    those of the centre by at most that much each.
    """
    points = points_of(homes.centres)
    here, _ = cost.nearest(points, sites.at(np.array([row])))
    away, _ = cost.nearest(points, sites.at(others))
    return np.flatnonzero(here <= away + 2 * DETOUR * homes.breadth)


def _sums(people: People, at: npt.NDArray[np.bool_]) -> Floats:
    weights = np.where(at, people.weight, 0.0)
    return weighted_counts(people.area, weights, people.areas)


def _mean(people: People, at: npt.NDArray[np.bool_], values: Floats) -> Floats:
    """Return the mean over the people at some points; NaN where there are none."""
    weights = np.where(at, people.weight, 0.0)
    total = weighted_counts(people.area[at], (weights * values)[at], people.areas)
    return total / _sums(people, at)
