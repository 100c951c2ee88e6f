"""Recompute scores for new weights from normalised columns: same results as compose, but faster.

For weighted means only; an index aggregated in another way is recomputed in full. Results that do
not depend on the changed weights are cached: which areas have gaps, components whose own weights
have not changed, the groups of the base, and the populations behind the tenths.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from operator import is_

import numpy as np
from numpy.typing import NDArray

from exclusion_map.index.aggregate import Aggregation
from exclusion_map.index.compose import DIGITS, Prepared
from exclusion_map.index.definition import Definition, Group
from exclusion_map.index.order import Floats, Ints
from exclusion_map.index.rank import Deciles
from exclusion_map.index.scale import MinMaxScale, scale
from exclusion_map.index.scratch import Scratch
from exclusion_map.index.tenths import Limits, Tenths, limits_of

Weights = Mapping[str, float]

Flags = NDArray[np.bool_]
LEAST_SHARE = 1e-12
"""Rounding error of a subtraction, as a share of the weight: see ``aggregate``."""
STRETCH, LARGEST = 1.01, 1000.0
"""Minimum stretch, and largest value, for which scaling certainly preserves order and ties."""


@dataclass(frozen=True, eq=False)
class _Column:
    """Values (n,) of an indicator or group, with 0 for gaps, and the rows of the gaps."""

    filled: Floats
    gaps: Ints

    @classmethod
    def of(cls, values: Floats) -> "_Column":
        gaps = np.flatnonzero(np.isnan(values))
        return cls(np.nan_to_num(values) if len(gaps) else values, gaps)


@dataclass(frozen=True, eq=False)
class _Patterns:
    """Patterns of missing values among k columns, for the m areas with at least one gap.

    Attributes:
        columns: the k columns.
        rows: (m,) rows of the areas.
        which: (m,) number of each area's pattern.
        present: (k, patterns) whether a column has a value.
    """

    columns: Sequence[_Column]
    rows: Ints
    which: Ints
    present: Flags

    @classmethod
    def of(cls, columns: Sequence[_Column]) -> "_Patterns":
        rows = np.unique(np.concatenate([column.gaps for column in columns]))
        lacking = np.array([np.isin(rows, column.gaps) for column in columns])
        patterns, which = np.unique(lacking, axis=1, return_inverse=True)
        return cls(columns, rows, which.reshape(-1), ~patterns)

    def fit(self, columns: Sequence[_Column]) -> bool:
        """Return whether these patterns were computed from the same columns."""
        return len(columns) == len(self.columns) and all(map(is_, columns, self.columns))


_scratch = Scratch()


def weighted_mean_only(definition: Definition) -> bool:
    """Return whether a definition uses weighted means at all levels."""
    ways = (definition.aggregate, *(group.aggregate for group in definition.components()))
    return all(way is None or way.method is Aggregation.ARITHMETIC for way in ways)


class Reweigher:
    """Scores and tenths of one prepared index, for any weights."""

    def __init__(self, prepared: Prepared) -> None:
        """Store the normalised columns."""
        self.prepared = prepared
        definition = prepared.definition
        self._plain = weighted_mean_only(definition)
        self._known = definition.weights()
        groups = definition.components()
        self._families = [definition.children, *(group.children for group in groups)]
        self._leaves = {
            leaf.node.id: _Column.of(prepared.normalised[row])
            for row, leaf in enumerate(definition.leaves())
        }
        self._groups: dict[str, tuple[tuple[float, ...], _Column]] = {}
        self._patterns: dict[str, _Patterns] = {}

    def score(self, weights: Weights | None = None) -> Floats:
        """Return the score (n,) of every area, as ``prepared.compose(weights).score``.

        Raises:
            DefinitionError: a weight's id is unknown, a weight negative, a group without weight.
        """
        aggregated = self._aggregated(weights or {})
        if aggregated is None:
            return self.prepared.compose(weights).score
        return self._scaled(aggregated)

    def deciles(self, weights: Weights | None = None) -> Deciles:
        """Return the tenth (n,) of every area, as ``prepared.compose(weights).decile``.

        Raises:
            DefinitionError: a weight's id is unknown, a weight negative, a group without weight.
        """
        scores = _scratch.of("scores", len(self.prepared.table))
        aggregated = self._aggregated(weights or {}, scores)
        if aggregated is None:
            return self.prepared.compose(weights).decile
        if self.prepared.base.groups is None:
            limits = limits_of(aggregated)
            if _keeps_order(aggregated, limits, self.prepared.definition.scale):
                return self.tenths.of(aggregated, limits)
        return self.tenths.of(self._scaled(aggregated))

    def _aggregated(self, weights: Weights, out: Floats | None = None) -> Floats | None:
        """Return the score (n,) before the final scaling; None if compose must compute it."""
        if not self._plain or not self._sound(weights):
            return None
        return _rounded(self._node(self.prepared.definition, weights, out))

    @cached_property
    def tenths(self) -> Tenths:
        """The object that cuts scores of these areas into tenths."""
        return Tenths(self.prepared.table.population, self.prepared.base)

    def _sound(self, weights: Weights) -> bool:
        """Return whether the weights are valid; if not, compose raises the error."""
        if not all(name in self._known and 0 <= w < np.inf for name, w in weights.items()):
            return False
        return all(
            any(weights.get(child.id, child.weight) > 0 for child in children)
            for children in self._families
        )

    def _node(
        self, node: Definition | Group, weights: Weights, out: Floats | None = None
    ) -> Floats:
        """Return the weighted mean of a node's children."""
        own = [float(weights.get(child.id, child.weight)) for child in node.children]
        used = [(child, w) for child, w in zip(node.children, own, strict=True) if w > 0]
        columns = [
            self._group(child, weights) if isinstance(child, Group) else self._leaves[child.id]
            for child, _ in used
        ]
        return self._mean(node, columns, [w for _, w in used], out)

    def _group(self, group: Group, weights: Weights) -> _Column:
        """Return a component's column, cached while the weights within it are unchanged."""
        key = tuple(_within(group, weights))
        held = self._groups.get(group.id)
        if held is None or held[0] != key:
            held = self._groups[group.id] = (key, _Column.of(self._node(group, weights)))
        return held[1]

    def _mean(
        self,
        node: Definition | Group,
        columns: Sequence[_Column],
        weights: list[float],
        out: Floats | None,
    ) -> Floats:
        """Return sum w x / sum w, column by column as in :func:`aggregate`.

        Few areas have gaps: the weight present in them follows from their pattern of gaps.
        """
        total: Floats = np.multiply(columns[0].filled, weights[0], out=out)
        product = _scratch.of("product", len(total))
        whole = 0.0 + weights[0]
        for column, weight in zip(columns[1:], weights[1:], strict=True):
            np.multiply(column.filled, weight, out=product)
            total += product
            whole += weight
        patterns = self._patterns.get(node.id)
        if patterns is None or not patterns.fit(columns):
            patterns = self._patterns[node.id] = _Patterns.of(columns)
        some = total[patterns.rows]
        total /= whole
        if len(some):
            some /= self._parts(patterns, weights)[patterns.which]
            total[patterns.rows] = some
        return total

    def _parts(self, patterns: _Patterns, weights: Sequence[float]) -> Floats:
        """Return the weight present in each pattern, or NaN if too small for a score."""
        # Added in the same order as in aggregate, so that sums are equal to the last bit.
        weighed = np.array(weights)
        part: Floats = np.add.reduce(weighed[:, None] * patterns.present)
        whole = weighed.sum()
        gone = np.vstack([np.full(len(part), whole), weighed[:, None] * ~patterns.present])
        share = np.subtract.reduce(gone)
        share[share < LEAST_SHARE * whole] = 0.0
        share /= whole
        least = self.prepared.definition.missing.minimum_share
        part[(share < least - LEAST_SHARE) | (share == 0)] = np.nan
        return part

    def _scaled(self, aggregated: Floats) -> Floats:
        """Return scores on the published scale, within each group of the base."""
        params, groups = self.prepared.definition.scale, self.prepared.base.groups
        if groups is None:
            return _rounded(scale(aggregated, params))
        if isinstance(params, MinMaxScale):
            return _rounded(self._stretched(aggregated, groups))
        result = np.full(len(aggregated), np.nan)
        for at in self._order:
            result[at] = scale(aggregated[at], params)
        return _rounded(result)

    @cached_property
    def _order(self) -> list[Ints]:
        n = len(self.prepared.table)
        return [part for part in self.prepared.base.members(n) if part is not None]

    @cached_property
    def _ordered(self) -> tuple[Ints, Ints]:
        """Rows sorted by group, and the start of each group among them."""
        sizes = [len(part) for part in self._order]
        starts = np.concatenate(([0], np.cumsum(sizes)[:-1])).astype(np.intp)
        return np.concatenate(self._order), starts

    def _stretched(self, aggregated: Floats, groups: NDArray[np.int32]) -> Floats:
        """Return all groups rescaled to 0 to 100 at once; 50 if a group does not vary."""
        rows, starts = self._ordered
        numbers = groups[rows[starts]]
        ordered = aggregated.take(rows)
        low, high = np.full((2, int(numbers.max()) + 1), np.nan)
        low[numbers] = np.fmin.reduceat(ordered, starts)
        high[numbers] = np.fmax.reduceat(ordered, starts)
        alike = low == high
        with np.errstate(divide="ignore"):
            factor = np.where(alike, 0.0, 100 / (high - low))
        stretched: Floats = aggregated - low[groups]
        stretched *= factor[groups]
        stretched += np.where(alike, 50.0, 0.0)[groups]
        stretched[groups < 0] = np.nan
        return stretched


def _keeps_order(aggregated: Floats, limits: Limits, params: object) -> bool:
    """Return whether scaling preserves order and ties, so that tenths can be cut without it.

    Values differ by whole steps of the last decimal. If they are stretched, no two become equal
    when the score is rounded; the margin allows for floating-point error.
    """
    if not isinstance(params, MinMaxScale):
        return False
    low, high = limits
    if np.isnan(low):
        low, high = np.fmin.reduce(aggregated), np.fmax.reduce(aggregated)
    return bool(0 < high - low < 100 / STRETCH and max(abs(low), abs(high)) < LARGEST)


def _rounded(score: Floats) -> Floats:
    return np.round(score, DIGITS, out=score)


def _within(group: Group, weights: Weights) -> list[float]:
    found = []
    for child in group.children:
        found.append(weights.get(child.id, child.weight))
        if isinstance(child, Group):
            found.extend(_within(child, weights))
    return found
