"""What a request wants scored: query parameters and a JSON body become one question."""

from collections.abc import Iterable, Mapping
from typing import Annotated, Any, TypeVar

import anyio.to_thread
from fastapi import Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from api.dependencies import Params
from api.engine import Engine
from api.kinds_of_bodies import expect_json
from api.places_in_address import check_address
from api.uploads import whole_body
from exclusion_map.areas.bases import BaseName
from exclusion_map.areas.scoring import Question, parse_weights
from exclusion_map.areas.selection import MOST_CODES, Selection, choose, outlined
from exclusion_map.areas.uploads import MOST_UPLOADS, Upload
from exclusion_map.editions.gazetteer import addresses_of
from exclusion_map.errors import DefinitionError, InvalidRequestError
from exclusion_map.index import Definition, load_definition

Body = TypeVar("Body", bound=BaseModel)
Weight = Annotated[float, Field(ge=0, allow_inf_nan=False)]

_EXAMPLE: dict[str, Any] = {
    "weights": {"age": 4, "meals": 2},
    "where": ["E06000001"],
    "values": [
        {
            "id": "meals",
            "title": "Children with free school meals",
            "counts": {"E01000001": [12, 80], "E01000002": [30, 90]},
        }
    ],
}


class ScoringParams(Params):
    """Query parameters that say how to score an index that is named elsewhere."""

    weights: str = Field(
        default="",
        max_length=4000,
        description="Weights by id of group or indicator, replacing those of the index; relative.",
        examples=["age:2,disability:1"],
    )
    base: BaseName = Field(
        default=BaseName.ALL,
        description="Areas among which values are normalised, ranked and divided into deciles. "
        "selection: the areas given by where, within or a boundary.",
    )
    where: str = Field(
        default="",
        max_length=4000,
        description="Codes of areas of any kind or GP practice codes, with commas: only these. "
        "Postcodes are refused here: addresses are logged on their way. Send them with POST.",
        examples=["E08000015,E08000012"],
    )
    within: str = Field(
        default="", max_length=12, description="Only areas inside the area with this code."
    )


class QuestionParams(ScoringParams):
    """Query parameters that say what to score."""

    index: str | None = Field(
        default=None,
        max_length=60,
        description="Id of an index; the default index if omitted.",
        examples=["exclusion"],
    )


class QuestionBody(BaseModel):
    """What to score, as JSON: for requests too long or complex for an address."""

    model_config = ConfigDict(frozen=True, extra="forbid", json_schema_extra={"example": _EXAMPLE})

    definition: dict[str, Any] | None = Field(
        default=None, description="A complete definition instead of an index; see /api/v1/indices."
    )
    weights: dict[str, Weight] = Field(default_factory=dict, description="Weights by id.")
    where: tuple[str, ...] = Field(
        default=(),
        max_length=MOST_CODES,
        description="Codes of areas of any kind, postcodes, GP practice codes, or exact names.",
    )
    polygon: dict[str, Any] | None = Field(
        default=None,
        description="A GeoJSON boundary: small areas with at least half of their postcodes inside.",
    )
    values: tuple[Upload, ...] = Field(
        default=(),
        max_length=MOST_UPLOADS,
        description="Your own indicators. Used for this request and never stored. One that the "
        "definition does not name joins it at the top level, with the weight given "
        "for it, or 1.",
    )


NO_BODY = QuestionBody()


def question(engine: Engine, params: QuestionParams, body: QuestionBody = NO_BODY) -> Question:
    """Return the question of a request.

    Raises:
        InvalidRequestError: something is given twice, in two ways, or cannot be used.
            Postcodes in the address are refused, too.
        DefinitionError: the definition is none.
        NotFoundError: the index, or every area named, is unknown.
    """
    check_address(params.where)
    _once("index and definition", params.index is not None, body.definition is not None)
    _once("weights in the address and in the body", bool(params.weights), bool(body.weights))
    _once(
        "areas in several ways",
        bool(params.where),
        bool(params.within),
        bool(body.where),
        body.polygon is not None,
    )
    if body.definition is None:
        definition = engine.definition(params.index)
    else:
        also = (*engine.table.indicators, *(upload.id for upload in body.values))
        definition = given_definition(body.definition, also)
    return Question(
        definition=definition,
        weights=body.weights or parse_weights(params.weights),
        base=params.base,
        selection=_selection(engine, params, body),
        uploads=body.values,
    )


def given_definition(data: Mapping[str, Any], also: Iterable[str] = ()) -> Definition:
    """Return a definition that somebody sent.

    Args:
        data: as JSON was read.
        also: indicators known besides the catalogue's.

    Raises:
        DefinitionError: it is none.
    """
    try:
        return load_definition(data, also)
    except (AttributeError, RecursionError, OverflowError):
        # The tree is told apart by its keys before each part of it is known to be a table.
        raise DefinitionError(
            "definition",
            found="a part of the tree that is no table",
            expected="indicators and groups, each a table",
        ) from None


def _selection(engine: Engine, params: QuestionParams, body: QuestionBody) -> Selection | None:
    atlas = engine.service.edition.atlas
    if body.polygon is not None:
        return outlined(atlas, body.polygon, addresses_of(engine.service.edition))
    codes = body.where or tuple(code for code in params.where.split(",") if code.strip())
    if params.within:
        codes = (params.within,)
    gazetteer = engine.service.gazetteer
    return choose(atlas, codes, gazetteer) if codes or params.where else None


def _once(what: str, *given: bool) -> None:
    if sum(given) > 1:
        raise InvalidRequestError(what, found=f"{sum(given)} of them", expected="one")


async def read_body(request: Request, limit: int) -> QuestionBody:
    """Return the body of a request, which is not read beyond ``limit`` bytes.

    Raises:
        TooLargeError: it is longer.
        RequestValidationError: it is not JSON of this form.
    """
    return await read_model(request, limit, QuestionBody) or NO_BODY


async def read_model(request: Request, limit: int, model: type[Body]) -> Body | None:
    """Return the body of a request as a model; None where there is no body.

    Raises:
        TooLargeError: it is longer than ``limit`` bytes.
        UnsupportedBodyError: it does not say that it is JSON.
        RequestValidationError: it is not JSON of the model's form.
    """
    body = await whole_body(request, limit)
    if body:
        expect_json(request)
    # A long body takes a while to check: not in the loop that serves everybody.
    return await anyio.to_thread.run_sync(_parse, body, model) if body else None


def _parse(body: bytes, model: type[Body]) -> Body:
    try:
        return model.model_validate_json(body)
    except ValidationError as error:
        faults = [
            {**fault, "loc": ("body", *fault["loc"])}
            for fault in error.errors(include_url=False, include_context=False)
        ]
        raise RequestValidationError(faults) from None
