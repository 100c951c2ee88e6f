"""One index: its definition, what its parts really do, and what counts twice."""

from typing import Annotated

from fastapi import APIRouter, Path, Request
from starlette.responses import Response

from api.answers import model_json
from api.dependencies import NoParameters, OpenService
from api.engine import engines_of
from api.errors import responses
from api.index_facts import IndexDetail, one_index

router = APIRouter(prefix="/api/v1", tags=["scores"])


@router.get(
    "/indices/{index}",
    summary="One index",
    description=(
        "Its complete definition, effective and nominal weights, correlations "
        "between its indicators with a warning where two overlap, and what the "
        "edition lacks for it."
    ),
    response_model=IndexDetail,
    responses=responses(404, 422, 503),
    dependencies=[NoParameters],
)
def index(
    request: Request,
    service: OpenService,
    index: Annotated[str, Path(max_length=60, examples=["exclusion"])],
) -> Response:
    """Return one index."""
    engine = engines_of(request.app.state).of(service)
    return model_json(request, one_index(engine, index))
