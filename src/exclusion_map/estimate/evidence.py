"""Validation of the estimate in held-out districts, published with it."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from exclusion_map.estimate.model import Modelled
from exclusion_map.estimate.nearness import Labels, Nearness
from exclusion_map.estimate.rollup import NORMAL_80, Counts
from exclusion_map.index.order import Floats
from exclusion_map.index.validate import EVERYWHERE, agreement, calibration

Row = dict[str, object]

SHOWN = 10
"""Number of worst-fitting districts that are listed."""

FEWEST = 3
"""Fewest small areas with an outcome for which a larger area's total is checked."""


def rows(
    modelled: Modelled, outcome: Floats, groupings: Mapping[str, NDArray[np.object_]]
) -> list[Row]:
    """Return one row for all areas, and one for each group of each grouping.

    A row holds n, rank correlation (``spearman``), ``r_squared``, ``overlap`` of the worst tenth,
    mean and root mean square error, ``bias`` (estimate less outcome), ``coverage`` of the 80 %
    intervals and their mean ``width``; quantities with a unit are in percentage points.
    """
    found = [_row(modelled, outcome, np.ones(len(outcome), dtype=np.bool_), EVERYWHERE, EVERYWHERE)]
    for grouping, labels in groupings.items():
        names = sorted({name for name in labels.tolist() if isinstance(name, str)})
        found.extend(_row(modelled, outcome, labels == name, grouping, name) for name in names)
    return found


def _row(
    modelled: Modelled, outcome: Floats, members: NDArray[np.bool_], grouping: str, group: str
) -> Row:
    at = np.flatnonzero(members & ~np.isnan(outcome))
    truth, estimate = outcome[at], modelled.estimate[at]
    low, high = modelled.low[at], modelled.high[at]
    both, error = agreement(estimate, truth), estimate - truth
    numbers = {
        "spearman": both.spearman,
        "r_squared": both.r_squared,
        "overlap": both.overlap,
        "mean_absolute_error": _mean(np.abs(error)),
        "root_mean_square_error": float(np.sqrt(_mean(error**2))),
        "bias": _mean(error),
        "coverage": _mean(((low <= truth) & (truth <= high)).astype(np.float64)),
        "width": _mean(high - low),
    }
    return {"grouping": grouping, "group": group, "n": len(at), **_plain(numbers)}


def tenths(modelled: Modelled, outcome: Floats) -> list[Row]:
    """Return the mean outcome and the coverage in each tenth of areas by estimate, 1 = highest."""
    known = np.flatnonzero(~np.isnan(outcome))
    estimate, truth = modelled.estimate[known], outcome[known]
    inside = (modelled.low[known] <= truth) & (truth <= modelled.high[known])
    parts = np.array_split(np.argsort(-estimate, kind="stable"), 10)
    return [
        {
            "tenth": tenth.tenth,
            "n": tenth.n,
            **_plain(
                {
                    "estimate": tenth.score,
                    "outcome": tenth.outcome,
                    "coverage": _mean(inside[part].astype(np.float64)),
                }
            ),
        }
        for tenth, part in zip(calibration(estimate, truth), parts, strict=False)
    ]


def totals(
    modelled: Modelled,
    counts: Counts,
    kinds: Mapping[str, Labels],
    levels: Mapping[str, Labels],
) -> list[Row]:
    """Return the coverage of 80 % intervals of larger areas' totals, by kind of area.

    Totals are over small areas with an outcome. Correlations of errors are estimated without the
    fold that contains the larger area, or from all folds if it spans several. For comparison,
    ``coverage_if_independent`` is the coverage of intervals that assume independent errors.
    """
    known = ~np.isnan(counts.observed) & ~np.isnan(counts.households)
    scaled = np.where(known, (counts.observed - modelled.estimate) / modelled.spread, np.nan)
    every = Nearness.of(scaled, levels)
    without = [
        Nearness.of(np.where(modelled.fold == one, np.nan, scaled), levels)
        for one in range(int(modelled.fold.max()) + 1)
    ]
    found: list[Row] = []
    for kind, labels in kinds.items():
        larger = np.where(known, labels, -1)
        at = np.flatnonzero(np.bincount(larger[known & (labels >= 0)]) >= FEWEST)
        if not len(at):
            continue
        error, variance, independent = _errors(modelled, counts, larger, levels, every, without)
        reach = np.abs(error[at]) / NORMAL_80
        numbers = {
            "coverage": _mean((reach <= np.sqrt(variance[at])).astype(np.float64)),
            "coverage_if_independent": _mean(
                (reach <= np.sqrt(independent[at])).astype(np.float64)
            ),
        }
        found.append({"kind": kind, "n": len(at), **_plain(numbers)})
    return found


def _errors(
    modelled: Modelled,
    counts: Counts,
    larger: Labels,
    levels: Mapping[str, Labels],
    every: Nearness,
    without: list[Nearness],
) -> tuple[Floats, Floats, Floats]:
    """Return errors (g,) of larger areas' totals, their variance, and that if independent."""
    inside = np.flatnonzero(larger >= 0)
    count = int(larger.max()) + 1
    weights = counts.households / 100
    off = ((counts.observed - modelled.estimate) * weights)[inside]
    spread = np.where(larger >= 0, modelled.spread * weights, 0.0)
    independent = every.own * np.bincount(
        larger[inside], weights=spread[inside] ** 2, minlength=count
    )
    variance = every.variance(spread, larger, count, levels)
    first, last = np.full(count, len(without)), np.full(count, -1)
    np.minimum.at(first, larger[inside], modelled.fold[inside])
    np.maximum.at(last, larger[inside], modelled.fold[inside])
    for one in np.unique(first[first == last]):
        at = (first == one) & (last == one)
        variance[at] = without[one].variance(spread, larger, count, levels)[at]
    error = np.asarray(np.bincount(larger[inside], weights=off, minlength=count), dtype=np.float64)
    return error, variance, np.asarray(independent, dtype=np.float64)


def worst_places(
    modelled: Modelled, counts: Counts, districts: Labels, names: tuple[str, ...]
) -> dict[str, list[Row]]:
    """Return the districts most over- and underestimated, with errors in percentage points."""
    known = ~np.isnan(counts.observed) & ~np.isnan(counts.households) & (districts >= 0)
    member, weights = districts[known], counts.households[known]
    total = np.bincount(member, weights=weights, minlength=len(names))
    safe = np.where(total > 0, total, np.nan)
    means = [
        np.bincount(member, weights=weights * values[known], minlength=len(names)) / safe
        for values in (modelled.estimate, counts.observed)
    ]
    error = means[0] - means[1]
    at = np.flatnonzero(~np.isnan(error))
    order = at[np.argsort(error[at])]
    picked = {"too_high": order[::-1][:SHOWN], "too_low": order[:SHOWN]}
    return {
        side: [
            {
                "district": names[one],
                **_plain(
                    {
                        "estimate": float(means[0][one]),
                        "observed": float(means[1][one]),
                        "error": float(error[one]),
                    }
                ),
            }
            for one in places.tolist()
        ]
        for side, places in picked.items()
    }


def chance(outcome: Floats, households: Floats) -> float:
    """Return the root mean square error due to chance alone, in percentage points.

    If each household of an area answered on paper with probability p per cent, the standard error
    of the area's share would be sqrt(p (100 - p) / households).
    """
    known = ~np.isnan(outcome) & (np.nan_to_num(households) > 0)
    share = outcome[known]
    return float(np.sqrt(_mean(share * (100 - share) / households[known])))


def _mean(values: Floats) -> float:
    return float(values.mean()) if len(values) else float("nan")


def _plain(numbers: Mapping[str, float]) -> dict[str, float | None]:
    """Return numbers for JSON, which has no NaN: null instead."""
    return {name: None if value != value else round(value, 5) for name, value in numbers.items()}
