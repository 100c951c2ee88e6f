"""Ways without the internet: which places of support the people served have in reach."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from exclusion_map.access import People, TravelCost
from exclusion_map.directory.selecting import Choice
from exclusion_map.directory.terms import PLACES, taxonomy
from exclusion_map.targeting.footprint.support import NEAR
from exclusion_map.targeting.homes import Homes
from exclusion_map.targeting.reach import nearness, unlisted
from exclusion_map.targeting.sites import Sites, choose_sites

Floats = npt.NDArray[np.float64]
Rows = npt.NDArray[np.intp]

THRESHOLD_M: Final = NEAR
"""Metres of way that count as in reach, as in a footprint."""
MOST_BY_POSTCODE: Final = 1_500
"""Small areas up to which every postcode counts; of more, each stands at its centre."""
THIN: Final = 0.1
"""A nation with fewer than this part of the places a head that another has is taken as not listed:
a list of England holds the odd place across the border."""
FAR: Final = 0.5
"""Support is called far where fewer of the people served than this have it in reach."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """How the people served stand to one kind of place.

    Attributes:
        kind: key of the kind.
        places: of that kind on the map, in small areas where somebody is served.
        share: of the people served within the threshold, 0 to 1; NaN where nobody knows.
        usual: the same of the comparator; NaN where it was not worked out.
        way: mean metres to the nearest; inf for none at all, NaN unknown.
        known: share of the people served in nations whose places are listed, 0 to 1.
    """

    kind: str
    places: int
    share: float
    usual: float
    way: float
    known: float


@dataclass(frozen=True, eq=False, kw_only=True)
class Around:
    """What reach is worked out with.

    Attributes:
        homes: where people live.
        sites: the places.
        cost: of the way, in metres.
        nations: (n,) of the small areas.
    """

    homes: Homes
    sites: Sites
    cost: TravelCost
    nations: tuple[str, ...]

    @property
    def kinds(self) -> tuple[str, ...]:
        """Kinds of place of which there is at least one."""
        counts = self.sites.snapshot.counts
        return tuple(term.key for term in taxonomy(PLACES).terms if counts[term.key])


def by_postcode(rows: Rows) -> bool:
    """Return whether every postcode of some small areas counts, not their centres alone."""
    return len(rows) <= MOST_BY_POSTCODE


def reach_of(
    around: Around, served: Floats, usual: Mapping[str, float] | None = None
) -> tuple[Reach, ...]:
    """Return how people served (n,) stand to each kind of place, in the order of the taxonomy.

    Args:
        around: homes, places, ways.
        served: (n,) people served by small area.
        usual: the share of the comparator in reach, by kind, as `usual_reach` finds it.
    """
    rows = np.flatnonzero(served > 0)
    people = around.homes.of(rows) if by_postcode(rows) else _centres(around.homes, rows)
    found = []
    for kind in around.kinds:
        chosen = choose_sites(around.sites, Choice(kinds=(kind,)))
        silent = _silent(around, chosen.of_kind)
        near = nearness(people, around.sites.at(chosen.rows), around.cost, THRESHOLD_M)
        weight = np.where(silent[rows], 0.0, served[rows])
        inside = around.sites.area[chosen.rows]
        found.append(
            Reach(
                kind=kind,
                places=int((served[inside[inside >= 0]] > 0).sum()),
                share=_mean(near.share, weight),
                usual=(usual or {}).get(kind, float("nan")),
                way=_mean(near.way, weight),
                known=float(weight.sum() / served.sum()),
            )
        )
    return tuple(found)


def usual_reach(around: Around, people: Floats) -> dict[str, float]:
    """Return the share of people (n,) in reach of each kind, taken at the centres of their areas.

    It says what is usual, of a whole country as a rule: a million postcodes would tell no more.
    """
    rows = np.flatnonzero(people > 0)
    centres = _centres(around.homes, rows)
    found = {}
    for kind in around.kinds:
        chosen = choose_sites(around.sites, Choice(kinds=(kind,)))
        silent = _silent(around, chosen.of_kind)
        near = nearness(centres, around.sites.at(chosen.rows), around.cost, THRESHOLD_M)
        found[kind] = _mean(near.share, np.where(silent[rows], 0.0, people[rows]))
    return found


def _silent(around: Around, places: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
    """Return (n,) the small areas in nations of which no list was read, or next to none of it."""
    silent = unlisted(around.sites, places, around.nations)
    at = around.sites.area[places]
    names, number = np.unique(np.array(around.nations), return_inverse=True)
    listed = np.bincount(number[at[at >= 0]], minlength=len(names))
    people = np.bincount(number, weights=np.nan_to_num(around.homes.population))
    rate = np.divide(listed, people, out=np.zeros(len(names)), where=people > 0)
    thin = rate < THIN * rate.max()
    return np.asarray(silent | thin[number], dtype=np.bool_)


def _mean(values: Floats, weight: Floats) -> float:
    counted = (weight > 0) & ~np.isnan(values)
    total = float(weight[counted].sum())
    return float(weight[counted] @ values[counted] / total) if total > 0 else float("nan")


def _centres(homes: Homes, rows: Rows) -> People:
    """Return the centres of some small areas, numbered 0 to k - 1."""
    every = homes.centres
    return People(
        longitude=every.longitude[rows],
        latitude=every.latitude[rows],
        weight=every.weight[rows],
        area=np.arange(len(rows)),
        areas=len(rows),
        without_postcode=np.empty(0, dtype=np.int64),
    )
