"""Cross-validated ridge regression, computed from the cross-products of each fold.

Fits without one or two folds are solved from sums of cross-products, so each costs one solution of
the normal equations and no pass over the areas.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from exclusion_map.index.order import Floats

PENALTIES = (1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 3e-2, 0.1, 0.3, 1.0, 3.0, 10.0)
"""Candidate penalties, as a share of the rows fitted; columns have standard deviation 1."""


@dataclass(frozen=True, eq=False)
class CrossFit:
    """Predictions for n areas by models fitted without their fold.

    Attributes:
        held_out: (n,) prediction for each area by the model fitted to all other folds.
        inner: (folds, n) row k: predictions by models fitted without the area's own fold and
            without fold k; NaN for the areas of fold k. Error models learnt from row k are thus
            independent of fold k.
        penalty: (folds,) the penalty of each model, as a share of its rows.
    """

    held_out: Floats
    inner: Floats
    penalty: Floats


@dataclass(frozen=True, eq=False)
class Moments:
    """Cross-products of each fold: gram (k, p, p), cross (k, p), square (k,), rows (k,)."""

    gram: Floats
    cross: Floats
    square: Floats
    rows: NDArray[np.intp]

    @classmethod
    def of(cls, columns: Floats, outcome: Floats, fold: NDArray[np.intp], folds: int) -> "Moments":
        """Return the moments of the areas whose outcome (n,) is not NaN."""
        known = ~np.isnan(outcome)
        parts = [np.flatnonzero(known & (fold == one)) for one in range(folds)]
        return cls(
            gram=np.stack([columns[at].T @ columns[at] for at in parts]),
            cross=np.stack([columns[at].T @ outcome[at] for at in parts]),
            square=np.array([outcome[at] @ outcome[at] for at in parts]),
            rows=np.array([len(at) for at in parts], dtype=np.intp),
        )

    def without(self, folds: tuple[int, ...], penalty: float) -> Floats:
        """Return the coefficients (p,) fitted without some folds."""
        keep = np.setdiff1d(np.arange(len(self.rows)), folds)
        return solve(
            self.gram[keep].sum(axis=0),
            self.cross[keep].sum(axis=0),
            penalty * float(self.rows[keep].sum()),
        )

    def error(self, fold: int, coefficients: Floats) -> float:
        """Return the sum of squared errors of coefficients (p,) in one fold."""
        explained = coefficients @ self.gram[fold] @ coefficients
        return float(self.square[fold] - 2 * coefficients @ self.cross[fold] + explained)


def solve(gram: Floats, cross: Floats, penalty: float) -> Floats:
    """Return (gram + penalty I)^-1 cross; the first column, the constant, is not penalised."""
    diagonal = np.full(len(cross), penalty)
    diagonal[0] = 0.0
    return np.asarray(np.linalg.solve(gram + np.diag(diagonal), cross), dtype=np.float64)


def cross_fit(columns: Floats, outcome: Floats, fold: NDArray[np.intp], folds: int) -> CrossFit:
    """Return held-out predictions; each fold's penalty is chosen by nested cross-validation.

    Args:
        columns: (n, p), the first all ones, the others standardised.
        outcome: (n,) NaN where unknown.
        fold: (n,) fold of each area, also where the outcome is unknown.
        folds: number of folds; at least 3.
    """
    moments = Moments.of(columns, outcome, fold, folds)
    pairs = _pairs(moments, folds)
    held_out = np.full(len(outcome), np.nan)
    inner = np.full((folds, len(outcome)), np.nan)
    chosen = np.empty(folds)
    for one in range(folds):
        others = [other for other in range(folds) if other != one]
        lost = [
            sum(moments.error(other, pairs[one, other][at]) for other in others)
            for at in range(len(PENALTIES))
        ]
        best = int(np.argmin(lost))
        chosen[one] = PENALTIES[best]
        for other in others:
            at = np.flatnonzero(fold == other)
            inner[one, at] = columns[at] @ pairs[one, other][best]
        own = np.flatnonzero(fold == one)
        held_out[own] = columns[own] @ moments.without((one,), chosen[one])
    return CrossFit(held_out, inner, chosen)


def _pairs(moments: Moments, folds: int) -> dict[tuple[int, int], list[Floats]]:
    """Return coefficients for each penalty and pair of folds left out, keyed in both orders."""
    found: dict[tuple[int, int], list[Floats]] = {}
    for one in range(folds):
        for other in range(one):
            fitted = [moments.without((one, other), penalty) for penalty in PENALTIES]
            found[one, other] = found[other, one] = fitted
    return found
