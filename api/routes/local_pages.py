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
from api.routes.changes import compared_in_turn
from api.routes.rollup import rollup_table
from api.service import Service
from api.tables import TableFormat
from api.work import in_thread
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
def rollup_page(
    request: Request,
    service: OpenService,
    where: Annotated[str, Query(max_length=6000)] = "",
    index: Text = "",
    weights: Annotated[str, Query(max_length=2000)] = "",
) -> HTMLResponse:
    """What is the risk in a list of places together?"""
    lens = lens_of(engines_of(request.app.state).of(service), index, weights)
    return _rolled(request, lens, rollup.RollUpForm(where=where, lens=lens.query))


@router.post("/rollup")
async def rollup_form(request: Request, service: OpenService) -> Response:
    """Add up what a form brings: a list, or a file."""
    try:
        form = await rollup.read_form(request, read(UploadSettings).upload_max_bytes)
    except InvalidRequestError as error:
        return await anyio.to_thread.run_sync(_refused, request, service, error)
    if form.address and not form.empty and form.download is None:
        return RedirectResponse(form.address, status_code=303)
    return await in_thread(request, lambda _: _answer_form(request, service, form))


def _refused(request: Request, service: Service, error: InvalidRequestError) -> HTMLResponse:
    """Return the page with what is wrong with a file above its form."""
    lens = lens_of(engines_of(request.app.state).of(service), "", "")
    context = rollup.context(lens, rollup.RollUpForm(), None) | {"hidden": {}, "fault": error}
    status = 413 if isinstance(error, TooLargeError) else 422
    return render(request, "pages/rollup.html", context, status=status)


def _answer_form(request: Request, service: Service, form: rollup.RollUpForm) -> Response:
    engine = engines_of(request.app.state).of(service)
    lens = lens_of(engine, form.lens.get("index", ""), form.lens.get("weights", ""))
    if form.download is None:
        return _rolled(request, lens, form)
    found = rollup.answer(lens, form)
    if found is None:
        return _rolled(request, lens, form)
    return rollup_table(request, lens, found, TableFormat.CSV, form.download)


def _rolled(request: Request, lens: Lens, form: rollup.RollUpForm) -> HTMLResponse:
    """Return the page; what cannot be used is told above the form, which keeps what was typed."""
    found, status, fault = None, 200, None
    try:
        found = rollup.answer(lens, form)
    except (InvalidRequestError, NotFoundError) as error:
        fault, status = error, STATUSES[type(error)][0]
    context: dict[str, Any] = rollup.context(lens, form, found)
    more = {"hidden": rollup.hidden(form) if found else {}, "fault": fault}
    return render(request, "pages/rollup.html", context | more, status=status)


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
