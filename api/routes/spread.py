"""The spread of risk inside larger areas: how many live in high-risk places, and how close."""

import json
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from api.answers import JSON, tagged
from api.dependencies import OpenService, Params, Settings
from api.errors import responses
from api.tables import TableFormat, table_response, wanted_format
from exclusion_map.areas.spread_listing import SpreadSort, list_spreads
from exclusion_map.exports.score_tables import records
from exclusion_map.terms import AreaKind

router = APIRouter(prefix="/api/v1", tags=["areas"])


class SpreadParams(Params):
    """Query parameters of the spread."""

    kind: AreaKind = Field(
        default=AreaKind.LOCAL_AUTHORITY, description="A kind larger than small areas."
    )
    within: str = Field(
        default="",
        max_length=12,
        description="Only areas inside the area of another kind with this code.",
    )
    index: str | None = Field(
        default=None, max_length=60, description="Id of an index; the default index if omitted."
    )
    sort: SpreadSort = Field(default=SpreadSort.EXTENT, description="The figure to sort by.")
    order: Literal["asc", "desc"] | None = Field(
        default=None, description="If omitted, highest first for figures, A to Z for names."
    )
    page: int = Field(default=1, ge=1, le=100_000, description="Page of JSON, from 1.")
    size: int | None = Field(default=None, ge=1, le=5_000, description="Rows per page.")
    format: TableFormat | None = Field(
        default=None,
        description="json: one page; csv, arrow: all areas. By the Accept header if omitted.",
    )


class SpreadRow(BaseModel):
    """One larger area."""

    model_config = ConfigDict(frozen=True)

    code: str
    name: str
    context: str | None = Field(description="Where it lies.")
    small_areas: float
    population: float | None
    score: float | None = Field(description="Mean of its small areas, weighted by people.")
    rank: int | None = Field(description="Rank among areas of its kind, 1 = highest risk.")
    decile: int | None
    lowest: float | None = Field(description="Lowest score of a small area in it.")
    highest: float | None
    worst_tenth: float | None = Field(description="Share of people in the worst national tenth.")
    worst_fifth: float | None = Field(description="Share of people in the worst national fifth.")
    extent: float | None = Field(
        description="Share of people in the worst 10 % of areas, and on a sliding scale to 30 %."
    )
    local_concentration: float | None = Field(
        description="How high the worst areas, which together have a tenth of its people, rank; "
        "100 = the worst."
    )
    worst_tenth_people: float | None
    worst_fifth_people: float | None


class SpreadPage(BaseModel):
    """One page of larger areas."""

    model_config = ConfigDict(frozen=True)

    edition: str
    index: str
    kind: AreaKind
    total: int
    page: int
    pages: int
    areas: tuple[SpreadRow, ...]


@router.get(
    "/spread",
    summary="How unevenly risk is spread inside larger areas",
    description=(
        "An average can hide a high-risk street in a low-risk district. For every "
        "area of a larger kind: the share of people in the worst national tenth and "
        "fifth, extent and local concentration as in the English Indices of "
        "Deprivation, lowest and highest score."
    ),
    response_model=SpreadPage,
    responses={
        200: {"content": {"text/csv": {"schema": {"type": "string"}}}},
        **responses(404, 422, 503),
    },
)
def spread(
    request: Request,
    service: OpenService,
    settings: Settings,
    params: Annotated[SpreadParams, Query()],
) -> Response:
    """Return the spread inside areas of a larger kind."""
    edition, index = service.edition, service.index(params.index).id
    found = list_spreads(
        edition.atlas,
        index,
        params.kind,
        edition.spreads.of(index, params.kind),
        within=params.within,
        sort=params.sort,
        order=params.order,
    )
    form = wanted_format(request, params.format)
    if form is not TableFormat.JSON:
        kind = params.kind.value.replace("_", "-")
        told = {"edition": edition.id, "index": index, "kind": params.kind.value}
        name = f"exclusion-map-{edition.id}-{index}-spread-{kind}"
        return table_response(request, found.columns(), form, told, name)
    size = params.size or settings.page_size
    part = found.rows[(params.page - 1) * size : params.page * size]
    whole = {
        "edition": edition.id,
        "index": index,
        "kind": params.kind.value,
        "total": len(found),
        "page": params.page,
        "pages": -(-len(found) // size),
        "areas": records(found.columns(part)),
    }
    body = json.dumps(whole, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return tagged(request, body.encode(), JSON, {"Vary": "Accept"})
