"""How precise a survey in areas would be: a calculator."""

from dataclasses import asdict, fields
from typing import Annotated

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from api.answers import JSON, tagged
from api.dependencies import Params
from api.errors import responses
from api.tables import TableFormat, table_response, wanted_format
from exclusion_map.targeting.sampling.calculator import SurveyPlan, calculate, other_plans

router = APIRouter(prefix="/api/v1", tags=["sample"])
_PLANNED = tuple(field.name for field in fields(SurveyPlan))


class PrecisionParams(Params):
    """Query parameters of the calculator."""

    areas: int = Field(default=40, ge=1, le=5_000, description="Number of areas visited.")
    interviews: int = Field(default=10, ge=1, le=1_000, description="Interviews in each area.")
    icc: float = Field(
        default=0.05,
        ge=0,
        le=1,
        description="How alike answers are within an area: intraclass correlation (ICC).",
    )
    weighting: float = Field(
        default=1.0, ge=1, le=20, description="Design effect of unequal weights (Kish)."
    )
    share: float = Field(default=0.5, gt=0, lt=1, description="Expected share, 0 to 1.")
    people: float | None = Field(
        default=None, ge=1, description="Population size; treated as unlimited if omitted."
    )
    confidence: float = Field(
        default=0.95, ge=0.5, lt=1, description="Confidence level of intervals."
    )
    half_width: float = Field(
        default=0.05,
        gt=0,
        lt=1,
        description="Target half-width of the interval, for the number of areas.",
    )
    other: float = Field(
        default=0.6, gt=0, lt=1, description="Share in the other half of the sample."
    )
    power: float = Field(
        default=0.8, ge=0.5, lt=1, description="Power for the smallest difference."
    )

    @property
    def plan(self) -> SurveyPlan:
        """The same as the library takes it."""
        return SurveyPlan(**{name: getattr(self, name) for name in _PLANNED})


class ApiPrecisionParams(PrecisionParams):
    """Query parameters of the calculator over the API."""

    format: TableFormat | None = Field(
        default=None, description="json; csv or arrow: plans with fewer and more areas and people."
    )


class PrecisionOut(BaseModel):
    """Precision and power of a survey."""

    model_config = ConfigDict(frozen=True)

    people_met: float
    clustering_effect: float
    weighting_effect: float
    design_effect: float
    effective: float = Field(description="Size of a simple random sample with the same precision.")
    half_width: float = Field(description="Half-width of the interval of a share, 0 to 1.")
    areas_needed: int = Field(description="Areas needed for the target half-width.")
    power: float = Field(
        description="Power to detect the difference between share and other, between two halves."
    )
    least_difference: float | None = Field(
        description="Smallest rise above share that can be detected between two halves."
    )


def precision_of(params: PrecisionParams) -> PrecisionOut:
    """Return what a survey can tell.

    Raises:
        InvalidRequestError: more people are met than there are.
    """
    return PrecisionOut(**asdict(calculate(params.plan)))


@router.get(
    "/sample/precision",
    summary="How precise an area survey would be",
    description="Design effects of clustering and weights, half-width of an interval, areas "
    "needed for a target, power for a difference between two halves of the "
    "areas. Valid only for a probability sample of people within the areas.",
    response_model=PrecisionOut,
    responses={
        200: {"content": {"text/csv": {"schema": {"type": "string"}}}},
        **responses(422),
    },
)
async def sample_precision(
    request: Request, params: Annotated[ApiPrecisionParams, Query()]
) -> Response:
    """Return what a survey can tell."""
    form = wanted_format(request, params.format)
    told = precision_of(params)
    if form is TableFormat.JSON:
        return tagged(request, told.model_dump_json().encode(), JSON, {"Vary": "Accept"})
    asked = {name: str(value) for name, value in params.model_dump(include=set(_PLANNED)).items()}
    return table_response(
        request, other_plans(params.plan), form, asked, "exclusion-map-survey-plans"
    )
