"""Exact population-weighted tenths for repeated scores of the same areas, without a full sort.

:func:`~exclusion_map.index.rank.rank_and_decile` is the definition; this gives the same results.
Scores are assigned to ordered buckets. Cumulative population, from the highest risk, shows that
nearly every bucket lies within one tenth. Only areas in the few buckets that contain a boundary
between tenths are sorted.
"""

import numpy as np
from numpy.typing import NDArray

from exclusion_map.index.base import Base
from exclusion_map.index.order import Floats, Ints
from exclusion_map.index.rank import Deciles, rank_and_decile
from exclusion_map.index.scratch import Scratch

BUCKETS = 2048
LEAST_BUCKETS = 128
"""Minimum number of buckets per group."""
MOST_PEOPLE = 2.0**52
"""Largest total for which sums of whole numbers are exact in any order."""
MIXED = np.uint8(255)
_scratch = Scratch()


Limits = tuple[np.float64, np.float64]
"""The minimum and the maximum of scores; NaN if any score is NaN."""


def limits_of(scores: Floats) -> Limits:
    """Return the minimum and the maximum of scores; NaN if there are none."""
    if not len(scores):
        return np.float64(np.nan), np.float64(np.nan)
    return scores.min(), scores.max()


class Tenths:
    """Cuts scores of n areas into tenths of their population, within the groups of a base."""

    def __init__(self, population: Floats, base: Base | None = None) -> None:
        """Store the population (n,) and the base."""
        self.population = population
        self.base = base or Base.everyone()
        self._groups = self.base.groups
        self._count = 1 if self._groups is None else int(self._groups.max(initial=-1)) + 1
        self._buckets = max(LEAST_BUCKETS, BUCKETS // max(1, self._count))
        whole = bool((population == np.rint(population)).all())
        self._exact = whole and self._count > 0 and population.sum() < MOST_PEOPLE

    def of(self, scores: Floats, limits: Limits | None = None) -> Deciles:
        """Return the tenths (n,) of scores (n,): 1 = highest risk, 0 = no score.

        Args:
            scores: (n,) NaN where there is none.
            limits: minimum and maximum, NaN if any score is NaN; computed if not given.

        Raises:
            DefinitionError: the base is for another number of areas, or is empty.
        """
        if not self._exact or (self._groups is not None and len(self._groups) != len(scores)):
            return rank_and_decile(scores, self.population, self.base)[1]
        limits = limits or limits_of(scores)
        whole = limits[0] == limits[0] and self._groups is None
        without = np.zeros(0, dtype=np.bool_) if whole else np.isnan(scores)
        if self._groups is not None:
            without |= self._groups < 0
        if not without.any():
            found = self._cut(scores, self.population, self._groups, limits)
        else:
            at = np.flatnonzero(~without)
            groups = None if self._groups is None else self._groups[at]
            some = self._cut(scores[at], self.population[at], groups, limits_of(scores[at]))
            found = None
            if some is not None:
                found = np.zeros(len(scores), dtype=np.uint8)
                found[at] = some
        return rank_and_decile(scores, self.population, self.base)[1] if found is None else found

    def _cut(
        self, scores: Floats, people: Floats, groups: NDArray[np.int32] | None, limits: Limits
    ) -> Deciles | None:
        """Return the tenths of scores without gaps; None if buckets cannot be used."""
        keys = self._keys(scores, groups, limits)
        if keys is None:
            return None
        many = self._count * self._buckets
        held: Floats = np.bincount(keys, people, many).reshape(self._count, -1).astype(np.float64)
        upto = held.cumsum(axis=1)
        total = upto[:, -1:]
        if (total <= 0).any():  # a group has no population or no scores
            if groups is None or (total[groups] <= 0).any():
                return None
            total = np.where(total > 0, total, 1.0)
        before, factor = upto - held, 10 / total
        first = _tenth(before, before, factor)
        table = np.where(first == _tenth(upto, upto, factor), first, MIXED).ravel()
        deciles: Deciles = table.take(keys)
        mixed = np.flatnonzero(deciles == MIXED)
        if len(mixed):
            refine(deciles, mixed, keys[mixed], scores[mixed], people[mixed], before, factor)
        return deciles

    def _keys(
        self, scores: Floats, groups: NDArray[np.int32] | None, limits: Limits
    ) -> Ints | None:
        """Return the bucket of each score; buckets are ordered by group, then from high to low."""
        if not len(scores):
            return None
        low, high = limits
        if not np.isfinite(high - low):
            return None
        spread = np.float64(self._buckets - 1)
        with np.errstate(over="ignore"):
            factor = spread / (high - low) if high > low else np.float64(0)
        if not np.isfinite(factor):
            return None
        below: Floats = np.subtract(high, scores, out=_scratch.of("below", len(scores)))
        below *= factor  # rounding never changes the order of values
        keys: Ints = _scratch.of("keys", len(scores), np.intp)
        np.copyto(keys, below, casting="unsafe")
        if groups is not None:
            keys += groups.astype(np.intp) * self._buckets
        return keys


def refine(
    deciles: Deciles,
    at: Ints,
    keys: Ints,
    scores: Floats,
    people: Floats,
    before: Floats,
    factor: Floats,
) -> None:
    """Fill in the tenths of the areas ``at`` (m,) by sorting within their buckets.

    Args:
        deciles: (n,) array to write to.
        at: (m,) all areas of the buckets concerned; ties are always in the same bucket.
        keys: (m,) their buckets.
        scores: (m,) their scores.
        people: (m,) their populations.
        before: (groups, buckets) population of the group in buckets of higher risk.
        factor: (groups, 1) 10 / population of the group.
    """
    order = np.lexsort((-scores, keys))
    keys, scores, people = keys[order], scores[order], people[order]
    new_bucket, new = np.ones(len(at), dtype=np.bool_), np.ones(len(at), dtype=np.bool_)
    np.not_equal(keys[1:], keys[:-1], out=new_bucket[1:])
    np.not_equal(scores[1:], scores[:-1], out=new[1:])
    new |= new_bucket
    starts = np.flatnonzero(new)
    ends = np.append(starts[1:], len(at)) - 1
    running = np.cumsum(people)
    opened = np.flatnonzero(new_bucket)
    # offset that makes the running sum start at the highest risk of each group
    lift = before.ravel()[keys[opened]] - (running[opened] - people[opened])
    lift = lift[np.cumsum(new_bucket)[starts] - 1]
    upto = running[ends] + lift
    since = running[starts] - people[starts] + lift
    tenth = _tenth(since, upto, factor[keys[starts] // before.shape[1], 0])
    deciles[at[order]] = np.repeat(tenth, ends - starts + 1)


def _tenth(before: Floats, upto: Floats, factor: Floats) -> Deciles:
    """Return the tenth that contains the midpoint of each part of the population."""
    middle = (before + upto) / 2 * factor
    return np.minimum(middle, 9.0).astype(np.uint8) + np.uint8(1)
