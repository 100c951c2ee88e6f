"""How a report of a tool is sent: as a page with the other forms beside it, or as a file."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

import anyio.to_thread
from fastapi import Request
from fastapi.responses import Response

from api.assessment_answer import PDF
from api.dependencies import OpenService, Settings
from api.engine import Engine, engines_of
from api.hosts import base_address
from api.making import file_response
from api.pages.templating import render
from api.sent_files import attachment
from api.service import Service
from api.tables import NO_STORE
from api.work import briefly, in_thread
from exclusion_map.editions.papers.paper import Again
from exclusion_map.exports.document import Document
from exclusion_map.exports.document_html import document_file, document_page, document_parts
from exclusion_map.exports.docx import DOCX, write_docx
from exclusion_map.exports.pdf import PdfJob

REPORT = "report."
"""What a button of a form asks to download begins with, when it is a report."""


class PaperForm(StrEnum):
    """Forms in which a report is sent: a page to print, PDF/UA, or Word."""

    HTML = "html"
    PDF = "pdf"
    DOCX = "docx"


Write = Callable[[Again], Document]
"""Writes a report, told how others get the same answer."""


@dataclass(frozen=True)
class Wanted:
    """A report that an address asks for: of which tool, in which form."""

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

    async def send(self, write: Write) -> Response:
        """Return a report; pages tell where the others are, PDFs are made by another process.

        Raises:
            PdfError: no PDF can be made here.
            BusyError: too many wait already.
        """
        request, query = self.request, self.request.url.query
        base = base_address(request)
        again = Again(address=f"{base}{self.page}?{query}")
        if self.form is not PaperForm.HTML:
            tool = self.page.rpartition("/")[2]
            return await paper_file(request, self.service, self.form, tool, lambda: write(again))
        document, parts = await in_thread(request, lambda _: _parts(write(again)))
        context = {
            "document": document,
            "parts": parts,
            "back": f"{self.page}?{query}",
            "docx": f"{self.page}/report.docx?{query}",
            "pdf": f"{self.page}/report.pdf?{query}",
        }
        return await anyio.to_thread.run_sync(render, request, "pages/paper.html", context)


def _parts(document: Document) -> tuple[Document, str]:
    return document, document_parts(document)


def wanted_form(download: str) -> PaperForm | None:
    """Return the form of a report that a button of a form asks for; None if it asks for another.

    Buttons are called ``report.pdf`` and so on.
    """
    known = {f"{REPORT}{one.value}": one for one in PaperForm}
    return known.get(download)


async def paper_file(
    request: Request,
    service: Service,
    form: PaperForm,
    tool: str,
    write: Callable[[], Document],
) -> Response:
    """Return a report as a file that is kept nowhere.

    Raises:
        PdfError: no PDF can be made here.
        BusyError: too many wait already.
    """
    name = f"exclusion-map-{service.edition.id}-{tool}-report.{form.value}"
    headers = {**attachment(name), "Cache-Control": NO_STORE}
    if form is PaperForm.DOCX:
        body = await in_thread(request, lambda _: write_docx(write()))
        return Response(body, headers=headers, media_type=DOCX)
    document = await in_thread(request, lambda _: write())
    if form is PaperForm.HTML:
        page = await briefly(request, document_file, document)
        return Response(page, headers=headers, media_type="text/html; charset=utf-8")
    page = await briefly(request, document_page, document)
    return await file_response(request, PdfJob(page, document.title), headers, PDF)
