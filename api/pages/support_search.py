"""The page that looks for support: near a postcode or place, inside an area, by what is offered."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from api.pages.support import PlaceView, place_view
from api.service import Service
from api.support_query import Found, SupportFilter, all_found, found_inside, found_near
from exclusion_map.directory.languages import LANGUAGES
from exclusion_map.directory.listing import ACCESSIBILITY
from exclusion_map.directory.places import Places
from exclusion_map.directory.selecting import (
    Choice,
    hours_unknown,
    nearest_first,
    open_words,
    parse_open,
    within_bounds,
)
from exclusion_map.directory.snapshot import Snapshot
from exclusion_map.directory.terms import PLACES, SUPPORT, taxonomy
from exclusion_map.errors import InvalidRequestError
from exclusion_map.support.opening_hours import DAY_NAMES
from exclusion_map.terms import AreaKind

REACHES_KM = (1, 2, 5, 10, 25, 50)
"""How far "near" may reach, in a straight line: as far as is needed to find a few places."""
A_FEW = 10
SHOWN = 50
"""Most places on a page of the list."""
BESIDE_MAP = 40
"""Most places in the list beside the map."""
ANYWHERE_M = 50_000_000.0
_SMALL = (AreaKind.SMALL_AREA, AreaKind.NEIGHBOURHOOD, AreaKind.WARD)
_FIELDS = ("kind", "support", "access", "language", "words")
_FLAGS = ("stated", "free")


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceList:
    """A page of a list of support places with the words around it."""

    heading: str
    places: Sequence[PlaceView] = ()
    total: int = 0
    near: bool = False
    note: str = ""
    page: int = 1
    pages: int = 1
    first: int = 0
    unknown_hours: int = 0
    download: str = ""
    sheet: str = ""
    origin: str = ""


class SupportQuestion(SupportFilter):
    """Query parameters of the page: also where, and which page of the list."""

    q: str = ""
    area: str = ""
    day: str = ""
    time: str = ""
    page: int = 1

    @property
    def opened(self) -> str:
        """What is asked of opening: ``now``, ``mon-10:30``, or nothing."""
        if self.open == "at":
            return f"{self.day}-{self.time}" if self.day and self.time else ""
        return self.open

    @property
    def choice(self) -> Choice:
        """The same as a snapshot takes it.

        Raises:
            InvalidRequestError: a value is none that there is.
        """
        plain = SupportFilter.model_validate(
            self.model_dump(include=set(SupportFilter.model_fields) - {"open"})
        )
        return replace(plain.choice, open_at=parse_open(self.opened))

    def address(self, page: int) -> str:
        """Return the address of a page of this list."""
        return f"/support?{self.query(page=page)}"

    def query(self, **more: object) -> str:
        """Return what is asked as the query of an address, without what is left open."""
        said: list[tuple[str, object]] = [("q", self.q), ("area", self.area)]
        for name in _FIELDS:
            value = getattr(self, name)
            said += [(name, each) for each in (value if isinstance(value, list) else [value])]
        said += [(name, "true" if getattr(self, name) else "") for name in _FLAGS]
        said += [("open", self.opened), *more.items()]
        return urlencode([(name, value) for name, value in said if value], safe=",:")


def page_context(service: Service, places: Places, asked: SupportQuestion) -> dict[str, Any]:
    """Return what the template of the page needs."""
    note, found = "", None
    try:
        chosen = asked.q or asked.area or asked.choice != Choice()
        found = places_for(service, places, asked) if chosen else None
    except InvalidRequestError as error:
        note = error.message
    return {
        "asked": asked,
        "found": found,
        "fault": note,
        "editable": places.editable,
        **choices(places.snapshot),
    }


def choices(snapshot: Snapshot) -> dict[str, Any]:
    """Return what can be chosen, with how many places there are of each kind."""
    counts = snapshot.counts
    known = [code for code in snapshot.languages if code]
    return {
        "place_kinds": [term for term in taxonomy(PLACES).terms if counts[term.key]],
        "counts": counts,
        "terms": taxonomy(SUPPORT).terms,
        "features": list(ACCESSIBILITY.items()),
        "days": list(DAY_NAMES.items()),
        "languages": sorted((LANGUAGES.get(code, code), code) for code in known),
    }


def places_for(service: Service, places: Places, asked: SupportQuestion) -> PlaceList:
    """Return the places near a postcode or place name, inside an area, or anywhere.

    Raises:
        NotFoundError: there is no area of that code.
        InvalidRequestError: a value is none that there is.
    """
    choice = asked.choice
    # What is typed counts before the area of the link that led here.
    if not asked.q:
        if asked.area:
            return _inside(service, places, asked, choice, asked.area)
        found = all_found(places, choice)
        made = _listed(service, found, asked, choice, f"in {service.edition.manifest.title}")
        return replace(made, download=_download("", asked))
    answer = service.search(asked.q, 1)
    if not answer.results:
        note = answer.note or f"No place matches “{asked.q}”. Try a postcode, a town or a council."
        return PlaceList(heading="", note=note)
    best = answer.results[0]
    postcode = best.matched.startswith("postcode")
    if not postcode and best.kind not in _SMALL:
        return _inside(service, places, asked, choice, best.code)
    longitude, latitude = best.point
    found, reach = Found(places, places.snapshot.placed[:0]), REACHES_KM[0]
    for reach in REACHES_KM:
        found = found_near(places, choice, latitude, longitude, reach * 1000)
        if len(found) >= A_FEW:
            break
    name = best.matched_text if postcode else best.name
    made = _listed(service, found, asked, choice, f"within {reach} km of {name}")
    near = f"near={latitude:.5f},{longitude:.5f}&within_m={reach * 1000}"
    where = {"postcode": name} if postcode else {}
    return replace(
        made,
        near=True,
        note=answer.note,
        download=_download(near, asked),
        sheet=_sheet("" if postcode else best.code, asked, where),
        origin=f"?{urlencode({'from': name})}" if postcode else "",
    )


def _inside(
    service: Service, places: Places, asked: SupportQuestion, choice: Choice, area: str
) -> PlaceList:
    level, row = service.edition.atlas.find(area)
    found = found_inside(service, places, choice, area)
    made = _listed(service, found, asked, choice, f"in {level.labels[row]}")
    unknown = found_inside(service, places, replace(choice, open_at=None), area)
    none_said = set(hours_unknown(places.snapshot, choice).tolist())
    return replace(
        made,
        unknown_hours=len(none_said & set(unknown.rows.tolist())),
        download=_download(f"area={level.codes[row]}", asked),
        sheet=_sheet(level.codes[row], asked, {}) if level.kind in _SMALL else "",
    )


def _sheet(code: str, asked: SupportQuestion, where: Mapping[str, str]) -> str:
    """Return the address of the sheet to print for a list."""
    more = [("support", term) for term in asked.support] + [("kind", kind) for kind in asked.kind]
    query = urlencode([*where.items(), *more])
    return f"/sheet{f'/{code}' if code else ''}{f'?{query}' if query else ''}"


def _listed(
    service: Service, found: Found, asked: SupportQuestion, choice: Choice, heading: str
) -> PlaceList:
    pages = max(1, -(-len(found) // SHOWN))
    page = min(max(asked.page, 1), pages)
    start = (page - 1) * SHOWN
    away = dict(
        zip(found.ids(start, start + SHOWN), found.metres(start, start + SHOWN), strict=True)
    )
    shown = [place_view(service, held, away[held.id]) for held in found.places.held(list(away))]
    when = f", open {open_words(choice.open_at)}" if choice.open_at is not None else ""
    return PlaceList(
        heading=heading + when, places=shown, total=len(found), page=page, pages=pages, first=start
    )


def _download(where: str, asked: SupportQuestion) -> str:
    query = asked.model_copy(update={"q": "", "area": ""}).query()
    return "&".join(part for part in (where, query) if part)


def beside_map(
    service: Service,
    places: Places,
    choice: Choice,
    bounds: tuple[float, float, float, float],
) -> Mapping[str, Any]:
    """Return what the list beside the map shows: places in view, nearest to its middle first."""
    west, south, east, north = bounds
    inside = all_found(places, choice, bounds)
    unknown = hours_unknown(places.snapshot, choice)
    middle = ((west + east) / 2, (south + north) / 2)
    near = Found(places, *nearest_first(places.snapshot, inside.rows, *middle, ANYWHERE_M))
    return {
        "total": len(inside),
        "unknown_hours": len(within_bounds(places.snapshot, unknown, bounds)),
        "places": [place_view(service, held) for held in places.held(near.ids(0, BESIDE_MAP))],
        "shown": min(len(inside), BESIDE_MAP),
    }
