"""How precise a survey would be: sample size, design effect, half-width, power.

With m people met in each of n areas, of which p say yes:

    design effect  = (1 + (m - 1) icc) x n sum w^2 / (sum w)^2     (Kish 1965, 1992)
    half-width     = z sqrt(deff p (1 - p) / (n m) x (1 - n m / N))
    power          = P(|Z| > z) for a difference of two shares, each with its own design effect

icc says how alike answers are within an area; it has to be stated: 0.02 to 0.10 are usual for
attitudes and behaviour among people in one area, more for what goes with the place itself.
"""

import math
from dataclasses import dataclass
from statistics import NormalDist

from exclusion_map.errors import InvalidRequestError
from exclusion_map.targeting.sampling.probabilities import Floats

_NORMAL = NormalDist()


@dataclass(frozen=True, slots=True, kw_only=True)
class Precision:
    """Precision and power of a survey.

    Attributes:
        people: met in all.
        clustering: design effect of meeting several people in one area.
        weighting: design effect of unequal weights.
        effective: people of a simple random sample that would say as much.
        half_width: of the confidence interval of a share, 0 to 1.
    """

    people: float
    clustering: float
    weighting: float
    effective: float
    half_width: float

    @property
    def effect(self) -> float:
        """The whole design effect."""
        return self.clustering * self.weighting


def clustering_effect(interviews: float, icc: float) -> float:
    """Return 1 + (m - 1) icc."""
    return 1 + (interviews - 1) * icc


def kish_effect(weights: Floats, chances: Floats | None = None) -> float:
    """Return n sum w^2 / (sum w)^2 of weights (n,): 1 where all are equal.

    Args:
        weights: of the people met.
        chances: of each unit of the frame to be drawn: the effect that is expected of samples.
    """
    part = chances if chances is not None else 1.0 + 0.0 * weights
    total = float((part * weights).sum())
    return float(part.sum() * (part * weights**2).sum()) / total**2


def critical(confidence: float) -> float:
    """Return z of a confidence such as 0.95."""
    return _NORMAL.inv_cdf((1 + confidence) / 2)


def precision(
    *,
    areas: int,
    interviews: float,
    icc: float,
    weighting: float = 1.0,
    share: float = 0.5,
    people: float = math.inf,
    confidence: float = 0.95,
) -> Precision:
    """Return what a survey can tell of a share.

    Args:
        areas: drawn.
        interviews: people met in each.
        icc: how alike answers are within an area, 0 to 1.
        weighting: design effect of unequal weights.
        share: expected, 0 to 1.
        people: of the population: the finite population correction.
        confidence: of the interval.

    Raises:
        InvalidRequestError: more people are met than there are.
    """
    met = areas * interviews
    if met > people:
        raise InvalidRequestError(
            "interviews",
            found=f"{met:,.0f} of {people:,.0f} people",
            expected="no more than all of them",
        )
    clustering = clustering_effect(interviews, icc)
    effective = met / (clustering * weighting)
    variance = share * (1 - share) / effective * (1 - met / people)
    return Precision(
        people=met,
        clustering=clustering,
        weighting=weighting,
        effective=effective,
        half_width=critical(confidence) * math.sqrt(variance),
    )


def areas_needed(
    *,
    half_width: float,
    interviews: float,
    icc: float,
    weighting: float = 1.0,
    share: float = 0.5,
    people: float = math.inf,
    confidence: float = 0.95,
) -> int:
    """Return how many areas give an interval of a half-width, with so many people met in each.

    n0 = z^2 p (1 - p) deff / h^2 people, and n0 / (1 + n0 / N) of a finite population.

    Raises:
        InvalidRequestError: the half-width is not above 0.
    """
    if half_width <= 0:
        raise InvalidRequestError("half-width", found=f"{half_width:g}", expected="above 0")
    effect = clustering_effect(interviews, icc) * weighting
    wanted = critical(confidence) ** 2 * share * (1 - share) * effect / half_width**2
    if math.isfinite(people):
        wanted = wanted / (1 + wanted / people)
    return max(math.ceil(wanted / interviews - 1e-9), 1)


def power_of_difference(
    first: float, second: float, *, effective: tuple[float, float], confidence: float = 0.95
) -> float:
    """Return the chance to find two shares different, by effective people in each group.

    Two-sided, normal: with d = |p1 - p2| and se^2 = p1 q1 / n1 + p2 q2 / n2,
    power = P(Z > z - d / se) + P(Z < -z - d / se).

    Raises:
        InvalidRequestError: a group has nobody.
    """
    if min(effective) <= 0:
        raise InvalidRequestError("group", found="nobody in it", expected="somebody")
    spread = math.sqrt(first * (1 - first) / effective[0] + second * (1 - second) / effective[1])
    z = critical(confidence)
    if spread == 0:
        return 1.0 if first != second else 1 - confidence
    shift = abs(first - second) / spread
    return 1 - _NORMAL.cdf(z - shift) + _NORMAL.cdf(-z - shift)


def least_difference(
    share: float,
    *,
    effective: tuple[float, float],
    power: float = 0.8,
    confidence: float = 0.95,
) -> float | None:
    """Return the smallest rise above a share that is found with a power; None where none is."""
    low, high = 0.0, 1 - share
    if power_of_difference(share, 1.0, effective=effective, confidence=confidence) < power:
        return None
    for _ in range(60):
        middle = (low + high) / 2
        found = power_of_difference(
            share, share + middle, effective=effective, confidence=confidence
        )
        low, high = (low, middle) if found >= power else (middle, high)
    return high
