"""How sure a rank is: intervals and chances over seeded draws of everything that may be doubted."""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, fields
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from exclusion_map.index.base import Base
from exclusion_map.index.compose import EVERYONE, compose
from exclusion_map.index.definition import Definition
from exclusion_map.index.order import Ints
from exclusion_map.index.sweep import Order, Ranker, Sweep, line_up, order_of
from exclusion_map.index.table import ValueTable
from exclusion_map.index.variants import variants
from exclusion_map.index.vary import Doubts, Draws, draw

CHUNK = 50
"""Draws computed together; results do not depend on it, nor on the number of threads."""

THREADS = os.cpu_count() or 1

OnProgress = Callable[[int, int], None]


class Robustness(StrEnum):
    """How far an area's place depends on judgement."""

    HIGH = "robustly high"
    MIDDLE = "robustly middle"
    LOW = "robustly low"
    DEPENDS = "depends on judgement"
    NO_SCORE = "no score"


@dataclass(frozen=True, eq=False)
class Uncertainty:
    """Where each of n areas comes out in the draws; 0 where an area has no score.

    Attributes:
        draws: how many.
        seed: that gave them.
        interval: share of draws the intervals hold, such as 0.9.
        rank_low: (n,) end of the interval nearer rank 1.
        rank_median: (n,)
        rank_high: (n,) end of the interval farther from rank 1.
        decile_low: (n,) end of the interval nearer tenth 1.
        decile_high: (n,)
        worst_tenth: (n,) share of draws in which the area is in tenth 1; NaN where no score.
        tenths: (n, 10) share of draws in each tenth.
        robustness: (n,) Robustness.
    """

    draws: int
    seed: int
    interval: float
    rank_low: NDArray[np.int32]
    rank_median: NDArray[np.int32]
    rank_high: NDArray[np.int32]
    decile_low: NDArray[np.uint8]
    decile_high: NDArray[np.uint8]
    worst_tenth: NDArray[np.float32]
    tenths: NDArray[np.float32]
    robustness: NDArray[np.object_]


def uncertainty(
    definition: Definition,
    table: ValueTable,
    base: Base = EVERYONE,
    doubts: Doubts | None = None,
    *,
    draws: int = 1000,
    seed: int = 1,
    interval: float = 0.9,
    also_in: tuple[Base, ...] = (),
    on_progress: OnProgress | None = None,
) -> Uncertainty:
    """Return rank and tenth intervals of every area over seeded draws.

    Args:
        definition: the index as published.
        table: n areas and their values.
        base: among whom to rank, and the first base to normalise in.
        doubts: what is varied.
        draws: how many draws.
        seed: the same seed gives the same answer, however many threads there are.
        interval: share of draws an interval holds; what is left is split between its two ends.
        also_in: further bases to normalise in, drawn alike; ranks stay among ``base``.
        on_progress: called with draws done and draws to do.

    Raises:
        DefinitionError: the definition's tree is not one weighted mean, or there are more areas
            than 65,536.
    """
    doubts = doubts or Doubts()
    published = compose(definition, table, base)
    built = variants(definition, table, (base, *also_in), doubts)
    order = order_of(built, published.rank > 0, table.population, base)
    drawn = draw(definition, doubts, draws, np.random.default_rng(seed), 1 + len(also_in))
    sweep = line_up(definition, built, order)
    ranks, tenths = _run(sweep, drawn, doubts.noise is not None, on_progress)
    return _summary(order, len(table), ranks, tenths, interval, seed)


def _run(
    sweep: Sweep, drawn: Draws, noisy: bool, on_progress: OnProgress | None
) -> tuple[NDArray[np.uint16], NDArray[np.uint16]]:
    """Return ranks less 1 (D, m) and how often each area is in each tenth (10, m)."""
    count, m = len(drawn), len(sweep.order.areas)
    ranks = np.empty((count, m), dtype=np.uint16)
    tenths = np.zeros((10, m), dtype=np.uint16 if count < 1 << 16 else np.uint32)

    def chunk(start: int) -> tuple[int, NDArray[np.uint8]]:
        part = _slice(drawn, slice(start, start + CHUNK))
        tenth, ranker = np.empty((len(part), m), dtype=np.uint8), Ranker(sweep.order)
        for one, score in sweep.scores(part, noisy=noisy):
            ranker.rank(score, ranks[start + one], tenth[one])
        # a chunk is short enough for its counts to fit into a byte
        counts = [np.add.reduce(tenth == number, axis=0, dtype=np.uint8) for number in range(10)]
        return len(part), np.stack(counts)

    done = 0
    with ThreadPoolExecutor(max_workers=THREADS) as pool:
        for size, counts in pool.map(chunk, range(0, count, CHUNK)):
            tenths += counts
            done += size
            if on_progress:
                on_progress(done, count)
    return ranks, tenths


def _slice(draws: Draws, part: slice) -> Draws:
    values = {field.name: getattr(draws, field.name) for field in fields(draws)}
    weights = {group: drawn[part] for group, drawn in draws.weights.items()}
    return Draws(
        **{name: value[part] for name, value in values.items() if name != "weights"},
        weights=weights,
    )


def _summary(
    order: Order,
    n: int,
    ranks: NDArray[np.uint16],
    tenths: NDArray[np.uint16],
    interval: float,
    seed: int,
) -> Uncertainty:
    count = len(ranks)
    tail = (1 - interval) / 2
    low, middle, high = (_put(n, order.areas, row) for row in _quantiles(ranks, tail))
    upto = np.cumsum(tenths, axis=0)
    share = np.zeros((n, 10), dtype=np.float32)
    share[order.areas] = (tenths / count).T
    worst = np.full(n, np.nan, dtype=np.float32)
    worst[order.areas] = tenths[0] / count
    first, last = np.ceil(tail * count), np.ceil((1 - tail) * count)
    return Uncertainty(
        draws=count,
        seed=seed,
        interval=interval,
        rank_low=low,
        rank_median=middle,
        rank_high=high,
        decile_low=_put(n, order.areas, (upto < max(first, 1)).sum(axis=0)).astype(np.uint8),
        decile_high=_put(n, order.areas, (upto < last).sum(axis=0)).astype(np.uint8),
        worst_tenth=worst,
        tenths=share,
        robustness=_robustness(share),
    )


def _put(n: int, areas: Ints, values: NDArray[np.integer]) -> NDArray[np.int32]:
    """Return (n,) values plus 1 at their areas, 0 elsewhere."""
    result = np.zeros(n, dtype=np.int32)
    result[areas] = values.astype(np.int32) + 1
    return result


def _quantiles(ranks: NDArray[np.uint16], tail: float) -> NDArray[np.uint16]:
    """Return the lower end, median and upper end (3, m) of ranks (D, m): order statistics."""
    count, m = ranks.shape
    places = [max(int(np.ceil(share * count)) - 1, 0) for share in (tail, 0.5, 1 - tail)]
    result = np.empty((3, m), dtype=np.uint16)
    block = max(1, 2_000_000 // count)

    def run(start: int) -> None:
        part = np.ascontiguousarray(ranks[:, start : start + block].T)
        part.sort(axis=1, kind="stable")  # 16 bits: a radix sort
        result[:, start : start + block] = part[:, places].T

    with ThreadPoolExecutor(max_workers=THREADS) as pool:
        list(pool.map(run, range(0, m, block)))
    return result


CERTAIN = 0.9
HIGH_TENTHS, LOW_TENTHS = 2, 5


def _robustness(share: NDArray[np.float32]) -> NDArray[np.object_]:
    """Return (n,) classes from the share of draws in each tenth (n, 10).

    Robustly high: in the two highest-risk tenths in at least 90 % of draws; robustly low: in the
    five lowest-risk tenths in as many; robustly middle: between the two in as many. All others
    depend on judgement.
    """
    high = share[:, :HIGH_TENTHS].sum(axis=1)
    low = share[:, LOW_TENTHS:].sum(axis=1)
    middle = share[:, HIGH_TENTHS:LOW_TENTHS].sum(axis=1)
    result = np.full(len(share), Robustness.DEPENDS, dtype=object)
    certain = CERTAIN - 1e-6
    result[high >= certain] = Robustness.HIGH
    result[middle >= certain] = Robustness.MIDDLE
    result[low >= certain] = Robustness.LOW
    result[share.sum(axis=1) == 0] = Robustness.NO_SCORE
    return result
