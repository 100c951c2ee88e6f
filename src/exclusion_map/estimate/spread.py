"""How far a held-out estimate may be off: a model of the size of errors, and conformal tails."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from exclusion_map.estimate.ridge import solve
from exclusion_map.index.order import Floats

INTERVAL = 0.8
"""Share of areas an interval is made to hold."""

FEWEST = 200
"""Areas with an outcome from which a region's tails are its own; below, those of all areas."""

_PENALTY = 100.0
_FLOOR = 0.4


@dataclass(frozen=True, eq=False)
class SizeModel:
    """Expected absolute error, on the model's scale, of an area.

    Ridge regression of absolute errors on the prediction, its square, 1 / sqrt(households) (chance
    errors shrink with it) and the classes of area; never below a floor, a share of the median.
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
    """Lower and upper quantile of scaled errors, by region and over all ("")."""

    ends: dict[str, tuple[float, float]]

    @classmethod
    def of(cls, scaled: Floats, region: NDArray[np.object_]) -> "Tails":
        """Return the tails of scaled held-out errors (m,) and of each region with enough of them.

        Source: Lei et al. (2018), Distribution-free predictive inference for regression, with the
        quantile of n + 1; each tail is cut by itself, so that intervals may be lopsided.
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
        """Return the ends of the interval (n,) and (n,) on the model's scale."""
        pairs = np.array([self.ends.get(name, self.ends[""]) for name in region.tolist()])
        return predicted + pairs[:, 0] * size, predicted + pairs[:, 1] * size


def _ends(scaled: Floats) -> tuple[float, float]:
    ordered, n = np.sort(scaled), len(scaled)
    past = min(int(np.ceil((n + 1) * (1 + INTERVAL) / 2)), n)
    return float(min(ordered[n - past], 0.0)), float(max(ordered[past - 1], 0.0))
