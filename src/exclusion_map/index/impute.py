"""Imputation of missing values, always by a named method and always flagged.

The default is none, so that the rest of the index carries the weight of a gap.
"""

from collections.abc import Callable, Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Annotated, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from exclusion_map.catalogue.models import Declared
from exclusion_map.index.order import Floats


class Imputation(StrEnum):
    """The families of imputation."""

    NONE = "none"
    MEDIAN = "median"
    MEAN = "mean"


class NoImputation(Declared):
    """Missing values stay missing."""

    method: Literal[Imputation.NONE] = Imputation.NONE


class MedianImputation(Declared):
    """The median of the area's group of the base."""

    method: Literal[Imputation.MEDIAN] = Imputation.MEDIAN


class MeanImputation(Declared):
    """The mean of the area's group of the base."""

    method: Literal[Imputation.MEAN] = Imputation.MEAN


Imputer = Annotated[NoImputation | MedianImputation | MeanImputation, Field(discriminator="method")]

METHODS: Mapping[Imputation, Callable[[Floats], float]] = MappingProxyType(
    {
        Imputation.MEDIAN: lambda known: float(np.median(known)),
        Imputation.MEAN: lambda known: float(known.mean()),
    }
)


def impute(values: Floats, params: Imputer) -> tuple[Floats, NDArray[np.bool_] | None]:
    """Return a vector (n,) with imputed values, and a mask of them; None if nothing was imputed.

    A vector without any value is returned unchanged.
    """
    if isinstance(params, NoImputation):
        return values, None
    gaps = np.isnan(values)
    if not gaps.any() or gaps.all():
        return values, None
    filled = values.copy()
    filled[gaps] = METHODS[params.method](values[~gaps])
    return filled, gaps
