"""Values of every area of a kind as one byte each, in the order of feature ids in the tiles."""

import gzip
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request
from pydantic import Field
from starlette.responses import Response

from api.answers import AN_HOUR, FOREVER, tagged
from api.dependencies import OpenService
from api.engine import Engine, engines_of
from api.errors import responses
from api.holder import Holder
from api.negotiation import accepts_gzip
from api.packing import Bits, Coded, Measure, encode, halve, value_headers
from api.questions import QuestionParams, question
from api.service import Service
from api.tile_values import TileParams, in_tile
from exclusion_map.areas.atlas import ScoreSet
from exclusion_map.areas.bases import BaseName
from exclusion_map.areas.scoring import parse_weights
from exclusion_map.errors import InvalidRequestError
from exclusion_map.terms import AreaKind

router = APIRouter(tags=["values"])

OCTETS = "application/octet-stream"


class ValuesParams(TileParams):
    """Query parameters of the values."""

    measure: Measure = Measure.DECILE
    bits: Bits = Field(
        default=Bits.EIGHT,
        description="4 packs two deciles into a byte, the area with the even feature id first.",
    )
    weights: str = Field(
        default="",
        max_length=4000,
        description="Weights by id, replacing those of the index: calculated on request, not "
        "stored.",
        examples=["age:2,disability:1"],
    )
    base: BaseName = Field(
        default=BaseName.ALL,
        description="Areas among which values are normalised, ranked and divided into deciles.",
    )
    where: str = Field(
        default="", max_length=4000, description="With base=selection: codes of its areas."
    )

    @property
    def live(self) -> bool:
        """Whether anything is asked for that is not stored."""
        return bool(self.weights or self.where) or self.base is not BaseName.ALL


@router.get(
    "/api/v1/editions/{edition}/values/{kind}/{index}.bin",
    summary="Deciles or scores of all areas of a kind",
    description=(
        "One unsigned byte per area, in the order of feature ids in the tiles. "
        "measure=decile: 1 is the highest-risk tenth, 0 is no data. measure=score: "
        "the score times 2.5, rounded; 255 is no data. With weights or base, values "
        "are calculated on request: larger areas are population-weighted means of "
        "their small areas. bits=4 packs two deciles into a byte. With tile, only "
        "the areas in that tile, which are listed before their bytes: for editions "
        "with very many areas. A page that sends many requests names its view in the "
        "header Exclusion-Map-View: a request replaced by a newer one of the same "
        "view gets 204. See docs/reference/values.md."
    ),
    response_class=Response,
    responses={
        200: {
            "content": {
                "application/octet-stream": {"schema": {"type": "string", "format": "binary"}}
            },
            "headers": {
                "Exclusion-Map-Count": {
                    "description": "How many areas the body tells of.",
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
    service = holder.named(edition)
    stored = (index, kind, params.measure) in service.values and not params.live
    if params.bits is Bits.FOUR and params.measure is not Measure.DECILE:
        raise InvalidRequestError("bits", found="4 with a score", expected="8, or measure=decile")
    if params.tile:
        engine = engines_of(request.app.state).of(service)
        return _tile(request, service, engine, (index, kind, params), stored)
    scores = (
        service.edition.atlas.score_set(index, kind)
        if stored
        else live_scores(engines_of(request.app.state).of(service), index, kind, params)
    )
    headers = {
        **value_headers(edition, index, kind, params.measure, params.bits),
        "exclusion-map-count": str(len(scores.score)),
        "Vary": "Accept-Encoding",
    }
    zipped = accepts_gzip(request.headers.get("accept-encoding", ""))
    if not stored:
        body = encode(scores, params.measure)
        if params.bits is Bits.FOUR:
            body = halve(scores.decile)
        if zipped:
            body, headers["Content-Encoding"] = gzip.compress(body, 1, mtime=0), "gzip"
        return tagged(request, body, OCTETS, headers, AN_HOUR)
    packed: Coded = service.values[index, kind, params.measure]
    if params.bits is Bits.FOUR:
        packed = service.values[index, kind, params.measure].halved or packed
    body = packed.plain
    if zipped:
        body, headers["Content-Encoding"] = packed.compressed, "gzip"
    return tagged(request, body, OCTETS, headers, FOREVER)


def _tile(
    request: Request,
    service: Service,
    engine: Engine,
    wanted: tuple[str, AreaKind, ValuesParams],
    stored: bool,
) -> Response:
    """Return the bytes of the areas in one tile; all areas are worked out once for a whole view."""
    index, kind, params = wanted
    measure = params.measure
    if params.bits is Bits.FOUR:
        raise InvalidRequestError("bits", found="4 with a tile", expected="8")
    whole = (
        service.values[index, kind, measure].plain
        if stored
        else engine.encoded.get(
            (index, kind, params.model_copy(update={"tile": ""})),
            lambda: _worked_out(engine, index, kind, params),
        )
    )
    sent = in_tile(service, kind, params.tile, whole)
    headers = value_headers(service.edition.id, index, kind, measure) | sent.headers
    return tagged(request, sent.body, OCTETS, headers, FOREVER if stored else AN_HOUR)


def _worked_out(engine: Engine, index: str, kind: AreaKind, params: ValuesParams) -> bytes:
    """Return the bytes of all areas; tenths of new weights the quick way where there is one."""
    plain = params.measure is Measure.DECILE and params.base is not BaseName.SELECTION
    if plain and not params.where and engine.quick(index):
        engine.service.edition.atlas.level(kind)
        live = engine.live(index, params.base)
        return live.deciles(kind, parse_weights(params.weights)).tobytes()
    return encode(live_scores(engine, index, kind, params), params.measure)


def live_scores(engine: Engine, index: str, kind: AreaKind, params: ValuesParams) -> ScoreSet:
    """Return the scores of a kind by the weights and the base asked for.

    Raises:
        NotFoundError: there is no such index, kind or area.
        InvalidRequestError: weights or base cannot be used.
        DefinitionError: an id among the weights is unknown, or no weight is left.
    """
    engine.service.edition.atlas.level(kind)
    engine.definition(index)
    if params.where and params.base is not BaseName.SELECTION:
        raise InvalidRequestError(
            "where", found=f"it with base={params.base.value}", expected="base=selection as well"
        )
    asked = QuestionParams(
        index=index, weights=params.weights, base=params.base, where=params.where
    )
    return engine.at_level(engine.answer(question(engine, asked)), kind).scores
