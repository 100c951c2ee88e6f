"""Treatment of extreme values before normalisation, if the distribution requires it.

By default a treatment is applied only if absolute skewness is above 2 and excess kurtosis above
3.5, the rule of thumb of the JRC's Competence Centre on Composite Indicators. All treatments
preserve the order of areas. Families as in the OECD/JRC Handbook (2008), chapter 5, and the R
package COINr.
"""

from collections.abc import Callable, Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import Field

from exclusion_map.catalogue.models import Declared
from exclusion_map.index.order import Floats


class Treatment(StrEnum):
    """The families of treatment."""

    NONE = "none"
    WINSORISE = "winsorise"
    LOG = "log"
    BOX_COX = "box_cox"


class NoTreatment(Declared):
    """Values unchanged."""

    method: Literal[Treatment.NONE] = Treatment.NONE


class _WhereCalledFor(Declared):
    always: bool = Field(False, description="Treat regardless of skewness and kurtosis.")
    skewness: float = Field(2.0, ge=0, description="Absolute skewness above which to treat.")
    kurtosis: float = Field(3.5, description="Excess kurtosis above which to treat.")


class Winsorise(_WhereCalledFor):
    """Values in the outer ``share`` at either end are replaced by the nearest value inside."""

    method: Literal[Treatment.WINSORISE] = Treatment.WINSORISE
    share: float = Field(0.01, gt=0, lt=0.5)


class Log(_WhereCalledFor):
    """ln(x - min + (max - min) / 100), mirrored if the long tail is below (COINr's log_CT)."""

    method: Literal[Treatment.LOG] = Treatment.LOG


class BoxCox(_WhereCalledFor):
    """(x^l - 1) / l with the maximum likelihood l between -2 and 2 (Box and Cox 1964).

    If any value is not positive, all are first shifted to a hundredth of their range above 0.
    """

    method: Literal[Treatment.BOX_COX] = Treatment.BOX_COX


Treater = Annotated[NoTreatment | Winsorise | Log | BoxCox, Field(discriminator="method")]


def skewness(values: Floats) -> float:
    """Return the sample skewness G1 (adjusted Fisher-Pearson, as in spreadsheets); NaN below 3."""
    n, spread = len(values), values.std()
    if n < 3 or spread == 0:
        return float("nan")
    third = (((values - values.mean()) / spread) ** 3).mean()
    return float(third * np.sqrt(n * (n - 1)) / (n - 2))


def kurtosis(values: Floats) -> float:
    """Return the sample excess kurtosis G2 (as in spreadsheets: 0 for a normal); NaN below 4."""
    n, spread = len(values), values.std()
    if n < 4 or spread == 0:
        return float("nan")
    excess = (((values - values.mean()) / spread) ** 4).mean() - 3
    return float((n - 1) / ((n - 2) * (n - 3)) * ((n + 1) * excess + 6))


def _winsorise(values: Floats, params: Winsorise) -> Floats:
    low = np.quantile(values, params.share, method="higher")
    high = np.quantile(values, 1 - params.share, method="lower")
    return np.clip(values, min(low, high), max(low, high))


def _log(values: Floats, params: Log) -> Floats:  # noqa: ARG001
    low, high = values.min(), values.max()
    margin = (high - low) / 100
    if skewness(values) < 0:
        return np.asarray(-np.log(high - values + margin))
    return np.asarray(np.log(values - low + margin))


def _box_cox(values: Floats, params: BoxCox) -> Floats:  # noqa: ARG001
    low = values.min()
    positive = values if low > 0 else values - low + (values.max() - low) / 100
    logs = np.log(positive)
    power = _most_likely_power(logs)
    return _power(logs, power)


def _power(logs: Floats, power: float) -> Floats:
    if abs(power) < 1e-9:
        return logs
    return np.asarray(np.expm1(power * logs) / power)


def _most_likely_power(logs: Floats) -> float:
    def cost(power: float) -> float:
        spread = _power(logs, power).var()
        return float(np.log(spread) / 2 - (power - 1) * logs.mean())

    # golden-section search for a single maximum; 40 steps reduce the range of 4 by a factor 1e-8
    low, high, ratio = -2.0, 2.0, (np.sqrt(5) - 1) / 2
    for _ in range(40):
        left, right = high - ratio * (high - low), low + ratio * (high - low)
        low, high = (low, right) if cost(left) < cost(right) else (left, high)
    return (low + high) / 2


METHODS: Mapping[Treatment, Callable[[Floats, Any], Floats]] = MappingProxyType(
    {Treatment.WINSORISE: _winsorise, Treatment.LOG: _log, Treatment.BOX_COX: _box_cox}
)


def called_for(values: Floats, params: Treater) -> bool:
    """Return whether a vector without gaps needs treatment."""
    if isinstance(params, NoTreatment) or len(values) < 4 or values.min() == values.max():
        return False
    # slightly above the threshold, where rounding could make the result depend on row order
    return params.always or (
        abs(skewness(values)) > params.skewness + 1e-9 and kurtosis(values) > params.kurtosis + 1e-9
    )


def treat(values: Floats, params: Treater) -> Floats:
    """Return a vector (n,), treated if its distribution requires it; NaN stays NaN."""
    if isinstance(params, NoTreatment):
        return values
    present = ~np.isnan(values)
    if not called_for(values[present], params):
        return values
    result = values.copy()
    result[present] = METHODS[params.method](values[present], params)
    return result
