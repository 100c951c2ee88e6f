"""HTML pages of gaps, siting and closings, and their pictures."""

from typing import Annotated, Any, TypeVar
from urllib.parse import urlencode

import anyio
import anyio.to_thread
from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from pydantic import Field
from starlette.exceptions import HTTPException
from starlette.responses import Response

from api.answers import tagged
from api.dependencies import OpenService, Params
from api.pages import closing, gaps, siting
from api.pages.templating import render
from api.service import Service
from api.siting_jobs import SitingJob, jobs_of
from api.siting_query import SitingParams, work_of
from api.support_query import SupportFilter
from api.targets import Base, GapParams, TargetParams, base_of
from api.waiting import waiting_of
from api.work import in_thread
from exclusion_map.errors import InvalidRequestError, NotFoundError
from exclusion_map.targeting.access_query import FARTHEST
from exclusion_map.targeting.siting_query import Siting

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)
SVG = "image/svg+xml"
P = TypeVar("P", bound=TargetParams)
WAIT_S = 1.5
"""How long a page waits for an answer before it shows how far the work is."""


class SitingPageParams(SitingParams):
    """What the form of siting sends."""

    listed: str = Field(default="", max_length=12_000)
    go: bool = False
    stop: bool = False
    when: str = Field(default="after", pattern="^(before|after)$")

    @property
    def asked(self) -> SitingParams:
        """The question alone."""
        mine = {"listed", "go", "stop", "when"}
        return SitingParams.model_validate(self.model_dump(exclude=mine))


class ClosingPageParams(Params):
    """Which place closes."""

    place: str = Field(default="", max_length=200)
    threshold: float = Field(default=1_000.0, gt=0, le=FARTHEST)


@router.get("/gaps")
async def gaps_page(
    request: Request, service: OpenService, params: Annotated[GapParams, Query()]
) -> HTMLResponse:
    """Where is risk high and support far?"""
    key = (service.edition.id, params.model_dump_json())

    def work() -> object:
        return base_of(request, service).gaps(params)  # which remembers what took long

    if await waiting_of(request.app.state).done(key, work):
        return await anyio.to_thread.run_sync(_gaps, request, service, params)
    here = f"{request.url.path}?{request.url.query}"
    return render(request, "pages/gaps_waiting.html", {"here": here})


def _gaps(request: Request, service: Service, params: GapParams) -> HTMLResponse:
    base = base_of(request, service)
    try:
        return render(request, "pages/gaps.html", gaps.context(base, params))
    except (InvalidRequestError, NotFoundError) as error:
        asked = _kept(params)
        context = {**gaps.form_context(base, asked, ""), "worst_options": gaps.WORST}
        more = {"fault": error, "within_name": params.within}
        return render(request, "pages/gaps.html", context | more, status=_status(error))


def _kept(params: P) -> P:
    """Return what a form shows again after a fault: all but what it cannot show."""
    update: dict[str, object] = {"within": ""}
    try:
        _ = params.looked_for
    except InvalidRequestError:
        update |= SupportFilter().model_dump()
    return params.model_copy(update=update)


@router.get("/gaps.svg", response_class=Response)
async def gaps_picture(
    request: Request, service: OpenService, params: Annotated[GapParams, Query()]
) -> Response:
    """Return the map of the page of gaps."""
    drawn = await in_thread(request, lambda _: gaps.gaps_svg(base_of(request, service), params))
    return tagged(request, drawn.encode(), SVG)


@router.get("/tools/siting")
async def siting_page(
    request: Request, service: OpenService, params: Annotated[SitingPageParams, Query()]
) -> HTMLResponse:
    """Where would new places help most?"""
    base = await anyio.to_thread.run_sync(base_of, request, service)
    asked = params.asked
    if not params.go:
        context = await anyio.to_thread.run_sync(_siting_form, base, asked, params.listed)
        return render(request, "pages/siting.html", context)
    try:
        key, code, work = await anyio.to_thread.run_sync(work_of, base, asked, params.listed)
        job = jobs_of(request.app.state).start(key, work)
        job.look()
        if params.stop:
            job.stop.set()
        with anyio.move_on_after(WAIT_S):
            while not job.result.done():
                await anyio.sleep(0.03)
        return await anyio.to_thread.run_sync(_sited, request, base, params, code, job)
    except (InvalidRequestError, NotFoundError) as error:
        context = siting.form(base, _kept(asked), "", params.listed)
        more = {"fault": error, "within_name": params.within}
        return render(request, "pages/siting.html", context | more, status=_status(error))


def _siting_form(base: Base, asked: SitingParams, listed: str) -> dict[str, Any]:
    code, _ = base.rows(asked.within)
    return siting.form(base, asked, code, listed)


def _sited(
    request: Request, base: Base, params: SitingPageParams, code: str, job: SitingJob
) -> HTMLResponse:
    context = siting.form(base, params.asked, code, params.listed)
    here = f"/tools/siting?{request.url.query}"
    if not job.result.done():
        more: dict[str, Any] = {"job": job, "here": here, "done": round(100 * job.share)}
        return render(request, "pages/siting.html", context | more)
    found = job.result.result()
    answer = siting.answer(siting.sited(base, params.asked, code, found))
    query = request.url.query
    return render(
        request, "pages/siting.html", context | answer | {"picture_query": query, "here": here}
    )


@router.get("/tools/siting.svg", response_class=Response)
async def siting_picture(
    request: Request, service: OpenService, params: Annotated[SitingPageParams, Query()]
) -> Response:
    """Return the map before or after."""
    return await anyio.to_thread.run_sync(_siting_picture, request, service, params)


def _siting_picture(request: Request, service: Service, params: SitingPageParams) -> Response:
    base = base_of(request, service)
    key, code, _ = work_of(base, params.asked, params.listed)
    job = jobs_of(request.app.state).find(key)
    if job is None or not job.result.done():
        raise HTTPException(404, "Ask the page first: this picture goes with its answer.")
    found: Siting = job.result.result()
    after = params.when == "after"
    drawn = siting.siting_svg(siting.sited(base, params.asked, code, found), after=after)
    return tagged(request, drawn.encode(), SVG)


@router.get("/tools/closing")
async def closing_page(
    request: Request, service: OpenService, params: Annotated[ClosingPageParams, Query()]
) -> Response:
    """What if this place closes?"""
    if not params.place.strip():
        return RedirectResponse("/support", status_code=303)
    context = await in_thread(request, lambda _: _closing(request, service, params))
    return render(request, "pages/closing.html", context)


@router.get("/tools/closing.svg", response_class=Response)
async def closing_picture(
    request: Request, service: OpenService, params: Annotated[ClosingPageParams, Query()]
) -> Response:
    """Return the map of those for whom a place is the nearest."""
    return await in_thread(request, lambda _: _closing_picture(request, service, params))


def _closing_picture(request: Request, service: Service, params: ClosingPageParams) -> Response:
    found = closing.closed(base_of(request, service), params.place.strip(), params.threshold)
    drawn = closing.closing_svg(found)
    if drawn is None:
        raise HTTPException(404, "For nobody is this place the nearest: there is nothing to draw.")
    return tagged(request, drawn.encode(), SVG)


def _closing(request: Request, service: Service, params: ClosingPageParams) -> dict[str, Any]:
    base = base_of(request, service)
    found = closing.context(base, params.place.strip(), params.threshold)
    query = urlencode({"place": found["id"], "threshold": f"{params.threshold:g}"})
    return found | {
        "thresholds": gaps.thresholds(params.threshold),
        "asked": params,
        "closing_query": query,
    }


def _status(error: Exception) -> int:
    return 404 if isinstance(error, NotFoundError) else 422
