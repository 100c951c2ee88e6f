"""Uncertainty of ranks: intervals and probabilities from seeded draws of uncertain choices."""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, fields
from enum import StrEnum
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from exclusion_map.index.base import Base
from exclusion_map.index.compose import EVERYONE, compose
from exclusion_map.index.definition import Definition
from exclusion_map.index.kept_ranks import IN_MEMORY, KeptRanks
from exclusion_map.index.order import Ints
from exclusion_map.index.sweep import Order, Places, Ranker, Sweep, line_up, order_of
from exclusion_map.index.table import ValueTable
from exclusion_map.index.variants import Variants, variants
from exclusion_map.index.vary import Doubts, Draws, draw

CHUNK, CHUNK_BYTES = 50, 64_000_000
"""Draws computed together, and maximum bytes of their tenths. Results depend neither on these nor
on the number of threads."""

THREADS = os.cpu_count() or 1

OnProgress = Callable[[int, int], None]
Counts = NDArray[np.uint16] | NDArray[np.uint32]


class Robustness(StrEnum):
    """How far an area's position depends on methodological choices."""

    HIGH = "robustly high"
    MIDDLE = "robustly middle"
    LOW = "robustly low"
    DEPENDS = "depends on judgement"
    NO_SCORE = "no score"


@dataclass(frozen=True, eq=False)
class Uncertainty:
    """Position of each of n areas over the draws; 0 where an area has no score.

    Attributes:
        draws: number of draws.
        seed: random seed of the draws.
        interval: share of draws within the intervals, such as 0.9.
        rank_low: (n,) end of the interval nearer to rank 1.
        rank_median: (n,) median rank.
        rank_high: (n,) end of the interval farther from rank 1.
        decile_low: (n,) end of the interval nearer to tenth 1.
        decile_high: (n,) end of the interval farther from tenth 1.
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
    memory: int = IN_MEMORY,
    folder: Path | None = None,
) -> Uncertainty:
    """Return rank and tenth intervals of every area over seeded draws.

    Needs about 1,000 bytes per area with twelve indicators and two threads, plus up to ``memory``.
    Ranks beyond that are stored in a file, with four bytes per area and draw.

    Args:
        definition: the index as published.
        table: n areas and their values.
        base: the areas among which to rank, and the first base to normalise in.
        doubts: the choices to vary.
        draws: number of draws.
        seed: random seed; the same seed gives the same result with any number of threads.
        interval: share of draws within an interval; the rest is split equally between both tails.
        also_in: further bases to normalise in, equally likely; ranks are always within ``base``.
        on_progress: called with the number of draws done and the total.
        memory: maximum bytes of ranks in memory.
        folder: folder for the file of ranks; by default the system's temporary folder.

    Raises:
        DefinitionError: the definition's tree is not one weighted mean, or no area has a score.
        OSError: there is no space for the file.
    """
    doubts = doubts or Doubts()
    published = compose(definition, table, base)
    built = variants(definition, table, (base, *also_in), doubts)
    order = order_of(built, published.rank > 0, table.population, base)
    drawn = draw(definition, doubts, draws, np.random.default_rng(seed), 1 + len(also_in))
    n, noisy = len(table), doubts.noise is not None
    # two or four bytes, the same type as positions in the order
    kind = order.places(0).dtype
    with KeptRanks(draws, len(order.areas), kind, memory=memory, folder=folder) as ranks:
        tenths = _run(built, order, drawn, noisy, ranks, on_progress)
        ends = _quantiles(ranks, draws, (1 - interval) / 2)
    return _summary(order, n, ends, tenths, draws, interval, seed)


def _run(
    built: Variants,
    order: Order,
    drawn: Draws,
    noisy: bool,
    ranks: KeptRanks,
    on_progress: OnProgress | None,
) -> Counts:
    """Store the ranks of each draw, from 0; return counts of tenths by area (10, m)."""
    count, m = len(drawn), len(order.areas)
    tenths = np.zeros((10, m), dtype=np.uint16 if count < 1 << 16 else np.uint32)
    size, done = max(1, min(CHUNK, CHUNK_BYTES // m)), 0
    with ThreadPoolExecutor(max_workers=THREADS) as pool:
        # one base and normalisation at a time, so that only its columns are needed
        for turn in built.turns():
            rows = np.flatnonzero((drawn.base == turn[0]) & (drawn.normalisation == turn[1]))
            if not len(rows):
                continue
            sweep = line_up(built, order, turn)
            chunk = partial(_chunk, sweep, drawn, noisy, ranks)
            parts = [rows[start : start + size] for start in range(0, len(rows), size)]
            for part, counts in zip(parts, pool.map(chunk, parts), strict=True):
                tenths += counts
                done += len(part)
                if on_progress:
                    on_progress(done, count)
    return tenths


def _chunk(
    sweep: Sweep, drawn: Draws, noisy: bool, ranks: KeptRanks, rows: Ints
) -> NDArray[np.uint8]:
    """Store the ranks of some draws; return counts of tenths by area (10, m)."""
    m = len(sweep.order.areas)
    tenth, rank = np.empty((len(rows), m), np.uint8), sweep.order.places(m)
    ranker = Ranker(sweep.order)
    for one, score in sweep.scores(_taken(drawn, rows), noisy=noisy):
        ranker.rank(score, rank, tenth[one])
        ranks.put(int(rows[one]), rank)
    # chunks are small enough for counts to fit into a byte
    return np.stack([np.add.reduce(tenth == at, axis=0, dtype=np.uint8) for at in range(10)])


def _taken(draws: Draws, rows: Ints) -> Draws:
    values = {field.name: getattr(draws, field.name) for field in fields(draws)}
    weights = {group: drawn[rows] for group, drawn in draws.weights.items()}
    return Draws(
        **{name: value[rows] for name, value in values.items() if name != "weights"},
        weights=weights,
    )


def _summary(
    order: Order,
    n: int,
    ends: Places,
    tenths: Counts,
    count: int,
    interval: float,
    seed: int,
) -> Uncertainty:
    tail = (1 - interval) / 2
    low, middle, high = (_put(n, order.areas, row) for row in ends)
    upto = np.cumsum(tenths, axis=0, dtype=np.uint32)
    share = np.zeros((n, 10), dtype=np.float32)
    for at, held in enumerate(tenths):
        share[order.areas, at] = held / count
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
    """Return an array (n,) of values plus 1 at the given areas, and 0 elsewhere."""
    result = np.zeros(n, dtype=np.int32)
    result[areas] = values.astype(np.int32) + 1
    return result


def _quantiles(ranks: KeptRanks, draws: int, tail: float) -> Places:
    """Return lower end, median and upper end (3, m) of ranks from 0, as order statistics."""
    at = [max(int(np.ceil(share * draws)) - 1, 0) for share in (tail, 0.5, 1 - tail)]

    def run(start: int) -> Places:
        part = np.ascontiguousarray(ranks.block(start).T)
        # a stable sort of 16-bit integers is a radix sort
        part.sort(axis=1, kind="stable" if part.itemsize == 2 else None)
        return part[:, at].T

    with ThreadPoolExecutor(max_workers=THREADS) as pool:
        return np.concatenate(list(pool.map(run, ranks.starts())), axis=1)


CERTAIN = 0.9
HIGH_TENTHS, LOW_TENTHS = 2, 5


def _robustness(share: NDArray[np.float32]) -> NDArray[np.object_]:
    """Return (n,) classes from the share of draws in each tenth (n, 10).

    Robustly high: in the two highest-risk tenths in at least 90 % of draws. Robustly low: in the
    five lowest-risk tenths in at least 90 %. Robustly middle: in between in at least 90 %. All
    others depend on methodological choices.
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
