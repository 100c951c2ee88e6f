"""Places and kinds of area for which an index over- or underestimates risk."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from exclusion_map.index.normalise import PercentileRank, normalise
from exclusion_map.index.order import Floats
from exclusion_map.index.validate import spearman

FEWEST = 10
"""Fewest areas with an outcome for a place to be listed."""

TENTH = 0.1


@dataclass(frozen=True)
class Shortfall:
    """Difference between index and outcome for the areas of one place, or of one kind.

    Attributes:
        name: name of the place, or of the indicator that is high in these areas.
        n: number of areas with a score and an outcome.
        score: mean percentile of the score among all such areas, 100 = most risk.
        outcome: mean percentile of the outcome among the same areas.
        spearman: rank correlation within these areas.
    """

    name: str
    n: int
    score: float
    outcome: float
    spearman: float

    @property
    def difference(self) -> float:
        """Mean overestimate of risk by the index, in percentiles; negative if too low."""
        return self.score - self.outcome


def shortfalls_by_place(
    score: ArrayLike, outcome: ArrayLike, places: ArrayLike
) -> tuple[Shortfall, ...]:
    """Return the shortfall of each place, most overestimated first; small places are left out.

    Args:
        score: (n,) risk, NaN where there is none.
        outcome: (n,) risk, NaN where unknown.
        places: (n,) name of the place that contains each area.
    """
    both = _Both.of(score, outcome)
    listed = np.asarray(places, dtype=object)[both.at]
    names, member = np.unique(listed.astype(str), return_inverse=True)
    counts = np.bincount(member)
    found = [
        both.over(str(names[place]), member == place)
        for place in np.flatnonzero(counts >= FEWEST).tolist()
    ]
    return tuple(sorted(found, key=lambda one: -one.difference))


def shortfalls_by_kind(
    score: ArrayLike, outcome: ArrayLike, indicators: Mapping[str, ArrayLike]
) -> tuple[Shortfall, ...]:
    """Return the shortfall of areas where each indicator is highest, most underestimated first.

    Args:
        score: (n,) risk, NaN where there is none.
        outcome: (n,) risk, NaN where unknown.
        indicators: risk (n,) by name; for each, the tenth of areas with the highest values is
            considered.
    """
    both = _Both.of(score, outcome)
    found = []
    for name, values in indicators.items():
        column = np.asarray(values, dtype=np.float64)[both.at]
        have = np.flatnonzero(~np.isnan(column))
        top = round(TENTH * len(have))
        if top >= FEWEST:
            highest = np.zeros(len(column), dtype=np.bool_)
            highest[have[np.argsort(-column[have], kind="stable")[:top]]] = True
            found.append(both.over(name, highest))
    return tuple(sorted(found, key=lambda one: one.difference))


@dataclass(frozen=True, eq=False)
class _Both:
    """The areas that have a score and an outcome, with their percentiles among them."""

    at: NDArray[np.intp]
    score: Floats
    outcome: Floats

    @classmethod
    def of(cls, score: ArrayLike, outcome: ArrayLike) -> "_Both":
        a, b = np.asarray(score, dtype=np.float64), np.asarray(outcome, dtype=np.float64)
        at = np.flatnonzero(~(np.isnan(a) | np.isnan(b)))
        return cls(at, normalise(a[at], PercentileRank()), normalise(b[at], PercentileRank()))

    def over(self, name: str, members: NDArray[np.bool_]) -> Shortfall:
        """Return the shortfall of some of the areas."""
        a, b = self.score[members], self.outcome[members]
        return Shortfall(name, len(a), float(a.mean()), float(b.mean()), spearman(a, b))
