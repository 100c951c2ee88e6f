"""Aggregate indicators to larger areas: counts are added; ratios are never averaged."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from exclusion_map import catalogue
from exclusion_map.errors import ContractError
from exclusion_map.terms import Quality

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class _Members:
    """The larger area of each small area: position in ``codes``, -1 = none."""

    codes: NDArray[np.object_]
    group: NDArray[np.intp]
    population: Floats

    def add(self, values: Floats, where: NDArray[np.bool_]) -> Floats:
        """Return the sum of values by larger area, over small areas where ``where`` is true."""
        inside = where & (self.group >= 0)
        return np.bincount(
            self.group[inside], weights=values[inside], minlength=len(self.codes)
        ).astype(np.float64)


def roll_up(
    tidy: pd.DataFrame,
    membership: pd.Series,
    population: pd.Series,
    *,
    with_data_share: bool = False,
) -> pd.DataFrame:
    """Return the tidy table of larger areas, sorted by indicator, then by code.

    Where an indicator has counts, its value is ``factor x sum of numerators / sum of denominators``
    over the small areas that have both. Where a publisher gives a rate without its count, the count
    is taken as rate times population. Where there is only a value, the result is the mean over the
    small areas that have one, weighted by population. A larger area is missing if none of its small
    areas has data; otherwise it is based on those that have.

    Args:
        tidy: the tidy table of small areas, sorted by indicator with one order of areas.
        membership: code of the larger area, indexed by code of the small area; null = none.
        population: people, indexed by code of the small area.
        with_data_share: whether to add ``data_share``, the share of people in areas with data.

    Raises:
        ContractError: the table is not sorted in this way, or an area has no membership row.
    """
    areas, indicators = _shape(tidy)
    members = _members(areas, membership, population)
    parts = []
    for number, identity in enumerate(indicators):
        block = tidy.iloc[number * len(areas) : (number + 1) * len(areas)]
        parts.append(_one(identity, block, members))
    result = pd.concat(parts, ignore_index=True)
    for column in ("area_code", "indicator", "quality"):
        result[column] = result[column].astype("string")
    return result if with_data_share else result.drop(columns="data_share")


def _one(identity: str, block: pd.DataFrame, members: _Members) -> pd.DataFrame:
    indicator = catalogue.indicators().get(identity)
    factor = 100.0 if indicator is None else indicator.factor
    value = block["value"].to_numpy(dtype=np.float64)
    denominator = block["denominator"].to_numpy(dtype=np.float64)
    numerator = block["numerator"].to_numpy(dtype=np.float64)
    numerator = np.where(np.isfinite(numerator), numerator, value * denominator / factor)
    known = np.isfinite(value)
    counted = known & np.isfinite(numerator) & np.isfinite(denominator)
    if counted.any():
        top, bottom = members.add(numerator, counted), members.add(denominator, counted)
        rate, told = factor * _divide(top, bottom), counted
        top, bottom = _none_as_missing(top, bottom), _none_as_missing(bottom, bottom)
    else:
        weights = members.population
        told = known & np.isfinite(weights)
        rate = _divide(members.add(value * weights, told), members.add(weights, told))
        top = bottom = np.full(len(members.codes), np.nan)
    quality = np.where(np.isfinite(rate), Quality.OBSERVED.value, Quality.MISSING.value)
    people = np.isfinite(members.population)
    share = _divide(
        members.add(members.population, told & people), members.add(members.population, people)
    )
    return pd.DataFrame(
        {
            "area_code": members.codes,
            "indicator": identity,
            "value": rate,
            "numerator": top,
            "denominator": bottom,
            "quality": quality,
            "data_share": share,
        }
    )


def _shape(tidy: pd.DataFrame) -> tuple[NDArray[np.object_], list[str]]:
    """Check the order of a tidy table; return its areas and its indicators."""
    indicator, indicators = pd.factorize(tidy["indicator"])
    area, areas = pd.factorize(tidy["area_code"])
    shape = (len(indicators), len(areas))
    sorted_so = (
        len(tidy) == shape[0] * shape[1]
        and (indicator.reshape(shape) == np.arange(shape[0])[:, None]).all()
        and (area.reshape(shape) == np.arange(shape[1])).all()
    )
    if not sorted_so:
        raise ContractError(
            "the tidy table of indicators",
            found=f"{len(tidy)} rows in another order",
            expected="each indicator in turn with the same areas in the same order, each once",
        )
    return areas.to_numpy(dtype=object), [str(one) for one in indicators]


def _members(areas: NDArray[np.object_], membership: pd.Series, population: pd.Series) -> _Members:
    parents = _lookup("membership", membership, areas)
    people = _lookup("population", population, areas)
    group, codes = pd.factorize(parents.to_numpy(dtype=object), sort=True)
    return _Members(np.asarray(codes, dtype=object), group, people.to_numpy(dtype=np.float64))


def _lookup(name: str, series: pd.Series, areas: NDArray[np.object_]) -> pd.Series:
    """Return the values of a series for all areas; each area must have one row."""
    # As objects, because look-ups in Arrow-backed text are many times slower.
    index = pd.Index(series.index.to_numpy(dtype=object), dtype="object")
    rows = index.get_indexer(areas) if index.is_unique else np.full(len(areas), -1)
    if (rows < 0).any():
        unknown = areas[rows < 0]
        raise ContractError(
            f"{name} of small areas",
            found=f"{len(unknown)} areas without a row, such as {unknown[0]}"
            if index.is_unique
            else "repeated areas",
            expected="one row for each small area of the table",
        )
    return series.iloc[rows]


def _divide(top: Floats, bottom: Floats) -> Floats:
    result = np.full(len(top), np.nan)
    np.divide(top, bottom, out=result, where=bottom > 0)
    return result


def _none_as_missing(counts: Floats, denominators: Floats) -> Floats:
    """Return counts, NaN where no small area has data (where the plain sum would be 0)."""
    return np.where(denominators > 0, counts, np.nan)
