"""What changes in the ranking when other weights, another index or another base are chosen."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from api.pages.lens import Lens
from exclusion_map.areas.atlas import Floats, ScoreSet
from exclusion_map.areas.search import context_of
from exclusion_map.terms import AreaKind

MOVERS: Final = 10
_WORST: Final = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Mover:
    """An area whose place changes much."""

    code: str
    name: str
    where: str
    url: str
    before: int
    """Of 100 areas it is compared with, how many it is riskier than, as published."""
    after: int
    tenth_before: int
    tenth_after: int
    up: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """How the highest-risk tenth and the order of small areas change."""

    entered: int
    entered_people: float
    left: int
    left_people: float
    stayed: int
    unscored: int
    """Areas that had a place and have none now: they are outside the base."""
    movers: Sequence[Mover]
    within: str
    words: str

    @property
    def nothing(self) -> bool:
        """Whether every area keeps its place."""
        return not (self.entered or self.left or self.movers or self.unscored)


def changes(lens: Lens, within: str = "") -> Changes:
    """Return what differs from the published default, among all small areas or those of one area.

    Raises:
        NotFoundError: there is no area of the code in ``within``.
    """
    atlas = lens.engine.service.edition.atlas
    level = atlas.level(AreaKind.SMALL_AREA)
    before = atlas.score_set(lens.engine.service.default_index, AreaKind.SMALL_AREA)
    after = lens.scores(AreaKind.SMALL_AREA)
    inside = np.ones(len(level), dtype=bool)
    holder = atlas.find(within) if within else None
    if holder:
        inside[:] = False
        inside[atlas.members(*holder)] = True
    was = (before.decile == _WORST) & inside
    now = (after.decile == _WORST) & inside
    people = np.nan_to_num(level.population)
    ranked = None if lens.published else lens.at(AreaKind.SMALL_AREA).ranked
    places = (_place(before, None), _place(after, ranked))
    return Changes(
        entered=int((now & ~was).sum()),
        entered_people=float(people[now & ~was].sum()),
        left=int((was & ~now).sum()),
        left_people=float(people[was & ~now].sum()),
        stayed=int((was & now).sum()),
        unscored=int(((before.rank > 0) & (after.rank == 0) & inside).sum()),
        movers=_movers(lens, places, (before, after), inside),
        within=holder[0].labels[holder[1]] if holder else "",
        words=lens.words(),
    )


def _place(scores: ScoreSet, ranked: NDArray[np.int32] | None) -> Floats:
    """Return (n,) the share of areas each is riskier than, 0 to 100; NaN where it has no rank."""
    out_of = np.full(len(scores.rank), scores.ranked) if ranked is None else ranked
    found = np.full(len(scores.rank), np.nan)
    np.divide(100.0 * (out_of - scores.rank + 0.5), out_of, out=found, where=scores.rank > 0)
    return found


def _movers(
    lens: Lens,
    places: tuple[Floats, Floats],
    scores: tuple[ScoreSet, ScoreSet],
    inside: NDArray[np.bool_],
) -> list[Mover]:
    atlas = lens.engine.service.edition.atlas
    level = atlas.level(AreaKind.SMALL_AREA)
    before, after = places
    moved = np.where(inside, np.nan_to_num(np.abs(after - before)), 0.0)
    rows = np.argsort(-moved, kind="stable")[:MOVERS]
    return [
        Mover(
            code=level.codes[row],
            name=level.labels[row],
            where=context_of(atlas, level, row),
            url=f"/areas/{level.codes[row]}",
            before=round(float(before[row])),
            after=round(float(after[row])),
            tenth_before=int(scores[0].decile[row]),
            tenth_after=int(scores[1].decile[row]),
            up=bool(after[row] > before[row]),
        )
        for row in rows.tolist()
        if moved[row] >= 1
    ]
