"""What if a place closes: who then has farther to go."""

import json
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from api.answers import JSON, tagged
from api.dependencies import OpenService, Params
from api.errors import responses
from api.pages.closing import closed
from api.service import Service
from api.standing_in import Notice
from api.tables import TableFormat, table_response, wanted_format
from api.targets import base_of, told_of
from api.work import in_thread
from exclusion_map.editions.papers.closing import closing_columns
from exclusion_map.exports.score_tables import records
from exclusion_map.targeting.access_query import FARTHEST

router = APIRouter(prefix="/api/v1", tags=["access"])


class ClosingParams(Params):
    """Query parameters of a closing."""

    threshold: float = Field(
        default=1_000.0,
        gt=0,
        le=FARTHEST,
        description="Walking distance that counts as in reach, in metres.",
    )
    format: TableFormat | None = Field(default=None, description="json, csv or arrow.")


class ClosingOut(BaseModel):
    """Areas affected by a closure, those where most people lose reach first."""

    model_config = ConfigDict(frozen=True)

    edition: str
    way: str = Field(description="How distances were estimated.")
    place: str
    id: str
    kind: str
    threshold: float
    users: float = Field(description="People for whom it is the nearest of its kind.")
    lose_reach: float = Field(
        description="Of them, people who would then have none within the threshold."
    )
    farther_m: float | None = Field(
        description="Mean extra distance in metres; null if no other place is left."
    )
    areas: tuple[dict[str, Any], ...]
    notice: Notice = None


@router.get(
    "/closing/{place}",
    summary="What if a place closes?",
    description="People for whom it is the nearest of its kind, the next one, and the "
    "distance to it.",
    response_model=ClosingOut,
    responses={
        200: {"content": {"text/csv": {"schema": {"type": "string"}}}},
        **responses(404, 422, 503),
    },
)
async def closing_of_place(
    request: Request,
    service: OpenService,
    place: Annotated[str, Path(max_length=200, description="Id of the place.")],
    params: Annotated[ClosingParams, Query()],
) -> Response:
    """Return who has farther to go without a place."""
    return await in_thread(request, lambda _: _answer(request, service, place, params))


def _answer(request: Request, service: Service, place: str, params: ClosingParams) -> Response:
    base = base_of(request, service)
    found = closed(base, place, params.threshold)
    columns = closing_columns(found)
    form = wanted_format(request, params.format)
    if form is not TableFormat.JSON:
        name = f"exclusion-map-{service.edition.id}-closing"
        return table_response(request, columns, form, told_of(base, {"place": place}), name)
    whole = {**told_of(base, {}), **found.summary(), "areas": records(columns)}
    body = json.dumps(whole, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return tagged(request, body.encode(), JSON, {"Vary": "Accept"})
