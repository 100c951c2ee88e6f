"""Contributions to an index that is not a weighted sum, by integrated gradients.

Source: Sundararajan, Taly and Yan (2017), "Axiomatic attribution for deep networks": the
Aumann-Shapley price of each indicator, along the straight path. For an arithmetic mean it equals
weight times difference.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from exclusion_map.index.aggregate import Aggregator, GeneralisedMean, Geometric
from exclusion_map.index.definition import Definition, Group
from exclusion_map.index.order import Floats

if TYPE_CHECKING:
    from collections.abc import Mapping

NODES = 8
"""Nodes of the Gauss-Legendre quadrature: exact for polynomials up to degree 15."""


@dataclass(frozen=True, eq=False)
class Means:
    """A tree of means, evaluated at m points at once.

    Attributes:
        definition: the tree and its aggregations.
        rows: leaf id to row of the columns.
        shares: share (m,) of each group or leaf in its parent group, rescaled for gaps, by id.
    """

    definition: Definition
    rows: Mapping[str, int]
    shares: Mapping[str, Floats]

    def gradient(self, columns: Floats) -> tuple[Floats, Floats]:
        """Return the value (m,) of the tree at columns (k, m), and its gradient (k, m)."""
        slopes = np.zeros(columns.shape)
        return self._visit(self.definition, columns, slopes), slopes

    def _visit(self, node: Definition | Group, columns: Floats, slopes: Floats) -> Floats:
        way = node.aggregate or self.definition.aggregate
        values, below = [], []
        total = np.zeros(columns.shape[1])
        for child in node.children:
            if isinstance(child, Group):
                values.append(self._visit(child, columns, slopes))
                below.append([self.rows[name] for name in _leaves_of(child)])
            else:
                values.append(columns[self.rows[child.id]])
                below.append([self.rows[child.id]])
                slopes[self.rows[child.id]] = 1.0
            total += self.shares[child.id] * _forward(values[-1], way)
        value = _back(total, way)
        outer = _slope(value, way)
        for child, own, rows in zip(node.children, values, below, strict=True):
            slopes[rows] *= self.shares[child.id] * _slope(own, way) / outer
        return value


def _leaves_of(group: Group) -> list[str]:
    names = []
    for child in group.children:
        names.extend(_leaves_of(child) if isinstance(child, Group) else [child.id])
    return names


def _forward(x: Floats, way: Aggregator) -> Floats:
    if isinstance(way, Geometric):
        return np.asarray(np.log(x + way.offset))
    if isinstance(way, GeneralisedMean):
        return np.asarray((x + way.offset) ** way.power)
    return x


def _back(y: Floats, way: Aggregator) -> Floats:
    if isinstance(way, Geometric):
        return np.asarray(np.exp(y) - way.offset)
    if isinstance(way, GeneralisedMean):
        # a group without any share has no value to transform back
        return np.asarray(np.where(y > 0, y, 1.0) ** (1 / way.power) - way.offset)
    return y


def _slope(x: Floats, way: Aggregator) -> Floats:
    """Return the derivative of the transformation, up to a factor that cancels out."""
    if isinstance(way, Geometric):
        return np.asarray(1 / (x + way.offset))
    if isinstance(way, GeneralisedMean):
        return np.asarray((x + way.offset) ** (way.power - 1))
    return np.ones(len(x))


def attribute(means: Means, columns: Floats, reference: Floats) -> tuple[Floats, Floats]:
    """Return the contribution of each column from the reference to the point (k, m), and f there.

    Args:
        means: the tree.
        columns: (k, m) points, with gaps filled from the reference.
        reference: (k,) start of the path.
    """
    step = columns - reference[:, None]
    where, weight = np.polynomial.legendre.leggauss(NODES)
    parts = np.zeros(columns.shape)
    for place, share in zip((where + 1) / 2, weight / 2, strict=True):
        parts += share * means.gradient(reference[:, None] + place * step)[1]
    start, _ = means.gradient(np.broadcast_to(reference[:, None], columns.shape))
    return parts * step, start
