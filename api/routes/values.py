"""Values of every area of a kind as one byte each, in the order of feature ids in the tiles."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request
from starlette.responses import Response

from api.answers import FOREVER, tagged
from api.dependencies import OpenService, Params
from api.errors import responses
from api.holder import Holder
from api.negotiation import accepts_gzip
from api.packing import Measure
from exclusion_map.errors import NotFoundError
from exclusion_map.terms import AreaKind

router = APIRouter(tags=["values"])


class ValuesParams(Params):
    """Query parameters of the values."""

    measure: Measure = Measure.DECILE


@router.get(
    "/api/v1/editions/{edition}/values/{kind}/{index}.bin",
    summary="Deciles or scores of all areas of a kind",
    description=(
        "One unsigned byte an area, in the order of feature ids in the tiles. measure=decile: 1 is "
        "the highest-risk tenth, 0 is no data. measure=score: the score times 2.5, rounded; 255 is "
        "no data."
    ),
    response_class=Response,
    responses={
        200: {
            "content": {
                "application/octet-stream": {"schema": {"type": "string", "format": "binary"}}
            },
            "headers": {
                "Exclusion-Map-Count": {
                    "description": "How many areas there are.",
                    "schema": {"type": "integer"},
                }
            },
        },
        **responses(404, 422, 503),
    },
)
def values(
    request: Request,
    _service: OpenService,
    edition: Annotated[str, Path(description="Id of the edition, from /api/v1/edition.")],
    kind: Annotated[AreaKind, Path(description="Kind of area.")],
    index: Annotated[str, Path(description="Id of the index, from /api/v1/indices.")],
    params: Annotated[ValuesParams, Query()],
) -> Response:
    """Return the bytes of one index, kind and measure."""
    holder: Holder = request.app.state.holder
    service = holder.find(edition)
    if service is None:
        raise NotFoundError(
            f"edition {edition!r}",
            found="no open edition of that id",
            expected=f"{holder.require().edition.id}, the current one",
            mend="Load the page again.",
        )
    scores = service.edition.atlas.score_set(index, kind)
    headers = {
        "Exclusion-Map-Edition": edition,
        "Exclusion-Map-Index": index,
        "Exclusion-Map-Kind": kind.value,
        "Exclusion-Map-Measure": params.measure.value,
        "Exclusion-Map-Count": str(len(scores.score)),
        "Vary": "Accept-Encoding",
    }
    packed = service.values[index, kind, params.measure]
    body = packed.plain
    if accepts_gzip(request.headers.get("accept-encoding", "")):
        body, headers["Content-Encoding"] = packed.compressed, "gzip"
    return tagged(request, body, "application/octet-stream", headers, cache=FOREVER)
