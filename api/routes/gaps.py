"""Gaps: where risk is high and support is far."""

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
from api.targets import GapParams, base_of, told_of
from api.work import in_thread
from exclusion_map.editions.papers.gaps import group_rows
from exclusion_map.exports.score_tables import records, taken
from exclusion_map.targeting.sites import words_of
from exclusion_map.targeting.tables import gap_columns

router = APIRouter(prefix="/api/v1", tags=["access"])


class GapsParams(GapParams):
    """Query parameters of gaps."""

    page: int = Field(default=1, ge=1, le=100_000, description="Page of JSON, from 1.")
    size: int | None = Field(default=None, ge=1, le=5_000, description="Rows per page.")
    format: TableFormat | None = Field(default=None, description="json, csv or arrow.")


class GapsPage(BaseModel):
    """How gaps were calculated, the walkable groups, and one page of small areas."""

    model_config = ConfigDict(frozen=True)

    edition: str
    way: str = Field(description="How distances were estimated.")
    places: str = Field(description="What was searched for, in words.")
    threshold: float
    high_risk_people: float = Field(description="People in high-risk areas.")
    high_risk_beyond: float = Field(description="Of them, people beyond the threshold.")
    high_risk_unknown: float = Field(description="Of them, people whose distance is not known.")
    groups: tuple[dict[str, Any], ...] = Field(description="The first 50.")
    total: int = Field(description="High-risk areas where most people live beyond the threshold.")
    page: int
    pages: int
    areas: tuple[dict[str, Any], ...]
    notice: Notice = None


@router.get(
    "/gaps",
    summary="Where risk is high and support is far",
    description=(
        "Small areas of high risk where at least half of the people live farther "
        "than a threshold from the nearest matching place, those with the most "
        "people affected first, and the walkable groups they form. `modelled_people` "
        "are the people in the modelled estimate beyond the threshold, with an 80 % "
        "range."
    ),
    response_model=GapsPage,
    responses={
        200: {"content": {"text/csv": {"schema": {"type": "string"}}}},
        **responses(404, 422, 503),
    },
)
async def gaps(
    request: Request,
    service: OpenService,
    settings: Settings,
    params: Annotated[GapsParams, Query()],
) -> Response:
    """Return gaps."""
    return await in_thread(request, lambda _: _answer(request, service, settings.page_size, params))


def _answer(request: Request, service: Service, page_size: int, params: GapsParams) -> Response:
    base = base_of(request, service)
    code, found, risk = base.gaps(params)
    columns = gap_columns(service.edition.atlas, base.sites, found, risk)
    told = told_of(base, {"places": words_of(params.looked_for)})
    form = wanted_format(request, params.format)
    if form is not TableFormat.JSON:
        name = f"exclusion-map-{service.edition.id}-gaps{'-' + code if code else ''}"
        return table_response(request, columns, form, told, name)
    size, total = params.size or page_size, len(found.listed)
    part = np.arange(total)[(params.page - 1) * size : params.page * size]
    whole = {
        **told,
        "threshold": params.threshold,
        "high_risk_people": found.high_people,
        "high_risk_beyond": round(found.high_beyond),
        "high_risk_unknown": round(found.high_unknown),
        "groups": [one.plain() for one in group_rows(service.edition, base.sites, found, risk, 50)],
        "total": total,
        "page": params.page,
        "pages": -(-total // size),
        "areas": records(taken(columns, part)),
    }
    body = json.dumps(whole, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return tagged(request, body.encode(), JSON, {"Vary": "Accept"})
