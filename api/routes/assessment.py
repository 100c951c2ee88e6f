"""Evidence for an equality and health inequalities impact assessment, as data and as files."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from pydantic import Field
from starlette.responses import Response

from api.answers import A_MINUTE, JSON
from api.assessment_answer import PDF, AssessmentFormat, AssessmentOut, sent
from api.assessment_query import AssessmentParams, assessed
from api.dependencies import OpenService
from api.errors import responses
from api.footprint_asking import FootprintAsked, FootprintBody, Where, read_asked
from api.places_in_address import check_address
from api.tables import NO_STORE, wanted_format
from exclusion_map.areas.rollup_reading import entries_of
from exclusion_map.exports.docx import DOCX

router = APIRouter(prefix="/api/v1", tags=["assessment"])


class ApiAssessmentParams(AssessmentParams):
    """Query parameters of an impact assessment as data."""

    format: AssessmentFormat | None = Field(
        default=None,
        description="json, csv, arrow, pdf (tagged, PDF/UA), docx or html (one file). If "
        "omitted, by the Accept header, otherwise JSON.",
    )


class AssessmentQuery(ApiAssessmentParams):
    """Query parameters of an impact assessment of places that an address may name."""

    where: Where


_SENT: dict[int | str, dict[str, Any]] = {
    200: {
        "content": {
            "text/csv": {"schema": {"type": "string"}},
            PDF: {"schema": {"type": "string", "format": "binary"}},
            DOCX: {"schema": {"type": "string", "format": "binary"}},
        }
    },
    **responses(404, 413, 422, 503),
}
_ABOUT = (
    "Evidence by protected characteristic of the Equality Act 2010 and by inclusion health "
    "group: what small-area figures say, with comparator, interval, date and source, and what "
    "they cannot say; risk and its uncertainty; support in reach; gaps; questions about reducing "
    "harm in the five domains of the NHS framework for action on digital inclusion."
)


@router.get(
    "/assessment",
    summary="Evidence for an impact assessment of some places",
    description=_ABOUT,
    response_model=AssessmentOut,
    responses=_SENT,
)
async def assessment_of_places(
    request: Request, service: OpenService, params: Annotated[AssessmentQuery, Query()]
) -> Response:
    """Return the assessment of places named in the address."""
    check_address(params.where)
    body = FootprintBody(where=entries_of(params.where))
    asked = FootprintAsked(params=params.footprint, body=body)
    found = await assessed(request, service, params, asked)
    return await sent(request, found, form_of(request, params.format), A_MINUTE)


@router.post(
    "/assessment",
    summary="Evidence for an impact assessment of a list of people, places or a boundary",
    description=_ABOUT + " The body is as for footprints: JSON, a form with a file, or the file "
    "itself. It is kept in memory and discarded after the request.",
    response_model=AssessmentOut,
    responses=_SENT,
    openapi_extra={
        "requestBody": {
            "content": {
                JSON: {"schema": {"$ref": "#/components/schemas/FootprintBody"}},
                "text/csv": {"schema": {"type": "string"}},
            }
        }
    },
)
async def assessment_of_list(
    request: Request, service: OpenService, params: Annotated[ApiAssessmentParams, Query()]
) -> Response:
    """Return the assessment of what the body brings."""
    asked = await read_asked(request, params.footprint)
    found = await assessed(request, service, params, asked)
    return await sent(request, found, form_of(request, params.format), NO_STORE)


def form_of(request: Request, asked: AssessmentFormat | None) -> AssessmentFormat:
    """Return the form asked for by parameter, else by the Accept header, else JSON."""
    return asked or AssessmentFormat(wanted_format(request, None).value)
