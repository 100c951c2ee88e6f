"""Support: places that can help, near a point, inside an area, or all, as GeoJSON or JSON."""

import json
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query, Request
from pydantic import Field
from starlette.responses import RedirectResponse, Response

from api import standing_in
from api.answers import GEOJSON, JSON, tagged
from api.dependencies import NoParameters, OpenService, Settings
from api.errors import responses
from api.service import Service
from api.support_json import feature, place_json
from api.support_query import (
    DEFAULT_WITHIN_M,
    Found,
    SupportFilter,
    all_found,
    found_inside,
    found_near,
    places_in,
    point_of,
)
from exclusion_map.directory.places import Places
from exclusion_map.errors import InvalidRequestError, NotFoundError

__all__ = ["DEFAULT_WITHIN_M", "feature", "point_of", "router"]

router = APIRouter(prefix="/api/v1", tags=["support"])

_GEOJSON_RESPONSE: dict[int | str, dict[str, Any]] = {
    200: {
        "content": {
            GEOJSON: {"schema": {"type": "object"}},
            JSON: {"schema": {"type": "object"}},
        }
    }
}


class SupportParams(SupportFilter):
    """Query parameters of the list of places."""

    area: str | None = Field(
        default=None, max_length=12, description="Code of an area: the places inside it."
    )
    near: str | None = Field(
        default=None,
        description="Latitude and longitude: the places nearest to a point.",
        examples=["53.39,-3.02"],
        max_length=50,
    )
    within_m: float | None = Field(
        default=None,
        gt=0,
        le=100_000,
        description=f"With near: distance in metres; {DEFAULT_WITHIN_M:.0f} if omitted.",
    )
    limit: int | None = Field(
        default=None, ge=1, le=5_000, description="Maximum number of places per page."
    )
    page: int = Field(default=1, ge=1, le=100_000, description="Page number, from 1.")
    format: Literal["geojson", "json"] = Field(
        default="geojson", description="GeoJSON, or plain JSON. For CSV see /api/v1/download."
    )

    def found(self, service: Service, places: Places) -> Found:
        """Return the places that are asked for.

        Raises:
            InvalidRequestError: an area and a point are given, or a value is none that there is.
            NotFoundError: there is no such area.
        """
        if self.area is not None and self.near is not None:
            raise InvalidRequestError(
                "area and near", found="both", expected="one: inside an area, or near a point"
            )
        if self.near is None and self.within_m is not None:
            raise InvalidRequestError("within_m", found="it without near", expected="near as well")
        if self.near is not None:
            within = self.within_m or DEFAULT_WITHIN_M
            return found_near(places, self.choice, *point_of(self.near), within)
        if self.area is not None:
            return found_inside(service, places, self.choice, self.area)
        return all_found(places, self.choice)


@router.get(
    "/support",
    summary="Support locations",
    description=(
        "The places inside an area, those near a point with their distance (nearest "
        "first), or all of them: filtered by kind of place, kind of support, opening "
        "hours, cost, language and access, and paged. 'matched' is the total number. "
        "Support that is usual for a kind of place is distinguished from support "
        "confirmed for this one. 'notice' is present while the directory's database "
        "does not answer, and says what is missing."
    ),
    response_class=Response,
    responses={**_GEOJSON_RESPONSE, **responses(404, 422, 503)},
)
def support(
    request: Request,
    service: OpenService,
    settings: Settings,
    params: Annotated[SupportParams, Query()],
) -> Response:
    """Return places as a GeoJSON feature collection, or as plain JSON."""
    found = params.found(service, places_in(request, service))
    limit = min(params.limit or settings.support_limit, settings.support_limit)
    start = (params.page - 1) * limit
    ids, away = found.ids(start, start + limit), found.metres(start, start + limit)
    distances = dict(zip(ids, away, strict=True))
    plain = params.format == "json"
    make = place_json if plain else feature
    listed = [make(held, distances[held.id]) for held in found.places.held(ids)]
    collection = {
        **({} if plain else {"type": "FeatureCollection"}),
        "edition": service.edition.id,
        "directory": found.places.tag,
        **notice(),
        "matched": len(found),
        "page": params.page,
        "pages": max(1, -(-len(found) // limit)),
        "places" if plain else "features": listed,
    }
    body = json.dumps(collection, ensure_ascii=False, separators=(",", ":")).encode()
    return tagged(request, body, JSON if plain else GEOJSON)


@router.get(
    "/support/{identity}",
    summary="One support location",
    description="A GeoJSON feature with services, opening hours if known, source, and who "
    "confirmed it when. An id from a published list redirects to the place's own "
    "id.",
    response_class=Response,
    responses={**_GEOJSON_RESPONSE, **responses(404, 422, 503)},
    dependencies=[NoParameters],
)
def place(
    request: Request,
    service: OpenService,
    identity: Annotated[str, Path(max_length=200, examples=["gp_practice:A81001"])],
) -> Response:
    """Return one place."""
    places = places_in(request, service)
    own = own_id(places, identity)
    if own != identity:
        return RedirectResponse(f"/api/v1/support/{own}", status_code=307)
    found = places.held([own])
    if not found:
        raise no_place(identity)
    told = feature(found[0]) | notice()
    return tagged(request, json.dumps(told, ensure_ascii=False).encode(), GEOJSON)


def notice() -> dict[str, str]:
    """Return a ``notice`` where places stand in for those of the directory; else nothing."""
    said = standing_in.words()
    return {"notice": said} if said else {}


def own_id(places: Places, identity: str) -> str:
    """Return the id of a place by that id, or by what its source knows it by.

    Raises:
        NotFoundError: there is none.
    """
    snapshot = places.snapshot
    row = snapshot.keys.get(identity)
    if row is not None:
        return snapshot.ids[row]
    if identity in snapshot.row_of or places.held([identity]):
        return identity
    raise no_place(identity)


def no_place(identity: str) -> NotFoundError:
    """Return the error for a place that there is not."""
    return NotFoundError(
        f"support place {identity!r}",
        found="no such id, or it was removed",
        expected="an id from /api/v1/support",
        mend="Search for places at /support",
    )
