"""Access of areas to any choice of places: how far, which one, how many in reach."""

import json
from typing import Annotated, Any

import numpy as np
from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from api.answers import JSON, tagged
from api.dependencies import OpenService, Settings
from api.errors import responses
from api.service import Service
from api.standing_in import Notice
from api.tables import TableFormat, table_response, wanted_format
from api.targets import TargetParams, base_of, told_of
from api.work import in_thread
from exclusion_map.exports.score_tables import records, taken
from exclusion_map.targeting.access_query import AccessQuestion
from exclusion_map.targeting.reach import Capacity, DecayName
from exclusion_map.targeting.sites import words_of
from exclusion_map.targeting.tables import access_columns, larger_columns
from exclusion_map.terms import AreaKind

router = APIRouter(prefix="/api/v1", tags=["access"])


class AccessParams(TargetParams):
    """Query parameters of access."""

    level: AreaKind = Field(
        default=AreaKind.SMALL_AREA,
        description="Kind of area; larger ones are population-weighted means.",
    )
    capacity: Capacity = Field(
        default=Capacity.PLACES, description="What the floating catchment distributes."
    )
    decay: DecayName = Field(
        default=DecayName.STEP, description="How the weight of places falls with distance."
    )
    catchment: float | None = Field(
        default=None,
        gt=0,
        le=50_000,
        description="Distance beyond which places do not count, in metres.",
    )
    page: int = Field(default=1, ge=1, le=100_000, description="Page of JSON, from 1.")
    size: int | None = Field(default=None, ge=1, le=5_000, description="Rows per page.")
    format: TableFormat | None = Field(default=None, description="json, csv or arrow.")


class AccessPage(BaseModel):
    """How access was calculated, and one page of areas."""

    model_config = ConfigDict(frozen=True)

    edition: str
    way: str = Field(description="How distances were estimated.")
    places: str = Field(description="What was searched for, in words.")
    found: int = Field(description="Places that count.")
    hours_unknown: int = Field(description="Places left out because their hours are not known.")
    capacity: str
    capacity_unknown: int = Field(
        description="Places the catchment leaves out because their hours are not known."
    )
    unlisted: int = Field(description="Small areas in nations without a list of such places.")
    total: int
    page: int
    pages: int
    areas: tuple[dict[str, Any], ...]
    notice: Notice = None


@router.get(
    "/access",
    summary="How far support is",
    description=(
        "Estimated distance from where people live (every postcode) to the nearest "
        "matching place, the share of people within a threshold, the number of "
        "places in reach, and a two-step floating catchment per 10,000 people. "
        "Nothing in reach is 0; unknown is null."
    ),
    response_model=AccessPage,
    responses={
        200: {"content": {"text/csv": {"schema": {"type": "string"}}}},
        **responses(404, 422, 503),
    },
)
async def access(
    request: Request,
    service: OpenService,
    settings: Settings,
    params: Annotated[AccessParams, Query()],
) -> Response:
    """Return access."""
    return await in_thread(request, lambda _: _answer(request, service, settings.page_size, params))


def _answer(request: Request, service: Service, page_size: int, params: AccessParams) -> Response:
    base = base_of(request, service)
    code, rows = base.rows(params.within)
    question = AccessQuestion(
        choice=params.looked_for,
        threshold=params.threshold,
        capacity=params.capacity,
        decay=params.decay,
        catchment=params.catchment,
    )
    found = base.access(question, code, rows)
    atlas = service.edition.atlas
    if params.level is AreaKind.SMALL_AREA:
        columns = access_columns(atlas, base.sites, found)
    else:
        atlas.level(params.level)  # says clearly when there is none
        columns = larger_columns(atlas, found, params.level)
    told = told_of(base, {"places": words_of(question.choice)})
    form = wanted_format(request, params.format)
    if form is not TableFormat.JSON:
        name = f"exclusion-map-{service.edition.id}-access{'-' + code if code else ''}"
        return table_response(request, columns, form, told, name)
    size, total = params.size or page_size, len(columns["code"])
    part = slice((params.page - 1) * size, params.page * size)
    whole = {
        **told,
        "found": len(found.chosen.rows),
        "hours_unknown": found.chosen.hours_unknown,
        "capacity": question.capacity.label,
        "capacity_unknown": found.supply.unknown,
        "unlisted": int(found.unlisted.sum()),
        "total": total,
        "page": params.page,
        "pages": -(-total // size),
        "areas": records(taken(columns, np.arange(total)[part])),
    }
    body = json.dumps(whole, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return tagged(request, body.encode(), JSON, {"Vary": "Accept"})
