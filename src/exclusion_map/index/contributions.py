"""Contributions: what each indicator adds to an area's score, from the base's median score."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from exclusion_map.index.aggregate import Aggregation
from exclusion_map.index.definition import Definition, Group
from exclusion_map.index.order import Floats, Ints
from exclusion_map.index.scale import Scaling

if TYPE_CHECKING:
    from exclusion_map.index.compose import Composite


def contributions(composite: Composite) -> Floats:
    """Return (n, k), in points of the score, NaN where an area has no score.

    Each indicator is compared with its own median in the base; one constant, the same for all of
    an area's indicators, makes them add up exactly to score minus the base's median score. A
    missing indicator adds 0. Only an arithmetic tree on a linear scale comes apart like this: for
    any other, every contribution is NaN.
    """
    n, k = composite.normalised.shape
    result = np.full((n, k), np.nan)
    if not _additive(composite.definition):
        return result
    weights = area_weights(composite)
    for members in composite.base.members(n):
        at = np.arange(n) if members is None else members
        at = at[~np.isnan(composite.score[at])]
        if len(at):
            result[at] = _one_group(composite, weights, at)
    return result


def _one_group(composite: Composite, weights: Floats, at: Ints) -> Floats:
    x = np.where(np.isnan(composite.normalised[at]), 0.0, composite.normalised[at])
    middle = np.array([_median(column) for column in composite.normalised[at].T])
    level, score = composite.aggregated[at], composite.score[at]
    low, high = level.min(), level.max()
    slope = 0.0 if low == high else (score.max() - score.min()) / (high - low)
    w = weights[:, at].T
    shift = w @ middle - np.median(level)
    points: Floats = slope * w * (x - middle + shift[:, None])
    return points


def _median(column: Floats) -> float:
    present = column[~np.isnan(column)]
    return float(np.median(present)) if len(present) else 0.0


def _additive(definition: Definition) -> bool:
    methods = [definition.aggregate, *(group.aggregate for group in definition.components())]
    return definition.scale.method is not Scaling.PERCENTILE_RANK and all(
        method is None or method.method is Aggregation.ARITHMETIC for method in methods
    )


def area_weights(composite: Composite) -> Floats:
    """Return (k, n) the weight each indicator carries in each area once gaps are made up for.

    They add up to 1 in every area that has a score; a missing indicator has 0.
    """
    n, k = composite.normalised.shape
    result = np.zeros((k, n))
    rows = {leaf.node.id: row for row, leaf in enumerate(composite.definition.leaves())}
    _share_out(composite, composite.definition, np.ones(n), rows, result)
    return result


def _share_out(
    composite: Composite,
    node: Definition | Group,
    share: Floats,
    rows: dict[str, int],
    result: Floats,
) -> None:
    scores = [
        composite.components[child.id]
        if isinstance(child, Group)
        else composite.normalised[:, rows[child.id]]
        for child in node.children
    ]
    weighed = np.stack(
        [child.weight * ~np.isnan(x) for child, x in zip(node.children, scores, strict=True)]
    )
    total = weighed.sum(axis=0)
    for child, weight in zip(node.children, weighed, strict=True):
        part = share * np.divide(weight, total, out=np.zeros_like(total), where=total > 0)
        if isinstance(child, Group):
            _share_out(composite, child, part, rows, result)
        else:
            result[rows[child.id]] = part
