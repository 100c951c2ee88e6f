"""The reports of the tools: their answers as a page to print, a PDF or a Word file."""

from functools import partial
from typing import Annotated

import anyio
from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import HTMLResponse, Response

from api.footprint_query import footprint_asked, held_of
from api.matrix_query import matrix_for, with_draws
from api.pages import closing, gaps, siting
from api.pages.matrix_form import MatrixPageParams
from api.pages.sharing_form import SharePageParams
from api.papers import Wanted
from api.places_in_address import check_address
from api.routes.footprint_page import FootprintPageParams
from api.routes.sampling_pages import PrecisionPageParams, SamplePageParams
from api.routes.targeting_pages import ClosingPageParams, SitingPageParams
from api.sampling_query import sample_for
from api.sharing_query import rows_in, shared_of, with_doubt
from api.siting_jobs import jobs_of
from api.siting_query import work_of
from api.targets import GapParams, base_of
from api.work import briefly, gone, in_thread
from exclusion_map.editions.footprint import Footprinted
from exclusion_map.editions.papers.closing import closing_paper
from exclusion_map.editions.papers.footprint import footprint_paper
from exclusion_map.editions.papers.gaps import gaps_paper
from exclusion_map.editions.papers.matrix import matrix_paper
from exclusion_map.editions.papers.sample import sample_paper
from exclusion_map.editions.papers.share import share_paper
from exclusion_map.editions.papers.siting import Sited, siting_paper
from exclusion_map.editions.papers.survey import survey_paper
from exclusion_map.targeting.sampling.calculator import calculate

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)
_LOOK_EVERY_S = 0.05
Paper = Annotated[Wanted, Depends()]


@router.get("/tools/share/report.{form}")
async def share_report(paper: Paper, typed: Annotated[SharePageParams, Query()]) -> Response:
    """Return the paper of a fair share."""
    asked, engine = typed.asked(), paper.engine
    rows = await briefly(paper.request, rows_in, typed.listed)
    shared = await briefly(paper.request, shared_of, engine, asked, rows)
    shared = await with_doubt(paper.request, engine, asked, shared)
    return await paper.send(partial(share_paper, paper.service.edition, shared))


@router.get("/tools/matrix/report.{form}")
async def matrix_report(paper: Paper, typed: Annotated[MatrixPageParams, Query()]) -> Response:
    """Return the report of a risk matrix."""
    asked = typed.asked()
    found = await briefly(paper.request, matrix_for, paper.engine, asked, None)
    found = await with_draws(paper.request, paper.engine, asked, found)
    edition, style = paper.service.edition, typed.drawn
    return await paper.send(lambda again: matrix_paper(edition, found, again, style))


@router.get("/tools/sample/report.{form}")
async def sample_report(paper: Paper, params: Annotated[SamplePageParams, Query()]) -> Response:
    """Return the report of a sample."""
    request, service, asked = paper.request, paper.service, params.asked
    sampled = await in_thread(request, lambda _: sample_for(request, service, asked, None))
    return await paper.send(partial(sample_paper, service.edition, sampled))


@router.get("/tools/sample/precision/report.{form}")
async def precision_report(
    paper: Paper, params: Annotated[PrecisionPageParams, Query()]
) -> Response:
    """Return the report of the precision calculator."""
    plan = params.plain.plan
    told = calculate(plan)
    return await paper.send(partial(survey_paper, plan, told))


@router.get("/tools/footprint/report.{form}")
async def footprint_report(
    paper: Paper, typed: Annotated[FootprintPageParams, Query()]
) -> Response:
    """Return the report of a footprint of places that are no secret."""
    request, service = paper.request, paper.service
    check_address(typed.where)
    held, engine = held_of(request.app.state), paper.engine

    def told() -> Footprinted:
        return footprint_asked(held, base_of(request, service), engine, typed.asked)

    found = await in_thread(request, lambda _: told())
    return await paper.send(partial(footprint_paper, service.edition, found))


@router.get("/gaps/report.{form}")
async def gaps_report(paper: Paper, params: Annotated[GapParams, Query()]) -> Response:
    """Return the report of gaps."""
    request, service = paper.request, paper.service
    found = await in_thread(request, lambda _: gaps.gaps_found(base_of(request, service), params))
    return await paper.send(partial(gaps_paper, found))


@router.get("/tools/closing/report.{form}")
async def closing_report(paper: Paper, params: Annotated[ClosingPageParams, Query()]) -> Response:
    """Return the report of a closing."""
    place, threshold = params.place.strip(), params.threshold
    found = await in_thread(
        paper.request,
        lambda _: closing.closed(base_of(paper.request, paper.service), place, threshold),
    )
    return await paper.send(partial(closing_paper, found))


@router.get("/tools/siting/report.{form}")
async def siting_report(paper: Paper, params: Annotated[SitingPageParams, Query()]) -> Response:
    """Return the report of new places; waits for the answer, which the page mostly has already."""
    found = await _sited(paper.request, paper, params)
    return await paper.send(partial(siting_paper, found))


async def _sited(request: Request, paper: Wanted, params: SitingPageParams) -> Sited:
    base = await briefly(request, base_of, request, paper.service)
    asked = params.asked
    key, code, work = await briefly(request, work_of, base, asked, params.listed)
    job = jobs_of(request.app.state).start(key, work)
    with job.waited_for():
        while not job.result.done():
            if await request.is_disconnected():
                raise gone()
            await anyio.sleep(_LOOK_EVERY_S)
    return siting.sited(base, asked, code, job.result.result())
