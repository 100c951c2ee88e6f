"""Households and people at risk in larger areas; intervals allow for correlated errors."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from exclusion_map.estimate.nearness import Labels, Nearness, coded
from exclusion_map.geography.larger import PARENT_COLUMNS
from exclusion_map.index.order import Floats
from exclusion_map.terms import LARGER_KINDS, AreaKind

NORMAL_80 = 1.2815515655446004
"""Half width of the central 80 % of a normal distribution, in standard deviations."""

COLUMNS = (
    "kind",
    "code",
    "estimate",
    "low",
    "high",
    "observed",
    "observed_share",
    "households_low",
    "households",
    "households_high",
    "people_low",
    "people",
    "people_high",
)


@dataclass(frozen=True, eq=False)
class Counts:
    """Denominators of the estimate for n small areas, and the observed outcome.

    Attributes:
        households: (n,) all households.
        residents: (n,) people who live in them.
        observed: (n,) the outcome, NaN where unknown.
    """

    households: Floats
    residents: Floats
    observed: Floats


def small_table(
    codes: np.ndarray, estimate: Floats, low: Floats, high: Floats, counts: Counts
) -> pd.DataFrame:
    """Return the rows of small areas in the given order; for the columns see ``COLUMNS``."""
    table = pd.DataFrame({"code": codes, "estimate": estimate, "low": low, "high": high})
    table["kind"] = AreaKind.SMALL_AREA.value
    table["observed"] = counts.observed
    table["observed_share"] = (~np.isnan(counts.observed)).astype(np.float64)
    for name, total in (("households", counts.households), ("people", counts.residents)):
        for end, share in (("_low", low), ("", estimate), ("_high", high)):
            table[f"{name}{end}"] = total * share / 100
    return table[list(COLUMNS)]


def larger_table(
    small: pd.DataFrame,
    estimate: Floats,
    spread: Floats,
    counts: Counts,
    nearness: Nearness,
    levels: Mapping[str, Labels],
) -> pd.DataFrame:
    """Return a row for every larger area with a code in ``small``, by kind and code.

    Households at risk are summed over small areas; the estimate is their share of all households.
    Small areas without a count of households are left out.

    Args:
        small: table with some of the columns of ``PARENT_COLUMNS``.
        estimate: (n,) per cent.
        spread: (n,) expected error, percentage points.
        counts: denominators of the small areas.
        nearness: correlations of errors.
        levels: the levels ``nearness`` was computed from.
    """
    parts = []
    for kind in LARGER_KINDS:
        column = PARENT_COLUMNS[kind][0]
        if column not in small:
            continue
        larger, codes = coded(small[column].astype("object").tolist())
        table = pd.DataFrame({"kind": kind.value, "code": codes})
        for name, weights in (("households", counts.households), ("people", counts.residents)):
            sums = _sums(weights, estimate, spread, larger, len(codes), nearness, levels)
            table[f"{name}_low"], table[name], table[f"{name}_high"] = sums
        total = _added(counts.households, larger, len(codes))
        for share, end in (("low", "_low"), ("estimate", ""), ("high", "_high")):
            table[share] = 100 * table[f"households{end}"] / total
        table["observed"], table["observed_share"] = _observed(counts, larger, total)
        parts.append(table[list(COLUMNS)])
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=list(COLUMNS))


def _sums(
    weights: Floats,
    estimate: Floats,
    spread: Floats,
    larger: Labels,
    count: int,
    nearness: Nearness,
    levels: Mapping[str, Labels],
) -> tuple[Floats, Floats, Floats]:
    """Return the sums over larger areas with their interval: low, middle, high, each (count,)."""
    known = np.nan_to_num(weights)
    middle = _added(known * estimate / 100, larger, count)
    variance = nearness.variance(known * spread / 100, larger, count, levels)
    reach = NORMAL_80 * np.sqrt(variance)
    return (
        np.maximum(middle - reach, 0),
        middle,
        np.minimum(middle + reach, _added(known, larger, count)),
    )


def _observed(counts: Counts, larger: Labels, total: Floats) -> tuple[Floats, Floats]:
    """Return the observed share over small areas with an outcome, and their household share."""
    known = np.where(np.isnan(counts.observed), 0.0, np.nan_to_num(counts.households))
    households = _added(known, larger, len(total))
    online = _added(known * np.nan_to_num(counts.observed), larger, len(total))
    share = np.divide(online, households, out=np.full(len(total), np.nan), where=households > 0)
    return share, households / total


def _added(values: Floats, larger: Labels, count: int) -> Floats:
    inside = larger >= 0
    sums = np.bincount(larger[inside], weights=np.nan_to_num(values[inside]), minlength=count)
    return np.asarray(sums, dtype=np.float64)
