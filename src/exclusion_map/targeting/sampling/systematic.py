"""Systematic sampling with unequal probabilities along an order: implicit stratification.

Source: Madow (1949), Annals of Mathematical Statistics 20, 333-354; Tille (2006), section 7.2.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from exclusion_map.targeting.sampling.probabilities import Floats, Rows

ROUNDING = 1e-9


def systematic(probability: Floats, start: float) -> Rows:
    """Return the units drawn, ascending: unit k where a step u, u + 1, u + 2, ... ends in it.

    With V_k the sum of the first k probabilities, k is drawn if V_(k-1) <= u + i < V_k for some
    whole i. The sum of probabilities is a whole number, which is then the size of the sample.

    Args:
        probability: (N,) in the order of the list.
        start: u, from 0 and below 1.
    """
    ends = np.cumsum(probability)
    n = round(float(ends[-1])) if len(ends) else 0
    if n == 0:
        return np.empty(0, dtype=np.int64)
    # The sum is whole up to rounding: stretch it, so that the last step never falls off the end.
    ends *= n / ends[-1]
    steps = np.minimum(start + np.arange(n), n - ROUNDING)
    found: Rows = np.searchsorted(ends, steps, side="right").astype(np.int64)
    return found


def joint_systematic(probability: Floats, rows: Rows) -> Floats:
    """Return (m, m) joint inclusion probabilities of some units under systematic sampling.

    Many are 0: no unbiased estimate of variance exists. For k before l, with V the fractional part
    of the sum of probabilities from k to l - 1:
    pi_kl = min(max(0, pi_k - V), pi_l) + min(pi_k, max(0, V + pi_l - 1)). Source: Tille (2006),
    section 7.2, after Connor (1966).

    Args:
        probability: (N,) in the order of the list.
        rows: (m,) ascending.
    """
    before = np.concatenate([[0.0], np.cumsum(probability)])[rows]
    gap = (before[None, :] - before[:, None]) % 1.0
    first, second = probability[rows][:, None], probability[rows][None, :]
    joint = np.minimum(np.maximum(0, first - gap), second)
    joint = joint + np.minimum(first, np.maximum(0, gap + second - 1))
    upper = np.triu(joint, 1)
    found: Floats = upper + upper.T + np.diag(probability[rows])
    return found


def serpentine(keys: Sequence[npt.NDArray[np.float64]]) -> Rows:
    """Return an order by several keys that turns round at each change: neighbours stay alike.

    The second key rises within the first value of the first key, falls within the second, and so
    on. Missing values come last.

    Args:
        keys: (N,) each, the widest first.
    """
    n = len(keys[0])
    group = np.zeros(n, dtype=np.int64)
    for key in keys:
        known = np.where(np.isnan(key), np.inf, key)
        rank = np.unique(known, return_inverse=True)[1].astype(np.int64)
        turned = np.where(group % 2 == 0, rank, rank.max(initial=0) - rank)
        pair = group * (rank.max(initial=0) + 1) + turned
        group = np.unique(pair, return_inverse=True)[1].astype(np.int64)
    return np.argsort(group, kind="stable").astype(np.int64)
