"""Inclusion probabilities proportional to size, with areas that are certain to be drawn."""

import numpy as np
import numpy.typing as npt

from exclusion_map.errors import InvalidRequestError

Floats = npt.NDArray[np.float64]
Rows = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

CERTAIN = 1 - 1e-9
"""From here on an inclusion probability is 1."""


def inclusion_probabilities(size: Floats, n: int) -> Floats:
    """Return (N,) inclusion probabilities proportional to size; they sum to ``n``.

    pi_k = n x_k / sum x. Where that reaches 1 the unit is certain: it is set to exactly 1, and the
    rest of n is shared among the others in the same way, until none exceeds 1. Source: Tille (2006)
    Sampling Algorithms, section 2.10; ``inclusionprobabilities`` of the R package sampling.

    Args:
        size: (N,) above 0.
        n: how many units are drawn, 0 to N.

    Raises:
        InvalidRequestError: a size is not above 0, or there are fewer units than ``n``.
    """
    if not 0 <= n <= len(size):
        raise InvalidRequestError(
            "sample", found=f"{n:,} of {len(size):,} areas", expected="no more than there are"
        )
    if len(size) and not (np.isfinite(size).all() and size.min() > 0):
        raise InvalidRequestError("size of areas", found="0 or none", expected="sizes above 0")
    probability = np.zeros(len(size))
    left = np.ones(len(size), dtype=np.bool_)
    while left.any():
        wanted = n - int((~left).sum())
        part = wanted * size[left] / size[left].sum()
        probability[left] = part
        over = left.copy()
        over[left] = part >= CERTAIN
        if not over.any():
            break
        probability[over] = 1.0
        left &= ~over
    return probability


def summed(number: Rows, values: Floats, count: int) -> Floats:
    """Return (count,) the sum of values by the number each has, from 0."""
    return np.bincount(number, weights=values, minlength=count).astype(np.float64)
