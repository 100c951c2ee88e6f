"""What the page of the spread inside wider areas shows, and what a profile says of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal
from urllib.parse import urlencode

from api.pages import words
from api.pages.areas import code_of
from api.service import Service
from exclusion_map.areas.atlas import Level
from exclusion_map.areas.spread import spread_of
from exclusion_map.areas.spread_listing import SpreadSort, list_spreads
from exclusion_map.exports.score_tables import records
from exclusion_map.terms import LARGER_KINDS, AreaKind

HEADINGS: Final = {
    SpreadSort.NAME: ("Name", ""),
    SpreadSort.PEOPLE: ("People", ""),
    SpreadSort.SCORE: ("Score", "average, 0 to 100"),
    SpreadSort.WORST_TENTH: ("In the worst tenth", "share of people; 10% is average"),
    SpreadSort.WORST_FIFTH: ("In the worst fifth", "share of people; 20% is average"),
    SpreadSort.EXTENT: ("Extent", "high risk, on a sliding scale"),
    SpreadSort.CONCENTRATION: ("Concentration", "how bad the worst part is, 100 = the worst"),
}
Order = Literal["asc", "desc"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SpreadQuery:
    """What a reader asks the list for; the address holds all of it."""

    kind: AreaKind
    within: str
    sort: SpreadSort
    order: Order
    page: int
    index: str

    def address(self, **changes: object) -> str:
        """Return the address of this list with some of it changed; defaults are left out."""
        state: dict[str, object] = {
            "kind": self.kind.value,
            "within": self.within,
            "sort": self.sort.value,
            "order": self.order,
            "page": self.page,
            "index": self.index,
        } | changes
        unsaid = {"page": 1}
        said = {
            name: value
            for name, value in state.items()
            if value not in ("", None) and value != unsaid.get(name)
        }
        return f"/spread?{urlencode(said)}"


@dataclass(frozen=True, slots=True)
class Heading:
    """One column that the list can be sorted by."""

    id: str
    text: str
    note: str
    link: str
    sorted: str
    """ascending, descending, or empty."""


def context(service: Service, query: SpreadQuery, page_size: int) -> dict[str, Any]:
    """Return everything the page shows.

    Raises:
        InvalidRequestError: the kind is that of small areas.
        NotFoundError: there is no such kind, index or place.
    """
    edition, index = service.edition, service.index(query.index or None)
    atlas = edition.atlas
    found = list_spreads(
        atlas,
        index.id,
        query.kind,
        edition.spreads.of(index.id, query.kind),
        within=query.within,
        sort=query.sort,
        order=query.order,
    )
    pages = max(1, -(-len(found) // page_size))
    page = min(query.page, pages)
    first = (page - 1) * page_size
    wide = atlas.find(query.within) if query.within else None
    rows = records(found.columns(found.rows[first : first + page_size]))
    return {
        "query": query,
        "rows": rows,
        "total": len(found),
        "first": first + 1,
        "page": page,
        "pages": pages,
        "headings": _headings(query),
        "within_name": wide[0].labels[wide[1]] if wide else "",
        "plural_kind": query.kind.label_plural,
        "kind_options": [
            (kind.value, words.upper_first(kind.label_plural))
            for kind in LARGER_KINDS
            if kind in atlas.levels
        ],
        "sort_options": [(one.value, text) for one, (text, _) in HEADINGS.items()],
        "lead": _lead(rows, query),
        "csv": _csv(query),
    }


def query_of(
    service: Service,
    kind: AreaKind | None,
    within: str,
    sort: SpreadSort,
    order: Order | None,
    page: int,
    index: str,
) -> SpreadQuery:
    """Return what an address asks for, with what it leaves out filled in.

    Raises:
        NotFoundError: nothing is called what ``within`` says.
    """
    return SpreadQuery(
        kind=kind or _first_kind(service),
        within=code_of(service, within),
        sort=sort,
        order=order or sort.first_order,
        page=page,
        index=index,
    )


def _first_kind(service: Service) -> AreaKind:
    held = service.edition.atlas.levels
    return next(
        (kind for kind in (AreaKind.LOCAL_AUTHORITY, *LARGER_KINDS) if kind in held),
        AreaKind.LOCAL_AUTHORITY,
    )


def _headings(query: SpreadQuery) -> list[Heading]:
    found = []
    for one, (text, note) in HEADINGS.items():
        here = one is query.sort
        other: Order = "asc" if query.order == "desc" else "desc"
        link = query.address(sort=one.value, order=other if here else one.first_order, page=1)
        direction = "ascending" if query.order == "asc" else "descending"
        found.append(Heading(one.value, text, note, link, direction if here else ""))
    return found


def _lead(rows: Sequence[dict[str, Any]], query: SpreadQuery) -> str:
    """Return the first sentence: the place with the largest share, and how its average hides it."""
    told = query.sort is SpreadSort.EXTENT and query.order == "desc" and query.page == 1
    top = rows[0] if rows and told else None
    if not top or not top["worst_tenth"]:
        return ""
    return (
        f"{top['name']} comes first: {words.percent(100 * top['worst_tenth'])} of its people live "
        "in the highest-risk tenth of small areas and "
        f"{words.percent(100 * top['worst_fifth'])} in the highest-risk fifth."
    )


def _csv(query: SpreadQuery) -> str:
    asked = {"kind": query.kind.value, "within": query.within, "index": query.index}
    said = {name: value for name, value in asked.items() if value}
    return f"/api/v1/spread?{urlencode({**said, 'sort': query.sort.value, 'format': 'csv'})}"


@dataclass(frozen=True, slots=True)
class TenthRow:
    """People in one national tenth."""

    tenth: int
    people: float
    share: float
    width: float
    """Length of the bar, 0 to 100; the longest is 100."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AreaSpread:
    """What a profile says of the spread inside a wider area; shares 0 to 100."""

    worst_tenth: float
    worst_fifth: float
    extent: float
    local_concentration: float
    lowest: float
    highest: float
    tenths: Sequence[TenthRow]


def area_spread(service: Service, level: Level, row: int) -> AreaSpread | None:
    """Return the spread inside a wider area; None for a small one and where nothing is known."""
    if level.kind is AreaKind.SMALL_AREA:
        return None
    atlas, index = service.edition.atlas, service.default_index
    small = atlas.level(AreaKind.SMALL_AREA)
    scores = atlas.score_set(index, AreaKind.SMALL_AREA)
    found = spread_of(atlas.members(level, row), small.population, scores)
    if not found.population_scored > 0:
        return None
    return AreaSpread(
        worst_tenth=100 * found.worst_tenth,
        worst_fifth=100 * found.worst_fifth,
        extent=100 * found.extent,
        local_concentration=found.local_concentration,
        lowest=found.lowest,
        highest=found.highest,
        tenths=tenth_rows(found.tenths),
    )


def tenth_rows(tenths: Sequence[float]) -> list[TenthRow]:
    """Return people by tenth as lines of a table."""
    total, most = sum(tenths) or 1.0, max(tenths) or 1.0
    return [
        TenthRow(at, people, 100 * people / total, 100 * people / most)
        for at, people in enumerate(tenths, 1)
    ]
