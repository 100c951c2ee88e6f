"""The rank and tenth of every area in each of many draws, one draw after the other."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from exclusion_map.index.base import Base
from exclusion_map.index.compose import EVERYONE, compose
from exclusion_map.index.definition import Definition
from exclusion_map.index.sweep import Ranker, line_up, order_of
from exclusion_map.index.table import ValueTable
from exclusion_map.index.variants import variants
from exclusion_map.index.vary import Doubts, draw
from exclusion_map.stopping import check_wanted


def drawn_places(
    definition: Definition,
    table: ValueTable,
    base: Base = EVERYONE,
    doubts: Doubts | None = None,
    *,
    draws: int,
    seed: int,
) -> Iterator[tuple[NDArray[np.int32], NDArray[np.uint8]]]:
    """Yield rank (n,) and tenth (n,) of all areas in each draw, 0 where an area has no score.

    The draws are those that :func:`uncertainty` sums up for the same seed and number.

    Raises:
        DefinitionError: as for :func:`uncertainty`.
        StoppedError: nobody wants them any more.
    """
    doubts = doubts or Doubts()
    published = compose(definition, table, base)
    built = variants(definition, table, (base,), doubts)
    order = order_of(built, published.rank > 0, table.population, base)
    drawn = draw(definition, doubts, draws, np.random.default_rng(seed))
    sweep, ranker = line_up(built, order), Ranker(order)
    place = order.places(len(order.areas))
    tenth = np.empty(len(order.areas), dtype=np.uint8)
    for _, score in sweep.scores(drawn, noisy=doubts.noise is not None):
        check_wanted()
        ranker.rank(score, place, tenth)
        ranks = np.zeros(len(table), dtype=np.int32)
        tenths = np.zeros(len(table), dtype=np.uint8)
        ranks[order.areas] = place.astype(np.int32) + 1
        tenths[order.areas] = tenth + 1
        yield ranks, tenths
