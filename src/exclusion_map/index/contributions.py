"""Contributions of indicators to the difference between a score and the base's median score."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from exclusion_map.index.aggregate import AREA_BY_AREA, Aggregation
from exclusion_map.index.attribution import Means, attribute
from exclusion_map.index.definition import Definition, Group
from exclusion_map.index.order import Floats, Ints
from exclusion_map.index.scale import Scaling

if TYPE_CHECKING:
    from exclusion_map.index.compose import Composite


def contributions(composite: Composite) -> Floats:
    """Return (n, k), in points of the score, NaN where an area has no score.

    Each indicator is compared with its median in the base. One constant, the same for all
    indicators of an area, makes the contributions add up exactly to the score minus the base's
    median score. A missing indicator contributes 0. For geometric and generalised means,
    contributions are integrated along the straight path from the medians. Copeland's method and a
    percentile scale cannot be decomposed: all contributions are then NaN.
    """
    n, k = composite.normalised.shape
    result = np.full((k, n), np.nan)  # one row per indicator, the layout of the columns
    if not _comes_apart(composite.definition):
        return result.T
    columns, (weights, shares) = composite.normalised.T, _weights_and_shares(composite)
    straight = is_weighted_sum(composite.definition)
    has = ~np.isnan(composite.score)
    for members in composite.base.members(n):
        at = np.flatnonzero(has) if members is None else members[has[members]]
        if len(at):
            part: Ints | slice = slice(None) if len(at) == n else at
            within = {name: share[part] for name, share in shares.items()}
            result[:, part] = _one_group(
                columns[:, part],
                weights[:, part],
                composite.aggregated[part],
                composite.score[part],
                None if straight else Means(composite.definition, _rows(composite), within),
            )
    return result.T


def _one_group(
    columns: Floats, weights: Floats, level: Floats, score: Floats, means: Means | None
) -> Floats:
    """Return contributions (k, m) for the m areas of a group, all of which have a score."""
    middle = np.array([_median(column) for column in columns])
    low, high = level.min(), level.max()
    slope = 0.0 if low == high else (score.max() - score.min()) / (high - low)
    if means is None:
        parts, start = None, middle @ weights
    else:
        filled = np.where(np.isnan(columns), middle[:, None], columns)
        parts, start = attribute(means, filled, middle)
        # the quadrature error is spread together with the constant
        start = level - parts.sum(axis=0)
    shift = start - np.median(level)
    points = np.empty(columns.shape)
    for row, (column, weight) in enumerate(zip(columns, weights, strict=True)):
        own = weight * (column - middle[row]) if parts is None else parts[row]
        own = slope * (own + weight * shift)
        own[weight == 0] = 0.0  # missing indicators contribute nothing
        points[row] = own
    return points


def _median(column: Floats) -> float:
    present = column[~np.isnan(column)]
    return float(np.median(present)) if len(present) else 0.0


def _comes_apart(definition: Definition) -> bool:
    linear = definition.scale.method is not Scaling.PERCENTILE_RANK
    return linear and _ways(definition) <= AREA_BY_AREA


def is_weighted_sum(definition: Definition) -> bool:
    """Return whether the score is a weighted sum of normalised indicators, area by area."""
    linear = definition.scale.method is not Scaling.PERCENTILE_RANK
    return linear and _ways(definition) == {Aggregation.ARITHMETIC}


def _ways(definition: Definition) -> set[Aggregation]:
    nodes: list[Definition | Group] = [definition, *definition.components()]
    return {(node.aggregate or definition.aggregate).method for node in nodes}


def _rows(composite: Composite) -> dict[str, int]:
    return {leaf.node.id: row for row, leaf in enumerate(composite.definition.leaves())}


def area_weights(composite: Composite) -> Floats:
    """Return the weight (k, n) of each indicator in each area, rescaled for missing values.

    Weights add up to 1 in every area with a score; missing indicators have weight 0.
    """
    return _weights_and_shares(composite)[0]


def _weights_and_shares(composite: Composite) -> tuple[Floats, dict[str, Floats]]:
    """Return leaf weights (k, n), and the share (n,) of each group and leaf in its parent."""
    n, k = composite.normalised.shape
    weights, shares = np.zeros((k, n)), {}
    rows = _rows(composite)

    def share_out(node: Definition | Group, whole: Floats) -> None:
        scores = [
            composite.components[child.id]
            if isinstance(child, Group)
            else composite.normalised[:, rows[child.id]]
            for child in node.children
        ]
        weighed = [
            child.weight * ~np.isnan(x) for child, x in zip(node.children, scores, strict=True)
        ]
        total = np.sum(weighed, axis=0)
        for child, weight in zip(node.children, weighed, strict=True):
            share = np.divide(weight, total, out=np.zeros(n), where=total > 0)
            shares[child.id] = share
            if isinstance(child, Group):
                share_out(child, whole * share)
            else:
                weights[rows[child.id]] = whole * share

    share_out(composite.definition, np.ones(n))
    return weights, shares
