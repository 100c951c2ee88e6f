"""Add up any list of places, or an outline: score, spread inside, people by tenth, estimate."""

import json
from enum import StrEnum
from typing import Annotated

import anyio.to_thread
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
from api.work import in_thread
from exclusion_map.exports.rollup_tables import area_columns, summary_columns

router = APIRouter(prefix="/api/v1", tags=["roll-up"])


class RollUpPart(StrEnum):
    """Which table of a roll-up CSV or Arrow holds."""

    AREAS = "areas"
    SUMMARY = "summary"


class RollUpParams(Params):
    """Query parameters of a roll-up."""

    index: str = Field(default="", max_length=60, description="Id of an index.")
    weights: str = Field(
        default="", max_length=4000, description="Weights by id that replace the index's."
    )
    format: TableFormat | None = Field(
        default=None, description="By the Accept header if left out, else JSON."
    )
    part: RollUpPart = Field(
        default=RollUpPart.AREAS,
        description="Of csv and arrow: a row for each small area, or for each list.",
    )


class RollUpQuery(RollUpParams):
    """Query parameters of a roll-up whose list is short enough for an address."""

    where: str = Field(
        max_length=6000,
        description="Area codes of any kind, GP practice codes, names; with commas. Postcodes are "
        "refused here: addresses are logged on their way. Send them with POST.",
        examples=["E08000015,N85002"],
    )


class RollUpAnswer(BaseModel):
    """Lists or an outline summed up."""

    model_config = ConfigDict(frozen=True)

    edition: str
    index: str
    title: str
    everywhere: SpreadFacts = Field(description="The whole edition, to compare with.")
    results: tuple[RollUpResult, ...] = Field(description="One for each list; often just one.")


_SENT = {
    200: {"content": {"text/csv": {"schema": {"type": "string"}}}},
    **responses(404, 422, 503),
}


@router.get(
    "/rollup",
    summary="Add up a short list of places",
    description=(
        "Areas of any kind, GP practices (each stands for the nearest small areas; an "
        "approximation) and names, as one: score weighted by people, spread inside, people in each "
        "national tenth, the modelled estimate with its range, and what was not understood and "
        "why. Each small area counts once."
    ),
    response_model=RollUpAnswer,
    responses=_SENT,
)
def get_rollup(
    request: Request, service: OpenService, params: Annotated[RollUpQuery, Query()]
) -> Response:
    """Return a list summed up."""
    check_address(params.where)
    entries = tuple(one for one in params.where.split(",") if one.strip())
    return respond(request, service, params, RollUpBody(where=entries), A_MINUTE)


@router.post(
    "/rollup",
    summary="Add up lists of places, or an outline",
    description=(
        "As GET, with a JSON body: a long list, one with postcodes (each stands for its small "
        "area), several lists by name, or a GeoJSON outline, of whose people the postcodes in use "
        "give the share. Nothing that is sent is stored."
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
    return await anyio.to_thread.run_sync(respond, request, service, params, body, NO_STORE)


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
