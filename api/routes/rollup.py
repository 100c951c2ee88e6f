"""Add up any list of places, or an outline: score, spread inside, people by tenth, estimate."""

import json
from enum import StrEnum
from typing import Annotated

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from api.answers import A_MINUTE, JSON, tagged
from api.dependencies import OpenService, Params, Settings
from api.engine import engines_of
from api.errors import responses
from api.pages.lens import Lens, lens_of
from api.places_in_address import check_address
from api.questions import read_model
from api.rollup import RollUpBody, RollUpResult, RollUps, SpreadFacts, roll_up, spread_facts
from api.service import Service
from api.tables import NO_STORE, TableFormat, table_response, wanted_format
from api.work import briefly, in_thread
from exclusion_map.exports.rollup_tables import area_columns, summary_columns

router = APIRouter(prefix="/api/v1", tags=["roll-up"])


class RollUpPart(StrEnum):
    """Table of a roll-up to return as CSV or Arrow."""

    AREAS = "areas"
    SUMMARY = "summary"


class RollUpParams(Params):
    """Query parameters of a roll-up."""

    index: str = Field(default="", max_length=60, description="Id of an index.")
    weights: str = Field(
        default="", max_length=4000, description="Weights by id, replacing those of the index."
    )
    format: TableFormat | None = Field(
        default=None, description="If omitted, by the Accept header, otherwise JSON."
    )
    part: RollUpPart = Field(
        default=RollUpPart.AREAS,
        description="For csv and arrow: one row per small area, or one per list.",
    )


class RollUpQuery(RollUpParams):
    """Query parameters of a roll-up whose list is short enough for an address."""

    where: str = Field(
        max_length=6000,
        description="Area codes of any kind, GP practice codes and names, separated by commas. "
        "Postcodes are refused here, because addresses are logged on their way. Send "
        "them with POST.",
        examples=["E08000015,N85002"],
    )


class RollUpAnswer(BaseModel):
    """Summary of lists or of a boundary."""

    model_config = ConfigDict(frozen=True)

    edition: str
    index: str
    title: str
    everywhere: SpreadFacts = Field(description="The whole edition, for comparison.")
    results: tuple[RollUpResult, ...] = Field(description="One per list; often just one.")


_SENT = {
    200: {"content": {"text/csv": {"schema": {"type": "string"}}}},
    **responses(404, 422, 503),
}


@router.get(
    "/rollup",
    summary="Add up a short list of places",
    description=(
        "Areas of any kind, GP practices (each represented by the nearest small "
        "areas; an approximation) and names, as one: population-weighted score, "
        "spread inside, people in each national decile, the modelled estimate with "
        "its range, and which entries were not recognised and why. Each small area "
        "counts once."
    ),
    response_model=RollUpAnswer,
    responses=_SENT,
)
async def get_rollup(
    request: Request, service: OpenService, params: Annotated[RollUpQuery, Query()]
) -> Response:
    """Return a list summed up."""
    check_address(params.where)
    entries = tuple(one for one in params.where.split(",") if one.strip())
    body = RollUpBody(where=entries)
    return await briefly(request, respond, request, service, params, body, A_MINUTE)


@router.post(
    "/rollup",
    summary="Add up lists of places, or a boundary",
    description=(
        "As GET, with a JSON body: a long list, one with postcodes (each represents "
        "its small area), several lists by name, or a GeoJSON boundary, with the "
        "share of people inside estimated from the postcodes in use. Nothing you "
        "send is stored."
    ),
    response_model=RollUpAnswer,
    responses=_SENT,
    openapi_extra={
        "requestBody": {"content": {JSON: {"schema": {"$ref": "#/components/schemas/RollUpBody"}}}}
    },
)
async def post_rollup(
    request: Request,
    service: OpenService,
    settings: Settings,
    params: Annotated[RollUpParams, Query()],
) -> Response:
    """Return what the body asks for summed up."""
    body = await read_model(request, settings.upload_limit, RollUpBody) or RollUpBody()
    if body.polygon is not None:  # Many corners beside millions of postcodes.
        return await in_thread(request, lambda _: respond(request, service, params, body, NO_STORE))
    return await briefly(request, respond, request, service, params, body, NO_STORE)


def respond(
    request: Request, service: Service, params: RollUpParams, body: RollUpBody, cache: str
) -> Response:
    """Return a roll-up in the form that was asked for."""
    engine = engines_of(request.app.state).of(service)
    lens = lens_of(engine, params.index, params.weights)
    found = roll_up(lens, body)
    form = wanted_format(request, params.format)
    if form is not TableFormat.JSON:
        return rollup_table(request, lens, found, form, params.part, cache)
    everywhere = next(iter(found.found.values())).everywhere
    answer = RollUpAnswer(
        edition=service.edition.id,
        index=lens.index,
        title=lens.definition.title,
        everywhere=spread_facts(everywhere),
        results=found.results,
    )
    return tagged(request, answer.model_dump_json().encode(), JSON, {"Vary": "Accept"}, cache)


def rollup_table(
    request: Request,
    lens: Lens,
    found: RollUps,
    form: TableFormat,
    part: RollUpPart = RollUpPart.AREAS,
    cache: str = NO_STORE,
) -> Response:
    """Return one table of a roll-up as a file."""
    edition = lens.engine.service.edition
    columns = (
        summary_columns(found.found)
        if part is RollUpPart.SUMMARY
        else area_columns(edition.atlas, found.scores, found.found)
    )
    notes = [note for one in found.found.values() for note in one.members.notes]
    told = {"edition": edition.id, "index": lens.index, "notes": json.dumps(notes)}
    name = f"exclusion-map-{edition.id}-{lens.index}-roll-up-{part.value}"
    return table_response(request, columns, form, told, name, cache)
