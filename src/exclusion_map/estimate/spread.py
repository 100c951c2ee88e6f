"""Uncertainty of held-out estimates: a model of error size, and conformal quantiles."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from exclusion_map.estimate.ridge import solve
from exclusion_map.index.order import Floats

INTERVAL = 0.8
"""Target coverage of intervals, as a share of areas."""

FEWEST = 200
"""Fewest areas with an outcome for a region to have its own tails; else those of all areas."""

_PENALTY = 100.0
_FLOOR = 0.4


@dataclass(frozen=True, eq=False)
class SizeModel:
    """Expected absolute error, on the model's scale, of an area.

    Ridge regression of absolute errors on the prediction, its square, 1 / sqrt(households) (since
    random errors shrink with size) and the area classes; limited below by a share of the median.
    """

    coefficients: Floats
    floor: float

    @classmethod
    def fit(
        cls, predicted: Floats, error: Floats, households: Floats, classes: Floats
    ) -> "SizeModel":
        """Return the model fitted to held-out errors (m,)."""
        columns, size = _columns(predicted, households, classes), np.abs(error)
        coefficients = solve(columns.T @ columns, columns.T @ size, _PENALTY)
        return cls(coefficients, _FLOOR * float(np.median(size)))

    def of(self, predicted: Floats, households: Floats, classes: Floats) -> Floats:
        """Return the expected absolute error (n,)."""
        size = _columns(predicted, households, classes) @ self.coefficients
        return np.maximum(size, self.floor)


def _columns(predicted: Floats, households: Floats, classes: Floats) -> Floats:
    chance = 1 / np.sqrt(np.maximum(np.nan_to_num(households, nan=500.0), 1.0))
    return np.column_stack([np.ones(len(predicted)), predicted, predicted**2, 20 * chance, classes])


@dataclass(frozen=True)
class Tails:
    """Lower and upper quantiles of scaled errors, by region and for all areas ("")."""

    ends: dict[str, tuple[float, float]]

    @classmethod
    def of(cls, scaled: Floats, region: NDArray[np.object_]) -> "Tails":
        """Return the tails of scaled held-out errors (m,), and of each region with enough areas.

        Source: Lei et al. (2018), Distribution-free predictive inference for regression, with the
        quantile of n + 1; the two tails are set separately, so intervals may be asymmetric.
        """
        ends = {"": _ends(scaled)}
        for name in sorted(set(region.tolist())):
            at = region == name
            if at.sum() >= FEWEST:
                ends[name] = _ends(scaled[at])
        return cls(ends)

    def around(
        self, predicted: Floats, size: Floats, region: NDArray[np.object_]
    ) -> tuple[Floats, Floats]:
        """Return the lower and upper ends of the intervals, each (n,), on the model's scale."""
        pairs = np.array([self.ends.get(name, self.ends[""]) for name in region.tolist()])
        return predicted + pairs[:, 0] * size, predicted + pairs[:, 1] * size


def _ends(scaled: Floats) -> tuple[float, float]:
    ordered, n = np.sort(scaled), len(scaled)
    past = min(int(np.ceil((n + 1) * (1 + INTERVAL) / 2)), n)
    return float(min(ordered[n - past], 0.0)), float(max(ordered[past - 1], 0.0))
