"""Scores of every area: any index or definition, any weights, within any base."""

import json
from collections.abc import Mapping
from typing import Annotated, Any, Literal

import anyio.to_thread
import numpy as np
from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from api.answers import A_MINUTE, JSON, tagged
from api.dependencies import OpenService, Settings
from api.engine import Engine, engines_of
from api.errors import responses
from api.questions import QuestionParams, question, read_body
from api.tables import ARROW, NO_STORE, TableFormat, table_response, wanted_format
from api.work import briefly
from exclusion_map.areas.bases import BaseName
from exclusion_map.areas.scoring import MOST_SHOWN, Answer, LevelScores, Question
from exclusion_map.exports.score_tables import USUAL, ScoreMeasure, records, score_columns, taken
from exclusion_map.terms import AreaKind

router = APIRouter(prefix="/api/v1", tags=["scores"])

MOST_ROWS = 5_000


class ScoresParams(QuestionParams):
    """Query parameters of scores."""

    level: AreaKind = Field(default=AreaKind.SMALL_AREA, description="Kind of area.")
    measure: list[ScoreMeasure] = Field(
        default_factory=list,
        description="What to include for each area; may be repeated. Everything except "
        "components if omitted.",
    )
    sort: Literal["code", "rank"] = Field(
        default="code", description="code: the order of feature ids; rank: highest risk first."
    )
    page: int = Field(default=1, ge=1, le=100_000, description="Page of JSON, from 1.")
    size: int | None = Field(default=None, ge=1, le=MOST_ROWS, description="Rows per page.")
    format: TableFormat | None = Field(
        default=None,
        description="json: one page; csv, arrow: all areas. By the Accept header if omitted.",
    )


class BaseFacts(BaseModel):
    """The base: the areas compared with one another."""

    model_config = ConfigDict(frozen=True)

    id: BaseName
    described: str
    groups: int = Field(description="Number of groups within which areas are compared.")


class ScoreRow(BaseModel):
    """One area; fields that were not asked for are absent."""

    model_config = ConfigDict(frozen=True, extra="allow")

    code: str
    name: str
    base_group: str | None = Field(default=None, description="The group of the base that it is in.")
    score: float | None = None
    rank: int | None = Field(default=None, description="1 = highest risk in its group.")
    ranked: int | None = Field(
        default=None, description="Number of areas with a rank in its group."
    )
    decile: int | None = Field(default=None, description="1 = highest-risk tenth of people.")
    data_share: float | None = None
    worst_tenth_share: float | None = Field(
        default=None, description="Larger areas: share of people in small areas of decile 1."
    )


class AnswerFacts(BaseModel):
    """What was worked out."""

    model_config = ConfigDict(frozen=True)

    edition: str
    index: str
    title: str
    weights: dict[str, float] = Field(description="Of every group and indicator, as used.")
    base: BaseFacts
    level: AreaKind
    notes: tuple[str, ...] = Field(description="Gaps, substitutes, areas outside the base.")
    unknown: tuple[str, ...] = Field(
        description=f"Codes the edition does not have; the first {MOST_SHOWN}."
    )
    unknown_count: int


class ScorePage(AnswerFacts):
    """One page of scores."""

    total: int
    page: int
    pages: int
    areas: tuple[ScoreRow, ...]


SENT: dict[int | str, dict[str, Any]] = {
    200: {
        "content": {
            "text/csv": {"schema": {"type": "string"}},
            ARROW: {"schema": {"type": "string", "format": "binary"}},
        }
    },
    **responses(404, 422, 503),
}


@router.get(
    "/scores",
    summary="Score areas",
    description=(
        "An index with the weights and base you choose, for areas of any kind: JSON "
        "one page at a time, or everything as CSV or as an Arrow stream. Scores of "
        "larger areas are population-weighted means of their small areas."
    ),
    response_model=ScorePage,
    responses=SENT,
)
async def scores(
    request: Request,
    service: OpenService,
    settings: Settings,
    params: Annotated[ScoresParams, Query()],
) -> Response:
    """Return scores."""
    engine = engines_of(request.app.state).of(service)
    asked = await anyio.to_thread.run_sync(question, engine, params)
    size = params.size or settings.page_size
    if engine.remembers(asked):
        return await anyio.to_thread.run_sync(
            _respond, request, engine, params, asked, size, A_MINUTE
        )
    return await briefly(request, _respond, request, engine, params, asked, size, A_MINUTE)


@router.post(
    "/scores",
    summary="Score areas by a definition, a boundary or your own values",
    description=(
        "As GET, with a JSON body: a complete definition, long lists of areas, a "
        "boundary, your own values. Nothing you send is stored."
    ),
    response_model=ScorePage,
    responses=SENT,
    openapi_extra={
        "requestBody": {
            "content": {JSON: {"schema": {"$ref": "#/components/schemas/QuestionBody"}}}
        }
    },
)
async def post_scores(
    request: Request,
    service: OpenService,
    settings: Settings,
    params: Annotated[ScoresParams, Query()],
) -> Response:
    """Return scores of what the body says."""
    body = await read_body(request, settings.upload_limit)
    engine = engines_of(request.app.state).of(service)
    size = params.size or settings.page_size
    asked = await briefly(request, question, engine, params, body)
    return await briefly(request, _respond, request, engine, params, asked, size, NO_STORE)


def _respond(
    request: Request,
    engine: Engine,
    params: ScoresParams,
    asked: Question,
    size: int,
    cache: str,
) -> Response:
    found = engine.answer(asked)
    scored = engine.at_level(found, params.level)
    columns = score_columns(scored, list(dict.fromkeys(params.measure)) or USUAL)
    rows = _sorted(scored, params.sort)
    facts = answer_facts(engine, found, params.level)
    form = wanted_format(request, params.format)
    if form is not TableFormat.JSON:
        name = "-".join(
            ("exclusion-map", facts.edition, facts.index, params.level.value.replace("_", "-"))
        )
        return table_response(request, taken(columns, rows), form, told(facts), name, cache)
    part = rows[(params.page - 1) * size : params.page * size]
    return json_page(request, facts, taken(columns, part), params.page, size, len(rows), cache)


def _sorted(scored: LevelScores, sort: str) -> np.ndarray[tuple[int], np.dtype[np.int32]]:
    rows = scored.rows
    if sort == "code":
        return rows
    rank = scored.scores.rank[rows]
    last = np.iinfo(np.int32).max
    return rows[np.argsort(np.where(rank > 0, rank, last), kind="stable")]


def answer_facts(engine: Engine, found: Answer, level: AreaKind) -> AnswerFacts:
    """Return what was worked out, as an answer tells it."""
    definition, base = found.composite.definition, found.composite.base
    groups = 1 if base.groups is None else len(np.unique(base.groups[base.groups >= 0]))
    return AnswerFacts(
        edition=engine.service.edition.id,
        index=definition.id,
        title=definition.title,
        weights=definition.weights(),
        base=BaseFacts(
            id=found.question.base, described=found.composite.base.described, groups=groups
        ),
        level=level,
        notes=found.notes,
        unknown=found.unknown[:MOST_SHOWN],
        unknown_count=len(found.unknown),
    )


def told(facts: AnswerFacts) -> dict[str, str]:
    """Return the same as the metadata of an Arrow table."""
    return {
        name: value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        for name, value in facts.model_dump(mode="json").items()
    }


def json_page(
    request: Request,
    facts: AnswerFacts,
    columns: Mapping[str, Any],
    page: int,
    size: int,
    total: int,
    cache: str = A_MINUTE,
    more: Mapping[str, Any] | None = None,
) -> Response:
    """Return one page of rows as JSON."""
    whole = {
        **facts.model_dump(mode="json"),
        **(more or {}),
        "total": total,
        "page": page,
        "pages": -(-total // size),
        "areas": records(columns),
    }
    body = json.dumps(whole, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()
    return tagged(request, body, JSON, {"Vary": "Accept"}, cache)
