"""Why an area has its score, in parts that add up."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from pydantic import Field
from starlette.responses import Response

from api.answers import model_json
from api.dependencies import OpenService
from api.engine import Engine, engines_of
from api.errors import responses
from api.questions import QuestionParams, question
from exclusion_map.areas.explanation import Explainer, Explanation
from exclusion_map.areas.scoring import Answer

router = APIRouter(prefix="/api/v1", tags=["scores"])


class ExplainParams(QuestionParams):
    """Query parameters of an explanation."""

    area: str = Field(
        max_length=12, description="Code of an area of any kind.", examples=["E01000001"]
    )
    neighbours: int = Field(default=5, ge=0, le=50, description="How many similar areas to name.")


@router.get(
    "/explain",
    summary="Why an area has its score",
    description=(
        "What each indicator and component adds, in points that add up to the "
        "difference from the median of the base; raw values in numbers of people; "
        "percentiles in nation and local authority; similar areas; kinds of response "
        "that the profile suggests; and one sentence to quote."
    ),
    response_model=Explanation,
    responses=responses(404, 422, 503),
)
def explain(
    request: Request, service: OpenService, params: Annotated[ExplainParams, Query()]
) -> Response:
    """Return an explanation."""
    engine = engines_of(request.app.state).of(service)
    found = engine.answer(question(engine, params))
    return model_json(request, explainer(engine, found).explain(params.area, params.neighbours))


def explainer(engine: Engine, found: Answer) -> Explainer:
    """Return what explains the areas of an answer."""
    service = engine.service
    return Explainer(
        atlas=service.edition.atlas,
        edition=service.edition.id,
        place=service.edition.manifest.title,
        facts=service.profilers[service.default_index].facts,
        answer=found,
    )
