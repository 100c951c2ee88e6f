"""How many areas might fall into another cell: what the intervals of the index leave open.

An area of a rank in doubt has the score that the area of that rank has as published, as in
:mod:`exclusion_map.targeting.sharing_draws`: the order is in doubt, not the scale. The lines stay
where they are. Impact is taken as counted.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from exclusion_map.targeting.matrix import Matrix, mean_score
from exclusion_map.targeting.matrix_cells import CellId

Floats = npt.NDArray[np.float64]
Bytes = npt.NDArray[np.uint8]
Ranks = npt.NDArray[np.int32]

INTERVAL = 0.9


@dataclass(frozen=True, eq=False, kw_only=True)
class MatrixDoubt:
    """Classes of likelihood that the intervals of n areas reach.

    Attributes:
        low: (n,) lowest class of the interval; 0 = no score.
        high: (n,) highest class.
        stays: (n,) share of draws in the area's own class; NaN where intervals alone are known.
        draws: behind it; 0 where the intervals are those of the edition.
        seed: of the draws.
    """

    low: Bytes
    high: Bytes
    stays: Floats
    draws: int = 0
    seed: int = 0

    @property
    def moves(self) -> npt.NDArray[np.bool_]:
        """(n,) whether an area might be in another class."""
        return np.not_equal(self.low, self.high)

    def cell_ranges(self, matrix: Matrix) -> dict[CellId, tuple[int, int]]:
        """Return, for each cell, how many areas are in it for sure, and how many might be."""
        found = {}
        for cell in matrix.cells:
            row = matrix.impact_class == cell.id.impact
            reached = (self.low <= cell.id.likelihood) & (cell.id.likelihood <= self.high)
            might = row & reached & (self.low > 0)
            sure = might & ~self.moves
            found[cell.id] = (int(sure.sum()), int(might.sum()))
        return found


def doubt_of_intervals(
    matrix: Matrix, score: Floats, rank: Ranks, rank_low: Floats, rank_high: Floats
) -> MatrixDoubt:
    """Return the doubt that published intervals of rank leave, for a matrix of small areas.

    Args:
        matrix: whose units are single small areas.
        score: (small areas,) as published.
        rank: (small areas,) as published, 0 for none.
        rank_low: (small areas,) end of the interval nearer rank 1; 0 or NaN for none.
        rank_high: (small areas,) the other end.
    """
    ladder = _ladder(score, rank)
    rows = matrix.units.row[np.argsort(matrix.units.unit, kind="stable")]
    known = (np.nan_to_num(rank_low[rows]) > 0) & (matrix.likelihood > 0)
    classes = matrix.likelihood_cuts.classes(ladder)
    last = len(ladder) - 1

    def reached(ends: Floats) -> Bytes:
        at = np.clip(np.nan_to_num(ends[rows]).astype(int) - 1, 0, last)
        return np.where(known, classes[at], matrix.likelihood).astype(np.uint8)

    return MatrixDoubt(
        low=np.minimum(reached(rank_high), matrix.likelihood),
        high=np.maximum(reached(rank_low), matrix.likelihood),
        stays=np.full(len(matrix.units), np.nan),
    )


def doubt_of_draws(
    matrix: Matrix,
    score: Floats,
    rank: Ranks,
    population: Floats,
    drawn: Iterable[Ranks],
    *,
    seed: int,
    interval: float = INTERVAL,
    report: Callable[[int], None] | None = None,
) -> MatrixDoubt:
    """Return the doubt of areas of any kind over draws of the ranks of small areas.

    Args:
        matrix: of any areas.
        score: (small areas,) as published.
        rank: (small areas,) as published, 0 for none.
        population: (small areas,) residents.
        drawn: ranks of all small areas, one draw after another.
        seed: of the draws, to be told.
        interval: share of draws that an interval holds.
        report: told how many draws are done.
    """
    ladder = np.append(np.nan, _ladder(score, rank))
    counts = np.zeros((matrix.size + 1, len(matrix.units)), dtype=np.int64)
    draws = 0
    every = np.arange(len(matrix.units))
    for ranks in drawn:
        mean = mean_score(matrix.units, ladder[ranks], population)
        counts[matrix.likelihood_cuts.classes(mean), every] += 1
        draws += 1
        if report:
            report(draws)
    upto = np.cumsum(counts[1:], axis=0)
    tail = (1 - interval) / 2
    known = matrix.likelihood > 0

    def end(share: float) -> Bytes:
        at = 1 + (upto < max(np.ceil(share * draws), 1)).sum(axis=0)
        return np.where(known, np.clip(at, 1, matrix.size), 0).astype(np.uint8)

    stays = counts[matrix.likelihood, every] / max(draws, 1)
    return MatrixDoubt(
        low=np.minimum(end(tail), matrix.likelihood),
        high=np.maximum(end(1 - tail), matrix.likelihood),
        stays=np.where(known, stays, np.nan),
        draws=draws,
        seed=seed,
    )


def _ladder(score: Floats, rank: Ranks) -> Floats:
    """Return the scores in order of rank, rank 1 first."""
    held: Floats = np.sort(score[rank > 0])[::-1]
    return held
