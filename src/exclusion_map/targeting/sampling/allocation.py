"""How many areas each stratum gets, in whole numbers."""

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from exclusion_map.errors import InvalidRequestError
from exclusion_map.targeting.sampling.design import Allocation
from exclusion_map.targeting.sampling.probabilities import Floats, Rows


def weighted_spread(values: Floats, size: Floats) -> float:
    """Return the standard deviation of values, weighted by size; 0 where fewer than 2 are known."""
    known = np.isfinite(values)
    if known.sum() < 2:
        return 0.0
    mean = np.average(values[known], weights=size[known])
    return float(np.sqrt(np.average((values[known] - mean) ** 2, weights=size[known])))


def shares(
    allocation: Allocation,
    totals: Floats,
    spreads: Floats,
    quotas: Mapping[str, int],
    names: Sequence[str],
) -> Floats:
    """Return (h,) what each stratum gets a part by: size, 1, size times spread, or its quota.

    Neyman (1934): n_h in proportion to N_h S_h, which minimises the variance of a mean for a fixed
    number of areas; with chances proportional to size X, N_h is X_h.

    Raises:
        InvalidRequestError: a quota names no stratum.
    """
    if allocation is Allocation.EQUAL:
        return np.ones(len(totals))
    if allocation is Allocation.NEYMAN:
        found = totals * spreads
        return found if found.sum() > 0 else totals
    if allocation is Allocation.QUOTAS:
        unknown = [name for name in quotas if name not in names]
        if unknown:
            raise InvalidRequestError(
                f"quota of {unknown[0]!r}",
                found="no such stratum",
                expected=f"one of: {'; '.join(list(names)[:12])}",
            )
        return np.array([float(quotas.get(name, 0)) for name in names])
    return totals


def whole_numbers(
    share: Floats, n: int, least: npt.NDArray[np.int64], most: npt.NDArray[np.int64]
) -> Rows:
    """Return (h,) whole numbers that sum to n, nearest to shares, by the largest remainder.

    Strata whose part lies outside their bounds get the bound; the rest is shared among the others.

    Args:
        share: (h,) 0 or more.
        n: what is shared.
        least: (h,) lower bounds.
        most: (h,) upper bounds.

    Raises:
        InvalidRequestError: the bounds leave no way to share ``n``.
    """
    least = np.minimum(least, most)
    if not least.sum() <= n <= most.sum():
        low, high = int(least.sum()), int(most.sum())
        raise InvalidRequestError(
            "areas in the sample",
            found=f"{n:,}",
            expected=f"{low:,} to {high:,} with these strata",
            mend="Choose fewer strata, fewer areas for each, or another number.",
        )
    part = _bounded(np.maximum(share, 0), float(n), least.astype(float), most.astype(float))
    whole = np.floor(part + 1e-9).astype(np.int64)
    left = n - int(whole.sum())
    # Largest remainder first; the earlier stratum where they are equal.
    order = np.argsort(-(part - whole), kind="stable")
    room = [at for at in order.tolist() if whole[at] < most[at]]
    whole[room[:left]] += 1
    return whole


def _bounded(share: Floats, n: float, least: Floats, most: Floats) -> Floats:
    """Return parts of n between bounds, in proportion to shares where no bound is met."""
    scale_low, scale_high = 0.0, 1.0
    while np.clip(scale_high * share, least, most).sum() < n and scale_high < 1e18:
        scale_high *= 2
    for _ in range(200):
        scale = (scale_low + scale_high) / 2
        if np.clip(scale * share, least, most).sum() < n:
            scale_low = scale
        else:
            scale_high = scale
    part: Floats = np.clip(scale_high * share, least, most)
    short = n - part.sum()
    if short > 1e-6:  # Strata without a share take what no other can.
        room = most - part
        part = part + room * short / room.sum()
    return part
