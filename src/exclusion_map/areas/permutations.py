"""Conditional permutation tests: how extreme an area's neighbours are among random ones.

An area's own value is fixed and its k neighbours are drawn from the n - 1 other areas. Done
separately for each area, this takes areas x permutations x k draws: ten billion for England and
Wales. Here areas with the same number of neighbours share draws, and yet no area is ever drawn as
its own neighbour:

    k + 1 areas are drawn from all n, in order and without replacement. For any area i, the first k
    of them that are not i are a uniformly distributed ordered choice of k other areas.

So the sum of the first k applies to every area not among them, and is sorted only once; the few
areas that are among them are corrected individually. The distribution is exactly that of separate
draws, at a thousandth of the work. Simulation errors of areas that share draws are dependent, but
each p-value by itself is as accurate as with separate draws.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.intp]

_CELLS = 4_000_000
"""Numbers drawn at a time, which limits memory to about 100 MB."""
_ROUNDING = 1e-13
"""Rounding error of sums in different order, relative to the largest value."""


@dataclass(frozen=True, eq=False)
class _Group:
    """Areas with k neighbours, and their observed sums, widened by the rounding error."""

    k: int
    position: Ints
    """(n,) position of each area in the group, -1 for areas outside it."""
    low: Floats
    high: Floats


def two_sided_p(values: Floats, sums: Floats, counts: Ints, permutations: int, seed: int) -> Floats:
    """Return (n,) the two-sided p-value of the sum over each area's neighbours.

        p = min(1, 2 (1 + min(#{S* >= S}, #{S* <= S})) / (permutations + 1))

    where S is the observed sum and S* are sums over random neighbours. Ties count on both sides.

    Args:
        values: (n,) without gaps.
        sums: (n,) the sum of ``values`` over each area's neighbours.
        counts: (n,) number of neighbours of each area; p is NaN if 0.
        permutations: number of permutations.
        seed: random seed; the same seed always gives the same draws.
    """
    p = np.full(len(values), np.nan)
    tolerance = _ROUNDING * float(np.abs(values).max(initial=0.0))
    for k in np.unique(counts[counts > 0]).tolist():
        rows = np.flatnonzero(counts == k)
        position = np.full(len(values), -1, dtype=np.intp)
        position[rows] = np.arange(len(rows))
        slack = tolerance * (k + 1)
        group = _Group(k, position, sums[rows] - slack, sums[rows] + slack)
        tail = _smaller_tail(values, group, permutations, np.random.default_rng([seed, k]))
        p[rows] = np.minimum(1.0, 2 * (tail + 1) / (permutations + 1))
    return p


def _smaller_tail(
    values: Floats, group: _Group, permutations: int, rng: np.random.Generator
) -> Floats:
    above = np.zeros(len(group.low))
    below = np.zeros(len(group.low))
    for drawn in _draws(len(values), group.k + 1, permutations, rng):
        first, spare = drawn[:, :-1], values[drawn[:, -1]]
        total = values[first].sum(axis=1)
        ordered = np.sort(total)
        above += len(ordered) - np.searchsorted(ordered, group.low, side="left")
        below += np.searchsorted(ordered, group.high, side="right")
        for area in first.T:
            at = group.position[area]
            own = np.flatnonzero(at >= 0)
            at, before = at[own], total[own]
            # These areas were drawn as their own neighbours: use the spare draw instead.
            after = before - values[area[own]] + spare[own]
            for tail, more, less in (
                (above, after >= group.low[at], before >= group.low[at]),
                (below, after <= group.high[at], before <= group.high[at]),
            ):
                change = more.astype(np.float64) - less
                tail += np.bincount(at, weights=change, minlength=len(tail))
    return np.minimum(above, below)


def _draws(n: int, take: int, permutations: int, rng: np.random.Generator) -> Iterator[Ints]:
    """Yield (rows, take) distinct areas in random order, ``permutations`` rows in all."""
    few = take * take > n  # repeats would be common: shuffle everything instead of redrawing
    batch = max(1, _CELLS // (n if few else take))
    for start in range(0, permutations, batch):
        rows = min(batch, permutations - start)
        yield _shuffled(n, take, rows, rng) if few else _distinct(n, take, rows, rng)


def _shuffled(n: int, take: int, rows: int, rng: np.random.Generator) -> Ints:
    return np.argsort(rng.random((rows, n)), axis=1)[:, :take]


def _distinct(n: int, take: int, rows: int, rng: np.random.Generator) -> Ints:
    """Draw with replacement and redraw rows with repeats, which leaves uniform distinct rows."""
    drawn = rng.integers(n, size=(rows, take), dtype=np.int64)
    again = np.arange(rows)
    while True:
        ordered = np.sort(drawn[again], axis=1)
        again = again[(ordered[:, 1:] == ordered[:, :-1]).any(axis=1)]
        if not again.size:
            return drawn
        drawn[again] = rng.integers(n, size=(len(again), take), dtype=np.int64)


def false_discovery(p: Floats) -> Floats:
    """Return adjusted p-values (m,), for tests at a given false-discovery rate.

    Benjamini and Hochberg (1995): the i-th smallest of m becomes min over j >= i of p_j m / j.
    Valid for independent or positively dependent tests, such as those of neighbouring areas.
    """
    m = len(p)
    order = np.argsort(p)[::-1]
    adjusted = np.empty(m)
    adjusted[order] = np.minimum.accumulate(np.minimum(p[order] * m / np.arange(m, 0, -1), 1.0))
    return adjusted
