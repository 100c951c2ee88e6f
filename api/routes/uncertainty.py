"""How sure ranks and tenths are: intervals over seeded draws, and what drives them."""

from dataclasses import asdict
from typing import Annotated, Any

import anyio.to_thread
import numpy as np
from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from api.dependencies import OpenService, Settings
from api.engine import Engine, engines_of
from api.questions import QuestionParams, question
from api.routes.scores import SENT, AnswerFacts, ScoreRow, answer_facts, json_page, told
from api.tables import TableFormat, table_response, wanted_format
from api.work import briefly, in_turn
from exclusion_map.areas.bases import BaseName
from exclusion_map.areas.scoring import Answer, Question
from exclusion_map.errors import InvalidRequestError
from exclusion_map.exports.score_tables import score_columns, taken, uncertainty_columns
from exclusion_map.index.sensitivity import Sensitivity
from exclusion_map.index.uncertainty import Robustness, Uncertainty
from exclusion_map.terms import AreaKind

router = APIRouter(prefix="/api/v1", tags=["scores"])


class UncertaintyParams(QuestionParams):
    """Query parameters of uncertainty."""

    draws: int = Field(default=200, ge=10, description="Number of draws; the service sets a limit.")
    seed: int = Field(
        default=1, ge=0, lt=2**32, description="Random seed: the same seed gives the same result."
    )
    also_in: list[BaseName] = Field(
        default_factory=list,
        max_length=3,
        description="Further bases to normalise in, drawn with equal probability; may be repeated.",
    )
    area: str | None = Field(
        default=None, max_length=12, description="Code of one small area: only this one."
    )
    effects: bool = Field(
        default=False,
        description="Also what drives the ranks (Sobol indices), of the area or of all.",
    )
    page: int = Field(default=1, ge=1, le=100_000, description="Page of JSON, from 1.")
    size: int | None = Field(default=None, ge=1, le=5_000, description="Rows per page.")
    format: TableFormat | None = Field(
        default=None,
        description="json: one page; csv, arrow: all areas. By the Accept header if omitted.",
    )


class UncertaintyRow(ScoreRow):
    """One small area, as published and over the draws."""

    rank_low: int | None = Field(description="End of the interval nearer to rank 1.")
    rank_median: int | None
    rank_high: int | None
    decile_low: int | None
    decile_high: int | None
    worst_tenth_probability: float | None = Field(description="Share of draws in decile 1.")
    robustness: Robustness


class EffectFacts(BaseModel):
    """Share of the variance due to one uncertain choice."""

    model_config = ConfigDict(frozen=True)

    factor: str
    first: float = Field(description="Effect on its own.")
    total: float = Field(description="Effect together with its interactions.")
    first_error: float = Field(description="Half width of the 95 % bootstrap interval.")
    total_error: float


class EffectsFacts(BaseModel):
    """Sensitivity of the ranks to each uncertain choice."""

    model_config = ConfigDict(frozen=True)

    output: str
    mean: float
    sd: float
    samples: int
    effects: tuple[EffectFacts, ...]


class UncertaintyPage(AnswerFacts):
    """One page of small areas with their intervals."""

    draws: int
    seed: int
    interval: float = Field(description="Share of draws that an interval contains.")
    robustness: dict[Robustness, int] = Field(description="How many areas are in each class.")
    effects: EffectsFacts | None
    total: int
    page: int
    pages: int
    areas: tuple[UncertaintyRow, ...]


@router.get(
    "/uncertainty",
    summary="How certain ranks are",
    description=(
        "Intervals of rank and decile, the probability of the highest-risk tenth, "
        "and a class of robustness for small areas, over seeded draws of weights, "
        "normalisation, aggregation, the presence of each indicator and noise in the "
        "counts; for one area, for selected areas, or for all. A thousand draws take "
        "about two seconds; results are cached."
    ),
    response_model=UncertaintyPage,
    responses=SENT,
)
async def uncertainty(
    request: Request,
    service: OpenService,
    settings: Settings,
    params: Annotated[UncertaintyParams, Query()],
) -> Response:
    """Return intervals."""
    engine = engines_of(request.app.state).of(service)
    engine.check_draws(params.draws)
    asked = await anyio.to_thread.run_sync(question, engine, params)
    code = None if params.area is None else small_area(engine, params.area)
    also = tuple(dict.fromkeys(params.also_in))
    ready = engine.has_draws(asked, params.draws, params.seed, also)
    found = await in_turn(
        request, ready, lambda: engine.uncertainty(asked, params.draws, params.seed, also)
    )
    effects = None
    if params.effects:
        ready = engine.has_effects(asked, params.seed, code, also)
        effects = await in_turn(
            request, ready, lambda: engine.effects(asked, params.seed, code, also)
        )
    return await briefly(
        request,
        _respond,
        request,
        engine,
        params,
        asked,
        found,
        effects,
        params.size or settings.page_size,
    )


def small_area(engine: Engine, code: str) -> str:
    """Return the code of a small area as the edition writes it.

    Raises:
        NotFoundError: there is no such area.
        InvalidRequestError: it is a larger one.
    """
    level, row = engine.service.edition.atlas.find(code)
    if level.kind is not AreaKind.SMALL_AREA:
        raise InvalidRequestError(
            f"area {code!r}",
            found=f"a {level.kind.label}",
            expected="a small area: intervals are made for these",
            mend="Use where=CODE for all small areas in it.",
        )
    return level.codes[row]


def _respond(
    request: Request,
    engine: Engine,
    params: UncertaintyParams,
    asked: Question,
    found: Uncertainty,
    effects: Sensitivity | None,
    size: int,
) -> Response:
    answered: Answer = engine.answer(asked)
    scored = engine.at_level(answered, AreaKind.SMALL_AREA)
    columns = {**score_columns(scored), **uncertainty_columns(found)}
    rows = scored.rows
    if params.area is not None:
        rows = np.array([scored.level.index_of(params.area.strip().upper())], dtype=np.int32)
    facts = answer_facts(engine, answered, AreaKind.SMALL_AREA)
    form = wanted_format(request, params.format)
    if form is not TableFormat.JSON:
        name = f"exclusion-map-{facts.edition}-{facts.index}-uncertainty"
        about = told(facts) | {"draws": str(found.draws), "seed": str(found.seed)}
        return table_response(request, taken(columns, rows), form, about, name)
    part = rows[(params.page - 1) * size : params.page * size]
    classes = found.robustness[rows].tolist()
    more: dict[str, Any] = {
        "draws": found.draws,
        "seed": found.seed,
        "interval": found.interval,
        "robustness": {one.value: classes.count(one) for one in Robustness},
        "effects": None if effects is None else asdict(effects),
    }
    return json_page(request, facts, taken(columns, part), params.page, size, len(rows), more=more)
