"""HTML pages on areas together: local patterns, the spread inside, roll-ups, changes."""

from typing import Annotated, Any

import anyio.to_thread
from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from api.change_list import ChangeSort
from api.comparisons import comparisons_of
from api.dependencies import OpenService, Settings
from api.engine import engines_of
from api.errors import STATUSES
from api.pages import edition_changes, patterns, rollup, spread
from api.pages.areas import code_of
from api.pages.lens import Lens, lens_of
from api.pages.templating import render
from api.places_in_address import check_address
from api.routes.changes import compared_in_turn
from api.routes.rollup import rollup_table
from api.service import Service
from api.tables import NO_STORE, TableFormat
from api.work import briefly, in_thread
from exclusion_map.areas.spread_listing import SpreadSort
from exclusion_map.errors import InvalidRequestError, NotFoundError, TooLargeError
from exclusion_map.settings import UploadSettings, read
from exclusion_map.terms import AreaKind

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)

Text = Annotated[str, Query(max_length=120)]


@router.get("/patterns")
def patterns_page(
    request: Request, service: OpenService, within: Text = "", every: bool = False
) -> HTMLResponse:
    """Where does high risk lie together?"""
    return render(
        request, "pages/patterns.html", patterns.context(service, within.strip(), every=every)
    )


@router.get("/spread")
def spread_page(
    request: Request,
    service: OpenService,
    settings: Settings,
    kind: AreaKind | None = None,
    within: Text = "",
    sort: SpreadSort = SpreadSort.EXTENT,
    order: spread.Order | None = None,
    page: Annotated[int, Query(ge=1)] = 1,
    index: Text = "",
) -> HTMLResponse:
    """Where do averages hide high risk?"""
    query = spread.query_of(service, kind, within.strip(), sort, order, page, index)
    return render(request, "pages/spread.html", spread.context(service, query, settings.page_size))


@router.get("/rollup")
async def rollup_page(
    request: Request,
    service: OpenService,
    where: Annotated[str, Query(max_length=6000)] = "",
    index: Text = "",
    weights: Annotated[str, Query(max_length=2000)] = "",
) -> Response:
    """What is the risk in a list of places together?"""
    if not where:
        return await anyio.to_thread.run_sync(_rollup, request, service, where, index, weights)
    return await briefly(request, _rollup, request, service, where, index, weights)


def _rollup(request: Request, service: Service, where: str, index: str, weights: str) -> Response:
    lens = lens_of(engines_of(request.app.state).of(service), index, weights)
    form = rollup.RollUpForm(where=where, lens=lens.query)
    try:
        check_address(where, "Press “Add them up”: the form below keeps them out of the address.")
    except InvalidRequestError as error:
        return _refused(request, lens, form, error)
    return _rolled(request, lens, form)


@router.post("/rollup")
async def rollup_form(request: Request, service: OpenService) -> Response:
    """Add up what a form brings: a list, or a file."""
    try:
        form = await rollup.read_form(request, read(UploadSettings).upload_max_bytes)
    except InvalidRequestError as error:
        lens = lens_of(engines_of(request.app.state).of(service), "", "")
        return await anyio.to_thread.run_sync(_refused, request, lens, rollup.RollUpForm(), error)
    return await in_thread(request, lambda _: _answer_form(request, service, form))


def _refused(
    request: Request, lens: Lens, form: rollup.RollUpForm, error: InvalidRequestError
) -> HTMLResponse:
    """Return the page with what is wrong with a file, or an address, above its form."""
    context = rollup.context(lens, form, None) | {"hidden": {}, "fault": error}
    status = 413 if isinstance(error, TooLargeError) else 422
    return _unkept(render(request, "pages/rollup.html", context, status=status))


def _unkept(response: HTMLResponse) -> HTMLResponse:
    """Return a page that may show somebody's list, which nobody on its way may keep."""
    response.headers["Cache-Control"] = NO_STORE
    return response


def _answer_form(request: Request, service: Service, form: rollup.RollUpForm) -> Response:
    engine = engines_of(request.app.state).of(service)
    lens = lens_of(engine, form.lens.get("index", ""), form.lens.get("weights", ""))
    if form.download is not None:
        found = rollup.answer(lens, form)
        if found is not None:
            return rollup_table(request, lens, found, TableFormat.CSV, form.download)
    return _rolled(request, lens, form, sent=True)


def _rolled(
    request: Request, lens: Lens, form: rollup.RollUpForm, *, sent: bool = False
) -> Response:
    """Return the page; what cannot be used is told above the form, which keeps what was typed.

    A list that was ``sent`` with a form gets an address where it tells of places alone.
    """
    found, status, fault = None, 200, None
    try:
        found = rollup.answer(lens, form)
    except (InvalidRequestError, NotFoundError) as error:
        fault, status = error, STATUSES[type(error)][0]
    if sent and found is not None and (address := rollup.address_of(form, found)):
        return RedirectResponse(address, status_code=303, headers={"Cache-Control": NO_STORE})
    context: dict[str, Any] = rollup.context(lens, form, found)
    more = {"hidden": rollup.hidden(form) if found else {}, "fault": fault}
    page = render(request, "pages/rollup.html", context | more, status=status)
    return _unkept(page) if sent else page


@router.get("/changes")
async def changes_page(
    request: Request,
    service: OpenService,
    old: Text = "",
    new: Text = "",
    index: Text = "",
    within: Text = "",
    sort: ChangeSort = ChangeSort.RANK,
) -> HTMLResponse:
    """What changed since the edition before?"""
    query = edition_changes.ChangesQuery(
        index=service.index(index or None).id,
        within=await anyio.to_thread.run_sync(code_of, service, within.strip()),
        sort=sort,
    )
    compared = await compared_in_turn(request, old, new, query.index)
    editions = comparisons_of(request.app.state).editions()
    context = await anyio.to_thread.run_sync(
        edition_changes.context, service, editions, compared, query
    )
    return render(request, "pages/edition_changes.html", context)
