"""The reports of the tools: their answers as a page to print, a PDF or a Word file."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Any

import anyio
import anyio.to_thread
from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, Response

from api.assessment_answer import PDF
from api.dependencies import OpenService, Settings
from api.engine import engines_of
from api.making import file_response
from api.matrix_query import matrix_for, with_draws
from api.pages import closing, gaps, matrix, paper_texts, sampling, sharing, siting
from api.pages.lens import lens_of
from api.pages.matrix_form import MatrixPageParams
from api.pages.sharing_form import SharePageParams
from api.pages.templating import render
from api.routes.downloads import attachment
from api.routes.sampling_pages import SamplePageParams
from api.routes.targeting_pages import ClosingPageParams, SitingPageParams
from api.sampling_query import sample_for
from api.service import Service
from api.sharing_query import ShareParams, rows_in, shared_of, with_doubt
from api.siting_jobs import jobs_of
from api.siting_query import work_of
from api.tables import NO_STORE
from api.targets import GapParams, base_of
from api.work import gone, in_thread
from exclusion_map.editions.sharing import Shared
from exclusion_map.exports.document import Document
from exclusion_map.exports.document_html import document_page, document_parts
from exclusion_map.exports.docx import DOCX, write_docx
from exclusion_map.exports.pdf import PdfJob

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)
_LOOK_EVERY_S = 0.05


class PaperForm(StrEnum):
    """Forms in which a report is sent: a page to print, PDF/UA, or Word."""

    HTML = "html"
    PDF = "pdf"
    DOCX = "docx"


async def send_paper(request: Request, document: Document, name: str, form: PaperForm) -> Response:
    """Return a report; pages tell where the others are, PDFs are made in a process of their own.

    Raises:
        PdfError: no PDF can be made here.
        BusyError: too many wait already.
    """
    if form is PaperForm.HTML:
        here = request.url.path.removesuffix("html")
        query = request.url.query
        context = {
            "document": document,
            "parts": document_parts(document),
            "back": f"{here.removesuffix('/report.')}?{query}",
            "docx": f"{here}docx?{query}",
            "pdf": f"{here}pdf?{query}",
        }
        return render(request, "pages/paper.html", context)
    headers = {**attachment(f"{name}.{form.value}"), "Cache-Control": NO_STORE}
    if form is PaperForm.DOCX:
        body = await in_thread(request, lambda _: write_docx(document))
        return Response(body, headers=headers, media_type=DOCX)
    job = PdfJob(document_page(document), document.title)
    return await file_response(request, job, headers, PDF)


def _address(request: Request, settings: Settings, path: str) -> str:
    """Return the address of a tool's page with the question that was asked, in full."""
    base = (settings.base_url or str(request.base_url)).rstrip("/")
    return f"{base}{path}?{request.url.query}"


def _name(service: Service, tool: str) -> str:
    return f"exclusion-map-{service.edition.id}-{tool}-report"


@router.get("/tools/share/report.{form}")
async def share_report(
    request: Request,
    service: OpenService,
    settings: Settings,
    form: PaperForm,
    typed: Annotated[SharePageParams, Query()],
) -> Response:
    """Return the paper of a fair share."""
    asked, shared = await shared_by(request, service, typed)
    address = _address(request, settings, "/tools/share")
    document = await anyio.to_thread.run_sync(
        share_document, request, service, typed, asked, shared, address
    )
    return await send_paper(request, document, _name(service, "share"), form)


async def shared_by(
    request: Request, service: Service, typed: SharePageParams
) -> tuple[ShareParams, Shared]:
    """Return what a form asks for, and the division."""
    engine = engines_of(request.app.state).of(service)
    asked = typed.asked()
    rows = await anyio.to_thread.run_sync(rows_in, typed.listed)
    shared = await anyio.to_thread.run_sync(shared_of, engine, asked, rows)
    return asked, await with_doubt(request, engine, asked, shared)


def share_document(
    request: Request,
    service: Service,
    typed: SharePageParams,
    asked: ShareParams,
    shared: Shared,
    address: str,
) -> Document:
    """Return a fair share as a document."""
    lens = lens_of(engines_of(request.app.state).of(service), asked.index, asked.weights)
    told = sharing.answer(typed, asked, shared, {one.id: one.title for one in lens.parts()})
    return paper_texts.share_paper(service.edition.manifest, told, address)


@router.get("/tools/matrix/report.{form}")
async def matrix_report(
    request: Request,
    service: OpenService,
    settings: Settings,
    form: PaperForm,
    typed: Annotated[MatrixPageParams, Query()],
) -> Response:
    """Return the report of a risk matrix."""
    engine, asked = engines_of(request.app.state).of(service), typed.asked()
    found = await anyio.to_thread.run_sync(matrix_for, engine, asked, None)
    found = await with_draws(request, engine, asked, found)
    told = matrix.answer(typed, asked, found) | {"spans": matrix.spans(found)}
    document = paper_texts.matrix_paper(
        service.edition.manifest, told, _address(request, settings, "/tools/matrix")
    )
    return await send_paper(request, document, _name(service, "matrix"), form)


@router.get("/tools/sample/report.{form}")
async def sample_report(
    request: Request,
    service: OpenService,
    settings: Settings,
    form: PaperForm,
    params: Annotated[SamplePageParams, Query()],
) -> Response:
    """Return the report of a sample."""
    sampled = await in_thread(request, lambda _: sample_for(request, service, params.asked, None))
    told = await anyio.to_thread.run_sync(sampling.answer, params.asked, sampled)
    document = paper_texts.sample_paper(
        service.edition.manifest, told, _address(request, settings, "/tools/sample")
    )
    return await send_paper(request, document, _name(service, "sample"), form)


@router.get("/gaps/report.{form}")
async def gaps_report(
    request: Request,
    service: OpenService,
    settings: Settings,
    form: PaperForm,
    params: Annotated[GapParams, Query()],
) -> Response:
    """Return the report of gaps."""
    told = await in_thread(request, lambda _: gaps.context(base_of(request, service), params))
    document = paper_texts.gaps_paper(
        service.edition.manifest, told, _address(request, settings, "/gaps")
    )
    return await send_paper(request, document, _name(service, "gaps"), form)


@router.get("/tools/closing/report.{form}")
async def closing_report(
    request: Request,
    service: OpenService,
    settings: Settings,
    form: PaperForm,
    params: Annotated[ClosingPageParams, Query()],
) -> Response:
    """Return the report of a closing."""
    told = await in_thread(
        request,
        lambda _: closing.context(
            base_of(request, service), params.place.strip(), params.threshold
        ),
    )
    document = paper_texts.closing_paper(
        service.edition.manifest, told, _address(request, settings, "/tools/closing")
    )
    return await send_paper(request, document, _name(service, "closing"), form)


@router.get("/tools/siting/report.{form}")
async def siting_report(
    request: Request,
    service: OpenService,
    settings: Settings,
    form: PaperForm,
    params: Annotated[SitingPageParams, Query()],
) -> Response:
    """Return the report of new places; waits for the answer, which the page mostly has already."""
    told = await _sited(request, service, params)
    document = paper_texts.siting_paper(
        service.edition.manifest, told, _address(request, settings, "/tools/siting")
    )
    return await send_paper(request, document, _name(service, "siting"), form)


async def _sited(request: Request, service: Service, params: SitingPageParams) -> Mapping[str, Any]:
    base = await anyio.to_thread.run_sync(base_of, request, service)
    asked = params.asked
    key, code, work = await anyio.to_thread.run_sync(work_of, base, asked, params.listed)
    job = jobs_of(request.app.state).start(key, work)
    with job.waited_for():
        while not job.result.done():
            if await request.is_disconnected():
                raise gone()
            await anyio.sleep(_LOOK_EVERY_S)
    return await anyio.to_thread.run_sync(siting.answer, base, asked, code, job.result.result())
