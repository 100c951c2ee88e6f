"""Audit of an index: effective weights compared with nominal ones, and double counting."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from exclusion_map.index.compose import Composite
from exclusion_map.index.contributions import area_weights, is_weighted_sum
from exclusion_map.index.order import Floats
from exclusion_map.index.validate import pearson

DOUBLE_COUNTING = 0.9
"""Correlation above which two indicators are considered to measure the same thing."""

OPPOSED = -0.4
"""Correlation below which two indicators partly cancel each other out."""


@dataclass(frozen=True)
class EffectiveWeight:
    """Effect of a group or indicator on the score.

    Attributes:
        id: of the group or indicator in the definition.
        nominal: its share of the index by the published weights; leaves add up to 1.
        variance_share: its share of the score's variance, cov(part, score) / var(score); leaves
            add up to 1, and single ones may be negative. NaN if the index is not a weighted sum.
        correlation: correlation of its normalised value (for a group: its score) with the index.
    """

    id: str
    nominal: float
    variance_share: float
    correlation: float


@dataclass(frozen=True)
class Alike:
    """Two indicators with a correlation strong enough, positive or negative, to be reported."""

    first: str
    second: str
    correlation: float

    @property
    def warning(self) -> str:
        """The meaning of the correlation, in words."""
        pair = f"{self.first} and {self.second} (correlation {self.correlation:.2f})"
        if self.correlation > 0:
            return f"{pair} measure much the same: what they share counts twice."
        return f"{pair} point opposite ways: each cancels part of the other."


@dataclass(frozen=True, eq=False)
class Audit:
    """Effective weights and correlations of an index.

    Attributes:
        groups: every group, in tree order.
        indicators: (k) every leaf, in tree order.
        correlations: (k, k) between normalised indicators.
        warnings: pairs above or below the thresholds, strongest first.
    """

    groups: tuple[EffectiveWeight, ...]
    indicators: tuple[EffectiveWeight, ...]
    correlations: Floats
    warnings: tuple[Alike, ...]


def audit(
    composite: Composite, *, same_above: float = DOUBLE_COUNTING, opposed_below: float = OPPOSED
) -> Audit:
    """Return the effective weights and correlations of an index, over all areas with a score.

    Source: OECD/JRC Handbook (2008), chapters 3 and 7; Paruolo, Saisana and Saltelli (2013),
    "Ratings and rankings: voodoo or science?", Journal of the Royal Statistical Society A 176.

    Args:
        composite: the computed index.
        same_above: correlation above which a pair is reported as double counting.
        opposed_below: correlation below which a pair is reported as cancelling out.
    """
    leaves = composite.definition.leaves()
    names = [leaf.node.id for leaf in leaves]
    nominal = {leaf.node.id: leaf.nominal_weight for leaf in leaves}
    shares = _variance_shares(composite)
    indicators = tuple(
        EffectiveWeight(
            name,
            nominal[name],
            float(shares[row]),
            pearson(composite.normalised[:, row], composite.aggregated),
        )
        for row, name in enumerate(names)
    )
    correlations = _correlations(composite.normalised)
    pairs = [
        Alike(names[i], names[j], float(correlations[i, j]))
        for i in range(len(names))
        for j in range(i)
        if correlations[i, j] > same_above or correlations[i, j] < opposed_below
    ]
    return Audit(
        groups=_groups(composite, nominal, dict(zip(names, shares, strict=True))),
        indicators=indicators,
        correlations=correlations,
        warnings=tuple(sorted(pairs, key=lambda pair: -abs(pair.correlation))),
    )


def _variance_shares(composite: Composite) -> Floats:
    k = composite.normalised.shape[1]
    if not is_weighted_sum(composite.definition):
        return np.full(k, np.nan)
    has = ~np.isnan(composite.aggregated)
    score = composite.aggregated[has]
    spread = score - score.mean()
    if not spread.any():
        return np.full(k, np.nan)
    parts = area_weights(composite)[:, has] * np.nan_to_num(composite.normalised[has].T)
    return np.asarray(parts @ spread / (spread @ spread))


def _correlations(normalised: Floats) -> Floats:
    k = normalised.shape[1]
    result = np.eye(k)
    for i in range(k):
        for j in range(i):
            result[i, j] = result[j, i] = pearson(normalised[:, i], normalised[:, j])
    return result


def _groups(
    composite: Composite, nominal: Mapping[str, float], shares: Mapping[str, float]
) -> tuple[EffectiveWeight, ...]:
    found = []
    for group in composite.definition.components():
        below = [leaf.node.id for leaf in composite.definition.leaves() if group.id in leaf.path]
        found.append(
            EffectiveWeight(
                group.id,
                sum(nominal[name] for name in below),
                float(sum(shares[name] for name in below)),
                pearson(composite.components[group.id], composite.aggregated),
            )
        )
    return tuple(found)
