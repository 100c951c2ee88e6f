"""Pages of reports: the question, the report, its maps."""

from collections.abc import Mapping
from typing import Annotated, Any, Final
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from pydantic import Field, ValidationError
from starlette.responses import Response

from api.answers import A_MINUTE, FIVE_MINUTES, tagged
from api.dependencies import OpenService
from api.pages import reports as report_page
from api.pages.templating import render
from api.reports import ReportParams, check_address, reports_of
from api.routes.reports import sent
from api.service import Service
from api.tables import NO_STORE
from api.uploads import received
from api.waiting import waiting_of
from api.work import briefly
from exclusion_map.editions.reports.files import ReportForm
from exclusion_map.editions.reports.model import Report
from exclusion_map.editions.reports.page import style
from exclusion_map.editions.reports.picture import map_of
from exclusion_map.errors import DefinitionError, InvalidRequestError, NotFoundError

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)
SVG = "image/svg+xml"
MOST_FIELDS: Final = 12


class ReportPageParams(ReportParams):
    """What the form of reports sends."""

    add: str = Field(default="", max_length=300)
    """A further place, typed into the box."""


@router.get("/reports")
async def report_of_many(
    request: Request, service: OpenService, typed: Annotated[ReportPageParams, Query()]
) -> Response:
    """What does the evidence say about these places?"""
    asked = report_page.joined(typed.codes, typed.add)
    params = ReportParams(
        codes=asked,
        together=report_page.lists_typed(typed.together),
        index=typed.index,
        weights=typed.weights,
    )
    return await _answered(request, service, params)


@router.post("/reports")
async def report_form(request: Request, service: OpenService) -> Response:
    """Answer the form: with a link where it holds no postcodes, else here and now alone."""
    async with received(request, most_fields=MOST_FIELDS, in_memory=True) as given:
        texts = dict(given.texts)
    try:
        params = _typed(texts)
    except ValidationError:
        fault = InvalidRequestError("form", found="too long a list", expected="a shorter one")
        context = report_page.form(ReportParams()) | {"fault": fault}
        return render(request, "pages/reports.html", context, status=422)
    if not params.private:
        address = f"/reports?{urlencode(_query(params), safe=',:')}" if params.asks else "/reports"
        return RedirectResponse(address, status_code=303, headers={"Cache-Control": NO_STORE})
    wanted = texts.get("form", "")
    if wanted in {one.value for one in ReportForm}:
        answer = await sent(request, service, ReportForm(wanted), params)
    else:
        answer = await briefly(request, _page, request, service, params)
    answer.headers["Cache-Control"] = NO_STORE
    return answer


def _typed(texts: Mapping[str, str]) -> ReportParams:
    return ReportParams(
        codes=report_page.joined(texts.get("codes", ""), texts.get("add", "")),
        together=report_page.lists_typed([texts.get("together", "")]),
        index=texts.get("index") or None,
        weights=texts.get("weights", ""),
    )


@router.get("/reports/map.svg", response_class=Response)
async def report_map(
    request: Request, service: OpenService, params: Annotated[ReportParams, Query()]
) -> Response:
    """Return the map of the one place of a report."""
    check_address(params)
    return await briefly(request, _map, request, service, params)


def _map(request: Request, service: Service, params: ReportParams) -> Response:
    maker, subjects = reports_of(request.app.state).asked(request, service, params)
    drawn = map_of(maker.edition, maker.profiler.index, subjects[0])
    return tagged(request, drawn.encode(), SVG, cache=A_MINUTE)


@router.get("/reports/report.css", response_class=Response)
def report_style(request: Request) -> Response:
    """Return the style of reports, the same as in files of them."""
    return tagged(request, style().encode(), "text/css; charset=utf-8", cache=FIVE_MINUTES)


@router.get("/reports/{code}")
async def report_of_one(
    request: Request,
    service: OpenService,
    code: str,
    index: Annotated[str | None, Query(max_length=60)] = None,
    weights: Annotated[str, Query(max_length=2_000)] = "",
) -> Response:
    """What is there to say of this place?"""
    service.edition.atlas.find(code)
    params = ReportParams(codes=code, index=index, weights=weights)
    return await _answered(request, service, params)


async def _answered(request: Request, service: Service, params: ReportParams) -> Response:
    if not params.asks:
        return render(request, "pages/reports.html", report_page.form(params))
    if params.private:
        return await briefly(request, _page, request, service, params)  # which refuses it
    reports = reports_of(request.app.state)

    def work() -> Report:
        return reports.report(request, service, params)  # which remembers it

    key = ("report", service.edition.id, params.model_dump_json())
    if not await waiting_of(request.app.state).done(key, work):
        query = f"?{request.url.query}" if request.url.query else ""
        return render(request, "pages/report_waiting.html", {"here": f"{request.url.path}{query}"})
    return await briefly(request, _page, request, service, params)


def _page(request: Request, service: Service, params: ReportParams) -> HTMLResponse:
    reports = reports_of(request.app.state)
    try:
        if request.method != "POST":
            check_address(params)
        found = reports.report(request, service, params)
        maker, subjects = reports.asked(request, service, params)
    except (DefinitionError, InvalidRequestError, NotFoundError) as error:
        status = 404 if isinstance(error, NotFoundError) else 422
        context: dict[str, Any] = report_page.form(params) | {"fault": error}
        return render(request, "pages/reports.html", context, status=status)
    context = report_page.context(maker.edition, found, subjects, params)
    if not params.private:
        context["files"] = {
            form.value: f"/api/v1/reports.{form.value}?{urlencode(_query(params), safe=',:')}"
            for form in ReportForm
        }
    return render(request, "pages/report.html", context)


def _query(params: ReportParams) -> list[tuple[str, str]]:
    """Return what an address says of a report."""
    pairs = [("codes", params.codes), *(("together", one) for one in params.together)]
    pairs += [("index", params.index or ""), ("weights", params.weights)]
    return [(name, text) for name, text in pairs if text]
