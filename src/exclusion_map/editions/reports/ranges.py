"""How far scores of any place can be trusted: ranges over many draws of the index.

Each draw varies weights, methods and counts as the edition's own intervals do (`index.vary`). The
order of the small areas is that of the draw, and an area has the score that the area of its rank
has as published: only the order is in doubt and not the scale. A larger place has in each draw the
mean of its small areas, weighted by people, and its rank among those of its kind.
"""

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from exclusion_map.areas.atlas import Atlas, Floats, Rows, ScoreSet
from exclusion_map.areas.rolling import weighted_mean
from exclusion_map.areas.scoring import Answer
from exclusion_map.editions.mapped import let_go
from exclusion_map.editions.reports.drawn import Places, keep_draws
from exclusion_map.errors import DefinitionError
from exclusion_map.targeting.sharing_places import drawn_places
from exclusion_map.terms import AreaKind

AT_ONCE = 16_000_000
"""Most ranks turned into scores at once, of eight bytes each."""
DRAWS = 200
SEED = 1
INTERVAL = 0.9
_TAIL = (1 - INTERVAL) / 2


@dataclass(frozen=True, slots=True)
class Range:
    """Ends of a 90 % range: of the score, and of the rank; ranks are 0 where there is none."""

    score_low: float
    score_high: float
    rank_low: int = 0
    rank_high: int = 0


@dataclass(frozen=True, eq=False)
class Ranges:
    """The draws of an index.

    Attributes:
        atlas: the areas.
        ranks: (draws, n) rank of each small area, 0 = no score; mapped from a file where they are
            many, see `drawn`.
        falling: (m,) published scores of the small areas, the highest first.
    """

    atlas: Atlas
    ranks: Places
    falling: Floats
    _ranks_of: dict[AreaKind, Floats] = field(default_factory=dict)

    @property
    def draws(self) -> int:
        """How many draws there are."""
        return len(self.ranks)

    def of_rows(self, rows: Rows) -> Range | None:
        """Return the range of the score of small areas together; None where none has a score."""
        people = np.nan_to_num(self.atlas.level(AreaKind.SMALL_AREA).population[rows])
        ranks = self.ranks[:, rows]
        weight = people * (ranks[0] > 0)
        if weight.sum() <= 0:
            return None
        means = self._means(ranks, weight)
        low, high = np.quantile(means, [_TAIL, 1 - _TAIL])
        return Range(float(low), float(high))

    def of_area(self, kind: AreaKind, row: int, rows: Rows) -> Range | None:
        """Return the ranges of score and rank of an area of any kind."""
        found = self.of_rows(rows)
        if found is None:
            return None
        if kind is AreaKind.SMALL_AREA:
            low, high = _ends(self.ranks[:, row : row + 1])[:, 0].tolist()
        else:
            if kind not in self._ranks_of:
                self._ranks_of[kind] = self._rank_ends(kind)
                let_go(self.ranks)
            low, high = self._ranks_of[kind][:, row].tolist()
        return Range(found.score_low, found.score_high, int(low), int(high))

    def _means(self, ranks: Places, weight: Floats) -> Floats:
        """Return (draws,) mean scores; of very many areas a draw at a time, to hold one draw."""
        if ranks.size <= AT_ONCE:
            return np.asarray(self._scores(ranks) @ weight / weight.sum())
        sums = np.array([self._scores(one) @ weight for one in ranks])
        return np.asarray(sums / weight.sum())

    def _scores(self, ranks: Places) -> Floats:
        scores: Floats = self._held[np.minimum(ranks, len(self.falling))]
        return scores

    @cached_property
    def _held(self) -> Floats:
        # rank 0 has no score, and no weight
        held: Floats = np.append(0.0, self.falling)
        return held

    def _rank_ends(self, kind: AreaKind) -> Floats:
        """Return (2, areas) the ends of the ranks of every area of a larger kind."""
        small = self.atlas.level(AreaKind.SMALL_AREA)
        people, count = np.nan_to_num(small.population), len(self.atlas.level(kind))
        ranks = np.zeros((self.draws, count), dtype=self.ranks.dtype)
        for draw, held in enumerate(self.ranks):
            score = np.where(held > 0, self._scores(held), np.nan)
            ranks[draw] = _rank(weighted_mean(score, people, small.parents[kind], count))
        return _ends(ranks)


def ranges_of(atlas: Atlas, answer: Answer, scores: ScoreSet) -> Ranges | None:
    """Return the draws of an index; None where it is no weighted mean and cannot be drawn.

    Args:
        atlas: the areas.
        answer: the index worked out.
        scores: as published, of the small areas.
    """
    composite = answer.composite
    if composite.base.groups is not None:
        return None
    try:
        drawn = drawn_places(
            composite.definition, answer.table, composite.base, draws=DRAWS, seed=SEED
        )
        kept = keep_draws((rank for rank, _ in drawn), DRAWS, len(atlas.level(AreaKind.SMALL_AREA)))
    except DefinitionError:
        return None
    known = scores.score[scores.rank > 0]
    return Ranges(atlas, kept, np.sort(known)[::-1])


def _rank(scores: Floats) -> Places:
    """Return ranks, 1 = highest; 0 where there is no score. Ties share the first place."""
    known = np.sort(-scores[~np.isnan(scores)])
    found = np.searchsorted(known, -np.nan_to_num(scores, nan=-1.0)) + 1
    return np.where(np.isnan(scores), 0, found).astype(np.uint32)


def _ends(ranks: Places) -> Floats:
    ends = np.quantile(ranks, [_TAIL, 1 - _TAIL], axis=0, method="inverted_cdf")
    return np.asarray(ends, dtype=np.float64)
