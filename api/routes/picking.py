"""Areas picked by hand: by name, in an outline, near a place; and their outlines."""

import json
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request
from pydantic import Field
from starlette.responses import Response

from api.answers import A_MINUTE, FOREVER, GEOJSON, JSON, tagged
from api.dependencies import OpenService, Params, Settings
from api.engine import engines_of
from api.errors import responses
from api.pages import words
from api.picking import MOST_PICKED, PickBody, Picked, picked_by_code, picked_inside, picked_near
from api.questions import read_model
from api.routes.features import edition_service
from api.tables import NO_STORE
from api.work import briefly
from exclusion_map.areas.inside import MAX_METRES
from exclusion_map.errors import InvalidRequestError
from exclusion_map.terms import AreaKind

router = APIRouter(prefix="/api/v1", tags=["selection"])


class PickParams(Params):
    """Query parameters of a selection."""

    areas: str = Field(
        default="",
        max_length=4000,
        description=f"Codes or names of areas of any kind, with commas; at most {MOST_PICKED}.",
        examples=["E08000015,E08000012"],
    )
    near: str = Field(
        default="", max_length=120, description="Alternatively, a postcode or the name of a place."
    )
    within_m: float = Field(
        default=1_000.0,
        gt=0,
        le=MAX_METRES,
        description="With near: straight-line distance in metres.",
    )
    kind: AreaKind = Field(
        default=AreaKind.SMALL_AREA, description="With near: kind of area to select."
    )


class OutlinesParams(Params):
    """Query parameters of outlines."""

    features: str = Field(
        max_length=1_500,
        pattern=r"^\d{1,7}(,\d{1,7})*$",
        description=f"Ids of areas in the tiles, with commas; at most {MOST_PICKED}.",
        examples=["0,7"],
    )


@router.get(
    "/selection",
    summary="Select areas by name, or near a place",
    description="The number of areas and people, with each person counted once, and the "
    "areas' ids in the tiles. With near: areas of a kind where at least half of "
    "the people live within a distance of a postcode or place.",
    response_model=Picked,
    responses=responses(404, 422, 503),
)
def get_selection(
    request: Request, service: OpenService, params: Annotated[PickParams, Query()]
) -> Response:
    """Return areas picked by name, or near a place."""
    if bool(params.areas) == bool(params.near):
        raise InvalidRequestError(
            "selection",
            found="areas and near" if params.areas else "neither areas nor near",
            expected="one of them",
        )
    if params.areas:
        found = picked_by_code(engines_of(request.app.state).of(service), params.areas)
    else:
        found = picked_near(service, params.near, params.within_m, params.kind)
    return tagged(request, found.model_dump_json().encode(), JSON, cache=A_MINUTE)


@router.post(
    "/selection",
    summary="Select areas in a boundary",
    description="Areas of a kind where at least half of the people live inside a boundary, "
    "by the postcodes in use. Nothing you send is stored.",
    response_model=Picked,
    responses=responses(404, 422, 503),
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {JSON: {"schema": {"$ref": "#/components/schemas/PickBody"}}},
        }
    },
)
async def post_selection(request: Request, service: OpenService, settings: Settings) -> Response:
    """Return areas in an outline."""
    body = await read_model(request, settings.upload_limit, PickBody)
    if body is None:
        raise InvalidRequestError("body", found="nothing", expected="JSON with a polygon")
    found = await briefly(request, picked_inside, service, body.kind, body.polygon)
    return tagged(request, found.model_dump_json().encode(), JSON, cache=NO_STORE)


@router.get(
    "/editions/{edition}/outlines/{kind}.json",
    summary="Boundaries of areas by their ids in the tiles",
    description="GeoJSON features in longitude and latitude (WGS 84) with code, name and "
    "population.",
    response_class=Response,
    responses={
        200: {"content": {GEOJSON: {"schema": {"type": "object"}}}},
        **responses(404, 422, 503),
    },
)
def outlines(
    request: Request,
    edition: Annotated[str, Path(description="Id of the edition, from /api/v1/edition.")],
    kind: Annotated[AreaKind, Path(description="Kind of area.")],
    params: Annotated[OutlinesParams, Query()],
) -> Response:
    """Return outlines."""
    service = edition_service(request, edition)
    level = service.edition.atlas.level(kind)
    rows = sorted({int(one) for one in params.features.split(",")})
    if len(rows) > MOST_PICKED or rows[-1] >= len(level):
        raise InvalidRequestError(
            "features",
            found=f"{len(rows)}, the last {rows[-1]}",
            expected=f"at most {MOST_PICKED} ids from 0 to {len(level) - 1}",
        )
    features = [
        {
            "type": "Feature",
            "id": row,
            "properties": {
                "code": level.codes[row],
                "name": level.labels[row],
                "people": words.about(float(level.population[row])),
            },
            "geometry": service.edition.outline(level, row),
        }
        for row in rows
    ]
    held = {"type": "FeatureCollection", "features": features}
    body = json.dumps(held, ensure_ascii=False, separators=(",", ":")).encode()
    return tagged(request, body, GEOJSON, cache=FOREVER)
