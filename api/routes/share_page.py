"""Pages of the tools: the list of them, and fair share."""

from typing import Annotated, Any

import anyio.to_thread
from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from api.answers import tagged
from api.dependencies import OpenService, Settings
from api.engine import Engine, engines_of
from api.forms import check_lengths, read_sent
from api.pages import share_picture, sharing
from api.pages.lens import lens_of
from api.pages.sharing_form import SharePageParams, form
from api.pages.templating import render
from api.pages.tools import GROUPS
from api.routes.share import share_response, share_workbook
from api.routes.targeting_pages import SVG
from api.service import Service
from api.sharing_query import ShareParams, rows_in, shared_of, with_doubt
from api.tables import TableFormat
from api.targets import base_of
from exclusion_map.editions.sharing import Shared
from exclusion_map.errors import DefinitionError, InvalidRequestError, NotFoundError

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)
_FIELDS = 24
_REFUSED = (InvalidRequestError, NotFoundError, DefinitionError)


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
async def share_map(
    request: Request, service: OpenService, typed: Annotated[SharePageParams, Query()]
) -> Response:
    """Return the map of a division."""
    return await anyio.to_thread.run_sync(_map, request, service, typed)


def _map(request: Request, service: Service, typed: SharePageParams) -> Response:
    engine = engines_of(request.app.state).of(service)
    shared = shared_of(engine, typed.asked(), rows_in(typed.listed))
    drawn = share_picture.share_svg(base_of(request, service), shared)
    return tagged(request, drawn.encode(), SVG)


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
    if wanted in ("csv", "xlsx"):
        engine = engines_of(request.app.state).of(service)
        _, shared = await _shared(request, engine, typed)
        if wanted == "xlsx":
            return await share_workbook(request, service, shared)
        return await anyio.to_thread.run_sync(
            share_response, request, service, shared, TableFormat.CSV
        )
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
    rows = await anyio.to_thread.run_sync(rows_in, typed.listed)
    shared = await anyio.to_thread.run_sync(shared_of, engine, asked, rows)
    return asked, await with_doubt(request, engine, asked, shared)


async def _answered(request: Request, service: Service, typed: SharePageParams) -> HTMLResponse:
    """Return the page; what cannot be used is told above the form, which keeps what was typed."""
    engine = engines_of(request.app.state).of(service)
    context = await anyio.to_thread.run_sync(form, engine, typed)
    if not typed.total.strip():
        return render(request, "pages/share.html", context)
    try:
        asked, shared = await _shared(request, engine, typed)
    except _REFUSED as error:
        status = 404 if isinstance(error, NotFoundError) else 422
        return render(request, "pages/share.html", context | {"fault": error}, status=status)
    more = await anyio.to_thread.run_sync(_told, request, service, typed, asked, shared)
    return render(request, "pages/share.html", context | more)


def _told(
    request: Request,
    service: Service,
    typed: SharePageParams,
    asked: ShareParams,
    shared: Shared,
) -> dict[str, Any]:
    # A list that is too long for an address has its map in the page; others load it apart.
    lens = lens_of(engines_of(request.app.state).of(service), asked.index, asked.weights)
    drawn = "" if typed.address else share_picture.share_svg(base_of(request, service), shared)
    return {
        **sharing.answer(typed, asked, shared, {one.id: one.title for one in lens.parts()}),
        "picture": sharing.inline(drawn) if drawn else "",
        "picture_address": typed.address.replace("/tools/share?", "/tools/share.svg?"),
        "legend": share_picture.legend(shared),
    }
