"""The page of footprints and its map."""

from functools import partial
from typing import Annotated, Any

import anyio.to_thread
from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from pydantic import Field

from api.answers import tagged
from api.dependencies import OpenService
from api.engine import engines_of
from api.footprint_asking import FootprintAsked, FootprintParams, read_asked
from api.footprint_query import footprint_asked, held_of
from api.memory import give_back
from api.pages import footprint as pages
from api.pages import footprint_picture
from api.pages.templating import render
from api.papers import PaperForm, paper_file, wanted_form
from api.places_in_address import check_address
from api.routes.footprint import FootprintPart, workbook
from api.routes.targeting_pages import SVG
from api.service import Service
from api.tables import NO_STORE
from api.targets import base_of
from api.work import in_thread
from exclusion_map.editions.footprint import Footprinted, file_name
from exclusion_map.editions.papers.footprint import footprint_paper
from exclusion_map.editions.papers.paper import Again
from exclusion_map.errors import (
    DefinitionError,
    InvalidRequestError,
    NotFoundError,
    TooLargeError,
)
from exclusion_map.exports.formats import FileFormat

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)
_REFUSED = (InvalidRequestError, NotFoundError, DefinitionError)


class FootprintPageParams(FootprintParams):
    """The page's address: places that are no secret; none for the empty form."""

    where: str = Field(default="", max_length=6_000)

    @property
    def asked(self) -> FootprintAsked:
        """The question."""
        plain = self.model_dump(exclude={"where"}, exclude_defaults=True)
        return FootprintAsked(params=FootprintParams(**plain), where=self.where)


@router.get("/tools/footprint")
async def footprint_page(
    request: Request, service: OpenService, typed: Annotated[FootprintPageParams, Query()]
) -> Response:
    """Who does this serve, and who among them is at risk?"""
    if typed.asked.empty:
        return await anyio.to_thread.run_sync(_page, request, service, typed.asked, True)
    return await in_thread(request, lambda _: _page(request, service, typed.asked, True))


@router.get("/tools/footprint.svg", response_class=Response)
async def footprint_map(
    request: Request, service: OpenService, typed: Annotated[FootprintPageParams, Query()]
) -> Response:
    """Return the map of who is missed."""
    check_address(typed.where)
    return await in_thread(request, lambda _: _map(request, service, typed.asked))


@router.get("/tools/footprint.xlsx", response_class=Response)
async def footprint_workbook(
    request: Request, service: OpenService, typed: Annotated[FootprintPageParams, Query()]
) -> Response:
    """Return tenths and groups as a workbook with notes and sources."""
    check_address(typed.where)
    return await in_thread(request, lambda _: _workbook(request, service, typed.asked))


@router.post("/tools/footprint")
async def footprint_form(request: Request, service: OpenService) -> Response:
    """Answer what a form brings: a list typed, or a file; all of it stays in memory."""
    asked = FootprintAsked(params=FootprintParams())
    try:
        asked = await read_asked(request)
    except (InvalidRequestError, TooLargeError) as error:
        context = pages.form(engines_of(request.app.state).of(service), asked) | {"fault": error}
        status = 413 if isinstance(error, TooLargeError) else 422
        return render(request, "pages/footprint.html", context, status=status)
    report = wanted_form(asked.texts.get("download", ""))
    if report and not asked.empty:
        return await _report(request, service, asked, report)
    return await in_thread(request, lambda _: _page(request, service, asked, False))


async def _report(
    request: Request, service: Service, asked: FootprintAsked, form: PaperForm
) -> Response:
    """Return the report of a list, which is kept nowhere."""
    told = await in_thread(request, lambda _: _told(request, service, asked))
    write = partial(footprint_paper, service.edition, told, Again(listed=True))
    return await paper_file(request, service, form, "footprint", write)


def _page(request: Request, service: Service, asked: FootprintAsked, addressed: bool) -> Response:
    """Return the page; what cannot be used is told above the form, which keeps what was typed."""
    engine = engines_of(request.app.state).of(service)
    context = pages.form(engine, asked)
    if asked.empty and addressed:
        return render(request, "pages/footprint.html", context)
    try:
        if addressed:
            check_address(asked.where)
        told = _told(request, service, asked)
        address = pages.address_of(asked, told.found.served)
        if address and not addressed:
            return RedirectResponse(address, status_code=303, headers={"Cache-Control": NO_STORE})
        book = b"" if address else workbook(service, told, FootprintPart.SUMMARY)
        if not address:
            give_back()  # What the list took, before the map takes as much.
        more = pages.answer(service.edition, told, asked, address, book)
    except _REFUSED as error:
        status = 404 if isinstance(error, NotFoundError) else 422
        response = render(
            request, "pages/footprint.html", context | {"fault": error}, status=status
        )
    else:
        response = render(request, "pages/footprint.html", context | more)
    if not addressed:
        response.headers["Cache-Control"] = NO_STORE
        give_back()  # A long list and the map of a country take much for a moment.
    return response


def _told(request: Request, service: Service, asked: FootprintAsked) -> Footprinted:
    engine = engines_of(request.app.state).of(service)
    base = base_of(request, service)
    return footprint_asked(held_of(request.app.state), base, engine, asked)


def _map(request: Request, service: Service, asked: FootprintAsked) -> Response:
    told = _told(request, service, asked)
    drawn = footprint_picture.map_svg(service.edition, told)
    return tagged(request, drawn.encode(), SVG)


def _workbook(request: Request, service: Service, asked: FootprintAsked) -> Response:
    told = _told(request, service, asked)
    name = file_name(service.edition, told, "people")
    headers: dict[str, Any] = {
        "Content-Disposition": f'attachment; filename="{name}.xlsx"',
        "Cache-Control": NO_STORE,
    }
    body = workbook(service, told, FootprintPart.SUMMARY)
    return Response(body, headers=headers, media_type=FileFormat.XLSX.facts.media)
