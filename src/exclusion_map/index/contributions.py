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
    result = np.full((k, n), np.nan)  # indicator by indicator: the layout the columns have
    if not _additive(composite.definition):
        return result.T
    columns, weights = composite.normalised.T, area_weights(composite)
    has = ~np.isnan(composite.score)
    for members in composite.base.members(n):
        at = np.flatnonzero(has) if members is None else members[has[members]]
        if len(at):
            part: Ints | slice = slice(None) if len(at) == n else at
            result[:, part] = _one_group(
                columns[:, part],
                weights[:, part],
                composite.aggregated[part],
                composite.score[part],
            )
    return result.T


def _one_group(columns: Floats, weights: Floats, level: Floats, score: Floats) -> Floats:
    """Return (k, m) contributions of a group's m areas, all of which have a score."""
    middle = np.array([_median(column) for column in columns])
    low, high = level.min(), level.max()
    slope = 0.0 if low == high else (score.max() - score.min()) / (high - low)
    shift = middle @ weights - np.median(level)
    points = np.empty(columns.shape)
    for row, (column, weight) in enumerate(zip(columns, weights, strict=True)):
        part = slope * weight * (column - middle[row] + shift)
        part[weight == 0] = 0.0  # nothing there, nothing added
        points[row] = part
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
