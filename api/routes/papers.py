"""The reports of the tools: their answers as a page to print, a PDF or a Word file."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any

import anyio
import anyio.to_thread
from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import HTMLResponse, Response

from api.assessment_answer import PDF
from api.dependencies import OpenService, Settings
from api.engine import Engine, engines_of
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
from api.sharing_query import rows_in, shared_of, with_doubt
from api.siting_jobs import jobs_of
from api.siting_query import work_of
from api.tables import NO_STORE
from api.targets import GapParams, base_of
from api.work import gone, in_thread
from exclusion_map.editions.manifest import Manifest
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


Told = Mapping[str, Any]
Write = Callable[[Manifest, Told, str], Document]
"""Writes a report from edition, answer, and the address that asks for it."""


@dataclass(frozen=True)
class Wanted:
    """A report that was asked for: of which tool, in which form."""

    request: Request
    service: OpenService
    settings: Settings
    form: PaperForm

    @property
    def engine(self) -> Engine:
        """What scores areas."""
        return engines_of(self.request.app.state).of(self.service)

    @property
    def page(self) -> str:
        """The path of the tool."""
        return self.request.url.path.rpartition("/report.")[0]

    async def send(self, write: Write, told: Told) -> Response:
        """Return a report; pages tell where the others are, PDFs are made by another process.

        Raises:
            PdfError: no PDF can be made here.
            BusyError: too many wait already.
        """
        request, query = self.request, self.request.url.query
        base = (self.settings.base_url or str(request.base_url)).rstrip("/")
        document = write(self.service.edition.manifest, told, f"{base}{self.page}?{query}")
        if self.form is PaperForm.HTML:
            context = {
                "document": document,
                "parts": document_parts(document),
                "back": f"{self.page}?{query}",
                "docx": f"{self.page}/report.docx?{query}",
                "pdf": f"{self.page}/report.pdf?{query}",
            }
            return render(request, "pages/paper.html", context)
        tool = self.page.rpartition("/")[2]
        name = f"exclusion-map-{self.service.edition.id}-{tool}-report.{self.form.value}"
        headers = {**attachment(name), "Cache-Control": NO_STORE}
        if self.form is PaperForm.DOCX:
            body = await in_thread(request, lambda _: write_docx(document))
            return Response(body, headers=headers, media_type=DOCX)
        job = PdfJob(document_page(document), document.title)
        return await file_response(request, job, headers, PDF)


Paper = Annotated[Wanted, Depends()]


@router.get("/tools/share/report.{form}")
async def share_report(paper: Paper, typed: Annotated[SharePageParams, Query()]) -> Response:
    """Return the paper of a fair share."""
    asked, engine = typed.asked(), paper.engine
    rows = await anyio.to_thread.run_sync(rows_in, typed.listed)
    shared = await anyio.to_thread.run_sync(shared_of, engine, asked, rows)
    shared = await with_doubt(paper.request, engine, asked, shared)
    lens = lens_of(engine, asked.index, asked.weights)
    parts = {one.id: one.title for one in lens.parts()}
    told = await anyio.to_thread.run_sync(sharing.answer, typed, asked, shared, parts)
    return await paper.send(paper_texts.share_paper, told)


@router.get("/tools/matrix/report.{form}")
async def matrix_report(paper: Paper, typed: Annotated[MatrixPageParams, Query()]) -> Response:
    """Return the report of a risk matrix."""
    asked = typed.asked()
    found = await anyio.to_thread.run_sync(matrix_for, paper.engine, asked, None)
    found = await with_draws(paper.request, paper.engine, asked, found)
    told = matrix.answer(typed, asked, found) | {"spans": matrix.spans(found)}
    return await paper.send(paper_texts.matrix_paper, told)


@router.get("/tools/sample/report.{form}")
async def sample_report(paper: Paper, params: Annotated[SamplePageParams, Query()]) -> Response:
    """Return the report of a sample."""
    request, service, asked = paper.request, paper.service, params.asked
    sampled = await in_thread(request, lambda _: sample_for(request, service, asked, None))
    told = await anyio.to_thread.run_sync(sampling.answer, asked, sampled)
    return await paper.send(paper_texts.sample_paper, told)


@router.get("/gaps/report.{form}")
async def gaps_report(paper: Paper, params: Annotated[GapParams, Query()]) -> Response:
    """Return the report of gaps."""
    told = await in_thread(
        paper.request, lambda _: gaps.context(base_of(paper.request, paper.service), params)
    )
    return await paper.send(paper_texts.gaps_paper, told)


@router.get("/tools/closing/report.{form}")
async def closing_report(paper: Paper, params: Annotated[ClosingPageParams, Query()]) -> Response:
    """Return the report of a closing."""
    place, threshold = params.place.strip(), params.threshold
    told = await in_thread(
        paper.request,
        lambda _: closing.context(base_of(paper.request, paper.service), place, threshold),
    )
    return await paper.send(paper_texts.closing_paper, told)


@router.get("/tools/siting/report.{form}")
async def siting_report(paper: Paper, params: Annotated[SitingPageParams, Query()]) -> Response:
    """Return the report of new places; waits for the answer, which the page mostly has already."""
    return await paper.send(paper_texts.siting_paper, await _sited(paper, params))


async def _sited(paper: Wanted, params: SitingPageParams) -> Told:
    request = paper.request
    base = await anyio.to_thread.run_sync(base_of, request, paper.service)
    asked = params.asked
    key, code, work = await anyio.to_thread.run_sync(work_of, base, asked, params.listed)
    job = jobs_of(request.app.state).start(key, work)
    with job.waited_for():
        while not job.result.done():
            if await request.is_disconnected():
                raise gone()
            await anyio.sleep(_LOOK_EVERY_S)
    return await anyio.to_thread.run_sync(siting.answer, base, asked, code, job.result.result())
