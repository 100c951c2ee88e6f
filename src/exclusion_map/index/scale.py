"""The last step before ranking: the scale of the published score."""

from collections.abc import Callable, Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import Field

from exclusion_map.catalogue.models import Declared
from exclusion_map.index.order import Floats, mid_ranks


class Scaling(StrEnum):
    """The families of scale."""

    MIN_MAX = "min_max"
    PERCENTILE_RANK = "percentile_rank"
    LINEAR = "linear"
    NONE = "none"


class MinMaxScale(Declared):
    """Rescaled so that the lowest-risk area of the base has 0 and the highest-risk area 100.

    The scale is linear, so contributions of indicators still add up to the score.
    """

    method: Literal[Scaling.MIN_MAX] = Scaling.MIN_MAX


class PercentileScale(Declared):
    """The score's own percentile rank in the base, 0 to 100."""

    method: Literal[Scaling.PERCENTILE_RANK] = Scaling.PERCENTILE_RANK


class LinearScale(Declared):
    """factor x + offset, the same for every area and base."""

    method: Literal[Scaling.LINEAR] = Scaling.LINEAR
    factor: float = Field(1.0, gt=0)
    offset: float = 0.0


class NoScale(Declared):
    """The aggregate unchanged, on the scale of the normalisation."""

    method: Literal[Scaling.NONE] = Scaling.NONE


Scale = Annotated[
    MinMaxScale | PercentileScale | LinearScale | NoScale, Field(discriminator="method")
]


def _min_max(scores: Floats, params: MinMaxScale) -> Floats:  # noqa: ARG001
    low, high = scores.min(), scores.max()
    if low == high:
        return np.full(len(scores), 50.0)
    stretched: Floats = scores - low
    stretched *= 100 / (high - low)
    return stretched


def _percentile(scores: Floats, params: PercentileScale) -> Floats:  # noqa: ARG001
    return (mid_ranks(scores) - 0.5) * (100 / len(scores))


def _linear(scores: Floats, params: LinearScale) -> Floats:
    return params.factor * scores + params.offset


def _none(scores: Floats, params: NoScale) -> Floats:  # noqa: ARG001
    return scores.copy()


METHODS: Mapping[Scaling, Callable[[Floats, Any], Floats]] = MappingProxyType(
    {
        Scaling.MIN_MAX: _min_max,
        Scaling.PERCENTILE_RANK: _percentile,
        Scaling.LINEAR: _linear,
        Scaling.NONE: _none,
    }
)


def scale(scores: Floats, params: Scale) -> Floats:
    """Return scores (n,) on the published scale; NaN stays NaN.

    If all scores are equal, min_max and percentile_rank give 50.
    """
    present = ~np.isnan(scores)
    if present.all() and len(scores):
        return METHODS[params.method](scores, params)
    result = np.full(len(scores), np.nan)
    if present.any():
        result[present] = METHODS[params.method](scores[present], params)
    return result
