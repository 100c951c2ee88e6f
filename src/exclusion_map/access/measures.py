"""Measures of access from costs: nearest, how many in reach, floating catchments.

Nothing in reach is zero; what cannot be known is NaN.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from exclusion_map.access.costs import Pairs
from exclusion_map.access.people import weighted_counts
from exclusion_map.errors import InvalidRequestError

Floats = npt.NDArray[np.float64]
Decay = Callable[[Floats], Floats]
"""From costs (k,) to weights (k,) between 0 and 1."""


@dataclass(frozen=True)
class Step:
    """Weights by zones, as the enhanced two-step floating catchment area uses them.

    Attributes:
        limits: upper ends of the zones, ascending.
        weights: weight of each zone.

    Luo and Qi (2009) use 10, 20 and 30 minutes with Gaussian weights 1, 0.68 and 0.22.
    """

    limits: tuple[float, ...] = (10.0, 20.0, 30.0)
    weights: tuple[float, ...] = (1.0, 0.68, 0.22)

    def __post_init__(self) -> None:
        rising = all(a < b for a, b in zip(self.limits, self.limits[1:], strict=False))
        if not self.limits or len(self.limits) != len(self.weights) or not rising:
            raise InvalidRequestError(
                "the steps of a decay",
                found=f"{len(self.limits)} limits {self.limits} and {len(self.weights)} weights",
                expected="as many weights as limits, and limits that rise",
            )

    def __call__(self, cost: Floats) -> Floats:
        """Return the weight of each cost; 0 beyond the last zone."""
        zone = np.searchsorted(np.asarray(self.limits), cost, side="left")
        return np.append(np.asarray(self.weights, dtype=np.float64), 0.0)[zone]


@dataclass(frozen=True)
class Gaussian:
    """A bell that is 1 at no cost and 0 at the limit (Dai 2010).

    ``w = (exp(-(c/limit)^2 / 2) - exp(-1/2)) / (1 - exp(-1/2))`` up to the limit, 0 beyond.
    """

    limit: float

    def __post_init__(self) -> None:
        if not self.limit > 0:
            raise InvalidRequestError(
                "the limit of a decay", found=f"{self.limit}", expected="a number above 0"
            )

    def __call__(self, cost: Floats) -> Floats:
        """Return the weight of each cost."""
        floor = np.exp(-0.5)
        weight = (np.exp(-0.5 * (cost / self.limit) ** 2) - floor) / (1 - floor)
        return np.where(cost <= self.limit, weight, 0.0)


def count_within(pairs: Pairs) -> npt.NDArray[np.int64]:
    """Return how many destinations (n,) each origin has within the limit of the pairs."""
    return np.bincount(pairs.origin, minlength=pairs.origins)


def supply_within(pairs: Pairs, supply: Floats) -> Floats:
    """Return the supply (n,) each origin has within the limit: computers, hours a week.

    Unknown supply (NaN) in reach makes the sum NaN, since it is not known.
    """
    return weighted_counts(pairs.origin, supply[pairs.destination], pairs.origins)


def floating_catchment(pairs: Pairs, *, supply: Floats, demand: Floats, decay: Decay) -> Floats:
    """Return access (n,): supply for each person of demand, by the two-step floating catchment.

    Step one gives each destination the ratio of its supply to the weighted demand around it; step
    two sums, for each origin, the weighted ratios around it (Luo and Wang 2003; with weights,
    Luo and Qi 2009). Where all supply is in somebody's reach, access times demand sums to it.

    Args:
        pairs: origins and destinations within the catchment.
        supply: (m,) capacity of destinations; NaN where it is not known, which leaves out the
            destination: count those that are unknown beside the result.
        demand: (n,) people at origins.
        decay: weight of a cost.
    """
    weight = decay(pairs.cost)
    around = weighted_counts(pairs.destination, weight * demand[pairs.origin], pairs.destinations)
    known = np.isfinite(supply) & (around > 0)
    ratio = np.divide(supply, around, out=np.zeros(pairs.destinations), where=known)
    return weighted_counts(pairs.origin, weight * ratio[pairs.destination], pairs.origins)
