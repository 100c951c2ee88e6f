"""Who lives in a place, and the areas inside it with the highest risk."""

from dataclasses import dataclass

import numpy as np

from exclusion_map.areas.atlas import OUTSIDE, Atlas, Level, ScoreSet
from exclusion_map.areas.rollup_estimate import RolledEstimate, SmallEstimates, roll_estimate
from exclusion_map.areas.search import context_of
from exclusion_map.areas.spread import spread_of
from exclusion_map.editions.extras import EstimateTable
from exclusion_map.editions.reports.measures import known
from exclusion_map.editions.reports.model import (
    EstimatePart,
    InsidePart,
    InsideRow,
    PeoplePart,
    TenthPart,
)
from exclusion_map.editions.reports.subjects import Subject
from exclusion_map.terms import AreaKind

SHOWN = 10
"""Areas inside that a report names."""
_FEW_NEIGHBOURHOODS = 3


@dataclass(frozen=True, eq=False, kw_only=True)
class PeopleTeller:
    """Tells who lives in a place.

    Attributes:
        atlas: the areas.
        scores: of the small areas.
        estimates: of the small areas; None where there are none.
        published: ranges of the estimate as the edition has them, by kind.
    """

    atlas: Atlas
    scores: ScoreSet
    estimates: SmallEstimates | None
    published: dict[AreaKind, EstimateTable]

    def people(self, subject: Subject) -> PeoplePart:
        """Return who lives in a place."""
        small, rows = self.atlas.level(AreaKind.SMALL_AREA), subject.rows
        population = small.population[rows]
        spread = spread_of(rows, np.nan_to_num(small.population), self.scores)
        scored = spread.population_scored
        return PeoplePart(
            population=known(float(population.sum())),
            households=known(float(small.households[rows].sum())),
            small_areas=len(rows),
            tenths=tuple(
                TenthPart(tenth=number, people=people, share=people / scored if scored else None)
                for number, people in enumerate(spread.tenths, start=1)
            ),
            worst_tenth=known(spread.worst_tenth),
            worst_fifth=known(spread.worst_fifth),
            lowest=known(spread.lowest),
            highest=known(spread.highest),
            estimate=self._estimate(subject),
        )

    def _estimate(self, subject: Subject) -> EstimatePart | None:
        """Return the modelled estimate: with the published range where the edition has one."""
        table = self.published.get(subject.kind) if subject.kind else None
        if table is not None and not np.isnan(table.estimate[subject.row]):
            return _of_table(table, subject.row)
        if self.estimates is None:
            return None
        weight = np.zeros(len(self.estimates.share))
        weight[subject.rows] = 1.0
        found = roll_estimate(self.atlas, self.estimates, weight)
        return None if found is None else _of_sum(found)


def _of_table(table: EstimateTable, row: int) -> EstimatePart:
    return EstimatePart(
        share=float(table.estimate[row]),
        share_low=float(table.low[row]),
        share_high=float(table.high[row]),
        households=float(table.households[row]),
        households_low=float(table.households_low[row]),
        households_high=float(table.households_high[row]),
        people=float(table.people[row]),
        people_low=float(table.people_low[row]),
        people_high=float(table.people_high[row]),
    )


def _of_sum(found: RolledEstimate) -> EstimatePart:
    return EstimatePart(
        share=found.share.middle,
        share_low=found.share.low,
        share_high=found.share.high,
        households=found.households.middle,
        households_low=found.households.low,
        households_high=found.households.high,
        people=found.people.middle,
        people_low=found.people.low,
        people_high=found.people.high,
    )


def inside(atlas: Atlas, index: str, subject: Subject) -> InsidePart | None:
    """Return the areas inside a place with the highest risk; None for a small area.

    They are neighbourhoods, by the names people use; small areas where the place has hardly any.
    """
    if len(subject.rows) < 2:
        return None
    small = atlas.level(AreaKind.SMALL_AREA)
    rows = np.unique(
        small.parents.get(AreaKind.NEIGHBOURHOOD, np.full(len(small), OUTSIDE))[subject.rows]
    )
    rows, kind = rows[rows != OUTSIDE], AreaKind.NEIGHBOURHOOD
    if len(rows) <= _FEW_NEIGHBOURHOODS or subject.kind is AreaKind.WARD:
        rows, kind = subject.rows, AreaKind.SMALL_AREA
    level, scores = atlas.level(kind), atlas.score_set(index, kind)
    ranked = rows[scores.rank[rows] > 0]
    first = ranked[np.argsort(scores.rank[ranked], kind="stable")][:SHOWN]
    return InsidePart(
        kind=kind,
        total=len(rows),
        ranked=scores.ranked,
        rows=tuple(_row(atlas, level, scores, int(row)) for row in first),
    )


def _row(atlas: Atlas, level: Level, scores: ScoreSet, row: int) -> InsideRow:
    return InsideRow(
        code=level.codes[row],
        name=level.labels[row],
        where=context_of(atlas, level, row),
        url=f"/areas/{level.codes[row]}",
        score=known(float(scores.score[row])),
        rank=int(scores.rank[row]) or None,
        decile=int(scores.decile[row]) or None,
        population=known(float(level.population[row])),
    )
