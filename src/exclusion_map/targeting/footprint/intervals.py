"""How far chance could move a share of the people served.

People come in clumps: a clinic, a street, a word of mouth. So areas, not persons, are taken as
drawn at random. With y_a people served in area a, z_a the share of them in question (1 or 0 for a
tenth of risk, the share of the area's people for a group) and Y all people served:

    p = sum(y_a z_a) / Y       variance = m / (m - 1) * sum((y_a (z_a - p))^2) / Y^2

over the m areas with anybody served (linearised ratio, Cochran 1977, 6.3). For tenths the interval
is the exact one of Clopper and Pearson with the effective size p (1 - p) / variance, cut to at most
Y and corrected for its degrees of freedom (Korn and Graubard 1998, Survey Methodology 24:193). For
groups it is p +- t sqrt(variance) on the scale of logits.

Where none (or all) of the people are in question, that variance is 0 and tells nothing. Each area
then counts as one draw: the design effect is that of areas whose people are all alike,
sum(y_a^2) / Y (Kish 1965, 5.4), for tenths and groups. Taken as 1, intervals of ten areas held the
true share in fewer than one such case in ten. People of a single area could be of any share:
their interval is 0 to 1.

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
ANY = Interval(0.0, 1.0)
"""Of a share that the people served tell nothing of."""


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

    To a decimal place, so that it tells nothing of single areas. With a share of 0 or 1, that of
    areas whose people are all alike.
    """
    mean, variance, m = clustered_variance(served, share)
    if m < 2:
        return 1.0
    total = float(served.sum())
    if not 0 < mean < 1:
        return round(max(1.0, float(served @ served) / total), 1)
    return round(max(1.0, variance * total / (mean * (1 - mean))), 1)


def exact_interval(share: float, people: float, effect: float, clusters: int) -> Interval:
    """Return the Korn-Graubard interval of a share among people; of one cluster 0 to 1.

    Args:
        share: 0 to 1.
        people: it is a share of, as shown.
        effect: design effect, at least 1.
        clusters: how many areas they come from.
    """
    from scipy.special import betaincinv, stdtrit  # Not needed to start.

    if np.isnan(share):
        return NONE
    if clusters < 2 or people < 2:
        return ANY
    tail = (1 - LEVEL) / 2
    plain = float(stdtrit(min(people - 1, _DEGREES), 1 - tail))
    few = float(stdtrit(min(clusters - 1, _DEGREES), 1 - tail))
    size = min(people / effect * (plain / few) ** 2, people)
    inside = share * size
    low = float(betaincinv(inside, size - inside + 1, tail)) if inside > 0 else 0.0
    high = float(betaincinv(inside + 1, size - inside, 1 - tail)) if inside < size else 1.0
    return Interval(low, high)


def listed_interval(served: Floats, share: Floats) -> Interval:
    """Return the interval of a mean share over clusters; NaN of none.

    Args:
        served: (m,) people by cluster, each above 0.
        share: (m,) of them in question, 0 to 1.
    """
    mean, variance, m = clustered_variance(served, share)
    if 0 < mean < 1:
        return logit_interval(mean, variance, m)
    return exact_interval(mean, float(served.sum()), design_effect(served, share), m)


def logit_interval(share: float, variance: float, clusters: int) -> Interval:
    """Return the interval of a mean share above 0 and below 1 on the scale of logits.

    Of one cluster 0 to 1.
    """
    from scipy.special import stdtrit  # Not needed to start.

    if not 0 < share < 1:
        return NONE
    if clusters < 2 or np.isnan(variance):
        return ANY
    middle = np.log(share / (1 - share))
    reach = float(stdtrit(min(clusters - 1, _DEGREES), 1 - (1 - LEVEL) / 2)) * np.sqrt(variance)
    ends = middle + np.array([-1.0, 1.0]) * reach / (share * (1 - share))
    low, high = (1 / (1 + np.exp(-ends))).tolist()
    return Interval(low, high)
