"""Footprint: who a product or programme serves, who among them is at risk, and who is missed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from exclusion_map.areas.atlas import Atlas, ScoreSet
from exclusion_map.areas.rollup_estimate import RolledEstimate, SmallEstimates, roll_estimate
from exclusion_map.errors import InvalidRequestError
from exclusion_map.targeting.footprint.chance import of_list
from exclusion_map.targeting.footprint.comparing import (
    GroupFigure,
    Part,
    Sides,
    groups_of,
    rounded,
    tenths_of,
)
from exclusion_map.targeting.footprint.neighbourhoods import Neighbourhoods, worst_served
from exclusion_map.targeting.footprint.served import Basis, Served
from exclusion_map.targeting.footprint.suggestions import (
    Driver,
    Suggestion,
    drivers_of,
    suggestions_of,
)
from exclusion_map.targeting.footprint.support import InReach, in_reach
from exclusion_map.targeting.footprint.withholding import DisclosureRule
from exclusion_map.terms import AreaKind, NhsGroup, SupportKind

Floats = npt.NDArray[np.float64]

EVERYWHERE = frozenset({"all", "everywhere"})
"""Words for the whole edition."""
HOLDS = 0.9
"""A comparator chosen for the reader holds at least this share of the people served."""
MOST_OF_IT = 0.5
"""All residents of more than this share of a place are not compared with that place."""
_KINDS = (
    *(AreaKind.LOCAL_AUTHORITY, AreaKind.SUB_ICB, AreaKind.ICB),
    *(AreaKind.REGION, AreaKind.NATION),
)


@dataclass(frozen=True, eq=False, kw_only=True)
class Comparator:
    """The place whose people are compared with.

    Attributes:
        code: of the area; empty for the whole edition.
        name: in words.
        inside: (n,) which small areas belong to it.
        chosen: whether the reader named it; else the smallest that holds nearly all people served.
    """

    code: str
    name: str
    inside: npt.NDArray[np.bool_]
    chosen: bool


@dataclass(frozen=True, eq=False, kw_only=True)
class Evidence:
    """What the small areas of an edition are known by, (n,) each.

    Attributes:
        atlas: the areas.
        scores: of the index.
        groups: figures of NHS groups.
        estimates: modelled households; None for none.
        ways: metres to the nearest place, by kind.
        points: (n, k) points of the score by indicator.
        point_groups: (k,) group of each of these indicators.
        drawn: (draws, n) tenths in other readings of the index; None for none.
    """

    atlas: Atlas
    scores: ScoreSet
    groups: Sequence[GroupFigure]
    estimates: SmallEstimates | None
    ways: Mapping[SupportKind, Floats]
    points: Floats
    point_groups: Sequence[NhsGroup]
    drawn: npt.NDArray[np.uint8] | None = None


@dataclass(frozen=True, eq=False, kw_only=True)
class Footprint:
    """The answer.

    Attributes:
        served: who is served, and what the list came to.
        comparator: compared with whom.
        rule: of small counts; None where all residents are served.
        total: people served inside the comparator, as may be shown.
        outside: people served elsewhere, as may be shown; NaN where withheld.
        unscored: of the total, in areas without a score.
        households: served; of a list between ``households_low`` and this.
        households_low: if as many live together as usual there.
        whole_people: of the comparator.
        tenths: of risk, highest first.
        fifth: the highest-risk fifth.
        groups: of the NHS framework, as far as figures tell.
        neighbourhoods: worst served first.
        estimate: modelled households unlikely to cope online, among the people served.
        whole_estimate: of the comparator.
        support: in reach.
        drivers: of the score, by group.
        suggestions: that these make.
        draws: how many other readings of the index were looked at; 0 for none.
        sides: that were compared.
    """

    served: Served
    comparator: Comparator
    rule: DisclosureRule | None
    total: float
    outside: float
    unscored: float
    households: float
    households_low: float
    whole_people: float
    tenths: tuple[Part, ...]
    fifth: Part
    groups: tuple[Part, ...]
    neighbourhoods: Neighbourhoods
    estimate: RolledEstimate | None
    whole_estimate: RolledEstimate | None
    support: tuple[InReach, ...]
    drivers: tuple[Driver, ...]
    suggestions: tuple[Suggestion, ...]
    draws: int
    sides: Sides


def comparator_of(atlas: Atlas, code: str, title: str, served: Served) -> Comparator:
    """Return the place to compare with.

    Args:
        atlas: the areas.
        code: of an area of any kind; “all” for the whole edition; empty to have the smallest
            chosen that holds nearly all people served and is not made up of them.
        title: of the edition.
        served: who is served.

    Raises:
        NotFoundError: there is no area of that code.
    """
    n = len(atlas.level(AreaKind.SMALL_AREA))
    everywhere = code.strip().lower() in EVERYWHERE
    if code and not everywhere:
        level, row = atlas.find(code)
        inside = np.zeros(n, dtype=np.bool_)
        inside[atlas.members(level, row)] = True
        return Comparator(code=level.codes[row], name=level.labels[row], inside=inside, chosen=True)
    if everywhere:
        return Comparator(code="", name=title, inside=np.ones(n, dtype=np.bool_), chosen=True)
    small = atlas.level(AreaKind.SMALL_AREA)
    people = np.nan_to_num(small.population)
    for kind in _KINDS:
        if kind not in atlas.levels or kind not in small.parents:
            continue
        parent = small.parents[kind]
        there = parent >= 0
        count = len(atlas.level(kind))
        held = np.bincount(parent[there], weights=served.people[there], minlength=count)
        row = int(np.argmax(held))
        inside = parent == row
        all_of_it = float(people[inside].sum())
        too_like = served.basis is Basis.RESIDENTS and held[row] > MOST_OF_IT * all_of_it
        if held[row] >= HOLDS * served.total and not too_like:
            level = atlas.level(kind)
            return Comparator(
                code=level.codes[row], name=level.labels[row], inside=inside, chosen=False
            )
    return Comparator(code="", name=title, inside=np.ones(n, dtype=np.bool_), chosen=False)


def footprint_of(
    served: Served, comparator: Comparator, evidence: Evidence, rule: DisclosureRule | None
) -> Footprint:
    """Return who is served beside who could be.

    Args:
        served: people by small area.
        comparator: whose people are compared with.
        evidence: what is known of small areas.
        rule: of small counts; not applied to residents, whose numbers are published.

    Raises:
        InvalidRequestError: nobody is served in the comparator, or so few that nothing may be told.
    """
    small = evidence.atlas.level(AreaKind.SMALL_AREA)
    people = np.nan_to_num(small.population)
    inside = comparator.inside
    rule = rule if served.basis is Basis.COUNTS else None
    sides = Sides(
        served=np.where(inside, served.people, 0.0),
        whole=np.where(inside, people, 0.0),
        households=_ratio(np.nan_to_num(small.households), people),
        tenth=evidence.scores.decile,
        rule=rule,
        drawn=evidence.drawn,
    )
    if not sides.served.sum() > 0:
        raise InvalidRequestError(
            "people served",
            found=f"nobody in {comparator.name}",
            expected="an area to compare with where some of them live",
        )
    tenths, fifth, cells = tenths_of(sides)
    homes = float(sides.served @ sides.households)
    drivers = _drivers(evidence, sides)
    return Footprint(
        served=served,
        comparator=comparator,
        rule=rule,
        total=cells.total,
        outside=outside_of(served, comparator, rule),
        unscored=float(cells.shown[10]),
        households=homes if rule is None else cells.total,
        households_low=homes if rule is None else min(rounded(homes, rule), cells.total),
        whole_people=float(sides.whole.sum()),
        tenths=tenths,
        fifth=fifth,
        groups=groups_of(sides, evidence.groups),
        neighbourhoods=worst_served(evidence.atlas, sides),
        estimate=_served_estimate(evidence, sides, people),
        whole_estimate=_estimate(evidence, inside.astype(np.float64)),
        support=in_reach(evidence.ways, sides.served, sides.whole, rule),
        drivers=drivers,
        suggestions=suggestions_of(drivers),
        draws=0 if evidence.drawn is None else len(evidence.drawn),
        sides=sides,
    )


def outside_of(served: Served, comparator: Comparator, rule: DisclosureRule | None) -> float:
    """Return people served outside the comparator; of a list as may be told, NaN where withheld."""
    rule = rule if served.basis is Basis.COUNTS else None
    outside = float(served.people[~comparator.inside].sum())
    few = rule is not None and 0 < round(outside) <= rule.threshold
    return float("nan") if few else rounded(outside, rule)


def _ratio(top: Floats, bottom: Floats) -> Floats:
    """Return (n,) one over the other; 0 where the other is 0."""
    found: Floats = np.divide(top, bottom, out=np.zeros(len(top)), where=bottom > 0)
    return found


def _estimate(evidence: Evidence, weight: Floats) -> RolledEstimate | None:
    if evidence.estimates is None:
        return None
    return roll_estimate(evidence.atlas, evidence.estimates, weight)


def _served_estimate(evidence: Evidence, sides: Sides, people: Floats) -> RolledEstimate | None:
    found = _estimate(evidence, _ratio(sides.served, people))
    if found is None or evidence.estimates is None or not sides.sampled:
        return found
    return of_list(found, evidence.estimates, sides.served)


def _drivers(evidence: Evidence, sides: Sides) -> tuple[Driver, ...]:
    known = ~np.isnan(evidence.points).any(axis=1)
    served, whole = sides.served[known], sides.whole[known]
    if not served.sum() > 0 or not whole.sum() > 0:
        return ()
    points = evidence.points[known]
    here, there = (weight @ points / weight.sum() for weight in (served, whole))
    return drivers_of(zip(evidence.point_groups, here.tolist(), there.tolist(), strict=True))
