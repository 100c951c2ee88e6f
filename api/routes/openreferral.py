"""The directory as an Open Referral UK (HSDS-UK 3.0) API, for other directories to read."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request
from starlette.responses import Response, StreamingResponse

from api.answers import JSON, tagged
from api.dependencies import NoParameters, OpenService
from api.errors import responses
from api.hosts import base_address
from api.made_files import MadeFile, kept_file
from api.making import only_head
from api.openreferral_query import (
    LocationQuestion,
    PageQuestion,
    ServiceQuestion,
    offers_for,
    page_of,
)
from api.remote_help import help_entries
from api.routes.support import SupportParams
from api.sent_files import attachment
from api.service import Service
from api.support_query import Found, places_in
from api.work import in_thread
from exclusion_map.directory.listing import Held, Offer, Provider
from exclusion_map.directory.openreferral import (
    help_service_json,
    organization_json,
    service_at_location_json,
    service_json,
    taxonomy_json,
    term_json,
)
from exclusion_map.directory.places import Places
from exclusion_map.directory.remote import HeldHelp
from exclusion_map.directory.rows import service_at_location_id
from exclusion_map.directory.selecting import Choice
from exclusion_map.directory.terms import PLACES, SUPPORT, taxonomy
from exclusion_map.errors import NotFoundError
from exclusion_map.stopping import as_wanted

router = APIRouter(prefix="/openreferral", tags=["open referral"])

VERSION = "HSDS-UK-3.0"
PROFILE = "https://docs.openreferraluk.org/en/3.0-dev/"
AT_ONCE = 500
_SENT: dict[int | str, dict[str, Any]] = {
    200: {"content": {JSON: {"schema": {"type": "object"}}}},
    **responses(404, 422, 503),
}
_LIST: dict[str, Any] = {"responses": _SENT, "response_class": Response}
_ONE: dict[str, Any] = {**_LIST, "dependencies": [NoParameters]}
Identity = Annotated[str, Path(max_length=60, description="Its id, a UUID.")]
Json = Mapping[str, Any]


@router.get(
    "/",
    summary="What this API is",
    **_ONE,
)
@router.get("", include_in_schema=False)
def about(request: Request) -> Response:
    """Version, profile, and the address of the API description."""
    base = base_address(request)
    told = {
        "version": VERSION,
        "profile": PROFILE,
        "openapi_url": f"{base}/api/v1/openapi.json",
    }
    return _send(request, told)


@router.get("/services", summary="Services", **_LIST)
def services(request: Request, service: OpenService, asked: ServiceQuestion) -> Response:
    """One page of the services that match the parameters."""
    places = places_in(request, service)
    snapshot = places.snapshot
    # A service at several places is one service.
    matching = offers_for(service, snapshot, asked).tolist()
    found = list({snapshot.offer_ids[at]: at for at in matching}.values())
    page = page_of(asked, len(found))
    pairs = _offers(places, found[page.part])
    listed = [service_json(held, offer, whole=False) for held, offer in pairs]
    return _send(request, page.filled(listed))


@router.get(
    "/services/{identity}",
    summary="One service",
    **_ONE,
)
def one_service(request: Request, service: OpenService, identity: Identity) -> Response:
    """A service with its organisation, locations, schedules, costs and other details."""
    places = places_in(request, service)
    at = places.snapshot.offer_of.get(identity)
    pairs = _offers(places, [at]) if at is not None else []
    if not pairs:
        raise _none("service", identity)
    return _send(request, service_json(*pairs[0]))


@router.get("/organizations", summary="Organisations", **_LIST)
def organizations(request: Request, service: OpenService, asked: PageQuestion) -> Response:
    """One page of the organisations that provide services."""
    places = places_in(request, service)
    known = places.snapshot.organizations
    page = page_of(asked, len(known))
    numbers = range(len(known))[page.part]
    found = [_provider(places, number) for number in numbers]
    return _send(request, page.filled([organization_json(one) for one in found if one]))


@router.get(
    "/organizations/{identity}",
    summary="One organisation",
    **_ONE,
)
def one_organization(request: Request, service: OpenService, identity: Identity) -> Response:
    """An organisation that provides services."""
    places = places_in(request, service)
    known = places.snapshot.organizations
    found = _provider(places, known.index(identity)) if identity in known else None
    if found is None:
        raise _none("organization", identity)
    return _send(request, organization_json(found))


@router.get(
    "/service_at_locations",
    summary="Services at locations",
    **_LIST,
)
def service_at_locations(
    request: Request, service: OpenService, asked: LocationQuestion
) -> Response:
    """One page of services at their locations; with a postcode, nearest first."""
    places = places_in(request, service)
    found = offers_for(service, places.snapshot, asked).tolist()
    page = page_of(asked, len(found))
    pairs = _offers(places, found[page.part])
    return _send(request, page.filled([service_at_location_json(*pair) for pair in pairs]))


@router.get(
    "/service_at_locations/{identity}",
    summary="One service at a location",
    **_ONE,
)
def one_service_at_location(request: Request, service: OpenService, identity: Identity) -> Response:
    """A service at one of its locations."""
    places = places_in(request, service)
    snapshot = places.snapshot
    rows = snapshot.place.tolist()
    for at, (offer, row) in enumerate(zip(snapshot.offer_ids, rows, strict=True)):
        if service_at_location_id(offer, snapshot.ids[row]) == identity:
            for pair in _offers(places, [at]):
                return _send(request, service_at_location_json(*pair))
    raise _none("service at a location", identity)


@router.get("/taxonomies", summary="Taxonomies", **_LIST)
def taxonomies(request: Request, asked: PageQuestion) -> Response:
    """The two taxonomies of this directory: digital support, and kinds of place."""
    return _listed(request, asked, [taxonomy_json(taxonomy(key)) for key in (SUPPORT, PLACES)])


@router.get(
    "/taxonomies/{identity}",
    summary="One taxonomy",
    **_ONE,
)
def one_taxonomy(request: Request, identity: Identity) -> Response:
    """A taxonomy by id."""
    known = [taxonomy_json(taxonomy(key)) for key in (SUPPORT, PLACES)]
    return _one(request, known, "taxonomy", identity)


@router.get("/taxonomy_terms", summary="Terms", **_LIST)
def taxonomy_terms(request: Request, asked: PageQuestion) -> Response:
    """The terms of both taxonomies."""
    return _listed(request, asked, _terms())


@router.get(
    "/taxonomy_terms/{identity}",
    summary="One term",
    **_ONE,
)
def one_term(request: Request, identity: Identity) -> Response:
    """A taxonomy term by id."""
    return _one(request, _terms(), "taxonomy term", identity)


@router.get(
    "/export.json",
    summary="The whole directory in one file",
    description="Complete services, as in /services/{id}, of all places or of those selected "
    "by the parameters of /api/v1/support: a JSON array. Without parameters, "
    "help that needs no place comes first, as services without a location. The "
    "file can be imported again as it is.",
    response_class=Response,
    responses={
        **_SENT,
        200: {"content": {JSON: {"schema": {"type": "array", "items": {"type": "object"}}}}},
    },
)
async def export(
    request: Request, service: OpenService, params: Annotated[SupportParams, Query()]
) -> Response:
    """Return every service that is asked for."""
    headers = {
        **attachment("exclusion-map-open-referral-uk.json"),
        "Link": '</data>; rel="license"',
        "Cache-Control": "no-cache",
    }
    if only_head(request):
        return StreamingResponse(iter(()), headers=headers, media_type=JSON)
    file = await in_thread(request, lambda _: _whole(request, service, params))
    headers["Content-Length"] = str(file.size)
    return StreamingResponse(file.parts(), headers=headers, media_type=JSON)


def _whole(request: Request, service: Service, params: SupportParams) -> MadeFile:
    state, found = request.app.state, params.found(service, places_in(request, service))
    # Who asks for places somewhere, or of a kind, does not ask for help that has no place.
    everything = params.area is None and params.near is None and params.choice == Choice()
    if not everything:
        return MadeFile("services", _array(found, ()))
    anywhere = help_entries(state)
    key = (
        service.edition.id,
        found.places.tag,
        tuple((one.id, one.version, one.confirmed_at) for one in anywhere),
    )
    parts = _array(found, anywhere)
    return kept_file(state, "services", key, lambda: MadeFile("services", parts))


def _array(found: Found, anywhere: Sequence[HeldHelp]) -> Iterator[bytes]:
    before = "["
    for entry in anywhere:
        yield (before + _text(help_service_json(entry))).encode()
        before = ",\n"
    for start in as_wanted(range(0, len(found), AT_ONCE)):
        for held in found.places.held(found.ids(start, start + AT_ONCE)):
            for offer in held.listing.offers:
                yield (before + _text(service_json(held, offer))).encode()
                before = ",\n"
    yield b"[]\n" if before == "[" else b"]\n"


def _offers(places: Places, positions: Sequence[int]) -> list[tuple[Held, Offer]]:
    """Return offers by their positions, each with its place; those gone are left out."""
    snapshot = places.snapshot
    wanted = [(snapshot.offer_ids[at], snapshot.ids[int(snapshot.place[at])]) for at in positions]
    held = {one.id: one for one in places.held(list(dict.fromkeys(row for _, row in wanted)))}
    return [
        (held[row], offer)
        for identity, row in wanted
        if row in held
        for offer in held[row].listing.offers
        if offer.id == identity
    ]


def _provider(places: Places, number: int) -> Provider | None:
    snapshot = places.snapshot
    first = int((snapshot.organization == number).argmax())
    for held, _ in _offers(places, [first]):
        return held.listing.provider
    return None


def _terms() -> list[Json]:
    held = [taxonomy(key) for key in (SUPPORT, PLACES)]
    return [term_json(one, key) for one in held for key in one.term_keys]


def _listed(request: Request, asked: PageQuestion, every: Sequence[Json]) -> Response:
    page = page_of(asked, len(every))
    return _send(request, page.filled([dict(one) for one in every[page.part]]))


def _one(request: Request, every: Sequence[Json], thing: str, identity: str) -> Response:
    for one in every:
        if one["id"] == identity:
            return _send(request, one)
    raise _none(thing, identity)


def _none(thing: str, identity: str) -> NotFoundError:
    return NotFoundError(
        f"{thing} {identity!r}", found="none of that id", expected="an id from a list here"
    )


def _text(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _send(request: Request, told: Json) -> Response:
    return tagged(request, _text(told).encode(), JSON)
