"""Leaf weights for many draws at once, rescaled for missing values as the definition says."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from exclusion_map.index.definition import Definition, Group, IndicatorNode
from exclusion_map.index.order import Floats, Ints
from exclusion_map.index.vary import Draws


@dataclass(frozen=True, eq=False)
class Pattern:
    """Areas with the same missing indicators.

    Attributes:
        areas: positions of the areas.
        present: (k,) mask of the leaves with values.
    """

    areas: Ints
    present: NDArray[np.bool_]


def patterns(present: NDArray[np.bool_], scored: NDArray[np.bool_]) -> tuple[Pattern, ...]:
    """Return the patterns of missing values among areas with a score.

    Args:
        present: (k, n) mask of values present.
        scored: (n,) mask of areas with a score.
    """
    at = np.flatnonzero(scored)
    if not len(at):
        return ()
    held = present[:, at]
    names = _names(held)
    order = np.argsort(names, kind="stable")
    starts = np.flatnonzero(np.diff(names[order])) + 1
    return tuple(Pattern(at[rows], held[:, rows[0]].copy()) for rows in np.split(order, starts))


def _names(present: NDArray[np.bool_]) -> NDArray[np.uint64]:
    """Return a number for the pattern of each column of (k, m), ordered like the patterns."""
    names = np.zeros(present.shape[1], dtype=np.uint64)
    for start in range(0, len(present), 32):
        for row in present[start : start + 32]:
            names <<= np.uint64(1)
            names |= row
        # more than 64 leaves: replace the bits so far by the number of their pattern
        names = np.unique(names, return_inverse=True)[1].astype(np.uint64)
    return names


def leaf_weights(
    definition: Definition, draws: Draws, present: NDArray[np.bool_], *, keep: bool = False
) -> Floats:
    """Return leaf weights (D, k) for each draw, adding up to 1, for one pattern of gaps.

    The published weights decide which groups have a score. The weight of a leaf left out by a draw
    is carried by the rest of its group, however small.

    Args:
        definition: the index.
        draws: weights of each group, and leaves left out.
        present: (k,) mask of the leaves with values.
        keep: whether to keep the leaves that draws leave out.
    """
    leaves = definition.leaves()
    rows = {leaf.node.id: row for row, leaf in enumerate(leaves)}
    alive = np.broadcast_to(present, (len(draws), len(leaves))).copy()
    if not keep:
        out = np.flatnonzero(draws.left_out >= 0)
        alive[out, draws.left_out[out]] = False
    tree = _Tree(definition, draws, present, alive, rows)
    result = np.zeros((len(draws), len(leaves)))
    tree.share(definition, np.ones(len(draws)), result)
    bare = result.sum(axis=1) < 0.5
    if bare.any() and not keep:  # these areas have nothing but the leaf left out: keep it
        result[bare] = leaf_weights(definition, draws, present, keep=True)[bare]
    return result


@dataclass(frozen=True, eq=False)
class _Tree:
    definition: Definition
    draws: Draws
    present: NDArray[np.bool_]
    alive: NDArray[np.bool_]
    rows: dict[str, int]

    def share(self, node: Definition | Group, share: Floats, result: Floats) -> None:
        """Distribute a node's weight among its children, down to the leaves."""
        lives = np.column_stack([self._lives(child) for child in node.children])
        weights = self.draws.weights[node.id] * lives
        total = weights.sum(axis=1)
        safe = np.where(total > 0, total, 1.0)
        for place, child in enumerate(node.children):
            part = share * weights[:, place] / safe
            if isinstance(child, Group):
                self.share(child, part, result)
            else:
                result[:, self.rows[child.id]] = part

    def _lives(self, node: IndicatorNode | Group) -> NDArray[np.bool_]:
        """Return a mask (D,) of the draws in which a child carries weight."""
        if isinstance(node, IndicatorNode):
            return self.alive[:, self.rows[node.id]]
        if not self._has_score(node):
            return np.zeros(len(self.alive), dtype=np.bool_)
        lives = np.column_stack([self._lives(child) for child in node.children if child.weight > 0])
        return np.asarray(lives.any(axis=1))

    def _has_score(self, node: IndicatorNode | Group) -> bool:
        if isinstance(node, IndicatorNode):
            return bool(self.present[self.rows[node.id]])
        there = sum(child.weight for child in node.children if self._has_score(child))
        share = there / sum(child.weight for child in node.children)
        return share > 0 and share >= self.definition.missing.minimum_share - 1e-12
