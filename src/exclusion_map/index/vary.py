"""What a sceptic may doubt in an index, and seeded draws of it: weights, methods, counts."""

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

    The first term takes the people counted as one draw of those who might have lived there; the
    second is what swapping and perturbation of records adds. Only indicators with a denominator,
    in per cent, are noisy.
    """

    binomial: bool = True
    disclosure_sd: float = Field(2.0, ge=0, description="Standard deviation of a count, in people.")


class Doubts(Declared):
    """What is varied, around the definition as it is published."""

    concentration: float | None = Field(
        50.0,
        gt=0,
        description="Dirichlet concentration of each group's weights; low = wild, None = fixed.",
    )
    normalisations: tuple[Normaliser, ...] = Field(
        (PercentileRank(), MinMax(), ZScore()), description="Drawn alike; empty = as published."
    )
    aggregations: tuple[Aggregator, ...] = Field(
        (Arithmetic(), Geometric()), description="Drawn alike, at all levels; empty = as published."
    )
    leave_out: float = Field(
        0.5, ge=0, le=1, description="Share of draws in which one indicator, drawn alike, is out."
    )
    noise: CountNoise | None = CountNoise()


@dataclass(frozen=True, eq=False)
class Draws:
    """D draws, one row each.

    Attributes:
        weights: group id to (D, children) relative weights, adding up to 1.
        normalisation: (D,) place in the list of normalisations.
        aggregation: (D,) place in the list of aggregations.
        base: (D,) place in the list of bases to normalise in.
        left_out: (D,) row of the leaf that is out, -1 for none.
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
"""What sensitivity is told apart by."""


def draw(
    definition: Definition,
    doubts: Doubts,
    count: int,
    rng: np.random.Generator,
    bases: int = 1,
) -> Draws:
    """Return ``count`` independent draws of everything that is doubted.

    Args:
        definition: the index as published; its weights are the mean of the drawn ones.
        doubts: what is varied.
        count: how many draws.
        rng: source of randomness.
        bases: how many bases to normalise in, drawn alike.
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
    """Return one draw that is the definition as published, without noise."""
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
        # A Dirichlet is gammas over their sum; weight 0 stays 0.
        gammas = rng.standard_gamma(concentration * shares, size=(count, len(shares)))
        total = gammas.sum(axis=1, keepdims=True)
        drawn[node.id] = np.where(total > 0, gammas / np.where(total > 0, total, 1), shares)
    return drawn
