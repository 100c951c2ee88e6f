"""Ranks and tenths of all areas in each of many draws: the inner loop of uncertainty."""

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
"""Ranks less 1: of 16 bits where that is enough, because those sort several times faster."""


@dataclass(frozen=True, eq=False)
class Order:
    """The m areas that have a score, sorted by pattern of gaps, and their groups.

    Attributes:
        areas: (m,) positions in the table.
        parts: the patterns, with the slice of ``areas`` each takes up.
        group: (m,) number of each area's group of the base.
        groups: how many groups there are.
        start: (m,) for each place in an order sorted by group: where that group starts.
        people: (m,) people, in the order of ``areas``, in parts of which there are `PARTS` in all;
            alike in a group without people.
        before: (m,) for each place, twice the parts in the groups before it.
        total: (m,) for each place, twice the parts in its group.
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
        """Return an array for ranks less 1 of the m areas, as small as they can be told in."""
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
    # whole numbers add up several times faster than fractions; a part is an eighth of a person in
    # England and Wales, and some thirty people where 15 thousand million are ranked
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
    """All that many draws share: columns lined up in the order in which areas are computed."""

    definition: Definition
    order: Order
    columns: Mapping[tuple[int, int, int], tuple[Singles, Singles | None]]

    def scores(self, draws: Draws, *, noisy: bool) -> Iterator[tuple[int, Singles]]:
        """Yield the number of each draw and its scores (m,) float32, in the order of the areas.

        A score's scale is that of its draw; only the order of areas within a draw has a meaning.
        The scores of the next draw overwrite those of the last.
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
    """Return columns in the order of the areas, with the noise's variance.

    Args:
        variants: the columns.
        order: of the areas.
        only: the one base and normalisation that the draws have; without it, all.
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
    """Ranks draws one after the other in buffers of its own: one for each thread.

    Fresh arrays of this size would cost more time in page faults than the work itself.
    """

    def __init__(self, order: Order) -> None:
        m = len(order.areas)
        self._people = order.people
        bits = max(16, (m - 1).bit_length())
        self._shift, self._low = np.uint64(bits), np.uint64((1 << bits) - 1)
        self._tag = np.arange(m, dtype=np.uint64)
        # score, place and group in 64 bits; where that is too little, groups are sorted by apart
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
        """Fill rank (m,) less 1 and tenth (m,) less 1 of one draw, in the order of the areas.

        Group, score and place are packed into 64 bits and sorted as one integer. Areas whose scores
        are alike to the seven digits of a float32 are ordered by place: over many draws that is
        noise of a rank or two.
        """
        at = self._descending(score)
        rank[at] = self._place
        people, upto = self._sorted, self._upto
        np.take(self._people, at, out=people, mode="clip")
        np.cumsum(people, out=upto)
        upto *= 2  # twice the middle of an area's people is a whole number
        upto -= people
        upto -= self._before
        np.multiply(upto, self._per_tenth, out=self._share)
        np.minimum(self._share, 9, out=self._share)
        np.copyto(self._tenth, self._share, casting="unsafe")
        tenth[at] = self._tenth

    def _descending(self, score: Singles) -> NDArray[np.int64]:
        bits, mask, packed = self._bits, self._mask, self._packed
        np.add(score, np.float32(0), out=bits.view(np.float32))  # -0.0 becomes 0.0
        # negative floats sort in reverse: turn their bits over; then turn all round, riskier first
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
