"""Areas: the profile of one, lists of many, the outline of one."""

import json
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response, StreamingResponse

from api.answers import A_MINUTE, GEOJSON, model_json, tagged
from api.dependencies import NoParameters, OpenService, Params, Settings
from api.errors import responses
from api.service import Service
from exclusion_map.areas.listing import AreaList, AreaRow, SortBy, list_areas
from exclusion_map.areas.profile import AreaProfile
from exclusion_map.exports.areas_csv import csv_lines
from exclusion_map.terms import AreaKind

router = APIRouter(prefix="/api/v1", tags=["areas"])

Code = Annotated[
    str,
    Path(
        description="Code of an area of any kind; case does not matter.",
        max_length=12,
        examples=["E01000001"],
    ),
]


class AreasParams(Params):
    """Query parameters of the list of areas."""

    kind: AreaKind = Field(default=AreaKind.SMALL_AREA, description="Kind of area to list.")
    within: str | None = Field(
        default=None,
        description="Only areas that lie wholly or partly inside the area with this code.",
        max_length=12,
        examples=["E08000015"],
    )
    index: str | None = Field(
        default=None, description="Id of an index; the default index if omitted."
    )
    decile: int | None = Field(
        default=None, ge=1, le=10, description="Only this decile; 1 = highest risk."
    )
    sort: SortBy = Field(default=SortBy.RANK, description="What to sort by.")
    order: Literal["asc", "desc"] = Field(
        default="asc", description="asc: rank 1, the highest risk, first."
    )
    page: int = Field(default=1, ge=1, le=100_000, description="Page, from 1.")
    size: int | None = Field(default=None, ge=1, le=500, description="Rows per page.")
    format: Literal["json", "csv"] = Field(
        default="json", description="csv: the whole list as a file instead of one page."
    )


class ProfileParams(Params):
    """Query parameters of a profile."""

    index: str | None = Field(
        default=None, description="Id of an index; the default index if omitted."
    )


class AreaPage(BaseModel):
    """One page of a list of areas."""

    model_config = ConfigDict(frozen=True)

    edition: str
    index: str
    kind: AreaKind
    within: str | None
    total: int = Field(description="Number of areas in the whole list.")
    page: int
    pages: int
    areas: tuple[AreaRow, ...]


@router.get(
    "/areas",
    summary="List areas",
    description="Areas of one kind, filtered and sorted, as JSON one page at a time or as CSV.",
    response_model=AreaPage,
    responses={
        200: {"content": {"text/csv": {"schema": {"type": "string"}}}},
        **responses(404, 422, 503),
    },
)
def areas(
    request: Request,
    service: OpenService,
    settings: Settings,
    params: Annotated[AreasParams, Query()],
) -> Response:
    """Return a list of areas."""
    index = service.index(params.index).id
    found = list_areas(
        service.edition.atlas,
        params.kind,
        index,
        within=params.within,
        decile=params.decile,
        sort=params.sort,
        order=params.order,
    )
    if params.format == "csv":
        return _csv(service, found, params)
    size = params.size or settings.page_size
    page = AreaPage(
        edition=service.edition.id,
        index=index,
        kind=params.kind,
        within=params.within,
        total=len(found),
        page=params.page,
        pages=-(-len(found) // size),
        areas=found.page(params.page, size),
    )
    return model_json(request, page)


def _csv(service: Service, found: AreaList, params: AreasParams) -> Response:
    """Return a list as a file; credits and licences stay out of the data, in a link to them."""
    parts = ["exclusion-map", service.edition.id, params.kind.value.replace("_", "-")]
    if params.within is not None:
        level, row = service.edition.atlas.find(params.within)
        parts.append(level.codes[row])
    headers = {
        "Content-Disposition": f'attachment; filename="{"-".join(parts)}.csv"',
        "Link": '</data>; rel="license", </method>; rel="describedby"',
        "Cache-Control": A_MINUTE,
    }
    # The charset is part of the type; the mark at the start makes spreadsheets believe it.
    lines = (text if at else f"\ufeff{text}" for at, text in enumerate(csv_lines(found)))
    return StreamingResponse(lines, headers=headers, media_type="text/csv; charset=utf-8")


@router.get(
    "/areas/{code}",
    summary="Profile of an area",
    description=(
        "Score, rank and decile, what drives them, every indicator in numbers of "
        "people and compared with its peers, what is missing and why, support "
        "nearby, and how not to read it."
    ),
    response_model=AreaProfile,
    responses=responses(404, 422, 503),
)
def area(
    request: Request, service: OpenService, code: Code, params: Annotated[ProfileParams, Query()]
) -> Response:
    """Return the profile of an area."""
    return model_json(request, service.profile(code, params.index))


@router.get(
    "/areas/{code}/outline",
    summary="Boundary of an area",
    description="A GeoJSON feature in longitude and latitude (WGS 84).",
    response_class=Response,
    responses={
        200: {"content": {GEOJSON: {"schema": {"type": "object"}}}},
        **responses(404, 422, 503),
    },
    dependencies=[NoParameters],
)
def outline(request: Request, service: OpenService, code: Code) -> Response:
    """Return the outline of an area."""
    level, row = service.edition.atlas.find(code)
    feature: dict[str, Any] = {
        "type": "Feature",
        "id": level.codes[row],
        "bbox": [float(edge) for edge in level.bbox[row]],
        "properties": {
            "code": level.codes[row],
            "name": level.labels[row],
            "kind": level.kind.value,
            "edition": service.edition.id,
        },
        "geometry": service.edition.outline(level, row),
    }
    body = json.dumps(feature, ensure_ascii=False, separators=(",", ":")).encode()
    return tagged(request, body, GEOJSON)
