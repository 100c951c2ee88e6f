"""Where risk is high and support is far: areas, walkable groups of them, and the people concerned.

Risk comes from the index and access from distance; neither is mixed into the other.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from exclusion_map.areas.atlas import OUTSIDE, Atlas
from exclusion_map.areas.rollup_estimate import RolledEstimate, SmallEstimates, roll_estimate
from exclusion_map.geography.contiguity import Contiguity
from exclusion_map.stopping import as_wanted
from exclusion_map.support.distance import metres, unit_vectors
from exclusion_map.targeting.access_query import Access
from exclusion_map.targeting.homes import Homes
from exclusion_map.terms import AreaKind

_ASK_EVERY = 256

Floats = npt.NDArray[np.float64]
Rows = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
Bytes = npt.NDArray[np.uint8]

MOST_NAMED = 3
"""Neighbourhoods that name a group."""


class Worst(StrEnum):
    """Which areas count as high risk."""

    TENTH = "tenth"
    FIFTH = "fifth"

    @property
    def deciles(self) -> int:
        """How many tenths of people these are."""
        return 1 if self is Worst.TENTH else 2


@dataclass(frozen=True, eq=False, kw_only=True)
class Risk:
    """The risk of n small areas.

    Attributes:
        decile: 1 = highest-risk tenth of people, 0 = no score.
        score: 0 to 100, NaN = none.
        probability: that it is in the worst tenth with other reasonable choices; None where the
            edition does not say.
        sure: place in ``sure_words`` from 1, 0 = not known; None where the edition does not say.
        sure_words: classes of how sure it is.
        estimates: modelled households and people concerned; None where the edition has none.
    """

    decile: Bytes
    score: Floats
    probability: Floats | None = None
    sure: Bytes | None = None
    sure_words: tuple[str, ...] = ()
    estimates: SmallEstimates | None = None

    def high(self, worst: Worst) -> Flags:
        """Return (n,) which areas count as of high risk."""
        return np.asarray((self.decile > 0) & (self.decile <= worst.deciles), dtype=np.bool_)

    def concerned(self, population: Floats) -> Floats:
        """Return (n,) modelled people concerned; all people where there is no estimate at all."""
        if self.estimates is None:
            return np.nan_to_num(population)
        return np.nan_to_num(self.estimates.people)


@dataclass(frozen=True, eq=False, kw_only=True)
class Group:
    """Areas of a gap that touch and lie within a walk of the one with most people concerned.

    Attributes:
        rows: of the small areas, the one with most people concerned first.
        people: who live there.
        beyond: of them, who live beyond the threshold.
        concerned: modelled people concerned beyond it.
        neighbourhoods: rows of the neighbourhoods that hold most of ``beyond``, most first.
        councils: rows of the local authorities, most first.
    """

    rows: Rows
    people: float
    beyond: float
    concerned: float
    neighbourhoods: tuple[int, ...]
    councils: tuple[int, ...]


@dataclass(frozen=True, eq=False, kw_only=True)
class Gaps:
    """The gaps of some areas.

    Attributes:
        access: that they were found with; arrays of the same areas.
        high: (k,) areas of high risk.
        listed: numbers of the areas with high risk where at least half of the people live beyond
            the threshold, most people concerned first.
        beyond: (k,) people beyond the threshold; NaN unknown.
        concerned: (k,) modelled people concerned beyond the threshold; NaN unknown.
        groups: of the areas listed, most people concerned first.
    """

    access: Access
    high: Flags
    listed: Rows
    beyond: Floats
    concerned: Floats
    groups: tuple[Group, ...]

    @property
    def high_people(self) -> float:
        """People in areas of high risk."""
        return float(self.access.people[self.high].sum())

    @property
    def high_beyond(self) -> float:
        """People in areas of high risk beyond the threshold, as far as is known."""
        return float(np.nansum(self.beyond[self.high]))

    @property
    def high_unknown(self) -> float:
        """People in areas of high risk where nobody knows how far support is."""
        return float(self.access.people[self.high & np.isnan(self.beyond)].sum())


def find_gaps(
    atlas: Atlas,
    homes: Homes,
    access: Access,
    risk: Risk,
    *,
    worst: Worst,
    borders: Contiguity | None,
    walk: float,
) -> Gaps:
    """Return where risk is high and support far.

    Args:
        atlas: the areas.
        homes: where their people live.
        access: of the areas asked about.
        risk: of all small areas.
        worst: which areas count as of high risk.
        borders: which small areas touch; each area is a group of its own if None.
        walk: metres in a straight line from one area's centre to another's within a group.
    """
    rows = access.rows
    high = risk.high(worst)[rows]
    beyond = access.beyond
    far = 1 - access.near.share
    concerned = risk.concerned(homes.population)[rows] * far
    listed = np.flatnonzero(high & (far >= 0.5) & (access.people > 0))
    order = np.lexsort((rows[listed], -beyond[listed], -concerned[listed]))
    listed = listed[order]
    parts = _walkable(homes, rows[listed], borders, walk)
    groups = [_group(atlas, access, listed[part], beyond, concerned) for part in parts]
    return Gaps(
        access=access,
        high=high,
        listed=listed,
        beyond=beyond,
        concerned=concerned,
        groups=tuple(sorted(groups, key=lambda one: (-one.concerned, int(one.rows[0])))),
    )


def estimate_of(
    atlas: Atlas, risk: Risk, access: Access, rows: Sequence[int] | Rows
) -> RolledEstimate | None:
    """Return the modelled estimate, with its range, of the people beyond the threshold.

    The households concerned are assumed to be spread across an area as its people are.
    """
    if risk.estimates is None:
        return None
    weight = np.zeros(len(risk.decile))
    number = np.full(len(weight), -1, dtype=np.int64)
    number[access.rows] = np.arange(len(access.rows))
    at = number[np.asarray(rows, dtype=np.int64)]
    weight[access.rows[at]] = np.nan_to_num(1 - access.near.share[at])
    return roll_estimate(atlas, risk.estimates, weight)


def _walkable(homes: Homes, rows: Rows, borders: Contiguity | None, walk: float) -> list[Rows]:
    """Return groups, as places in ``rows`` (sorted by weight): a seed, and what touches it nearby.

    Areas join while they touch the group and their centre is within the walk of the seed's.
    """
    if borders is None or not len(rows):
        return [np.array([at]) for at in range(len(rows))]
    place = {row: at for at, row in enumerate(rows.tolist())}
    centres = homes.centres
    points = unit_vectors(centres.longitude[rows], centres.latitude[rows])
    taken = np.zeros(len(rows), dtype=np.bool_)
    found = []
    for seed in as_wanted(range(len(rows)), _ASK_EVERY):
        if taken[seed]:
            continue
        taken[seed] = True
        group, waiting = [seed], [seed]
        while waiting:
            near = borders.neighbours(int(rows[waiting.pop()])).tolist()
            for at in (place[row] for row in near if row in place):
                if not taken[at] and metres(points[at], points[seed]) <= walk:
                    taken[at] = True
                    group.append(at)
                    waiting.append(at)
        found.append(np.array(sorted(group)))
    return found


def _group(atlas: Atlas, access: Access, at: Rows, beyond: Floats, concerned: Floats) -> Group:
    rows = access.rows[at]
    return Group(
        rows=rows,
        people=float(access.people[at].sum()),
        beyond=float(beyond[at].sum()),
        concerned=float(concerned[at].sum()),
        neighbourhoods=_holders(atlas, AreaKind.NEIGHBOURHOOD, rows, beyond[at])[:MOST_NAMED],
        councils=_holders(atlas, AreaKind.LOCAL_AUTHORITY, rows, beyond[at])[:MOST_NAMED],
    )


def _holders(atlas: Atlas, kind: AreaKind, rows: Rows, people: Floats) -> tuple[int, ...]:
    """Return the areas of a kind that hold small areas, those with most people first."""
    parent = atlas.level(AreaKind.SMALL_AREA).parents.get(kind)
    if parent is None:
        return ()
    at = parent[rows]
    totals: dict[int, float] = {}
    for row, living in zip(at.tolist(), people.tolist(), strict=True):
        if row != OUTSIDE:
            totals[row] = totals.get(row, 0.0) + living
    return tuple(sorted(totals, key=lambda row: (-totals[row], row)))
