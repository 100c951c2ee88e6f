"""A modelled estimate: what share of households is unlikely to deal with government online.

Scores order places; they do not say how many. This is a ridge regression of 100 minus the Digital
Propensity Index on many small-area shares, with whole districts held out to judge it and to set its
intervals. It is always "modelled": it measures households that would answer a census on paper.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import reduce
from operator import add

import numpy as np
from numpy.typing import ArrayLike, NDArray

from exclusion_map.errors import InvalidRequestError
from exclusion_map.index.fit import Moments, folds_by_group, non_negative
from exclusion_map.index.order import Floats
from exclusion_map.index.validate import Agreement, agreement

PENALTY = 10.0
"""Chosen on districts held out, where 1 to 100 made no difference in the third digit."""

NORMAL_80 = 1.2815515655446004
"""Half width of a normal's middle 80 %, in standard deviations."""


@dataclass(frozen=True, eq=False)
class Estimate:
    """The model's answer for n areas, in per cent of households.

    Attributes:
        value: (n,) from all areas with an outcome; from 0.
        held_out: (n,) from the districts other than the area's own part; NaN without an outcome.
        low: (n,) end of the interval.
        high: (n,)
        sd: (n,) standard deviation of what areas differ by alone.
        district_sd: standard deviation of what a whole district shares.
        interval: what share of areas the interval is made to hold.
        agreement: of ``held_out`` with the outcome.
        coverage: share of areas whose outcome lies in an interval made without their district, by
            region and over all ("everywhere").
    """

    value: Floats
    held_out: Floats
    low: Floats
    high: Floats
    sd: Floats
    district_sd: float
    interval: float
    agreement: Agreement
    coverage: Mapping[str, float]


def estimate(
    features: Floats,
    outcome: ArrayLike,
    districts: ArrayLike,
    regions: ArrayLike,
    households: Floats,
    *,
    folds: int = 10,
    seed: int = 1,
    interval: float = 0.8,
    penalty: float = PENALTY,
) -> Estimate:
    """Return an estimate with an interval for every area, also those without an outcome.

    Intervals are conformal within regions: the spread of held-out errors, scaled by what the model
    expects them to be, cut so that ``interval`` of a region's areas lie inside.

    Args:
        features: (n, p) without gaps.
        outcome: (n,) per cent of households, NaN where unknown.
        districts: (n,) label of what is held out as a whole.
        regions: (n,) label within which intervals are set.
        households: (n,) that the share is of.
        folds: how many parts the districts are dealt into.
        seed: how they are dealt.
        interval: share of areas an interval is to hold.
        penalty: of the ridge, in rows.

    Raises:
        InvalidRequestError: a feature has a gap, or a region has no outcome to set intervals by.
    """
    truth, label = np.asarray(outcome, dtype=np.float64), _labels(regions)
    known = np.flatnonzero(~np.isnan(truth))
    _check(features, label, known)
    x = _standardised(features)
    fold = folds_by_group(_labels(districts)[known], folds, seed)
    value, held_out = _fitted(x, truth, [known[fold == one] for one in range(folds)], penalty)
    error = truth[known] - held_out[known]
    shape = _Spread.fit(held_out[known], households[known], error)
    scaled = error / shape.of(held_out[known], households[known])
    low, high = _ends(scaled, label[known], label, interval)
    sd = shape.of(value, households)
    district_sd = _shared(error, _labels(districts)[known])
    return Estimate(
        value=value,
        held_out=held_out,
        low=np.maximum(value + low * sd, 0.0),
        high=value + high * sd,
        sd=np.sqrt(np.maximum(sd**2 - district_sd**2, 0.0)),
        district_sd=district_sd,
        interval=interval,
        agreement=agreement(held_out, truth),
        coverage=_coverage(scaled, label[known], fold, interval),
    )


def _check(features: Floats, regions: NDArray[np.str_], known: NDArray[np.intp]) -> None:
    if np.isnan(features).any():
        raise InvalidRequestError("features", found="gaps", expected="a number in every cell")
    without = set(regions.tolist()) - set(regions[known].tolist())
    if without:
        raise InvalidRequestError(
            "intervals", found=f"no outcome in {', '.join(sorted(without))}", expected="some"
        )


def _fitted(
    x: Floats, truth: Floats, parts: list[NDArray[np.intp]], penalty: float
) -> tuple[Floats, Floats]:
    """Return the model's values from all parts, and for each part from all the others."""
    moments = [Moments.of(x[part], truth[part]) for part in parts]
    everything = reduce(add, moments)
    held_out = np.full(len(truth), np.nan)
    for part, own in zip(parts, moments, strict=True):
        held_out[part] = _predict(x[part], everything - own, penalty)
    return _predict(x, everything, penalty), held_out


def _predict(x: Floats, moments: Moments, penalty: float) -> Floats:
    weights, constant = moments.ridge(penalty)
    return np.asarray(np.maximum(x @ weights + constant, 0.0))


def _labels(values: ArrayLike) -> NDArray[np.str_]:
    return np.asarray(values, dtype=object).astype(np.str_)


def _standardised(features: Floats) -> Floats:
    spread = features.std(axis=0)
    varies = spread > 0
    return np.asarray((features[:, varies] - features[:, varies].mean(axis=0)) / spread[varies])


@dataclass(frozen=True)
class _Spread:
    """Expected squared error: a + b value + c / households, with a, b, c from 0."""

    terms: tuple[float, float, float]

    @classmethod
    def fit(cls, value: Floats, households: Floats, error: Floats) -> "_Spread":
        parts = np.column_stack([value, 1 / np.maximum(households, 1)])
        slopes, constant = non_negative(parts, error**2)
        floor = float(np.quantile(error**2, 0.25))
        spread = cls((max(constant, floor), float(slopes[0]), float(slopes[1])))
        # the floor lifts all; bring the whole back to the errors that were seen
        factor = float((error**2).mean() / (spread.of(value, households) ** 2).mean())
        a, b, c = spread.terms
        return cls((a * factor, b * factor, c * factor))

    def of(self, value: Floats, households: Floats) -> Floats:
        a, b, c = self.terms
        return np.sqrt(a + b * value + c / np.maximum(households, 1))


def _ends(
    scaled: Floats, known: NDArray[np.str_], wanted: NDArray[np.str_], interval: float
) -> tuple[Floats, Floats]:
    """Return, for each area wanted, the lower and upper quantile of its region's scaled errors."""
    low, high = np.full(len(wanted), np.nan), np.full(len(wanted), np.nan)
    for region in np.unique(wanted):
        at = wanted == region
        low[at], high[at] = _tails(scaled[known == region], interval)
    return low, high


def _tails(scaled: Floats, interval: float) -> tuple[float, float]:
    tail = (1 - interval) / 2
    return float(np.quantile(scaled, tail)), float(np.quantile(scaled, 1 - tail))


def _coverage(
    scaled: Floats, regions: NDArray[np.str_], fold: NDArray[np.intp], interval: float
) -> dict[str, float]:
    """Return how often an interval set without an area's own fold holds it, by region."""
    inside = np.zeros(len(scaled), dtype=np.bool_)
    for one in np.unique(fold):
        own = fold == one
        for region in np.unique(regions[own]):
            at = own & (regions == region)
            rest = ~own & (regions == region)
            # a region that lies in one fold alone is judged by all the others
            by = rest if rest.any() else ~own
            low, high = _tails(scaled[by], interval)
            inside[at] = (scaled[at] >= low) & (scaled[at] <= high)
    found = {str(region): float(inside[regions == region].mean()) for region in np.unique(regions)}
    return {"everywhere": float(inside.mean()), **found}


def _shared(error: Floats, districts: NDArray[np.str_]) -> float:
    """Return the standard deviation of what areas of one district share of their errors.

    One-way analysis of variance with unequal groups (Searle, Casella and McCulloch 1992).
    """
    _, member, sizes = np.unique(districts, return_inverse=True, return_counts=True)
    n, groups = len(error), len(sizes)
    if groups < 2 or n == groups:
        return 0.0
    means = np.bincount(member, weights=error) / sizes
    within = ((error - means[member]) ** 2).sum() / (n - groups)
    between = (sizes * (means - error.mean()) ** 2).sum() / (groups - 1)
    typical = (n - (sizes**2).sum() / n) / (groups - 1)
    return float(np.sqrt(max((between - within) / typical, 0.0)))


@dataclass(frozen=True, eq=False)
class RolledUp:
    """Households at risk in larger areas.

    Attributes:
        names: the larger areas.
        households: (g,) in all.
        at_risk: (g,) households unlikely to deal with government online, modelled.
        low: (g,) end of the 80 % interval.
        high: (g,)
    """

    names: tuple[str, ...]
    households: Floats
    at_risk: Floats
    low: Floats
    high: Floats


def roll_up(
    modelled: Estimate, households: Floats, larger: ArrayLike, districts: ArrayLike
) -> RolledUp:
    """Return households at risk in larger areas, with 80 % intervals.

    Errors of small areas are not independent: a district shares part of them. So the variance of a
    sum is, district by district, (its households)^2 times the shared variance, plus each area's
    own. Intervals are normal.

    Args:
        modelled: of n small areas.
        households: (n,)
        larger: (n,) label of the larger area each belongs to; "" or None = none.
        districts: (n,) label of its district.
    """
    label = np.asarray(larger, dtype=object)
    inside = np.array([isinstance(one, str) and one != "" for one in label])
    names, group = np.unique(label[inside].astype(np.str_), return_inverse=True)
    weight = households[inside]
    count = np.asarray(np.bincount(group, weights=weight), dtype=np.float64)
    at_risk = np.bincount(group, weights=weight * modelled.value[inside]) / 100
    own = np.bincount(group, weights=(weight * modelled.sd[inside]) ** 2)
    _, district = np.unique(_labels(districts)[inside], return_inverse=True)
    pairs, pair = np.unique(np.stack([group, district]), axis=1, return_inverse=True)
    in_pair = np.bincount(pair.reshape(-1), weights=weight)
    shared = np.bincount(pairs[0], weights=in_pair**2, minlength=len(names))
    sd = np.sqrt(own + shared * modelled.district_sd**2) / 100
    return RolledUp(
        names=tuple(str(name) for name in names),
        households=count,
        at_risk=at_risk,
        low=np.maximum(at_risk - NORMAL_80 * sd, 0.0),
        high=np.minimum(at_risk + NORMAL_80 * sd, count),
    )
