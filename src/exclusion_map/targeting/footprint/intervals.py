"""How far chance could move a share of the people served.

People come in clumps: a clinic, a street, a word of mouth. So areas, not persons, are taken as
drawn at random. With y_a people served in area a, z_a the share of them in question (1 or 0 for a
tenth of risk, the share of the area's people for a group) and Y all people served:

    p = sum(y_a z_a) / Y       variance = m / (m - 1) * sum((y_a (z_a - p))^2) / Y^2

over the m areas with anybody served (linearised ratio, Cochran 1977, 6.3). For tenths the interval
is the exact one of Clopper and Pearson with the effective size p (1 - p) / variance, cut to at most
Y and corrected for its degrees of freedom (Korn and Graubard 1998, Survey Methodology 24:193). For
groups it is p +- t sqrt(variance) on the scale of logits.

Shares of the comparator are of a census and held fixed, so a ratio has the interval of its
numerator over its denominator. All who live in a place are no sample: they have no such interval
(`weighing` has that of the counts behind a figure).
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
LEVEL = 0.95
_DEGREES = 10_000


@dataclass(frozen=True, slots=True)
class Interval:
    """The ends of an interval; NaN for none."""

    low: float
    high: float


NONE = Interval(float("nan"), float("nan"))


def clustered_variance(served: Floats, share: Floats) -> tuple[float, float, int]:
    """Return the mean share, its variance over clusters, and how many clusters there are.

    Args:
        served: (m,) people by cluster, each above 0.
        share: (m,) of them in question, 0 to 1.
    """
    total, m = float(served.sum()), len(served)
    if total <= 0 or m == 0:
        return float("nan"), float("nan"), m
    mean = float(served @ share / total)
    if m == 1:
        return mean, float("nan"), 1
    spread = served * (share - mean)
    return mean, float(m / (m - 1) * (spread @ spread) / total**2), m


def design_effect(served: Floats, share: Floats) -> float:
    """Return how many times more a share varies than of as many people drawn singly; at least 1.

    To a decimal place, so that it tells nothing of single areas.
    """
    mean, variance, m = clustered_variance(served, share)
    if m < 2 or not 0 < mean < 1:
        return 1.0
    return round(max(1.0, variance * float(served.sum()) / (mean * (1 - mean))), 1)


def exact_interval(share: float, people: float, effect: float, clusters: int) -> Interval:
    """Return the Korn-Graubard interval of a share among people; no interval of one cluster.

    Args:
        share: 0 to 1.
        people: it is a share of, as shown.
        effect: design effect, at least 1.
        clusters: how many areas they come from.
    """
    from scipy.special import betaincinv, stdtrit  # Not needed to start.

    if clusters < 2 or people < 2 or np.isnan(share):
        return NONE
    tail = (1 - LEVEL) / 2
    plain = float(stdtrit(min(people - 1, _DEGREES), 1 - tail))
    few = float(stdtrit(min(clusters - 1, _DEGREES), 1 - tail))
    size = min(people / effect * (plain / few) ** 2, people)
    inside = share * size
    low = float(betaincinv(inside, size - inside + 1, tail)) if inside > 0 else 0.0
    high = float(betaincinv(inside + 1, size - inside, 1 - tail)) if inside < size else 1.0
    return Interval(low, high)


def logit_interval(share: float, variance: float, clusters: int) -> Interval:
    """Return the interval of a mean share on the scale of logits; none of one cluster."""
    from scipy.special import stdtrit  # Not needed to start.

    if clusters < 2 or not 0 < share < 1 or np.isnan(variance):
        return NONE
    middle = np.log(share / (1 - share))
    reach = float(stdtrit(min(clusters - 1, _DEGREES), 1 - (1 - LEVEL) / 2)) * np.sqrt(variance)
    ends = middle + np.array([-1.0, 1.0]) * reach / (share * (1 - share))
    low, high = (1 / (1 + np.exp(-ends))).tolist()
    return Interval(low, high)
