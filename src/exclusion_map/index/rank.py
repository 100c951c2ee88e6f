"""Ranks and population-weighted tenths of a score; 1 is always the highest risk."""

import numpy as np
from numpy.typing import NDArray

from exclusion_map.index.base import Base
from exclusion_map.index.order import Floats, Ints, ascending_order, tie_starts

Ranks = NDArray[np.int32]
Deciles = NDArray[np.uint8]


def rank_and_decile(
    scores: Floats, population: Floats, base: Base | None = None
) -> tuple[Ranks, Deciles]:
    """Return rank (n,) and decile (n,) of scores (n,); 1 = highest risk, 0 = no score.

    Ties share the lowest rank number. Deciles are weighted by population: tied areas fall into the
    tenth that contains the midpoint of their part of the cumulative population, counted from the
    highest risk. Both are computed separately in each group of the base.
    """
    rank = np.zeros(len(scores), dtype=np.int32)
    decile = np.zeros(len(scores), dtype=np.uint8)
    for members in (base or Base.everyone()).members(len(scores)):
        at = _with_score(scores, members)
        if len(scores[at]):
            rank[at], decile[at] = _one_group(scores[at], population[at])
    return rank, decile


def _with_score(scores: Floats, members: Ints | None) -> Ints | slice:
    gaps = np.isnan(scores if members is None else scores[members])
    if members is None:
        return np.flatnonzero(~gaps) if gaps.any() else slice(None)
    return members[~gaps]


def _one_group(scores: Floats, population: Floats) -> tuple[Ranks, Deciles]:
    n = len(scores)
    order = ascending_order(scores)[::-1]
    starts = tie_starts(scores[order])
    sizes = np.diff(np.append(starts, n))
    rank = np.empty(n, dtype=np.int32)
    rank[order] = np.repeat(starts + 1, sizes)
    people = population[order]
    total = people.sum()
    if total <= 0:  # no population: all areas count equally
        people, total = np.ones(n), float(n)
    upto = np.cumsum(people)[starts + sizes - 1]
    before = np.concatenate(([0.0], upto[:-1]))
    tenth = np.minimum((before + upto) / 2 * (10 / total), 9.0).astype(np.uint8) + np.uint8(1)
    decile = np.empty(n, dtype=np.uint8)
    decile[order] = np.repeat(tenth, sizes)
    return rank, decile
