"""Areas that are most alike by the indicators of an index: statistical neighbours."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from api.answers import model_json
from api.dependencies import OpenService, Params
from api.engine import engines_of
from api.errors import responses
from api.routes.explain import explainer
from exclusion_map.areas.explanation import Neighbour
from exclusion_map.areas.scoring import Question
from exclusion_map.terms import AreaKind

router = APIRouter(prefix="/api/v1", tags=["scores"])


class SimilarParams(Params):
    """Query parameters of similar areas."""

    area: str = Field(
        max_length=12, description="Code of an area of any kind.", examples=["E01000001"]
    )
    count: int = Field(default=10, ge=1, le=100, description="How many to name.")
    index: str | None = Field(
        default=None,
        max_length=60,
        description="The index whose indicators are compared; the default index if omitted.",
    )


class Similar(BaseModel):
    """Areas of the same kind, the most similar first."""

    model_config = ConfigDict(frozen=True)

    edition: str
    code: str
    kind: AreaKind
    name: str
    index: str
    method: str = (
        "Distance is the root mean square, over the indicators both areas have, of the difference "
        "in normalised values, in standard deviations of all areas; weights play no part."
    )
    areas: tuple[Neighbour, ...]


@router.get(
    "/similar",
    summary="Similar areas",
    description="Areas of the same kind that are most similar, and where they differ most.",
    response_model=Similar,
    responses=responses(404, 422, 503),
)
def similar(
    request: Request, service: OpenService, params: Annotated[SimilarParams, Query()]
) -> Response:
    """Return similar areas."""
    engine = engines_of(request.app.state).of(service)
    definition = engine.definition(params.index)
    found = engine.answer(Question(definition=definition))
    level, row, areas = explainer(engine, found).similar(params.area, params.count)
    answer = Similar(
        edition=service.edition.id,
        code=level.codes[row],
        kind=level.kind,
        name=level.labels[row],
        index=definition.id,
        areas=areas,
    )
    return model_json(request, answer)
