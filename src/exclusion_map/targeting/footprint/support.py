"""Support in reach of the people served, beside all people of the comparator."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from exclusion_map.access import Points, TravelCost
from exclusion_map.directory.selecting import Choice
from exclusion_map.targeting.reach import unlisted
from exclusion_map.targeting.sites import Sites, choose_sites
from exclusion_map.terms import SupportKind

Floats = npt.NDArray[np.float64]
NEAR = 1_000.0
"""Metres of way: some 12 minutes on foot."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InReach:
    """One kind of support; shares 0 to 1, NaN where places are not listed.

    Attributes:
        kind: of place.
        served: share of the people served with one within ``NEAR`` of their area's centre.
        whole: of the people of the comparator.
        typical: metres of way that half of the people served are within.
        known: share of the people served in nations whose places are listed.
    """

    kind: SupportKind
    served: float
    whole: float
    typical: float
    known: float


def ways_to(
    origins: Points, sites: Sites, cost: TravelCost, nations: tuple[str, ...]
) -> dict[SupportKind, Floats]:
    """Return metres (n,) from the centre of each small area's homes to the nearest place.

    Args:
        origins: (n,) centres of all small areas.
        sites: all places there are.
        cost: of the way, in metres.
        nations: (n,) of the small areas; NaN where none of a kind is listed in a nation.
    """
    found = {}
    for kind in SupportKind:
        chosen = choose_sites(sites, Choice(kinds=(kind.value,)))
        if not len(chosen.rows):
            continue
        away, _ = cost.nearest(origins, sites.at(chosen.rows))
        found[kind] = np.where(unlisted(sites, chosen.of_kind, nations), np.nan, away)
    return found


def in_reach(
    ways: Mapping[SupportKind, Floats], served: Floats, whole: Floats
) -> tuple[InReach, ...]:
    """Return support in reach of people served (n,) and of the comparator's (n,)."""
    return tuple(
        InReach(
            kind=kind,
            served=_share(away, served),
            whole=_share(away, whole),
            typical=_median(away, served),
            known=_known(away, served),
        )
        for kind, away in ways.items()
    )


def _share(away: Floats, people: Floats) -> float:
    known = ~np.isnan(away) & (people > 0)
    total = float(people[known].sum())
    return float(people[known] @ (away[known] <= NEAR) / total) if total > 0 else float("nan")


def _known(away: Floats, people: Floats) -> float:
    total = float(people.sum())
    return float(people[~np.isnan(away)].sum() / total) if total > 0 else float("nan")


def _median(away: Floats, people: Floats) -> float:
    """Return the distance that half of the people are within, weighted."""
    known = np.flatnonzero(~np.isnan(away) & (people > 0))
    if not len(known):
        return float("nan")
    order = known[np.argsort(away[known], kind="stable")]
    upto = np.cumsum(people[order])
    return float(away[order[int(np.searchsorted(upto, upto[-1] / 2))]])
