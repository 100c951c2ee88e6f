"""Search: postcodes, area codes and place names in one box."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from pydantic import Field
from starlette.responses import Response

from api.answers import model_json
from api.dependencies import OpenService, Params, Settings
from api.errors import responses
from exclusion_map.areas.search import LONGEST, SearchAnswer

router = APIRouter(prefix="/api/v1", tags=["search"])


class SearchParams(Params):
    """Query parameters of a search."""

    q: str = Field(
        min_length=1,
        max_length=LONGEST,
        description="Postcode or the start of one, area code, or name; tolerates typing errors.",
        examples=["CH41 2AB", "birkenhed", "Ynys Mon", "E01000001"],
    )
    limit: int | None = Field(default=None, ge=1, le=50, description="Maximum number of results.")


@router.get(
    "/search",
    summary="Find a place",
    description="Matching places, best first. A postcode gives the small area it lies in.",
    response_model=SearchAnswer,
    responses=responses(422, 503),
)
def search(
    request: Request,
    service: OpenService,
    settings: Settings,
    params: Annotated[SearchParams, Query()],
) -> Response:
    """Return the places a query can mean."""
    limit = min(params.limit or settings.search_limit, 50)
    return model_json(request, service.search(params.q, limit))
