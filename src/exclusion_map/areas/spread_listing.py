"""The spread inside larger areas as a list to sort: the same for page, API and download."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from exclusion_map.areas.atlas import Atlas, Floats, Level, Rows, ScoreSet
from exclusion_map.areas.search import context_of
from exclusion_map.terms import AreaKind


@dataclass(frozen=True, slots=True, kw_only=True)
class SpreadTable:
    """How unevenly risk lies inside the areas of a larger kind, (n,) each; see `areas.spread`."""

    population_scored: Floats
    lowest: Floats
    highest: Floats
    worst_tenth: Floats
    worst_fifth: Floats
    extent: Floats
    local_concentration: Floats


class SpreadSort(StrEnum):
    """What the list can be sorted by."""

    EXTENT = "extent"
    WORST_TENTH = "worst_tenth"
    WORST_FIFTH = "worst_fifth"
    CONCENTRATION = "local_concentration"
    SCORE = "score"
    PEOPLE = "people"
    NAME = "name"

    @property
    def first_order(self) -> Literal["asc", "desc"]:
        """The order that a reader wants first: most risk, most people, or A to Z."""
        return "asc" if self is SpreadSort.NAME else "desc"


@dataclass(frozen=True, eq=False)
class SpreadList:
    """The areas of a larger kind that a question picks, in order.

    Attributes:
        atlas: the areas of every level.
        level: the areas of the kind.
        scores: of these.
        table: the spread inside these.
        rows: which of them, in order.
    """

    atlas: Atlas
    level: Level
    scores: ScoreSet
    table: SpreadTable
    rows: Rows

    def __len__(self) -> int:
        return len(self.rows)

    def columns(self, rows: Rows | None = None) -> dict[str, npt.NDArray[Any] | Sequence[str]]:
        """Return the list as columns: of all its rows, or of some; shares are 0 to 1."""
        at = self.rows if rows is None else rows
        level, scores, listed = self.level, self.scores, at.tolist()
        figures = {name: getattr(self.table, name)[at] for name in self.table.__dataclass_fields__}
        scored = figures.pop("population_scored")
        return {
            "code": [level.codes[row] for row in listed],
            "name": [level.labels[row] for row in listed],
            "context": [context_of(self.atlas, level, row) for row in listed],
            "small_areas": level.small_areas[at].astype(np.float64),
            "population": level.population[at],
            "score": scores.score[at],
            "rank": scores.rank[at],
            "decile": scores.decile[at],
            **figures,
            "worst_tenth_people": figures["worst_tenth"] * scored,
            "worst_fifth_people": figures["worst_fifth"] * scored,
        }


def list_spreads(
    atlas: Atlas,
    index: str,
    kind: AreaKind,
    table: SpreadTable,
    *,
    within: str = "",
    sort: SpreadSort = SpreadSort.EXTENT,
    order: Literal["asc", "desc"] | None = None,
) -> SpreadList:
    """Return areas of a larger kind with the spread inside them; those without figures come last.

    Args:
        atlas: the areas.
        index: id of the index.
        kind: a larger kind.
        table: the spread inside the areas of that kind, by the same index.
        within: code of an area of another kind that they must share small areas with.
        sort: the figure to sort by; equal ones keep the order of codes.
        order: from the smallest or from the largest; what suits the figure for None.

    Raises:
        NotFoundError: there is no such kind, index or area.
    """
    level, scores = atlas.level(kind), atlas.score_set(index, kind)
    rows: Rows = np.arange(len(level), dtype=np.int32)
    if within:
        rows = atlas.within(kind, *atlas.find(within))
    key = _key(level, scores, table, sort)[rows]
    falling = (order or sort.first_order) == "desc"
    # NaN sorts last whichever way round, and a stable sort keeps equals in order of code.
    chosen = np.argsort(-key if falling else key, kind="stable")
    return SpreadList(atlas, level, scores, table, rows[chosen].astype(np.int32))


def _key(level: Level, scores: ScoreSet, table: SpreadTable, sort: SpreadSort) -> Floats:
    if sort is SpreadSort.NAME:
        names = np.array([label.casefold() for label in level.labels])
        return np.argsort(np.argsort(names, kind="stable")).astype(np.float64)
    if sort is SpreadSort.PEOPLE:
        return level.population
    if sort is SpreadSort.SCORE:
        return scores.score
    found: Floats = getattr(table, sort.value)
    return found
