"""Siting: where new places of support would help most."""

import json
from typing import Annotated, Any

import anyio
import numpy as np
from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from api.answers import JSON, tagged
from api.dependencies import OpenService, Settings
from api.errors import responses
from api.questions import read_model
from api.service import Service
from api.siting_jobs import Work, jobs_of
from api.siting_query import SitingBody, SitingParams, work_of
from api.standing_in import Notice
from api.tables import TableFormat, table_response, wanted_format
from api.targets import Base, base_of, told_of
from api.work import briefly, gone
from exclusion_map.editions.papers.siting import gap_words
from exclusion_map.targeting.sites import words_of
from exclusion_map.targeting.siting_query import Siting, State
from exclusion_map.targeting.siting_table import chosen_columns, chosen_places

router = APIRouter(prefix="/api/v1", tags=["access"])
_LOOK_EVERY_S = 0.05


class ApiSitingParams(SitingParams):
    """Query parameters of siting."""

    format: TableFormat | None = Field(default=None, description="json, csv or arrow.")


class StateOut(BaseModel):
    """Access before or after the change."""

    model_config = ConfigDict(frozen=True)

    meant_within: float = Field(description="People concerned who are within the threshold.")
    people_within: float = Field(description="All people within the threshold.")
    mean_way_m: float | None = Field(description="Mean distance of the people concerned.")


class SitingOut(BaseModel):
    """The new places that help most."""

    model_config = ConfigDict(frozen=True)

    edition: str
    way: str = Field(description="How distances were estimated.")
    places: str = Field(description="Existing places that count.")
    candidates: int
    meant: float = Field(description="People the new places are for.")
    proof: str = Field(description="Guaranteed quality of the solution, in words.")
    gap: float = Field(
        description="Share by which another choice could be better; 0 = proved optimal."
    )
    seconds: float
    before: StateOut
    after: StateOut
    chosen: tuple[dict[str, Any], ...]
    notice: Notice = None


_RESPONSES: dict[int | str, dict[str, Any]] = {
    200: {"content": {"text/csv": {"schema": {"type": "string"}}}},
    **responses(404, 422, 503),
}
_ABOUT = (
    "Chooses at most k candidates in addition to existing places, to bring the most people "
    "within a threshold (maximal covering) or to shorten distances the most (p-median). Returns "
    "the gap to a proved bound. Takes up to a minute; the work stops if the client disconnects."
)


@router.get(
    "/siting",
    summary="Where new places help most",
    description=_ABOUT,
    response_model=SitingOut,
    responses=_RESPONSES,
)
async def siting(
    request: Request, service: OpenService, params: Annotated[ApiSitingParams, Query()]
) -> Response:
    """Return which candidates help most."""
    return await _solved(request, service, params, "")


@router.post(
    "/siting",
    summary="Where new places from a list help most",
    description=_ABOUT,
    response_model=SitingOut,
    responses=_RESPONSES,
    openapi_extra={
        "requestBody": {"content": {"application/json": {"schema": SitingBody.model_json_schema()}}}
    },
)
async def siting_of_list(
    request: Request,
    service: OpenService,
    settings: Settings,
    params: Annotated[ApiSitingParams, Query()],
) -> Response:
    """Return which candidates of a list help most."""
    body = await read_model(request, settings.upload_limit, SitingBody)
    return await _solved(request, service, params, body.places if body else "")


async def _solved(
    request: Request, service: Service, params: ApiSitingParams, listed: str
) -> Response:
    base, key, work = await briefly(request, _asked, request, service, params, listed)
    job = jobs_of(request.app.state).start(key, work)
    with job.waited_for():
        while not job.result.done():
            if await request.is_disconnected():
                raise gone()
            await anyio.sleep(_LOOK_EVERY_S)
    return _answer(request, base, params, job.result.result())


def _asked(
    request: Request, service: Service, params: SitingParams, listed: str
) -> tuple[Base, str, Work]:
    base = base_of(request, service)
    key, _, work = work_of(base, params, listed)
    return base, key, work


def _answer(request: Request, base: Base, params: ApiSitingParams, found: Siting) -> Response:
    told = told_of(base, {"places": words_of(params.looked_for)})
    form = wanted_format(request, params.format)
    if form is not TableFormat.JSON:
        name = f"exclusion-map-{base.service.edition.id}-siting"
        return table_response(request, chosen_columns(found), form, told, name)
    solution = found.solution
    whole = {
        **told,
        "candidates": len(found.candidates),
        "meant": round(found.meant, 1),
        "proof": gap_words(solution.gap, stopped=solution.stopped),
        "gap": solution.gap,
        "seconds": round(solution.seconds, 2),
        "before": _state(found.before),
        "after": _state(found.after),
        "chosen": [one.plain() for one in chosen_places(found)],
    }
    body = json.dumps(whole, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return tagged(request, body.encode(), JSON, {"Vary": "Accept"})


def _state(state: State) -> dict[str, float | None]:
    return {
        "meant_within": round(state.served, 1),
        "people_within": round(state.people, 1),
        "mean_way_m": round(state.way, 1) if np.isfinite(state.way) else None,
    }
