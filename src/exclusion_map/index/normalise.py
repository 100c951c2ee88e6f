"""Normalisation: convert indicators of any unit to one scale on which higher means more risk.

Each method is a frozen set of parameters and a pure function of a vector without gaps, already
oriented so that higher is riskier. Families as in the OECD/JRC Handbook on Constructing Composite
Indicators (2008), chapter 5.
"""

from collections.abc import Callable, Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Annotated, Any, Literal, Self

import numpy as np
from pydantic import Field, model_validator

from exclusion_map.catalogue.models import Declared
from exclusion_map.index.order import Floats, mid_ranks


class Normalisation(StrEnum):
    """The families of normalisation."""

    PERCENTILE_RANK = "percentile_rank"
    MIN_MAX = "min_max"
    Z_SCORE = "z_score"
    GOALPOSTS = "goalposts"
    RANK_EXPONENTIAL = "rank_exponential"
    NONE = "none"


class PercentileRank(Declared):
    """100 (r - 1/2) / n, with r the ascending rank, averaged over ties: 0 to 100."""

    method: Literal[Normalisation.PERCENTILE_RANK] = Normalisation.PERCENTILE_RANK


class MinMax(Declared):
    """100 (x - min) / (max - min): 0 to 100, sensitive to extreme values."""

    method: Literal[Normalisation.MIN_MAX] = Normalisation.MIN_MAX


class ZScore(Declared):
    """(x - mean) / standard deviation (population form): no fixed range."""

    method: Literal[Normalisation.Z_SCORE] = Normalisation.Z_SCORE


class Goalposts(Declared):
    """100 (x - low) / (high - low), limited to 0 to 100; ends are in the indicator's own unit."""

    method: Literal[Normalisation.GOALPOSTS] = Normalisation.GOALPOSTS
    low: float
    high: float

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.low >= self.high:
            raise ValueError(f"goalposts {self.low} to {self.high}: high must be above low")
        return self


class RankExponential(Declared):
    """The English Indices of Deprivation's E = -s ln(1 - R (1 - exp(-100 / s))), R = rank / n.

    R is 1 for the riskiest area. Source: English Indices of Deprivation 2025, Technical Report.
    """

    method: Literal[Normalisation.RANK_EXPONENTIAL] = Normalisation.RANK_EXPONENTIAL
    scale: float = Field(23.0, gt=0)


class NoNormalisation(Declared):
    """Values unchanged, for indicators already on a common scale."""

    method: Literal[Normalisation.NONE] = Normalisation.NONE


Normaliser = Annotated[
    PercentileRank | MinMax | ZScore | Goalposts | RankExponential | NoNormalisation,
    Field(discriminator="method"),
]

MIDDLE = MappingProxyType(
    {
        Normalisation.PERCENTILE_RANK: 50.0,
        Normalisation.MIN_MAX: 50.0,
        Normalisation.Z_SCORE: 0.0,
    }
)
"""Value for every area if all values are equal (or there is one area): the middle."""


def _percentile_rank(values: Floats, params: PercentileRank) -> Floats:  # noqa: ARG001
    ranks = mid_ranks(values)
    ranks -= 0.5
    ranks *= 100 / len(values)
    return ranks


def _min_max(values: Floats, params: MinMax) -> Floats:  # noqa: ARG001
    low, high = values.min(), values.max()
    if low == high:
        return np.full(len(values), MIDDLE[Normalisation.MIN_MAX])
    scaled: Floats = 100 * (values - low) / (high - low)
    return scaled


def _z_score(values: Floats, params: ZScore) -> Floats:  # noqa: ARG001
    spread = values.std()
    if values.min() == values.max():
        return np.full(len(values), MIDDLE[Normalisation.Z_SCORE])
    standard: Floats = (values - values.mean()) / spread
    return standard


def _goalposts(values: Floats, params: Goalposts) -> Floats:
    return np.clip(100 * (values - params.low) / (params.high - params.low), 0, 100)


def _rank_exponential(values: Floats, params: RankExponential) -> Floats:
    share = mid_ranks(values) / len(values)
    result: Floats = -params.scale * np.log(1 - share * (1 - np.exp(-100 / params.scale)))
    return result


def _none(values: Floats, params: NoNormalisation) -> Floats:  # noqa: ARG001
    return values.copy()


METHODS: Mapping[Normalisation, Callable[[Floats, Any], Floats]] = MappingProxyType(
    {
        Normalisation.PERCENTILE_RANK: _percentile_rank,
        Normalisation.MIN_MAX: _min_max,
        Normalisation.Z_SCORE: _z_score,
        Normalisation.GOALPOSTS: _goalposts,
        Normalisation.RANK_EXPONENTIAL: _rank_exponential,
        Normalisation.NONE: _none,
    }
)


def normalise(values: Floats, params: Normaliser, *, lower_is_riskier: bool = False) -> Floats:
    """Return a normalised vector (n,), higher = more risk; NaN stays NaN.

    Args:
        values: (n,) in the indicator's unit.
        params: the method and its parameters.
        lower_is_riskier: whether to reverse the indicator first.
    """
    if lower_is_riskier:
        values = -values
        if isinstance(params, Goalposts):
            params = Goalposts(low=-params.high, high=-params.low)
    function = METHODS[params.method]
    present = ~np.isnan(values)
    if present.all():
        return function(values, params) if len(values) else values
    result = np.full(len(values), np.nan)
    if present.any():
        result[present] = function(values[present], params)
    return result
