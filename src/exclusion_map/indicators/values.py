"""Compute one indicator for every area: numerator, denominator, value and quality flag."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from exclusion_map.catalogue import Columns, Indicator
from exclusion_map.errors import SourceError
from exclusion_map.indicators.disclosure import DisclosureRule, protect
from exclusion_map.sources.readers.counts import Table
from exclusion_map.terms import Quality

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class IndicatorValues:
    """Arrays (n,) of one indicator, in the order of the area codes given; NaN = missing."""

    value: Floats
    numerator: Floats
    denominator: Floats
    quality: NDArray[np.object_]


def compute(
    indicator: Indicator,
    tables: Mapping[str, Table],
    codes: pd.Index,
    rule: DisclosureRule | None = None,
) -> IndicatorValues:
    """Return an indicator for areas.

    The value is ``factor x value`` where the publisher gives one, otherwise
    ``factor x numerator / denominator``. Where a published value comes with a count larger than
    its population, the count is dropped and the value kept.

    Args:
        indicator: its declaration.
        tables: the tables it names.
        codes: (n,) area codes.
        rule: disclosure control, applied to the counts before the ratio.

    Raises:
        SourceError: a column it names is not in its table.
    """
    numerator, withheld = _sum(indicator.count, tables, codes)
    denominator, also_withheld = _sum(indicator.out_of, tables, codes)
    withheld |= also_withheld
    if rule is not None:
        numerator, denominator, small = protect(numerator, denominator, rule)
        withheld |= small
    if indicator.value is None:
        value = _ratio(numerator, denominator, indicator.factor)
    else:
        published, withheld = _sum(indicator.value, tables, codes)
        value = indicator.factor * published
        numerator = np.where(numerator > denominator, np.nan, numerator)
    quality = np.full(len(codes), Quality.OBSERVED.value, dtype=object)
    quality[~np.isfinite(value)] = Quality.MISSING.value
    quality[~np.isfinite(value) & withheld] = Quality.SUPPRESSED.value
    return IndicatorValues(value, numerator, denominator, quality)


def absent(count: int) -> IndicatorValues:
    """Return an indicator that is missing in all of ``count`` areas."""
    nothing = np.full(count, np.nan)
    quality = np.full(count, Quality.MISSING.value, dtype=object)
    return IndicatorValues(nothing, nothing.copy(), nothing.copy(), quality)


def tables_of(indicator: Indicator) -> tuple[str, ...]:
    """Return the distinct tables an indicator is computed from."""
    parts = (indicator.count, indicator.out_of, indicator.value)
    return tuple(dict.fromkeys(part.table for part in parts if part is not None))


def _sum(part: Columns | None, tables: Mapping[str, Table], codes: pd.Index) -> tuple[Floats, Mask]:
    """Return the sum of columns (n,) by area, and a mask (n,) where a part was withheld."""
    withheld = np.zeros(len(codes), dtype=bool)
    if part is None:
        return np.full(len(codes), np.nan), withheld
    table = tables[part.table]
    missing = [column for column in part.columns if column not in table.values.columns]
    if missing:
        raise SourceError(
            str(table.path),
            found=f"columns {list(table.values.columns)}",
            expected=f"also {missing}",
            mend="Compare the indicator's declaration with the publisher's headings.",
        )
    for column in part.columns:
        if column in table.suppressed:
            withheld |= codes.isin(table.suppressed[column])
    # A missing part makes the sum missing: the sum of the rest would be too low.
    total = table.values[list(part.columns)].sum(axis=1, skipna=False)
    return total.reindex(codes).to_numpy(dtype=np.float64, copy=True), withheld


def _ratio(numerator: Floats, denominator: Floats, factor: float) -> Floats:
    """Return a rate (n,); where the denominator is 0 the rate is missing, not 0."""
    value = np.full(len(numerator), np.nan)
    some = np.isfinite(denominator) & (denominator > 0)
    value[some] = factor * numerator[some] / denominator[some]
    return value
