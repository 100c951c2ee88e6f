"""Ranks and tenths of all areas in many draws: the inner loop of the uncertainty analysis."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from exclusion_map.errors import DefinitionError
from exclusion_map.index.base import Base
from exclusion_map.index.definition import Definition
from exclusion_map.index.order import Floats, Ints
from exclusion_map.index.variants import Singles, Turn, Variants
from exclusion_map.index.vary import Draws
from exclusion_map.index.weigh import Pattern, leaf_weights, patterns

PARTS = 1 << 29

Places = NDArray[np.unsignedinteger[Any]]
"""Ranks from 0, in 16 bits where possible, because these sort several times faster."""


@dataclass(frozen=True, eq=False)
class Order:
    """The m areas with a score, sorted by pattern of missing values, and their groups.

    Attributes:
        areas: (m,) positions in the table.
        parts: the patterns, with the slice of ``areas`` of each.
        group: (m,) number of each area's group of the base.
        groups: number of groups.
        start: (m,) for each position in an order sorted by group: where that group starts.
        people: (m,) population in the order of ``areas``, as whole units of which there are
            `PARTS` in total; equal shares in a group without population.
        before: (m,) for each position, twice the units in the groups before it.
        total: (m,) for each position, twice the units in its group.
    """

    areas: Ints
    parts: tuple[tuple[slice, Pattern], ...]
    group: NDArray[np.uint64]
    groups: int
    start: NDArray[np.int32]
    people: NDArray[np.int32]
    before: NDArray[np.int32]
    total: Floats

    def places(self, *shape: int) -> Places:
        """Return an array for the ranks of the m areas from 0, of the smallest sufficient type."""
        return np.empty(shape, dtype=np.uint16 if len(self.areas) <= 1 << 16 else np.uint32)


def order_of(
    variants: Variants, scored: NDArray[np.bool_], population: Floats, base: Base
) -> Order:
    """Return the areas to rank in the order in which draws are computed.

    Raises:
        DefinitionError: no area has a score.
    """
    listed = patterns(variants.present, scored)
    if not listed:
        raise DefinitionError(
            "uncertainty",
            found=f"{int(scored.sum()):,} areas with a score of {len(scored):,}",
            expected="at least 1",
        )
    ends = np.cumsum([len(one.areas) for one in listed]).tolist()
    parts = tuple(
        (slice(end - len(one.areas), end), one) for one, end in zip(listed, ends, strict=True)
    )
    areas = np.concatenate([one.areas for one in listed])
    group = np.zeros(len(areas), np.int64) if base.groups is None else base.groups[areas]
    _, group, sizes = np.unique(group, return_inverse=True, return_counts=True)
    people = population[areas]
    sums = np.bincount(group, weights=people)
    people = np.where(sums[group] > 0, people, 1.0)
    # integers add up several times faster than floats; a unit is an eighth of a person in England
    # and Wales, and some thirty people for a population of 15 thousand million
    people = np.rint(people * (PARTS / people.sum())).astype(np.int32)
    sums = np.maximum(np.bincount(group, weights=people), 1)
    starts = np.cumsum(sizes) - sizes
    return Order(
        areas=areas,
        parts=parts,
        group=group.astype(np.uint64),
        groups=len(sizes),
        start=np.repeat(starts, sizes).astype(np.int32),
        people=people,
        before=np.repeat(2 * (np.cumsum(sums) - sums), sizes).astype(np.int32),
        total=np.repeat(2 * sums, sizes),
    )


@dataclass(frozen=True, eq=False)
class Sweep:
    """Data shared by all draws: columns in the order in which areas are computed."""

    definition: Definition
    order: Order
    columns: Mapping[tuple[int, int, int], tuple[Singles, Singles | None]]

    def scores(self, draws: Draws, *, noisy: bool) -> Iterator[tuple[int, Singles]]:
        """Yield the number of each draw and its scores (m,) float32, in the order of the areas.

        The scale differs between draws; only the order of areas within a draw is meaningful. Each
        draw overwrites the scores of the one before.
        """
        weights = [leaf_weights(self.definition, draws, one.present) for _, one in self.order.parts]
        m = len(self.order.areas)
        score, variance_sum, noise = (np.empty(m, dtype=np.float32) for _ in range(3))
        chosen = np.column_stack([draws.base, draws.normalisation, draws.aggregation]).tolist()
        for one, (base, normalisation, aggregation) in enumerate(chosen):
            summands, variance = self.columns[base, normalisation, aggregation]
            drawn = [weight[one].astype(np.float32) for weight in weights]
            self._sum(summands, drawn, score)
            if noisy and variance is not None:
                rng = np.random.Generator(np.random.SFC64(int(draws.noise_seed[one])))
                rng.standard_normal(dtype=np.float32, out=noise)
                self._sum(variance, [w * w for w in drawn], variance_sum)
                noise *= np.sqrt(variance_sum, out=variance_sum)
                score += noise
            yield one, score

    def _sum(self, columns: Singles, weights: list[Singles], out: Singles) -> None:
        for (at, _), weight in zip(self.order.parts, weights, strict=True):
            np.matmul(weight, columns[:, at], out=out[at])


def line_up(variants: Variants, order: Order, only: Turn | None = None) -> Sweep:
    """Return the columns in the order of the areas, with the variance of the noise.

    Args:
        variants: the columns.
        order: order of the areas.
        only: the only base and normalisation used by the draws; by default all.
    """
    columns = {}
    for turn in variants.turns() if only is None else [only]:
        for aggregation, one in enumerate(variants.under(turn)):
            variance = None if one.noise is None else one.noise[:, order.areas] ** 2
            columns[*turn, aggregation] = (
                np.ascontiguousarray(one.summands[:, order.areas]),
                variance,
            )
    return Sweep(variants.definition, order, columns)


class Ranker:
    """Ranks one draw after another in its own buffers; each thread needs its own ranker.

    Allocating new arrays of this size would cost more in page faults than the ranking itself.
    """

    def __init__(self, order: Order) -> None:
        m = len(order.areas)
        self._people = order.people
        bits = max(16, (m - 1).bit_length())
        self._shift, self._low = np.uint64(bits), np.uint64((1 << bits) - 1)
        self._tag = np.arange(m, dtype=np.uint64)
        # score, position and group in 64 bits; if they do not fit, groups are sorted separately
        packed = 32 + bits + (order.groups - 1).bit_length() <= 64
        self._group = None if packed else order.group.astype(np.min_scalar_type(order.groups))
        if packed and order.groups > 1:
            self._tag |= order.group << np.uint64(32 + bits)
        self._place = order.places(m)
        np.subtract(np.arange(m), order.start, out=self._place, casting="unsafe")
        self._before, self._per_tenth = order.before, 10 / order.total
        self._bits, self._mask = np.empty(m, np.int32), np.empty(m, np.int32)
        self._packed = np.empty(m, np.uint64)
        self._sorted, self._upto = np.empty(m, np.int32), np.empty(m, np.int32)
        self._share = np.empty(m)
        self._tenth = np.empty(m, np.uint8)

    def rank(self, score: Singles, rank: Places, tenth: NDArray[np.uint8]) -> None:
        """Fill in rank (m,) and tenth (m,) of one draw, both from 0, in the order of the areas.

        Group, score and position are packed into 64 bits and sorted as one integer. Scores equal
        to the seven digits of a float32 are ordered by position, which over many draws amounts to
        noise of a rank or two.
        """
        at = self._descending(score)
        rank[at] = self._place
        people, upto = self._sorted, self._upto
        np.take(self._people, at, out=people, mode="clip")
        np.cumsum(people, out=upto)
        upto *= 2  # doubled, so that the midpoint of an area's population is an integer
        upto -= people
        upto -= self._before
        np.multiply(upto, self._per_tenth, out=self._share)
        np.minimum(self._share, 9, out=self._share)
        np.copyto(self._tenth, self._share, casting="unsafe")
        tenth[at] = self._tenth

    def _descending(self, score: Singles) -> NDArray[np.int64]:
        bits, mask, packed = self._bits, self._mask, self._packed
        np.add(score, np.float32(0), out=bits.view(np.float32))  # -0.0 becomes 0.0
        # negative floats sort in reverse: invert their bits; then invert all, to put risk first
        np.right_shift(bits, 31, out=mask)
        mask &= 0x7FFFFFFF
        bits ^= mask
        bits ^= 0x7FFFFFFF
        np.copyto(packed, bits.view(np.uint32))
        packed <<= self._shift
        packed |= self._tag
        packed.sort()
        packed &= self._low
        at = packed.view(np.int64)
        if self._group is None:
            return at
        return at[np.argsort(self._group[at], kind="stable")]
