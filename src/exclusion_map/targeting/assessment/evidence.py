"""The evidence for an impact assessment: risk, groups, ways without the internet, prompts, gaps."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

import numpy as np
import numpy.typing as npt

from exclusion_map.areas.atlas import Atlas, ScoreSet
from exclusion_map.areas.drivers import Contributions
from exclusion_map.areas.phrases import LEAST_POINTS
from exclusion_map.areas.rollup_estimate import RolledEstimate, roll_estimate
from exclusion_map.areas.spread import Spread, spread_of
from exclusion_map.catalogue import Indicator
from exclusion_map.errors import InvalidRequestError
from exclusion_map.targeting.assessment.declared import Group, Part, figures_used, groups
from exclusion_map.targeting.assessment.figures import Figure, Weighing, columns_of, figure
from exclusion_map.targeting.assessment.prompting import Asked, Findings, asked_of
from exclusion_map.targeting.assessment.reach import (
    Around,
    Reach,
    reach_of,
    usual_reach,
)
from exclusion_map.targeting.footprint import Basis, Served
from exclusion_map.targeting.footprint.chance import of_list
from exclusion_map.targeting.footprint.footprint import Comparator, outside_of
from exclusion_map.targeting.footprint.withholding import Cells, DisclosureRule, safe_cells
from exclusion_map.targeting.gaps import Risk
from exclusion_map.terms import AreaKind, NhsGroup

Floats = npt.NDArray[np.float64]
MOST_DRIVERS: Final = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Driver:
    """An indicator of the index that raises the risk of the people served.

    Attributes:
        indicator: id.
        group: of the NHS framework.
        points: of the score that it adds, more than in the comparator.
    """

    indicator: str
    group: NhsGroup
    points: float


@dataclass(frozen=True, eq=False, kw_only=True)
class RiskSeen:
    """The risk of the people served. NaN where nothing is known.

    Attributes:
        spread: of the people served over tenths of risk.
        usual: the same of the comparator.
        surely_high: share of the people served in areas of the highest-risk tenth whatever
            reasonable choices are made.
        in_doubt: share in areas whose place depends on judgement.
        estimate: modelled households unlikely to deal with government online; None for none.
        usual_estimate: the same of the comparator.
    """

    spread: Spread
    usual: Spread
    surely_high: float
    in_doubt: float
    estimate: RolledEstimate | None
    usual_estimate: RolledEstimate | None


@dataclass(frozen=True, eq=False, kw_only=True)
class Evidence:
    """Everything an assessment says, as figures.

    Attributes:
        served: who is served there.
        total: people served; of a list rounded.
        outside: people served outside the comparator, who are left out as in a footprint; of a
            list rounded, NaN where withheld.
        comparator: what they are compared with.
        figures: by id, only those with a value for somebody served.
        risk: of the people served.
        drivers: what raises it, most first.
        reach: places of support, by kind.
        asked: prompts for lessening harm, with why each is asked.
        nations: share of the people served by nation.
    """

    served: Served
    total: float
    outside: float
    comparator: Comparator
    figures: Mapping[str, Figure]
    risk: RiskSeen
    drivers: tuple[Driver, ...]
    reach: tuple[Reach, ...]
    asked: tuple[Asked, ...]
    nations: Mapping[str, float]

    def seen(self, group: Group) -> str:
        """Return whether a group can be seen: ``counted``, ``related`` or ``not seen``."""
        held = [one for one in group.figures if one.indicator in self.figures]
        if any(one.role == "direct" for one in held):
            return "counted"
        return "related" if held else "not seen"

    def unseen(self, part: Part | None = None) -> tuple[Group, ...]:
        """Return the groups that no figure counts."""
        every = groups().groups if part is None else groups().of(part)
        return tuple(group for group in every if self.seen(group) != "counted")


@dataclass(frozen=True, eq=False, kw_only=True)
class Grounds:
    """What evidence stands on.

    Attributes:
        atlas: the areas.
        indicators: of the edition, by id.
        scores: of the small areas, by the index.
        risk: of the same.
        high: place in ``risk.sure_words`` from 1 of areas that are of high risk for sure.
        depends: likewise of areas that depend on judgement.
        contributions: of the index's indicators.
        around: homes, places and ways.
        today: for the age of sources.
        rule: how small counts of a list are withheld; None for not at all.
    """

    atlas: Atlas
    indicators: Mapping[str, Indicator]
    scores: ScoreSet
    risk: Risk
    high: int
    depends: int
    contributions: Contributions
    around: Around
    today: date
    rule: DisclosureRule | None = None

    def safe(self, served: Served, counts: Floats) -> Cells:
        """Return counts of people served, by cells that add up to all, as they may be told.

        Residents of places are published already.

        Raises:
            InvalidRequestError: a list of so few people that nothing may be told.
        """
        return safe_cells(counts, self.rule if served.basis is Basis.COUNTS else None)


def evidence_of(
    grounds: Grounds,
    served: Served,
    comparator: Comparator,
    usual: Mapping[str, float] | None = None,
) -> Evidence:
    """Return the evidence for the people served.

    Args:
        grounds: what it stands on.
        served: who is served.
        comparator: what they are compared with; who is served elsewhere is left out.
        usual: the comparator's share in reach of places, by kind, where it is at hand.

    Raises:
        InvalidRequestError: nobody is served there, or so few of a list that nothing may be told.
    """
    residents = np.nan_to_num(grounds.atlas.level(AreaKind.SMALL_AREA).population)
    outside = outside_of(served, comparator, grounds.rule)
    served = served.inside(comparator.inside)
    if not served.total > 0:
        raise InvalidRequestError(
            "people served",
            found=f"nobody in {comparator.name}",
            expected="an area to compare with where some of them live",
        )
    whole = np.where(comparator.inside, residents, 0.0)
    ours = Weighing.of(served, residents)
    theirs = Weighing.of_people(whole, residents, listed=False)
    figures = _figures(grounds, ours, theirs)
    drivers = _drivers(grounds, ours, theirs)
    risk = _risk(grounds, served, ours, theirs)
    if usual is None:
        usual = usual_reach(grounds.around, whole)
    reach = reach_of(grounds.around, served.people, usual)
    return Evidence(
        served=served,
        total=grounds.safe(served, np.array([served.total])).total,
        outside=outside,
        comparator=comparator,
        figures=figures,
        risk=risk,
        drivers=drivers,
        reach=reach,
        asked=asked_of(
            Findings(
                figures=figures,
                drivers={one.indicator for one in drivers} | {one.group for one in drivers},
                reach=reach,
                worst_tenth=(risk.spread.worst_tenth, risk.usual.worst_tenth),
            )
        ),
        nations=_nations(grounds, served),
    )


def _figures(grounds: Grounds, ours: Weighing, theirs: Weighing) -> dict[str, Figure]:
    """Return the figures that questions are asked by, where they are known."""
    units = {name: one.unit for name, one in grounds.indicators.items()}
    columns = columns_of(grounds.atlas, units)
    used = [name for name in figures_used() if name in columns]
    found = {name: figure(name, columns[name], ours, theirs) for name in used}
    return {name: one for name, one in found.items() if one.known}


def _risk(grounds: Grounds, served: Served, ours: Weighing, theirs: Weighing) -> RiskSeen:
    people, risk, atlas = ours.people, grounds.risk, grounds.atlas
    surely, doubt = _sure(grounds, served)
    estimates = risk.estimates
    found, usual = (
        None if estimates is None else roll_estimate(atlas, estimates, one.part)
        for one in (ours, theirs)
    )
    if found is not None and estimates is not None and ours.listed:
        found = of_list(found, estimates, people)
    return RiskSeen(
        spread=_safe_spread(grounds, served, spread_of(people > 0, people, grounds.scores)),
        usual=spread_of(theirs.people > 0, theirs.people, grounds.scores),
        surely_high=surely,
        in_doubt=doubt,
        estimate=found,
        usual_estimate=usual,
    )


def _sure(grounds: Grounds, served: Served) -> tuple[float, float]:
    """Return the shares in areas surely of high risk, and in those that depend on judgement."""
    sure = grounds.risk.sure
    if sure is None:
        return float("nan"), float("nan")
    classes = (sure == grounds.high, sure == grounds.depends)
    counts = [float(served.people[one].sum()) for one in classes]
    cells = grounds.safe(served, np.array([*counts, served.total - sum(counts)]))
    return float(cells.shown[0] / cells.total), float(cells.shown[1] / cells.total)


def _safe_spread(grounds: Grounds, served: Served, spread: Spread) -> Spread:
    """Return a spread whose tenths may be told; NaN for those withheld."""
    if not spread.scored:
        return spread
    cells = grounds.safe(served, np.array(spread.tenths))
    return replace(
        spread,
        population_scored=cells.total,
        tenths=tuple(cells.shown.tolist()),
        worst_tenth=float(cells.shown[0] / cells.total),
        worst_fifth=float(np.minimum(cells.shown[:2].sum() / cells.total, 1.0)),
    )


def _drivers(grounds: Grounds, ours: Weighing, theirs: Weighing) -> tuple[Driver, ...]:
    """Return what raises the score of the people served above the comparator's, most first."""
    held = grounds.contributions
    mean, usual = (_mean_points(held.points, one.people) for one in (ours, theirs))
    more = mean - usual
    order = np.argsort(-np.nan_to_num(more), kind="stable")[:MOST_DRIVERS]
    return tuple(
        Driver(
            indicator=held.indicators[at],
            group=grounds.indicators[held.indicators[at]].nhs_group,
            points=float(more[at]),
        )
        for at in order.tolist()
        if more[at] >= LEAST_POINTS
    )


def _mean_points(points: Floats, people: Floats) -> Floats:
    known = ~np.isnan(points).any(axis=1) & (people > 0)
    if not known.any():
        return np.full(points.shape[1], np.nan)
    mean: Floats = np.average(points[known], axis=0, weights=people[known])
    return mean


def _nations(grounds: Grounds, served: Served) -> dict[str, float]:
    """Return the share of the people served by nation; small ones of a list are left out."""
    names = np.array(grounds.atlas.level(AreaKind.SMALL_AREA).nations)
    every = [str(one) for one in np.unique(names)]
    counts = np.array([served.people[names == one].sum() for one in every])
    cells = grounds.safe(served, counts)
    shares = dict(zip(every, (cells.shown / cells.total).tolist(), strict=True))
    return {name: share for name, share in shares.items() if share > 0}
