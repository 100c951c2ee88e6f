"""Support in reach of the people served, beside all people of the comparator."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from exclusion_map.access import Points, TravelCost
from exclusion_map.directory.selecting import Choice
from exclusion_map.targeting.footprint.withholding import DisclosureRule, safe_cells
from exclusion_map.targeting.reach import unlisted
from exclusion_map.targeting.sites import Sites, choose_sites
from exclusion_map.terms import SupportKind

Floats = npt.NDArray[np.float64]
NEAR = 1_000.0
"""Metres of way: some 12 minutes on foot."""
_TYPICAL = 100.0
"""Metres that a list's typical way is rounded to: to a millimetre it would tell of one area."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InReach:
    """One kind of support; shares 0 to 1, NaN where places are not listed or withheld.

    Attributes:
        kind: of place.
        served: share of the people served with one within ``NEAR`` of their area's centre; of a
            list from counts as may be shown.
        whole: of the people of the comparator.
        typical: metres of way that half of the people served are within.
        withheld: whether ``served`` is NaN because too few have one in reach, or have none.
    """

    kind: SupportKind
    served: float
    whole: float
    typical: float
    withheld: bool = False


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
    ways: Mapping[SupportKind, Floats],
    served: Floats,
    whole: Floats,
    rule: DisclosureRule | None = None,
) -> tuple[InReach, ...]:
    """Return support in reach of people served (n,) and of the comparator's (n,).

    Args:
        ways: metres (n,) to the nearest place, by kind.
        served: (n,) people served.
        whole: (n,) people of the comparator.
        rule: of small counts of a list; None for residents.
    """
    return tuple(_reach(kind, away, served, whole, rule) for kind, away in ways.items())


def _reach(
    kind: SupportKind, away: Floats, served: Floats, whole: Floats, rule: DisclosureRule | None
) -> InReach:
    unknown = np.isnan(away)
    near, far = (float(served[one].sum()) for one in (away <= NEAR, away > NEAR))
    cells = safe_cells(np.array([near, far, float(served[unknown].sum())]), rule)
    told = cells.shown[:2]
    typical = _median(away, served)
    return InReach(
        kind=kind,
        served=float(told[0] / told.sum()) if told.sum() > 0 else float("nan"),
        whole=_share(away, whole),
        typical=typical if rule is None else _rounded(typical),
        withheld=bool(cells.withheld[:2].any()),
    )


def _share(away: Floats, people: Floats) -> float:
    known = ~np.isnan(away) & (people > 0)
    total = float(people[known].sum())
    return float(people[known] @ (away[known] <= NEAR) / total) if total > 0 else float("nan")


def _median(away: Floats, people: Floats) -> float:
    """Return the distance that half of the people are within, weighted."""
    known = np.flatnonzero(~np.isnan(away) & (people > 0))
    if not len(known):
        return float("nan")
    order = known[np.argsort(away[known], kind="stable")]
    upto = np.cumsum(people[order])
    return float(away[order[int(np.searchsorted(upto, upto[-1] / 2))]])


def _rounded(metres: float) -> float:
    """Return a way to ``_TYPICAL``; as it is where it is not known or has no end."""
    return float(np.round(metres / _TYPICAL) * _TYPICAL)
