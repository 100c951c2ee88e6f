"""The list of areas: which ones, in which order, which page of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal
from urllib.parse import urlencode

import numpy as np
import numpy.typing as npt

from api.pages import words
from api.pages.lens import Lens
from api.service import Service
from exclusion_map.areas.atlas import OUTSIDE, Atlas, Level, ScoreSet
from exclusion_map.areas.meant import code_meant
from exclusion_map.areas.search import context_of
from exclusion_map.editions.papers.picture import place_name
from exclusion_map.errors import NotFoundError
from exclusion_map.maps import palette
from exclusion_map.terms import AreaKind

Sort = Literal["rank", "name", "population", "share"]
Order = Literal["asc", "desc"]
Bounds = tuple[float, float, float, float]

FIRST_ORDER: Final[dict[Sort, Order]] = {
    "rank": "asc",
    "name": "asc",
    "population": "desc",
    "share": "desc",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """What a reader asks the list for; the address holds all of it."""

    kind: AreaKind = AreaKind.LOCAL_AUTHORITY
    within: str = ""
    decile: int | None = None
    bbox: Bounds | None = None
    sort: Sort = "rank"
    order: Order = "asc"
    page: int = 1
    lens: Mapping[str, str] = field(default_factory=dict)
    """Index, weights and base, where they are not those of the plain view."""

    def address(self, **changes: object) -> str:
        """Return the address of this list with some of it changed; defaults are left out."""
        state: dict[str, object] = {
            "kind": self.kind.value,
            "within": self.within,
            "decile": self.decile,
            "bbox": ",".join(f"{edge:g}" for edge in self.bbox) if self.bbox else "",
            "sort": self.sort,
            "order": self.order,
            "page": self.page,
            **self.lens,
        } | changes
        unsaid = {"sort": "rank", "order": "asc", "page": 1}
        said = {
            name: value
            for name, value in state.items()
            if value not in ("", None) and value != unsaid.get(name)
        }
        return f"/areas?{urlencode(said, safe=',:')}"


@dataclass(frozen=True, slots=True, kw_only=True)
class AreaRow:
    """One line of a table of areas."""

    code: str
    name: str
    where: str
    url: str
    decile: int
    rank: int
    score: float
    population: float
    worst_share: float
    worst_people: float


@dataclass(frozen=True, slots=True, kw_only=True)
class AreaList:
    """A page of the list with what is around it."""

    query: Query
    rows: Sequence[AreaRow]
    total: int
    people: float
    ranked: int
    pages: int
    first: int
    within_name: str = ""
    within_kind: str = ""
    sort_links: dict[str, str] = field(default_factory=dict)


def area_rows(atlas: Atlas, level: Level, scores: ScoreSet, rows: Sequence[int]) -> list[AreaRow]:
    """Return areas as lines of a table."""
    return [
        AreaRow(
            code=level.codes[row],
            name=level.labels[row],
            where=context_of(atlas, level, row),
            url=f"/areas/{level.codes[row]}",
            decile=int(scores.decile[row]),
            rank=int(scores.rank[row]),
            score=float(scores.score[row]),
            population=float(level.population[row]),
            worst_share=100 * float(scores.worst_tenth_share[row]),
            worst_people=float(scores.worst_tenth_share[row]) * float(level.population[row]),
        )
        for row in rows
    ]


def list_areas(lens: Lens, query: Query, page_size: int) -> AreaList:
    """Return the page of the list that a query asks for.

    Raises:
        NotFoundError: the edition has no such kind, or no area of the code in ``within``.
    """
    atlas = lens.engine.service.edition.atlas
    level = atlas.level(query.kind)
    scores = lens.scores(query.kind)
    holder = atlas.find(query.within) if query.within else None
    chosen = _chosen(atlas, level, scores, query, holder)
    ordered = chosen[np.argsort(_keys(level, scores, query)[chosen], kind="stable")]
    pages = max(1, -(-len(ordered) // page_size))
    page = min(max(query.page, 1), pages)
    first = (page - 1) * page_size
    return AreaList(
        query=query,
        rows=area_rows(atlas, level, scores, ordered[first : first + page_size].tolist()),
        total=len(ordered),
        people=float(np.nansum(level.population[ordered])),
        ranked=scores.ranked,
        pages=pages,
        first=first + 1,
        within_name=holder[0].labels[holder[1]] if holder else "",
        within_kind=holder[0].kind.label if holder else "",
        sort_links={name: _sort_link(query, name) for name in FIRST_ORDER},
    )


def rows_in_bounds(level: Level, bounds: Bounds) -> npt.NDArray[np.bool_]:
    """Return which areas have their point inside west, south, east, north; shape (n,)."""
    west, south, east, north = bounds
    inside = (level.longitude >= west) & (level.longitude <= east)
    return np.asarray(inside & (level.latitude >= south) & (level.latitude <= north))


def _chosen(
    atlas: Atlas, level: Level, scores: ScoreSet, query: Query, holder: tuple[Level, int] | None
) -> npt.NDArray[np.intp]:
    mask = np.ones(len(level), dtype=bool)
    if holder is not None:
        inside = atlas.within(level.kind, *holder)
        mask[:] = False
        mask[inside[inside != OUTSIDE]] = True
    if query.decile is not None:
        mask &= scores.decile == query.decile
    if query.bbox is not None:
        mask &= rows_in_bounds(level, query.bbox)
    return np.flatnonzero(mask)


def _keys(level: Level, scores: ScoreSet, query: Query) -> npt.NDArray[np.float64]:
    """Return a sort key for every area, shape (n,); areas without a value always come last."""
    if query.sort == "name":
        key = np.argsort(np.argsort(np.array([label.casefold() for label in level.labels])))
        values = key.astype(np.float64)
    elif query.sort == "population":
        values = level.population
    elif query.sort == "share":
        values = scores.worst_tenth_share * level.population
    else:
        values = np.where(scores.rank > 0, scores.rank, np.nan).astype(np.float64)
    signed = values if query.order == "asc" else -values
    return np.where(np.isnan(signed), np.inf, signed)


def _sort_link(query: Query, sort: Sort) -> str:
    first = FIRST_ORDER[sort]
    order = ("desc" if query.order == "asc" else "asc") if query.sort == sort else first
    return query.address(sort=sort, order=order, page=1)


def code_of(service: Service, text: str) -> str:
    """Return the code of the area a reader means by its code or its name; empty for an empty text.

    Raises:
        NotFoundError: nothing is called that, or several areas are.
    """
    wanted = text.strip()
    atlas = service.edition.atlas
    if not wanted:
        return ""
    if atlas.has(wanted):
        level, row = atlas.find(wanted)
        return level.codes[row]
    return code_meant(service.search, wanted)


def name_to_type(service: Service, code: str) -> str:
    """Return what a form shows for an area: its name where that leads back to it, else its code."""
    if not code:
        return ""
    name = place_name(service.edition, code)
    try:
        return name if code_of(service, name) == code else code
    except NotFoundError:
        return code


def kind_inside(atlas: Atlas, code: str) -> AreaKind:
    """Return the kind of area to list inside an area when none was asked for.

    Raises:
        NotFoundError: there is no area of that code.
    """
    kind = atlas.find(code)[0].kind
    narrow = kind in (AreaKind.SMALL_AREA, AreaKind.NEIGHBOURHOOD, AreaKind.WARD)
    if narrow or AreaKind.NEIGHBOURHOOD not in atlas.levels:
        return AreaKind.SMALL_AREA
    wide = kind is not AreaKind.LOCAL_AUTHORITY
    return AreaKind.LOCAL_AUTHORITY if wide else AreaKind.NEIGHBOURHOOD


def context(service: Service, found: AreaList, lens: Lens) -> dict[str, object]:
    """Return everything the list page shows."""
    query = found.query
    plural = query.kind.label_plural
    direction = "ascending" if query.order == "asc" else "descending"
    return {
        "found": found,
        "lens": lens,
        "query": query,
        "plural_kind": plural,
        "heading": f"{words.upper_first(plural)}{_scope(found)}",
        "kind_options": [
            (kind.value, words.upper_first(kind.label_plural))
            for kind in AreaKind
            if kind in service.edition.atlas.levels
        ],
        "decile_options": [
            ("", "All tenths"),
            *((str(d), f"{d}: {palette.decile_words(d)}") for d in range(1, 11)),
        ],
        "sort_options": [
            ("rank", "Risk"),
            ("name", "Name"),
            ("population", "People"),
            ("share", "People in highest-risk areas"),
        ],
        "csv": _csv_address(query, lens),
        "sort_direction": direction,
        "with_share": query.kind is not AreaKind.SMALL_AREA,
    }


def _scope(found: AreaList) -> str:
    parts = []
    if found.within_name:
        parts.append(f" in {found.within_name}")
    if found.query.bbox:
        parts.append(" in the view of the map")
    if found.query.decile:
        parts.append(f": {palette.decile_words(found.query.decile)}")
    return "".join(parts)


def _csv_address(query: Query, lens: Lens) -> str:
    """Return where the whole list is had as CSV; empty for a view of the map."""
    if query.bbox:
        return ""
    if not lens.plain:
        asked = {"level": query.kind.value, **lens.query, "sort": "rank", "format": "csv"}
        if query.within:
            asked["within"] = query.within
        return f"/api/v1/scores?{urlencode(asked, safe=',:')}"
    wanted = {"kind": query.kind.value, "within": query.within, "decile": query.decile}
    said = {name: value for name, value in wanted.items() if value not in ("", None)}
    return f"/api/v1/areas?{urlencode({**said, 'format': 'csv'})}"
