"""The page of impact assessments: a form, the evidence, and the files to take away."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from api.assessment_answer import AssessmentFormat, sent
from api.assessment_query import assessed
from api.dependencies import OpenService
from api.engine import engines_of
from api.footprint_asking import read_asked
from api.pages.assessment import AssessmentPageParams, answer, form
from api.pages.templating import render
from api.service import Service
from api.tables import NO_STORE
from exclusion_map.editions.assessment import Assessment
from exclusion_map.errors import InvalidRequestError, NotFoundError

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)
_PAGE = "pages/assessment.html"
_REFUSED = (InvalidRequestError, NotFoundError)
_FILES = {one.value: one for one in AssessmentFormat if one is not AssessmentFormat.JSON}


@router.get("/tools/assessment")
async def assessment_page(
    request: Request, service: OpenService, typed: Annotated[AssessmentPageParams, Query()]
) -> Response:
    """What evidence is there for an impact assessment?"""
    if not typed.where.strip():
        return _shown(request, service, typed)
    try:
        params, asked = typed.asked_of_address()
        found = await assessed(request, service, params, asked)
    except _REFUSED as error:
        return _refused(request, service, typed, error)
    return _shown(request, service, typed, found)


@router.post("/tools/assessment")
async def assessment_form(request: Request, service: OpenService) -> Response:
    """Assess what a form brings; what is short and tells of places goes into the address."""
    asked = await read_asked(request)
    typed = AssessmentPageParams.of_form(asked.texts)
    wanted = asked.texts.get("download", "")
    if not asked.content and not wanted and typed.address:
        return RedirectResponse(typed.address, status_code=303)
    try:
        params, asked = typed.asked_of_form(asked)
        found = await assessed(request, service, params, asked)
    except _REFUSED as error:
        return _refused(request, service, typed, error)
    if wanted in _FILES:
        return await sent(request, found, _FILES[wanted], NO_STORE)
    page = _shown(request, service, typed, found)
    page.headers["Cache-Control"] = NO_STORE
    return page


def _shown(
    request: Request,
    service: Service,
    typed: AssessmentPageParams,
    found: Assessment | None = None,
) -> HTMLResponse:
    context = _context(request, service, typed)
    return render(request, _PAGE, context | (answer(typed, found) if found else {}))


def _refused(
    request: Request,
    service: Service,
    typed: AssessmentPageParams,
    error: InvalidRequestError | NotFoundError,
) -> HTMLResponse:
    status = 404 if isinstance(error, NotFoundError) else 422
    return render(
        request, _PAGE, _context(request, service, typed) | {"fault": error}, status=status
    )


def _context(request: Request, service: Service, typed: AssessmentPageParams) -> dict[str, Any]:
    return form(engines_of(request.app.state).of(service), typed)
