"""Footprint: who a product or programme serves, and who among them is at risk."""

import json
import tempfile
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from pydantic import Field
from starlette.responses import Response

from api.answers import A_MINUTE, JSON, tagged
from api.dependencies import OpenService
from api.engine import engines_of
from api.errors import responses
from api.footprint_answer import FootprintOut, footprint_out
from api.footprint_asking import FootprintAsked, FootprintBody, FootprintParams, Where, read_asked
from api.footprint_query import answered
from api.places_in_address import check_address
from api.sent_files import attachment
from api.service import Service
from api.tables import NO_STORE, TableFormat, table_response, wanted_format
from api.targets import base_of
from api.work import briefly
from exclusion_map.areas.rollup_reading import entries_of
from exclusion_map.editions.footprint import (
    Footprinted,
    file_name,
    footprint_dataset,
    neighbourhood_dataset,
)
from exclusion_map.errors import InvalidRequestError
from exclusion_map.exports.formats import FileFormat
from exclusion_map.exports.xlsx import write_xlsx
from exclusion_map.targeting.footprint.tables import (
    neighbourhood_columns,
    summary_columns,
    unmatched_columns,
)

router = APIRouter(prefix="/api/v1", tags=["footprint"])


class FootprintFormat(StrEnum):
    """File formats of a footprint."""

    JSON = "json"
    CSV = "csv"
    ARROW = "arrow"
    XLSX = "xlsx"


class FootprintPart(StrEnum):
    """Table to return as CSV, Arrow or workbook."""

    SUMMARY = "summary"
    NEIGHBOURHOODS = "neighbourhoods"
    UNMATCHED = "unmatched"


class ApiFootprintParams(FootprintParams):
    """Query parameters of a footprint as data."""

    format: FootprintFormat | None = Field(
        default=None, description="json, csv, arrow or xlsx (with notes and sources)."
    )
    part: FootprintPart = Field(
        default=FootprintPart.SUMMARY,
        description="For csv, arrow and xlsx: deciles and groups, neighbourhoods, or (csv, "
        "arrow) rows that were not recognised.",
    )


class FootprintQuery(ApiFootprintParams):
    """Query parameters of a footprint whose places are no secret and few."""

    where: Where


_SENT: dict[int | str, dict[str, Any]] = {
    200: {"content": {"text/csv": {"schema": {"type": "string"}}}},
    **responses(404, 413, 422, 503),
}
_ABOUT = (
    "People served by decile of risk and by NHS group, compared with the people of an area: "
    "over- and under-representation with intervals, the worst-served neighbourhoods, support in "
    "reach, modelled households unlikely to cope online, and what drives the risk."
)


@router.get(
    "/footprint",
    summary="Who a programme in some places serves",
    description=_ABOUT
    + " For area and practice codes and names; everyone who lives there is served.",
    response_model=FootprintOut,
    responses=_SENT,
)
async def footprint_of_places(
    request: Request, service: OpenService, params: Annotated[FootprintQuery, Query()]
) -> Response:
    """Return the footprint of places named in the address."""
    check_address(params.where)
    return await respond(request, service, params, asked_of(params, params.where), A_MINUTE)


@router.post(
    "/footprint",
    summary="Who a list of people, places or a boundary serves",
    description=_ABOUT
    + " The body is JSON, a form with a file, or the file itself: CSV or text in "
    "any usual format, a workbook (application/octet-stream), GeoJSON, "
    "GeoPackage, zipped Shapefile, KML. It is kept in memory and discarded after "
    "the request. Small counts are withheld, others rounded.",
    response_model=FootprintOut,
    responses=_SENT,
    openapi_extra={
        "requestBody": {
            "content": {
                JSON: {"schema": {"$ref": "#/components/schemas/FootprintBody"}},
                "text/csv": {"schema": {"type": "string"}},
                "multipart/form-data": {
                    "schema": {
                        "type": "object",
                        "properties": {"file": {"type": "string", "format": "binary"}},
                    }
                },
            }
        }
    },
)
async def footprint_of_list(
    request: Request, service: OpenService, params: Annotated[ApiFootprintParams, Query()]
) -> Response:
    """Return the footprint of what the body brings."""
    asked = await read_asked(request, params)
    return await respond(request, service, params, asked, NO_STORE)


def asked_of(params: FootprintParams, where: str) -> FootprintAsked:
    """Return the question of an address."""
    return FootprintAsked(params=params, body=FootprintBody(where=entries_of(where)))


async def respond(
    request: Request,
    service: Service,
    params: ApiFootprintParams,
    asked: FootprintAsked,
    cache: str,
) -> Response:
    """Return a footprint in the form that was asked for."""
    engine = engines_of(request.app.state).of(service)
    told = await answered(request, lambda: base_of(request, service), engine, asked)
    if params.format is FootprintFormat.XLSX:
        body = await briefly(request, workbook, service, told, params.part)
        name = file_name(service.edition, told, params.part.value)
        headers = {**attachment(f"{name}.xlsx"), "Cache-Control": cache}
        return Response(body, headers=headers, media_type=FileFormat.XLSX.facts.media)
    form = None if params.format is None else TableFormat(params.format.value)
    return await briefly(
        request, _response, request, service, told, wanted_format(request, form), params.part, cache
    )


def workbook(service: Service, told: Footprinted, part: FootprintPart) -> bytes:
    """Return a table of a footprint as a workbook; figures as may be shown, never rows of a list.

    Raises:
        InvalidRequestError: rows of a list were asked for: a workbook is written on the disk.
    """
    if part is FootprintPart.UNMATCHED:
        raise InvalidRequestError(
            "unmatched rows", found="xlsx", expected="csv: a workbook would be written to disk"
        )
    make = footprint_dataset if part is FootprintPart.SUMMARY else neighbourhood_dataset
    with tempfile.TemporaryDirectory(prefix="exclusion-map-") as folder:
        path = Path(folder) / "made.xlsx"
        write_xlsx(make(service.edition, told), path)
        return path.read_bytes()


def _response(
    request: Request,
    service: Service,
    told: Footprinted,
    form: TableFormat,
    part: FootprintPart,
    cache: str,
) -> Response:
    found, edition = told.found, service.edition
    if form is not TableFormat.JSON:
        if part is FootprintPart.SUMMARY:
            columns = summary_columns(found)
        elif part is FootprintPart.NEIGHBOURHOODS:
            columns = neighbourhood_columns(edition.atlas, found)
        else:
            columns = unmatched_columns(found.served.matching)
        about = {"edition": edition.id, **told.how, "notes": json.dumps(told.notes)}
        name = file_name(edition, told, part.value)
        return table_response(request, columns, form, about, name, cache)
    answer = footprint_out(service, told)
    return tagged(request, answer.model_dump_json().encode(), JSON, {"Vary": "Accept"}, cache)
