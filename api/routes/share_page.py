"""Pages of the tools: the list of them, and fair share."""

from functools import partial
from typing import Annotated, Any

import anyio.to_thread
from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from api.answers import tagged
from api.dependencies import OpenService, Settings
from api.engine import Engine, engines_of
from api.forms import answered, check_lengths, read_sent
from api.pages import sharing
from api.pages.sharing_form import SharePageParams, form
from api.pages.templating import render
from api.pages.tools import GROUPS
from api.papers import paper_file, wanted_form
from api.routes.share import share_response, share_workbook
from api.routes.targeting_pages import SVG
from api.service import Service
from api.sharing_query import ShareParams, rows_in, shared_of, with_doubt
from api.tables import TableFormat
from api.work import briefly
from exclusion_map.editions.papers.paper import Again
from exclusion_map.editions.papers.share import share_paper
from exclusion_map.editions.papers.share_map import legend, share_alt, share_map
from exclusion_map.editions.sharing import Shared

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)
_FIELDS = 24
_PAGE = "pages/share.html"


@router.get("/tools")
def tools_page(request: Request) -> HTMLResponse:
    """What do you want to do next?"""
    return render(request, "pages/tools.html", {"groups": GROUPS})


@router.get("/tools/share")
async def share_page(
    request: Request, service: OpenService, typed: Annotated[SharePageParams, Query()]
) -> HTMLResponse:
    """How do we divide what we have?"""
    return await _answered(request, service, typed)


@router.get("/tools/share.svg", response_class=Response)
async def share_picture(
    request: Request, service: OpenService, typed: Annotated[SharePageParams, Query()]
) -> Response:
    """Return the map of a division."""
    return await briefly(request, _map, request, service, typed)


def _map(request: Request, service: Service, typed: SharePageParams) -> Response:
    engine = engines_of(request.app.state).of(service)
    shared = shared_of(engine, typed.asked(), rows_in(typed.listed))
    drawn = _drawn(service, shared)
    return tagged(request, drawn.encode(), SVG)


def _drawn(service: Service, shared: Shared) -> str:
    return share_map(service.edition, shared).svg(share_alt(shared), inside=False)


@router.post("/tools/share")
async def share_form(request: Request, service: OpenService, settings: Settings) -> Response:
    """Divide by what a form brings: a list typed, or a file."""
    sent = await read_sent(request, settings.upload_limit, _FIELDS)
    fields = set(SharePageParams.model_fields)
    texts = {name: text for name, text in sent.texts.items() if name in fields}
    if sent.content:
        texts["listed"] = sent.content
    typed = _typed(texts)
    wanted = sent.texts.get("download", "")
    report = wanted_form(wanted)
    if report or wanted in ("csv", "xlsx"):
        engine = engines_of(request.app.state).of(service)
        _, shared = await _shared(request, engine, typed)
        if report:
            write = partial(share_paper, service.edition, shared, Again(listed=True))
            return await paper_file(request, service, report, "share", write)
        if wanted == "xlsx":
            return await share_workbook(request, service, shared)
        return await briefly(request, share_response, request, service, shared, TableFormat.CSV)
    if typed.address and typed.total.strip():
        return RedirectResponse(typed.address, status_code=303)
    return await _answered(request, service, typed)


def _typed(texts: dict[str, str]) -> SharePageParams:
    """Return the fields of a form; those that are too long are refused in words."""
    check_lengths(SharePageParams, texts)
    return SharePageParams(**texts)


async def _shared(
    request: Request, engine: Engine, typed: SharePageParams
) -> tuple[ShareParams, Shared]:
    asked = typed.asked()
    rows = await briefly(request, rows_in, typed.listed)
    shared = await briefly(request, shared_of, engine, asked, rows)
    return asked, await with_doubt(request, engine, asked, shared)


async def _answered(request: Request, service: Service, typed: SharePageParams) -> HTMLResponse:
    """Return the page; what cannot be used is told above the form, which keeps what was typed."""
    engine = engines_of(request.app.state).of(service)
    context = await anyio.to_thread.run_sync(form, engine, typed)
    if not typed.total.strip():
        return render(request, _PAGE, context)

    async def told() -> dict[str, Any]:
        asked, shared = await _shared(request, engine, typed)
        return await briefly(request, _told, service, typed, asked, shared)

    return await answered(request, _PAGE, context, told)


def _told(
    service: Service, typed: SharePageParams, asked: ShareParams, shared: Shared
) -> dict[str, Any]:
    # A list that is too long for an address has its map in the page; others load it apart.
    drawn = "" if typed.address else _drawn(service, shared)
    return {
        **sharing.answer(service.edition, typed, asked, shared),
        "picture": sharing.inline(drawn) if drawn else "",
        "picture_address": typed.address.replace("/tools/share?", "/tools/share.svg?"),
        "legend": legend(shared),
    }
