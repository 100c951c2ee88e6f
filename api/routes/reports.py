"""Reports on areas and lists as data and files."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request
from starlette.responses import Response

from api.answers import A_MINUTE, model_json, tagged
from api.dependencies import OpenService
from api.errors import responses
from api.making import make_file, only_head, send_file
from api.reports import ReportParams, check_address, reports_of
from api.sent_files import attachment
from api.service import Service
from api.tables import NO_STORE
from api.work import briefly, in_thread
from exclusion_map.editions.reports.files import PICTURED, ReportForm, stem, written
from exclusion_map.editions.reports.model import Report
from exclusion_map.editions.reports.page import page, pictures
from exclusion_map.exports.formats import FileFormat
from exclusion_map.exports.pdf import PdfJob

router = APIRouter(prefix="/api/v1", tags=["areas"])

PDF = "application/pdf"


_MEDIA = {
    ReportForm.CSV: "text/csv; charset=utf-8",
    ReportForm.XLSX: FileFormat.XLSX.facts.media,
    ReportForm.HTML: "text/html; charset=utf-8",
}


@router.get(
    "/reports.{form}",
    summary="A report on one to ten areas or lists, side by side",
    description="json, csv (one figure per row), xlsx (one sheet per section), html (one "
    "file, to print or send) or pdf (tagged, PDF/UA). Score with its range, what "
    "drives it, people, highest-risk neighbourhoods, support in reach, change "
    "since the previous edition, similar areas, and the main findings in plain "
    "English.",
    response_model=Report,
    responses={
        200: {
            "content": {
                "text/csv": {"schema": {"type": "string"}},
                "text/html": {"schema": {"type": "string"}},
                FileFormat.XLSX.facts.media: {"schema": {"type": "string", "format": "binary"}},
                PDF: {"schema": {"type": "string", "format": "binary"}},
            }
        },
        **responses(404, 422, 503),
    },
)
async def report(
    request: Request,
    service: OpenService,
    form: Annotated[ReportForm, Path(description="json, csv, xlsx, html or pdf.")],
    params: Annotated[ReportParams, Query()],
) -> Response:
    """Return a report."""
    check_address(params)
    return await sent(request, service, form, params)


@router.post(
    "/reports.{form}",
    summary="A report on areas or lists that may contain postcodes",
    description="As GET, with the parameters in the body: lists of postcodes then appear in "
    "no address and no log, and the report is not stored.",
    response_model=Report,
    responses=responses(404, 422, 503),
)
async def report_sent(
    request: Request,
    service: OpenService,
    form: Annotated[ReportForm, Path(description="json, csv, xlsx, html or pdf.")],
    params: ReportParams,
) -> Response:
    """Return a report on what a body names."""
    answer = await sent(request, service, form, params)
    answer.headers["Cache-Control"] = NO_STORE
    return answer


async def sent(
    request: Request, service: Service, form: ReportForm, params: ReportParams
) -> Response:
    """Return a report in a form."""
    reports = reports_of(request.app.state)
    found = await in_thread(request, lambda _: reports.report(request, service, params))
    if form is not ReportForm.PDF:
        return await briefly(request, _answer, request, service, params, found, form)
    headers = {**attachment(f"{file_name(found)}.pdf"), "Cache-Control": A_MINUTE}
    if only_head(request):
        return Response(headers=headers, media_type=PDF)
    html = await briefly(request, _page, request, service, params, found)
    return send_file(await make_file(request, PdfJob(html, found.title)), headers, PDF)


def _answer(
    request: Request, service: Service, params: ReportParams, found: Report, form: ReportForm
) -> Response:
    if form is ReportForm.JSON:
        return model_json(request, found)
    maps = _maps(request, service, params, found) if form in PICTURED else []
    body = written(found, form, maps)
    return tagged(request, body, _MEDIA[form], attachment(f"{file_name(found)}.{form.value}"))


def _page(request: Request, service: Service, params: ReportParams, found: Report) -> str:
    return page(found, _maps(request, service, params, found))


def _maps(request: Request, service: Service, params: ReportParams, found: Report) -> list[str]:
    maker, subjects = reports_of(request.app.state).asked(request, service, params)
    return pictures(maker.edition, found.index, subjects)


def file_name(found: Report) -> str:
    """Return the name of a report's file, without its ending."""
    return f"exclusion-map-report-{stem(found)}"
