"""Lists of areas with filters, sorting and paging, for the table page, the API and downloads."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from exclusion_map.areas.atlas import Atlas, Level, Rows, ScoreSet
from exclusion_map.areas.facts import number
from exclusion_map.areas.search import context_of
from exclusion_map.terms import AreaKind


class SortBy(StrEnum):
    """What a list of areas can be sorted by."""

    RANK = "rank"
    NAME = "name"
    CODE = "code"
    POPULATION = "population"
    DATA_SHARE = "data_share"
    WORST_TENTH_SHARE = "worst_tenth_share"


class AreaRow(BaseModel):
    """One area in a list."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        json_schema_extra={
            "example": {
                "code": "W06000001",
                "kind": "local_authority",
                "name": "Isle of Anglesey",
                "context": "Wales",
                "nation": "Wales",
                "population": 68900.0,
                "score": 61.2,
                "rank": 12,
                "decile": 1,
                "data_share": 0.92,
                "worst_tenth_share": 0.16,
                "url": "/areas/W06000001",
            }
        },
    )

    code: str
    kind: AreaKind
    name: str
    context: str = Field(description="The local authority, region or nation it lies in.")
    nation: str
    population: float | None
    score: float | None
    rank: int | None = Field(description="1 = highest risk of its kind in the whole edition.")
    decile: int | None = Field(description="1 = highest-risk tenth of its kind.")
    data_share: float | None
    worst_tenth_share: float | None
    url: str


@dataclass(frozen=True, slots=True)
class AreaList:
    """The selected rows of a level, in order."""

    atlas: Atlas
    level: Level
    scores: ScoreSet
    rows: Rows

    def __len__(self) -> int:
        return len(self.rows)

    def page(self, number: int, size: int) -> tuple[AreaRow, ...]:
        """Return one page, counted from 1; empty beyond the last page."""
        return tuple(self.iterate((number - 1) * size, number * size))

    def iterate(self, start: int = 0, stop: int | None = None) -> Iterator[AreaRow]:
        """Yield rows of the list in order."""
        for row in self.rows[start:stop]:
            yield area_row(self.atlas, self.level, self.scores, int(row))


def area_row(atlas: Atlas, level: Level, scores: ScoreSet, row: int) -> AreaRow:
    """Return one area as a row of a list."""
    return AreaRow(
        code=level.codes[row],
        kind=level.kind,
        name=level.labels[row],
        context=context_of(atlas, level, row),
        nation=level.nations[row],
        population=number(level.population[row]),
        score=number(scores.score[row]),
        rank=int(scores.rank[row]) or None,
        decile=int(scores.decile[row]) or None,
        data_share=number(scores.data_share[row]),
        worst_tenth_share=number(scores.worst_tenth_share[row]),
        url=f"/areas/{level.codes[row]}",
    )


def list_areas(
    atlas: Atlas,
    kind: AreaKind,
    index: str,
    *,
    within: str | None = None,
    decile: int | None = None,
    sort: SortBy = SortBy.RANK,
    order: Literal["asc", "desc"] = "asc",
) -> AreaList:
    """Return the areas of a kind, filtered and sorted; areas without the figure come last.

    Args:
        atlas: the areas.
        kind: the kind of areas to list.
        index: id of the index for rank and decile.
        within: code of an area of another kind that shares small areas with them.
        decile: only areas in this tenth, 1 = highest risk.
        sort: figure to sort by; ties are in order of codes.
        order: "asc" from the smallest (rank 1 first), "desc" from the largest.

    Raises:
        NotFoundError: there is no such kind, index or area.
    """
    level, scores = atlas.level(kind), atlas.score_set(index, kind)
    rows: Rows = np.arange(len(level), dtype=np.int32)
    if within is not None:
        rows = atlas.within(kind, *atlas.find(within))
    if decile is not None:
        rows = rows[scores.decile[rows] == decile]
    return AreaList(atlas, level, scores, rows[_order(level, scores, rows, sort, order)])


def _order(
    level: Level, scores: ScoreSet, rows: Rows, sort: SortBy, order: Literal["asc", "desc"]
) -> Rows:
    if sort in (SortBy.NAME, SortBy.CODE):
        texts = level.labels if sort is SortBy.NAME else level.codes
        keys = [texts[row].casefold() for row in rows]
        ranked = sorted(range(len(keys)), key=keys.__getitem__, reverse=order == "desc")
        return np.array(ranked, dtype=np.int32)
    figures = {
        SortBy.RANK: np.where(scores.rank > 0, scores.rank, np.nan),
        SortBy.POPULATION: level.population,
        SortBy.DATA_SHARE: scores.data_share,
        SortBy.WORST_TENTH_SHARE: scores.worst_tenth_share,
    }
    figure = figures[sort][rows]
    # NaN sorts last in both directions, and a stable sort keeps ties in order of codes.
    chosen = np.argsort(-figure if order == "desc" else figure, kind="stable")
    return chosen.astype(np.int32)
