"""Least squares for weights: ridge regression, or non-negative least squares."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from exclusion_map.index.order import Floats


def folds_by_group(groups: ArrayLike, folds: int, seed: int) -> NDArray[np.intp]:
    """Return the fold (n,) of each row, from 0; groups stay whole and folds are of similar size.

    Neighbouring areas are similar, so holding out random rows would overstate the accuracy of a
    model; holding out whole districts does not.

    Args:
        groups: (n,) labels such as district codes.
        folds: number of folds.
        seed: seed of the order in which groups are assigned.
    """
    names, member = np.unique(np.asarray(groups).astype(str), return_inverse=True)
    sizes = np.bincount(member)
    fold_of = np.zeros(len(names), dtype=np.intp)
    load = np.zeros(folds)
    # largest group first, each to the smallest fold; the seed decides between equals
    shuffled = np.random.default_rng(seed).permutation(len(names))
    for group in shuffled[np.argsort(-sizes[shuffled], kind="stable")]:
        fold_of[group] = np.argmin(load)
        load[fold_of[group]] += sizes[group]
    return np.asarray(fold_of[member], dtype=np.intp)


def non_negative(columns: Floats, outcome: Floats) -> tuple[Floats, float]:
    """Return non-negative weights (k,) and a constant that best fit ``outcome`` (n,) from (n, k).

    Source: Lawson and Hanson (1974), Solving Least Squares Problems, algorithm 23.10, on the normal
    equations of centred columns, so that the constant is unrestricted.
    """
    centre, level = columns.mean(axis=0), outcome.mean()
    x, y = columns - centre, outcome - level
    gram, target = x.T @ x, x.T @ y
    weights = np.zeros(len(gram))
    free = np.zeros(len(gram), dtype=np.bool_)
    tolerance = 1e-10 * np.abs(target).max(initial=0)
    while True:
        slope = target - gram @ weights
        if free.all() or slope[~free].max(initial=-np.inf) <= tolerance:
            break
        free[np.argmax(np.where(free, -np.inf, slope))] = True
        weights, free = _descend(gram, target, weights, free)
    return weights, float(level - centre @ weights)


def _descend(
    gram: Floats, target: Floats, weights: Floats, free: NDArray[np.bool_]
) -> tuple[Floats, NDArray[np.bool_]]:
    """Solve for the free weights; fix any that would be negative at 0 and solve again."""
    while True:
        trial = np.zeros(len(weights))
        trial[free] = np.linalg.lstsq(gram[np.ix_(free, free)], target[free], rcond=None)[0]
        if not free.any() or trial[free].min() > 0:
            return trial, free
        falling = free & (trial <= 0)
        drop = weights[falling] - trial[falling]
        step = np.min(np.where(drop > 0, weights[falling] / np.where(drop > 0, drop, 1), 0))
        weights = weights + step * (trial - weights)
        free = free & (weights > 1e-12)
        weights = np.where(free, weights, 0.0)


@dataclass(frozen=True, eq=False)
class Moments:
    """Sums over rows that a linear fit needs; sums of subsets can be subtracted.

    Attributes:
        n: number of rows.
        x: (k,) sums of the columns.
        y: sum of the outcome.
        xx: (k, k) sums of products of columns.
        xy: (k,) sums of products of columns and outcome.
    """

    n: float
    x: Floats
    y: float
    xx: Floats
    xy: Floats

    @classmethod
    def of(cls, columns: Floats, outcome: Floats) -> Self:
        """Return the moments of rows (n, k) and their outcome (n,)."""
        return cls(
            float(len(outcome)),
            columns.sum(axis=0),
            float(outcome.sum()),
            columns.T @ columns,
            columns.T @ outcome,
        )

    def __add__(self, other: "Moments") -> "Moments":
        return Moments(
            self.n + other.n,
            self.x + other.x,
            self.y + other.y,
            self.xx + other.xx,
            self.xy + other.xy,
        )

    def __sub__(self, other: "Moments") -> "Moments":
        return Moments(
            self.n - other.n,
            self.x - other.x,
            self.y - other.y,
            self.xx - other.xx,
            self.xy - other.xy,
        )

    def ridge(self, penalty: float) -> tuple[Floats, float]:
        """Return weights (k,) and the constant of ridge regression on centred columns.

        Args:
            penalty: added to the diagonal, in numbers of rows; 0 is ordinary least squares. Columns
                should be standardised, so that it has the same effect on all.
        """
        centre, level = self.x / self.n, self.y / self.n
        gram = self.xx - self.n * np.outer(centre, centre) + penalty * np.eye(len(centre))
        weights = np.linalg.solve(gram, self.xy - self.n * centre * level)
        return np.asarray(weights, dtype=np.float64), float(level - centre @ weights)
