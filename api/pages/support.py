"""Support places as pages show them: facts, opening hours in words, lists with distances."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote

from api.service import Service
from exclusion_map.areas.search import context_of
from exclusion_map.errors import InvalidRequestError, NotFoundError
from exclusion_map.support import Near, SupportPlace
from exclusion_map.support.opening_hours import in_words
from exclusion_map.terms import AreaKind, SupportKind

REACHES_KM = (1, 2, 5, 10, 25, 50)
"""How far "near" may reach, in a straight line: as far as is needed to find a few places."""
A_FEW = 10
SHOWN = 50
"""Most places in one list."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceView:
    """One support place."""

    id: str
    url: str
    kind: SupportKind
    kind_label: str
    name: str
    address: str
    postcode: str
    phone: str
    email: str
    website: str
    hours: Sequence[tuple[str, str]]
    hours_note: str
    about: str
    source: str
    as_of: str
    placed_by: str
    latitude: float
    longitude: float
    area_name: str
    area_where: str
    area_url: str
    metres: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceList:
    """A list of support places with the words around it."""

    heading: str
    places: Sequence[PlaceView]
    total: int
    near: bool
    note: str = ""


def place_view(service: Service, place: SupportPlace, metres: float | None = None) -> PlaceView:
    """Return a place as pages show it, with the area it lies in."""
    level = service.edition.atlas.level(AreaKind.SMALL_AREA)
    row = level.position.get(place.area_code)
    source = service.edition.manifest.source(place.source or "")
    return PlaceView(
        id=place.id,
        url=f"/support/{quote(place.id, safe=':')}",
        kind=place.kind,
        kind_label=place.kind.label,
        name=place.name,
        address=place.address or "",
        postcode=place.postcode or "",
        phone=place.phone or "",
        email=place.email or "",
        website=_link(place.url),
        hours=in_words(place.schedule),
        hours_note=place.hours_note or "",
        about=place.about or "",
        source=source.title if source else (place.source or ""),
        as_of=place.as_of or "",
        placed_by=place.placed_by or "",
        latitude=place.latitude,
        longitude=place.longitude,
        area_name=level.labels[row] if row is not None else "",
        area_where=context_of(service.edition.atlas, level, row) if row is not None else "",
        area_url=f"/areas/{place.area_code}" if row is not None else "",
        metres=metres,
    )


def find_place(service: Service, identity: str) -> PlaceView:
    """Return one place.

    Raises:
        NotFoundError: there is none of that id.
    """
    place = service.edition.support.get(identity)
    if place is None:
        raise NotFoundError(
            f"support place {identity!r}",
            found="no such id in this edition",
            expected="an id from the list of support places",
            mend="Look for places at /support",
        )
    return place_view(service, place)


def places_for(
    service: Service, q: str, area: str, kinds: Sequence[SupportKind], limit: int
) -> PlaceList:
    """Return the places near a postcode or place name, or inside an area.

    Raises:
        NotFoundError: there is no area of that code.
    """
    if area:
        return _inside(service, area, kinds, limit)
    try:
        answer = service.search(q, 1)
    except InvalidRequestError as error:
        return PlaceList(heading="", places=(), total=0, near=False, note=error.message)
    if not answer.results:
        note = answer.note or f"No place matches “{q}”. Try a postcode, a town or a council."
        return PlaceList(heading="", places=(), total=0, near=False, note=note)
    found = answer.results[0]
    exact = found.matched.startswith("postcode") or found.kind in (
        AreaKind.SMALL_AREA,
        AreaKind.NEIGHBOURHOOD,
        AreaKind.WARD,
    )
    if not exact:
        return _inside(service, found.code, kinds, limit)
    close: list[Near] = []
    reach = REACHES_KM[0]
    for reach in REACHES_KM:
        close = service.edition.support.within(*found.point, reach * 1000, kinds or None)
        if len(close) >= A_FEW:
            break
    shown = [place_view(service, near.place, near.metres) for near in close[:limit]]
    name = found.matched_text if found.matched.startswith("postcode") else found.name
    return PlaceList(
        heading=f"within {reach} km of {name}",
        places=shown,
        total=len(close),
        near=True,
        note=answer.note,
    )


def _inside(service: Service, area: str, kinds: Sequence[SupportKind], limit: int) -> PlaceList:
    atlas = service.edition.atlas
    level, row = atlas.find(area)
    small = atlas.level(AreaKind.SMALL_AREA)
    codes = [small.codes[member] for member in atlas.members(level, row)]
    places = service.edition.support.in_areas(codes, kinds or None)
    return PlaceList(
        heading=f"in {level.labels[row]}",
        places=[place_view(service, place) for place in places[:limit]],
        total=len(places),
        near=False,
    )


def _link(address: str | None) -> str:
    """Return a website's address when it is one that a link may lead to."""
    text = (address or "").strip()
    if not text:
        return ""
    full = text if "://" in text else f"https://{text}"
    return full if full.startswith(("https://", "http://")) else ""
