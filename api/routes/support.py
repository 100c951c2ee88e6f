"""Support: places that can help, near a point or inside an area, as GeoJSON."""

import json
from collections.abc import Iterable
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request
from pydantic import Field
from starlette.responses import Response

from api.answers import GEOJSON, tagged
from api.dependencies import NoParameters, OpenService, Params, Settings
from api.errors import responses
from api.service import Service
from exclusion_map.errors import InvalidRequestError, NotFoundError
from exclusion_map.support.nearest import Near, SupportPlace
from exclusion_map.terms import AreaKind, SupportKind

router = APIRouter(prefix="/api/v1", tags=["support"])

_GEOJSON_RESPONSE: dict[int | str, dict[str, Any]] = {
    200: {"content": {GEOJSON: {"schema": {"type": "object"}}}}
}
DEFAULT_WITHIN_M = 5_000.0


class SupportParams(Params):
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
    kind: list[SupportKind] = Field(
        default_factory=list, description="Only places of this kind; may be repeated."
    )
    within_m: float | None = Field(
        default=None,
        gt=0,
        le=100_000,
        description=f"With near: metres in a straight line; {DEFAULT_WITHIN_M:.0f} if left out.",
    )
    limit: int | None = Field(default=None, ge=1, le=5_000, description="Most places.")


@router.get(
    "/support",
    summary="Places that can help",
    description=(
        "Either the places inside an area, or those near a point with their distance, the nearest "
        "first. 'matched' is how many there are; 'features' holds no more than 'limit'."
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
    """Return places as a GeoJSON feature collection."""
    kinds = tuple(params.kind) or None
    found = _near(service, params, kinds) if params.near is not None else None
    if found is None:
        found = [(place, None) for place in _inside(service, params, kinds)]
    limit = min(params.limit or settings.support_limit, settings.support_limit)
    return tagged(request, _collection(service, found, limit), GEOJSON)


def _near(
    service: Service, params: SupportParams, kinds: tuple[SupportKind, ...] | None
) -> list[tuple[SupportPlace, float | None]]:
    if params.area is not None:
        raise InvalidRequestError(
            "area and near", found="both", expected="one: inside an area, or near a point"
        )
    latitude, longitude = point_of(params.near or "")
    within = params.within_m or DEFAULT_WITHIN_M
    found: Iterable[Near] = service.edition.support.within(longitude, latitude, within, kinds)
    return [(near.place, near.metres) for near in found]


def _inside(
    service: Service, params: SupportParams, kinds: tuple[SupportKind, ...] | None
) -> list[SupportPlace]:
    if params.area is None:
        raise InvalidRequestError(
            "area or near",
            found="neither",
            expected="area=CODE or near=latitude,longitude",
            mend="For all places as tiles see /tiles/support.json.",
        )
    if params.within_m is not None:
        raise InvalidRequestError("within_m", found="it without near", expected="near as well")
    atlas = service.edition.atlas
    small = atlas.level(AreaKind.SMALL_AREA)
    members = atlas.members(*atlas.find(params.area))
    return service.edition.support.in_areas([small.codes[row] for row in members], kinds)


def point_of(text: str) -> tuple[float, float]:
    """Return latitude and longitude of ``"53.39,-3.02"``.

    Raises:
        InvalidRequestError: the text is not two numbers on the globe.
    """
    try:
        latitude, longitude = (float(part) for part in text.split(","))
    except ValueError:
        latitude = longitude = float("nan")
    if not (-90 <= latitude <= 90 and -180 <= longitude <= 180):
        raise InvalidRequestError(
            "near", found=repr(text), expected="latitude,longitude such as 53.39,-3.02"
        )
    return latitude, longitude


@router.get(
    "/support/{identity}",
    summary="One place that can help",
    description="A GeoJSON feature with address, opening hours where known, and source.",
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
    found = service.edition.support.get(identity)
    if found is None:
        raise NotFoundError(
            f"support place {identity!r}",
            found="no such id in this edition",
            expected="an id from /api/v1/support",
        )
    return tagged(request, json.dumps(feature(found), ensure_ascii=False).encode(), GEOJSON)


def feature(found: SupportPlace, metres: float | None = None) -> dict[str, Any]:
    """Return a place as a GeoJSON feature."""
    properties = found.to_dict()
    longitude, latitude = properties.pop("longitude"), properties.pop("latitude")
    identity = properties.pop("id")
    properties |= {"kind_label": found.kind.label, "page": f"/support/{found.id}"}
    if metres is not None:
        properties["distance_m"] = round(metres)
    return {
        "type": "Feature",
        "id": identity,
        "geometry": {"type": "Point", "coordinates": [longitude, latitude]},
        "properties": properties,
    }


def _collection(
    service: Service, found: list[tuple[SupportPlace, float | None]], limit: int
) -> bytes:
    collection = {
        "type": "FeatureCollection",
        "edition": service.edition.id,
        "matched": len(found),
        "features": [feature(place, metres) for place, metres in found[:limit]],
    }
    return json.dumps(collection, ensure_ascii=False, separators=(",", ":")).encode()
