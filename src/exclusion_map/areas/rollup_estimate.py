"""The modelled estimate for any set of small areas, with ranges that allow for correlated errors.

The edition holds an 80 % interval for each small area. The standard deviation is half its width
divided by 1.2816, and errors of nearby areas correlate as in the edition's validation, so that

    range of the sum = middle -+ 1.2816 sqrt(variance of `estimate.nearness`)

The range is then widened to match the ranges published for local authorities. These are computed
from expected errors by area, which the edition does not hold and whose distribution has longer
tails than a normal distribution.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from statistics import NormalDist

import numpy as np
import numpy.typing as npt

from exclusion_map.areas.atlas import Atlas, Floats
from exclusion_map.estimate.nearness import Labels, Nearness, nested
from exclusion_map.terms import AreaKind

Flags = npt.NDArray[np.bool_]

NORMAL_80 = NormalDist().inv_cdf(0.9)
"""Half width of the central 80 % of a normal distribution, in standard deviations."""
_LEVELS = {
    "neighbourhood": AreaKind.NEIGHBOURHOOD,
    "district": AreaKind.LOCAL_AUTHORITY,
    "health area": AreaKind.ICB,
}
"""Levels at which errors correlate, as named in `estimate.nearness`."""


@dataclass(frozen=True, eq=False, kw_only=True)
class SmallEstimates:
    """The estimate of n small areas, NaN where there is none.

    Attributes:
        share: (n,) per cent of households.
        low: (n,) lower end of its 80 % interval.
        high: (n,) upper end.
        households: (n,) households concerned.
        people: (n,) people in them, assuming average household size.
        correlations: correlation of two areas' errors, by the nearest level they share.
        widen: factor by which the range of a sum is widened.
    """

    share: Floats
    low: Floats
    high: Floats
    households: Floats
    people: Floats
    correlations: Mapping[str, float]
    widen: float = 1.0

    @property
    def known(self) -> Flags:
        """(n,) mask of areas with an estimate."""
        return np.asarray((self.share > 0) & ~np.isnan(self.households), dtype=np.bool_)

    @property
    def counts(self) -> Mapping[str, Floats]:
        """Households and people concerned, (n,) each."""
        return {"households": self.households, "people": self.people}


@dataclass(frozen=True, slots=True, kw_only=True)
class Range:
    """A figure between the ends of its 80 % interval."""

    low: float
    middle: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class RolledEstimate:
    """The estimate of a set of small areas.

    Attributes:
        areas: small areas with an estimate.
        of_households: all households in these.
        share: per cent of them.
        households: households concerned.
        people: people in them, assuming average household size.
    """

    areas: int
    of_households: float
    share: Range
    households: Range
    people: Range


def roll_estimate(atlas: Atlas, small: SmallEstimates, weight: Floats) -> RolledEstimate | None:
    """Return the estimate for a set of small areas; None if none of them has one.

    Args:
        atlas: the areas, with their neighbourhoods, districts and health areas.
        small: estimates of all small areas.
        weight: (n,) share of each small area that belongs to the set, 0 to 1.
    """
    inside = (weight > 0) & small.known
    if not inside.any():
        return None
    part = np.where(inside, weight, 0.0)
    whole = {name: 100 * part * counts / small.share for name, counts in small.counts.items()}
    homes, people = (_sum(atlas, small, np.nan_to_num(one), inside) for one in whole.values())
    everyone = float(np.nansum(whole["households"]))
    ends = (100 * end / everyone for end in (homes.low, homes.middle, homes.high))
    low, middle, high = ends
    return RolledEstimate(
        areas=int(inside.sum()),
        of_households=everyone,
        share=Range(low=low, middle=middle, high=high),
        households=homes,
        people=people,
    )


def widened(atlas: Atlas, small: SmallEstimates, kind: AreaKind, width: Floats) -> SmallEstimates:
    """Return the estimates, with ranges of sums as wide as those published for a larger kind.

    Args:
        atlas: the areas.
        small: estimates of all small areas.
        kind: kind of area with published ranges.
        width: (areas of the kind,) widths of the published ranges in households; NaN for none.
    """
    parent = atlas.level(AreaKind.SMALL_AREA).parents[kind].astype(np.intp)
    larger = np.where(small.known, parent, -1)
    homes = np.nan_to_num(100 * small.households / small.share)
    found = 2 * NORMAL_80 * np.sqrt(_variance(atlas, small, homes, larger, len(width)))
    known = (found > 0) & (width > 0)
    if not known.any():
        return small
    return replace(small, widen=float(np.median(width[known] / found[known])))


def _sum(atlas: Atlas, small: SmallEstimates, whole: Floats, inside: Flags) -> Range:
    """Return the sum of share times ``whole`` (n,) over the areas inside, with its range."""
    middle = float(whole[inside] @ small.share[inside] / 100)
    if inside.sum() == 1:
        # A single area has its own, asymmetric interval.
        row = int(np.flatnonzero(inside)[0])
        low, high = (float(whole[row] * end[row] / 100) for end in (small.low, small.high))
        return Range(low=low, middle=middle, high=high)
    one = np.where(inside, 0, -1).astype(np.intp)
    variance = float(_variance(atlas, small, whole, one, 1)[0])
    reach = small.widen * NORMAL_80 * math.sqrt(variance)
    total = float(whole[inside].sum())
    return Range(low=max(middle - reach, 0.0), middle=middle, high=min(middle + reach, total))


def _variance(
    atlas: Atlas, small: SmallEstimates, whole: Floats, larger: Labels, count: int
) -> Floats:
    deviation = np.nan_to_num((small.high - small.low) / (2 * NORMAL_80 * 100))
    nearness = Nearness(1.0, {name: small.correlations.get(name, 0.0) for name in _LEVELS})
    labels = levels_of(atlas)
    return nearness.variance(whole * deviation, larger, count, labels)


def levels_of(atlas: Atlas) -> dict[str, Labels]:
    """Return the group (n,) of each small area at every level with correlated errors."""
    return nested({name: _labels(atlas, kind) for name, kind in _LEVELS.items()})


def _labels(atlas: Atlas, kind: AreaKind) -> Labels:
    small = atlas.level(AreaKind.SMALL_AREA)
    if kind not in small.parents:
        return np.full(len(small), -1, dtype=np.intp)
    return small.parents[kind].astype(np.intp)
