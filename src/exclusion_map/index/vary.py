"""Uncertain choices in an index (weights, methods, counts), and seeded draws of them."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from exclusion_map.catalogue.models import Declared
from exclusion_map.index.aggregate import Aggregator, Arithmetic, Geometric
from exclusion_map.index.definition import Definition, Group
from exclusion_map.index.normalise import MinMax, Normaliser, PercentileRank, ZScore
from exclusion_map.index.order import Floats


class CountNoise(Declared):
    """Noise of a count out of a denominator d: variance p (1 - p) / d + (disclosure_sd / d)^2.

    The first term treats the people counted as a sample of those who might have lived there. The
    second is the effect of record swapping and cell perturbation. It applies only to indicators in
    per cent that have a denominator.
    """

    binomial: bool = True
    disclosure_sd: float = Field(2.0, ge=0, description="Standard deviation of a count, in people.")


class Doubts(Declared):
    """The choices to vary around the published definition."""

    concentration: float | None = Field(
        50.0,
        gt=0,
        description="Dirichlet concentration of each group's weights; None = fixed.",
    )
    normalisations: tuple[Normaliser, ...] = Field(
        (PercentileRank(), MinMax(), ZScore()), description="Equally likely; empty = as published."
    )
    aggregations: tuple[Aggregator, ...] = Field(
        (Arithmetic(), Geometric()),
        description="Used at all levels; empty = as published.",
    )
    leave_out: float = Field(
        0.5,
        ge=0,
        le=1,
        description="Share of draws that leave out one random indicator.",
    )
    noise: CountNoise | None = CountNoise()


@dataclass(frozen=True, eq=False)
class Draws:
    """D draws, one row per draw.

    Attributes:
        weights: relative weights (D, children) by group id, adding up to 1.
        normalisation: (D,) position in the list of normalisations.
        aggregation: (D,) position in the list of aggregations.
        base: (D,) position in the list of bases to normalise in.
        left_out: (D,) row of the leaf left out, -1 for none.
        noise_seed: (D,) seed of the draw's noise.
    """

    weights: dict[str, Floats]
    normalisation: NDArray[np.intp]
    aggregation: NDArray[np.intp]
    base: NDArray[np.intp]
    left_out: NDArray[np.intp]
    noise_seed: NDArray[np.uint64]

    def __len__(self) -> int:
        return len(self.normalisation)


FACTORS = ("weights", "normalisation", "aggregation", "base", "left_out", "noise_seed")
"""Factors of the sensitivity analysis."""


def draw(
    definition: Definition,
    doubts: Doubts,
    count: int,
    rng: np.random.Generator,
    bases: int = 1,
) -> Draws:
    """Return ``count`` independent draws of all uncertain choices.

    Args:
        definition: the index as published; its weights are the mean of the drawn ones.
        doubts: the choices to vary.
        count: number of draws.
        rng: random number generator.
        bases: number of bases to normalise in, equally likely.
    """
    leaves = len(definition.leaves())
    out = rng.integers(0, leaves, count)
    return Draws(
        weights=_weights(definition, doubts.concentration, count, rng),
        normalisation=rng.integers(0, max(1, len(doubts.normalisations)), count),
        aggregation=rng.integers(0, max(1, len(doubts.aggregations)), count),
        base=rng.integers(0, bases, count),
        left_out=np.where(rng.random(count) < doubts.leave_out, out, -1),
        noise_seed=rng.integers(0, 2**63, count, dtype=np.uint64),
    )


def nominal(definition: Definition) -> Draws:
    """Return one draw equal to the published definition, without noise."""
    zero = np.zeros(1, dtype=np.intp)
    rng = np.random.default_rng(0)
    return Draws(
        weights=_weights(definition, None, 1, rng),
        normalisation=zero,
        aggregation=zero,
        base=zero,
        left_out=zero - 1,
        noise_seed=np.zeros(1, dtype=np.uint64),
    )


def _weights(
    definition: Definition, concentration: float | None, count: int, rng: np.random.Generator
) -> dict[str, Floats]:
    drawn: dict[str, Floats] = {}
    nodes: list[Definition | Group] = [definition, *definition.components()]
    for node in nodes:
        shares = np.array([child.weight for child in node.children], dtype=np.float64)
        shares /= shares.sum()
        if concentration is None:
            drawn[node.id] = np.broadcast_to(shares, (count, len(shares))).copy()
            continue
        # Dirichlet variates are normalised gamma variates; a weight of 0 stays 0.
        gammas = rng.standard_gamma(concentration * shares, size=(count, len(shares)))
        total = gammas.sum(axis=1, keepdims=True)
        drawn[node.id] = np.where(total > 0, gammas / np.where(total > 0, total, 1), shares)
    return drawn
