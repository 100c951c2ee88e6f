"""Aggregation: combine the children of a group into one score, with a rule for missing values.

With every method, a group has a score if the children present carry at least the minimum share of
its weight; their weights are then rescaled to the whole. Missing never counts as zero.
"""

from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from types import MappingProxyType
from typing import Annotated, Any, Literal, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, model_validator

from exclusion_map.catalogue.models import Declared
from exclusion_map.errors import DefinitionError
from exclusion_map.index.order import Floats

Columns = Sequence[Floats]  # k vectors (n,)


class Aggregation(StrEnum):
    """The families of aggregation."""

    ARITHMETIC = "arithmetic"
    GEOMETRIC = "geometric"
    GENERALISED_MEAN = "generalised_mean"
    COPELAND = "copeland"


class Arithmetic(Declared):
    """sum w x / sum w: fully compensatory, so a low value can offset a high one."""

    method: Literal[Aggregation.ARITHMETIC] = Aggregation.ARITHMETIC


class Geometric(Declared):
    """exp(sum w ln(x + offset) / sum w) - offset: low values weigh more than high ones."""

    method: Literal[Aggregation.GEOMETRIC] = Aggregation.GEOMETRIC
    offset: float = Field(1.0, gt=0, description="Prevents a value of 0 from dominating the mean.")


class GeneralisedMean(Declared):
    """(sum w (x + offset)^p / sum w)^(1/p) - offset: with p above 1, high values weigh more."""

    method: Literal[Aggregation.GENERALISED_MEAN] = Aggregation.GENERALISED_MEAN
    power: float = Field(2.0, ge=-10, le=10)
    offset: float = Field(1.0, gt=0)

    @model_validator(mode="after")
    def _not_zero(self) -> Self:
        if self.power == 0:
            raise ValueError("generalised mean: power 0 is the geometric mean; use that")
        return self


class Copeland(Declared):
    """Pairwise wins minus losses against all other areas: 0 (lost all) to 100 (won all).

    An area wins a comparison if the indicators on which it is higher outweigh those on which it is
    lower. Indicators that either area lacks are left out of the comparison.
    """

    method: Literal[Aggregation.COPELAND] = Aggregation.COPELAND


Aggregator = Annotated[
    Arithmetic | Geometric | GeneralisedMean | Copeland, Field(discriminator="method")
]


def _arithmetic(columns: Columns, weights: Floats, params: Arithmetic) -> Floats:  # noqa: ARG001
    # Column by column rather than by a matrix product, whose rounding depends on the row's position
    # in the table, so that areas with equal values might no longer tie.
    total, part = np.zeros(len(columns[0])), np.zeros(len(columns[0]))
    for column, weight in zip(columns, weights, strict=True):
        product = weight * column
        gap = np.isnan(product)
        if gap.any():
            product[gap] = 0.0
            part += weight * ~gap
        else:
            part += weight
        total += product
    if part.min(initial=1.0) > 0:
        total /= part
        return total
    result = np.full(len(total), np.nan)
    np.divide(total, part, out=result, where=part > 0)
    return result


def _geometric(columns: Columns, weights: Floats, params: Geometric) -> Floats:
    logs = [np.log(_lifted(column, params.offset)) for column in columns]
    return np.asarray(np.exp(_arithmetic(logs, weights, Arithmetic())) - params.offset)


def _generalised_mean(columns: Columns, weights: Floats, params: GeneralisedMean) -> Floats:
    powers = [_lifted(column, params.offset) ** params.power for column in columns]
    mean = _arithmetic(powers, weights, Arithmetic())
    return np.asarray(mean ** (1 / params.power) - params.offset)


def _lifted(column: Floats, offset: float) -> Floats:
    lowest = np.fmin.reduce(column, initial=np.inf)
    if lowest < 0:
        raise DefinitionError(
            "aggregation",
            found=f"a normalised value of {lowest:g}",
            expected="values from 0 for a geometric or generalised mean",
            mend="Normalise by percentile_rank, min_max or goalposts, or aggregate arithmetically.",
        )
    return column + offset


def _copeland(columns: Columns, weights: Floats, params: Copeland) -> Floats:  # noqa: ARG001
    n = len(columns[0])
    if n == 1:
        return np.where(np.isnan(columns).all(axis=0), np.nan, 50.0)
    ranked = np.stack([_dense(column) for column in columns])
    balance = np.zeros(n, dtype=np.int64)
    # sums of weights that differ only by rounding count as a draw
    draw = np.float32(1e-6 * weights.sum())
    block = max(1, 2_000_000 // n)
    for start in range(0, n, block):
        net = np.zeros((min(block, n - start), n), dtype=np.float32)
        for column, weight in zip(ranked, weights.astype(np.float32), strict=True):
            mine = column[start : start + block, None]
            both = (mine >= 0) & (column >= 0)
            net += weight * np.where(both, np.sign(mine - column), 0).astype(np.float32)
        balance[start : start + block] = (net > draw).sum(axis=1) - (net < -draw).sum(axis=1)
    return np.where(np.isnan(columns).all(axis=0), np.nan, 50 * (1 + balance / (n - 1)))


def _dense(column: Floats) -> NDArray[np.int32]:
    """Return the dense rank of each value from 0, -1 for missing: integers compare quickly."""
    # rounded, so that group scores that differ only by floating-point error count as a draw
    _, places = np.unique(np.round(column, 10), return_inverse=True)
    dense = places.astype(np.int32)
    dense[np.isnan(column)] = -1
    return dense


METHODS: Mapping[Aggregation, Callable[[Columns, Floats, Any], Floats]] = MappingProxyType(
    {
        Aggregation.ARITHMETIC: _arithmetic,
        Aggregation.GEOMETRIC: _geometric,
        Aggregation.GENERALISED_MEAN: _generalised_mean,
        Aggregation.COPELAND: _copeland,
    }
)

AREA_BY_AREA = frozenset(
    {Aggregation.ARITHMETIC, Aggregation.GEOMETRIC, Aggregation.GENERALISED_MEAN}
)
"""Methods for which the score of an area depends on that area only."""


def aggregate(
    columns: Columns, weights: Sequence[float], params: Aggregator, minimum_share: float = 0.5
) -> Floats:
    """Return the score (n,) of a group from its children's scores, k vectors (n,).

    Args:
        columns: k vectors (n,), NaN where a child has no score.
        weights: k weights, not negative, not all zero.
        params: the method and its parameters.
        minimum_share: minimum share of the weight that must be present; one child at least must.
    """
    used = [column for column, weight in zip(columns, weights, strict=True) if weight > 0]
    weighed = np.array([weight for weight in weights if weight > 0], dtype=np.float64)
    result = METHODS[params.method](used, weighed, params)
    share = present_share(used, weighed)
    if share is not None:
        share /= weighed.sum()
        result[(share < minimum_share - 1e-12) | (share == 0)] = np.nan
    return result


def present_share(columns: Columns, weights: Floats) -> Floats | None:
    """Return the share of the weight present (n,), or None if nothing is missing."""
    share: Floats | None = None
    for column, weight in zip(columns, weights, strict=True):
        gap = np.isnan(column)
        if gap.any():
            share = np.full(len(column), weights.sum()) if share is None else share
            share -= weight * gap
    if share is None:
        return None
    share[share < 1e-12 * weights.sum()] = 0.0  # rounding error of the subtraction
    return share
