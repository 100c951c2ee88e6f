"""The precision calculator: what a planned survey could tell, and what other plans could."""

from dataclasses import dataclass, replace

import numpy as np

from exclusion_map.targeting.sampling.precision import (
    areas_needed,
    least_difference,
    power_of_difference,
    precision,
)
from exclusion_map.targeting.sampling.probabilities import Floats

OTHERS = (0.5, 1.0, 2.0)
"""Areas, and people met in each, of other plans: times those asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SurveyPlan:
    """A survey of people in areas drawn by chance.

    Attributes:
        areas: visited.
        interviews: people met in each.
        icc: how alike answers are within an area, 0 to 1.
        weighting: design effect of unequal weights (Kish), 1 or more.
        share: expected, 0 to 1.
        people: in all; None for many.
        confidence: of intervals.
        half_width: wanted, for the number of areas.
        other: share in the other half of the areas.
        power: for the smallest difference.
    """

    areas: int = 40
    interviews: int = 10
    icc: float = 0.05
    weighting: float = 1.0
    share: float = 0.5
    people: float | None = None
    confidence: float = 0.95
    half_width: float = 0.05
    other: float = 0.6
    power: float = 0.8


@dataclass(frozen=True, slots=True, kw_only=True)
class SurveyTold:
    """What it can tell; see `precision` for the formulas.

    Attributes:
        people_met: in all.
        clustering_effect: design effect of meeting several people in one area.
        weighting_effect: of unequal weights.
        design_effect: both.
        effective: people of a simple random sample that say as much.
        half_width: of the interval of the share, 0 to 1.
        areas_needed: for the half-width wanted.
        power: to find the two shares different between two halves of the areas.
        least_difference: smallest rise above the share that is found; None where none is.
    """

    people_met: float
    clustering_effect: float
    weighting_effect: float
    design_effect: float
    effective: float
    half_width: float
    areas_needed: int
    power: float
    least_difference: float | None


def calculate(plan: SurveyPlan) -> SurveyTold:
    """Return what a survey can tell.

    Raises:
        InvalidRequestError: more people are met than there are, or a number is out of range.
    """
    people = float("inf") if plan.people is None else plan.people
    found = precision(
        areas=plan.areas,
        interviews=plan.interviews,
        icc=plan.icc,
        weighting=plan.weighting,
        share=plan.share,
        people=people,
        confidence=plan.confidence,
    )
    half = (found.effective / 2, found.effective / 2)
    return SurveyTold(
        people_met=found.people,
        clustering_effect=found.clustering,
        weighting_effect=found.weighting,
        design_effect=found.effect,
        effective=found.effective,
        half_width=found.half_width,
        areas_needed=areas_needed(
            half_width=plan.half_width,
            interviews=plan.interviews,
            icc=plan.icc,
            weighting=plan.weighting,
            share=plan.share,
            people=people,
            confidence=plan.confidence,
        ),
        power=power_of_difference(
            plan.share, plan.other, effective=half, confidence=plan.confidence
        ),
        least_difference=least_difference(
            plan.share, effective=half, power=plan.power, confidence=plan.confidence
        ),
    )


def other_plans(plan: SurveyPlan) -> dict[str, Floats]:
    """Return the same survey with fewer and more areas and people, one row a plan.

    Plans that would meet more people than there are are left out.
    """
    tried = sorted(
        {
            (max(round(plan.areas * areas), 1), max(round(plan.interviews * met), 1))
            for areas in OTHERS
            for met in OTHERS
        }
    )
    kept = [
        replace(plan, areas=areas, interviews=met)
        for areas, met in tried
        if plan.people is None or areas * met <= plan.people
    ]
    told = [calculate(one) for one in kept]
    return {
        "areas": np.array([one.areas for one in kept], dtype=float),
        "interviews": np.array([one.interviews for one in kept], dtype=float),
        "people_met": np.array([one.people_met for one in told]),
        "design_effect": np.array([one.design_effect for one in told]),
        "effective": np.array([one.effective for one in told]),
        "half_width": np.array([one.half_width for one in told]),
    }
