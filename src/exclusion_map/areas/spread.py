"""Summary of any set of small areas: people, mean score, and how unevenly risk is distributed.

An average can hide small areas of high risk in a district of low risk. So it is complemented by the
summary measures of the English Indices of Deprivation (technical reports of 2015 and 2019, appendix
on summary measures for larger areas):

    extent: people in the worst 10 % of areas in full, and in the next 20 % on a sliding scale, from
            0.95 in the 11th percentile by steps of 0.9 / 19 to 0.05 in the 30th, as a share of all
    local concentration: mean rank of the worst small areas that hold exactly 10 % of the people,
            ranks turned so that the worst area of all has the highest

As in the reports, both use ranks among all areas. Shares in the worst tenth and fifth use the
edition's tenths, each of which holds a tenth of all people.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from exclusion_map.areas.atlas import Atlas, Floats, Rows, ScoreSet
from exclusion_map.errors import InvalidRequestError
from exclusion_map.terms import AreaKind

WORST_SHARE = 0.1
"""Share of people covered by local concentration."""
_FULL, _SLIDING = 10, 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """Summary of a set of small areas; figures are NaN if none of them has a score.

    Attributes:
        small_areas: number of small areas.
        scored: number of those with a score; all figures below except ``population`` are for
            these.
        population: residents of the set.
        population_scored: residents of small areas with a score.
        score: population-weighted mean score.
        lowest: lowest score of a small area.
        highest: highest score of a small area.
        tenths: people in each tenth of all areas, 1 = highest risk first; they add up to
            ``population_scored``.
        worst_tenth: share of people in the worst tenth, 0 to 1.
        worst_fifth: share of people in the worst fifth.
        extent: 0 to 1, see above.
        local_concentration: 0 to 100, the mean reversed rank as a percentage of the number ranked;
            100 for the single worst area of all.
    """

    small_areas: int
    scored: int
    population: float
    population_scored: float
    score: float
    lowest: float
    highest: float
    tenths: tuple[float, ...]
    worst_tenth: float
    worst_fifth: float
    extent: float
    local_concentration: float


def extent_weights(rank: Rows, ranked: int) -> Floats:
    """Return the weight (n,) of each area's people in ``extent``; 0 for areas without a rank.

    Args:
        rank: (n,) 1 = highest risk, 0 = no score.
        ranked: how many areas have a rank.
    """
    percentile = np.ceil(100 * np.asarray(rank, dtype=np.float64) / max(ranked, 1))
    step = 0.9 / (_SLIDING - _FULL - 1)
    sliding = 0.95 - (percentile - _FULL - 1) * step
    weight = np.where(percentile <= _FULL, 1.0, np.where(percentile <= _SLIDING, sliding, 0.0))
    return np.where(np.asarray(rank) > 0, weight, 0.0)


def local_concentration(rank: Rows, ranked: int, people: Floats) -> float:
    """Return the mean reversed rank of the worst areas with a tenth of the people, 0 to 100.

    The last of these areas counts with as many of its people as make up exactly a tenth.

    Args:
        rank: (n,) 1 = highest risk; every area has one.
        ranked: how many areas have a rank in all.
        people: (n,) who live there.
    """
    total = people.sum()
    if total <= 0:
        return float("nan")
    order = np.argsort(rank, kind="stable")
    before = np.concatenate([[0.0], np.cumsum(people[order])[:-1]])
    counted = np.clip(WORST_SHARE * total - before, 0, people[order])
    turned = ranked + 1 - rank[order]
    return float(turned @ counted / counted.sum() / ranked * 100)


def spread_of(members: npt.ArrayLike, population: Floats, scores: ScoreSet) -> Spread:
    """Return the summary of a set of small areas.

    Args:
        members: rows of small areas, each once, or a mask (n,) of them.
        population: (n,) residents of every small area; if only part of an area belongs to the set,
            the residents of that part.
        scores: scores of the small areas.

    Raises:
        InvalidRequestError: a row does not exist or is repeated, or the mask has the wrong length.
    """
    rows = _rows(members, len(population))
    have = rows[scores.rank[rows] > 0]
    people = population[have]
    total = float(people.sum())
    known = total > 0
    tenths = np.bincount(scores.decile[have], weights=people, minlength=11)[1:]
    rank = scores.rank[have]
    nothing = float("nan")
    return Spread(
        small_areas=len(rows),
        scored=len(have),
        population=float(population[rows].sum()),
        population_scored=total,
        score=float(scores.score[have] @ people / total) if known else nothing,
        lowest=float(scores.score[have].min()) if len(have) else nothing,
        highest=float(scores.score[have].max()) if len(have) else nothing,
        tenths=tuple(tenths.tolist()),
        worst_tenth=float(tenths[0] / total) if known else nothing,
        worst_fifth=float(tenths[:2].sum() / total) if known else nothing,
        extent=float(extent_weights(rank, scores.ranked) @ people / total) if known else nothing,
        local_concentration=local_concentration(rank, scores.ranked, people),
    )


def _rows(members: npt.ArrayLike, n: int) -> Rows:
    given = np.asarray(members)
    if given.dtype == np.bool_:
        if given.shape != (n,):
            raise InvalidRequestError(
                "set of small areas", found=f"a mask of {given.shape}", expected=f"({n},)"
            )
        return np.flatnonzero(given).astype(np.int32)
    rows = np.unique(given.astype(np.int64))
    if len(rows) != given.size or (len(rows) and not (rows[0] >= 0 and rows[-1] < n)):
        raise InvalidRequestError(
            "set of small areas",
            found="a repeated row, or one that does not exist",
            expected=f"rows from 0 to {n - 1}, each once",
        )
    return rows.astype(np.int32)


def level_spreads(atlas: Atlas, index: str, kind: AreaKind) -> tuple[Spread, ...]:
    """Return the spread inside every area of a larger kind, in feature order.

    Raises:
        NotFoundError: the edition has no such index or kind.
    """
    level, small = atlas.level(kind), atlas.level(AreaKind.SMALL_AREA)
    scores = atlas.score_set(index, AreaKind.SMALL_AREA)
    return tuple(
        spread_of(atlas.members(level, row), small.population, scores) for row in range(len(level))
    )
