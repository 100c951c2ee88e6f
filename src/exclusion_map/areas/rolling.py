"""Scores of larger areas from those of their small areas, using numpy only.

The score of a larger area is the population-weighted mean over its small areas with a score. Larger
areas are ranked, and cut into population-weighted tenths, among areas of the same kind.
"""

from dataclasses import replace

import numpy as np

from exclusion_map.areas.atlas import OUTSIDE, Atlas, Floats, Rows, ScoreSet
from exclusion_map.index import Base, Composite
from exclusion_map.index.rank import rank_and_decile
from exclusion_map.terms import AreaKind

WORST_TENTH = 1
HOLDS = 0.95
"""Share of its small areas that must be in a group of the base for a larger area to be."""


def weighted_mean(values: Floats, people: Floats, parent: Rows, count: int) -> Floats:
    """Return population-weighted means (count,) of small areas' values (n,); NaN where none.

    Areas without a value, and those in no larger area (``OUTSIDE``), are left out.
    """
    have = (parent != OUTSIDE) & ~np.isnan(values)
    at, weight = parent[have], people[have]
    total = np.bincount(at, weights=weight, minlength=count)
    summed = np.bincount(at, weights=weight * values[have], minlength=count)
    mean = np.full(count, np.nan)
    np.divide(summed, total, out=mean, where=total > 0)
    return mean


def roll_scores(
    scores: ScoreSet, population: Floats, parent: Rows, count: int, base: Base | None = None
) -> ScoreSet:
    """Return the scores of larger areas.

    Args:
        scores: (n,) scores of small areas.
        population: (n,) residents; 0 for small areas to be ignored.
        parent: (n,) row of the larger area that contains each small area, ``OUTSIDE`` for none.
        count: number of larger areas.
        base: groups within which larger areas are ranked; areas outside it get no score.
    """
    people = np.nan_to_num(population)
    inside = parent != OUTSIDE
    everyone = np.bincount(parent[inside], people[inside], count).astype(np.float64)
    score = weighted_mean(scores.score, people, parent, count)
    if base is not None:
        score[~base.inside(count)] = np.nan
    if base is None or base.inside(count).any():
        rank, decile = rank_and_decile(score, everyone, base)
    else:  # every area is larger than the groups of the base
        rank, decile = np.zeros(count, dtype=np.int32), np.zeros(count, dtype=np.uint8)
    scored = np.where(np.isnan(scores.score), 0.0, people)
    worst = np.where(np.isnan(scores.score), np.nan, scores.decile == WORST_TENTH)
    return ScoreSet(
        score=score,
        rank=rank,
        decile=decile,
        ranked=int((rank > 0).sum()),
        data_share=weighted_mean(np.nan_to_num(scores.data_share), people, parent, count),
        worst_tenth_share=weighted_mean(worst, scored, parent, count),
    )


def larger_base(base: Base, parent: Rows, count: int) -> Base | None:
    """Return the base in terms of larger areas: each in the group that contains nearly all of it.

    A larger area whose small areas are in several groups is outside, because their scores are on
    different scales and cannot be averaged. None means the base of all areas.
    """
    if base.groups is None:
        return None
    inside = (parent != OUTSIDE) & (base.groups >= 0)
    groups = np.full(count, -1, dtype=np.int32)
    if inside.any():
        many = int(base.groups.max()) + 1
        pairs, shared = np.unique(
            parent[inside].astype(np.int64) * many + base.groups[inside], return_counts=True
        )
        sizes = np.bincount(parent[inside], minlength=count)
        row, group = np.divmod(pairs, many)
        held = shared >= HOLDS * sizes[row]
        groups[row[held]] = group[held]
    return Base(groups, base.names, base.described)


def roll_level(composite: Composite, atlas: Atlas, kind: AreaKind) -> tuple[ScoreSet, Base]:
    """Return the scores of an index at any level, and the base in which areas are ranked."""
    small = atlas.level(AreaKind.SMALL_AREA)
    own = ScoreSet.of_small_areas(composite)
    if kind is AreaKind.SMALL_AREA:
        return own, composite.base
    count, parent = len(atlas.level(kind)), small.parents[kind]
    base = larger_base(composite.base, parent, count)
    # people outside the base count neither in means nor in tenths
    people = np.where(composite.base.inside(len(small)), np.nan_to_num(small.population), 0.0)
    return roll_scores(own, people, parent, count, base), base or Base.everyone()


def composite_at(composite: Composite, atlas: Atlas, kind: AreaKind) -> Composite:
    """Return an index of small areas as one of larger areas, to explain their scores.

    All figures are population-weighted means over small areas with a score, so contributions add up
    to the score minus the median score of the base's small areas.
    """
    if kind is AreaKind.SMALL_AREA:
        return composite
    level, parent = atlas.level(kind), atlas.level(AreaKind.SMALL_AREA).parents[kind]
    scores, base = roll_level(composite, atlas, kind)
    people = np.nan_to_num(atlas.level(AreaKind.SMALL_AREA).population)
    people = np.where(np.isnan(composite.score), 0.0, people)
    without = np.isnan(scores.score)

    def mean(values: Floats) -> Floats:
        found = weighted_mean(values, people, parent, len(level))
        found[without] = np.nan
        return found

    rolled = replace(
        composite,
        base=base,
        codes=np.array(level.codes, dtype=np.str_),
        score=scores.score,
        rank=scores.rank,
        decile=scores.decile,
        data_share=scores.data_share,
        components={name: mean(values) for name, values in composite.components.items()},
        normalised=np.column_stack([mean(column) for column in composite.normalised.T]),
        aggregated=mean(composite.aggregated),
        imputed=None,
    )
    # Averaged from small areas: contributions of the averaged values would differ.
    rolled.__dict__["contributions"] = np.column_stack(
        [mean(column) for column in composite.contributions.T]
    )
    return rolled
