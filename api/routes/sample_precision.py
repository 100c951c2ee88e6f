"""How precise a survey in areas would be: a calculator."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from api.answers import JSON, tagged
from api.dependencies import Params
from api.errors import responses
from exclusion_map.targeting.sampling.precision import (
    areas_needed,
    least_difference,
    power_of_difference,
    precision,
)

router = APIRouter(prefix="/api/v1", tags=["sample"])


class PrecisionParams(Params):
    """Query parameters of the calculator."""

    areas: int = Field(default=40, ge=1, le=5_000, description="Areas visited.")
    interviews: int = Field(default=10, ge=1, le=1_000, description="People met in each.")
    icc: float = Field(
        default=0.05, ge=0, le=1, description="How alike answers are within an area (ICC)."
    )
    weighting: float = Field(
        default=1.0, ge=1, le=20, description="Design effect of unequal weights (Kish)."
    )
    share: float = Field(default=0.5, gt=0, lt=1, description="Share expected, 0 to 1.")
    people: float | None = Field(default=None, ge=1, description="People in all; many if left out.")
    confidence: float = Field(default=0.95, ge=0.5, lt=1, description="Of intervals.")
    half_width: float = Field(
        default=0.05, gt=0, lt=1, description="Half-width wanted, for the number of areas."
    )
    other: float = Field(default=0.6, gt=0, lt=1, description="Share in the other half.")
    power: float = Field(default=0.8, ge=0.5, lt=1, description="For the smallest difference.")


class PrecisionOut(BaseModel):
    """What a survey can tell."""

    model_config = ConfigDict(frozen=True)

    people_met: float
    clustering_effect: float
    weighting_effect: float
    design_effect: float
    effective: float = Field(description="People of a simple random sample that say as much.")
    half_width: float = Field(description="Of the interval of a share, 0 to 1.")
    areas_needed: int = Field(description="For the half-width wanted.")
    power: float = Field(description="To find share and other different between two halves.")
    least_difference: float | None = Field(
        description="Smallest rise above share that is found between two halves."
    )


def precision_of(params: PrecisionParams) -> PrecisionOut:
    """Return what a survey can tell.

    Raises:
        InvalidRequestError: more people are met than there are.
    """
    people = float("inf") if params.people is None else params.people
    found = precision(
        areas=params.areas,
        interviews=params.interviews,
        icc=params.icc,
        weighting=params.weighting,
        share=params.share,
        people=people,
        confidence=params.confidence,
    )
    half = (found.effective / 2, found.effective / 2)
    return PrecisionOut(
        people_met=found.people,
        clustering_effect=found.clustering,
        weighting_effect=found.weighting,
        design_effect=found.effect,
        effective=found.effective,
        half_width=found.half_width,
        areas_needed=areas_needed(
            half_width=params.half_width,
            interviews=params.interviews,
            icc=params.icc,
            weighting=params.weighting,
            share=params.share,
            people=people,
            confidence=params.confidence,
        ),
        power=power_of_difference(
            params.share, params.other, effective=half, confidence=params.confidence
        ),
        least_difference=least_difference(
            params.share, effective=half, power=params.power, confidence=params.confidence
        ),
    )


@router.get(
    "/sample/precision",
    summary="How precise a survey in areas would be",
    description="Design effects of clustering and weights, half-width of an interval, areas needed "
    "for one, power for a difference between two halves of the areas. Only for a probability "
    "sample of people within the areas.",
    response_model=PrecisionOut,
    responses=responses(422),
)
async def sample_precision(
    request: Request, params: Annotated[PrecisionParams, Query()]
) -> Response:
    """Return what a survey can tell."""
    return tagged(request, precision_of(params).model_dump_json().encode(), JSON)
