"""Usual shares of each census category, and how the hidden factors move them.

Shares are those of an ordinary place in England and Wales; a category's share in a small area is
in proportion to ``usual x exp(sum of loading x factor)``. Loadings were chosen so that the
indicators go together about as they do in the 2021 census: older places have fewer migrants, bad
health goes with deprivation and with age, households without a car with deprivation and with town
centres.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Counts = NDArray[np.int64]


@dataclass(frozen=True)
class Category:
    """One category of a table: its usual share, and its loadings on factors by name."""

    usual: float
    loads: Mapping[str, float] = field(default_factory=dict)


def _of(usual: float, **loads: float) -> Category:
    return Category(usual, loads)


AGES = {
    "0-2": _of(0.031, old=-0.20, deprived=0.12, student=-1.0),
    "3-4": _of(0.023, old=-0.18, deprived=0.12, student=-1.0),
    "5-15": _of(0.128, old=-0.12, deprived=0.10, student=-1.2),
    "16-64": _of(0.632, old=-0.09, student=0.45),
    "65": _of(0.010, old=0.26, deprived=-0.02, student=-1.0),
    "66-69": _of(0.039, old=0.32, deprived=-0.03, student=-1.2),
    "70-74": _of(0.050, old=0.38, deprived=-0.06, student=-1.3),
    "75-79": _of(0.036, old=0.40, deprived=-0.05, student=-1.3),
    "80-84": _of(0.026, old=0.42, deprived=-0.02, student=-1.3),
    "85+": _of(0.025, old=0.46, student=-1.3),
}
HOUSEHOLD_SIZES = {
    "1": _of(0.290, deprived=0.16, old=0.10, inner=0.55),
    "2": _of(0.342, deprived=-0.12, old=0.17, student=-0.2),
    "3": _of(0.161, old=-0.09, student=0.2),
    "4": _of(0.131, deprived=-0.10, old=-0.14, student=0.6),
    "5": _of(0.046, deprived=0.08, old=-0.18, abroad=0.12, student=0.9),
    "6": _of(0.018, deprived=0.10, old=-0.20, abroad=0.30, student=0.9),
    "7": _of(0.007, deprived=0.12, old=-0.20, abroad=0.40),
    "8+": _of(0.005, deprived=0.12, old=-0.20, abroad=0.45),
}
DEPRIVATION = {
    "0": _of(0.50, deprived=-0.26, old=-0.05),
    "1": _of(0.335, old=0.05),
    "2": _of(0.128, deprived=0.26, old=0.10),
    "3": _of(0.030, deprived=0.50),
    "4": _of(0.002, deprived=0.50, abroad=0.30),
}
ENGLISH = {
    "main": _of(0.925),
    "very well": _of(0.034, abroad=0.75),
    "well": _of(0.025, abroad=0.82, deprived=0.10),
    "not well": _of(0.0095, abroad=0.85, deprived=0.30),
    "cannot": _of(0.0017, abroad=0.85, deprived=0.40),
}
HEALTH = {
    "very good": _of(0.488, deprived=-0.06, old=-0.09, student=0.2),
    "good": _of(0.337, old=0.02),
    "fair": _of(0.125, deprived=0.17, old=0.19, student=-0.4),
    "bad": _of(0.037, deprived=0.38, old=0.23, student=-0.6),
    "very bad": _of(0.011, deprived=0.44, old=0.22, student=-0.6),
}
DISABILITY = {
    "a lot": _of(0.068, deprived=0.33, old=0.30, student=-0.5),
    "a little": _of(0.100, deprived=0.16, old=0.21),
    "not limited": _of(0.070, deprived=-0.03, old=0.12, abroad=-0.15),
    "none": _of(0.760, student=0.1),
}
CARS = {
    "0": _of(0.195, deprived=0.45, inner=1.0, remote=-0.45, student=0.6),
    "1": _of(0.420, deprived=0.04, old=0.05),
    "2": _of(0.275, deprived=-0.28, remote=0.16, inner=-0.8),
    "3+": _of(0.095, deprived=-0.35, remote=0.30, inner=-1.0),
}
TENURES = {
    "outright": _of(0.335, deprived=-0.32, old=0.34, student=-1.2),
    "mortgage": _of(0.295, deprived=-0.24, old=-0.10, student=-1.2),
    "shared": _of(0.008, old=-0.2, inner=0.4),
    "council": _of(0.055, deprived=0.95),
    "other social": _of(0.065, deprived=0.80, inner=0.3),
    "landlord": _of(0.165, deprived=0.12, abroad=0.25, inner=0.6, student=1.6),
    "other private": _of(0.021, remote=0.30),
    "rent free": _of(0.001, remote=0.3),
}
CLASSES = {
    "L1-3": _of(0.122, deprived=-0.42, student=-0.3),
    "L4-6": _of(0.203, deprived=-0.24, student=-0.3),
    "L7": _of(0.117, deprived=-0.06),
    "L8-9": _of(0.103, deprived=-0.10, remote=0.22),
    "L10-11": _of(0.055, deprived=0.12),
    "L12": _of(0.115, deprived=0.22, old=0.04),
    "L13": _of(0.115, deprived=0.36, old=0.02),
    "L14": _of(0.074, deprived=0.44, abroad=0.20),
    "L15": _of(0.062, old=-0.12, abroad=0.10, student=2.6),
}
NOT_EMPLOYED = {
    "no": _of(0.600, old=-0.20, deprived=-0.09),
    "yes": _of(0.400, old=0.08, student=0.5),
}
WORK_HISTORY = {
    "12 months": _of(0.130, old=-0.12),
    "longer": _of(0.640, old=0.10),
    "never": _of(0.230, deprived=0.24, abroad=0.14, old=-0.16, student=0.8),
}
QUALIFICATIONS = {
    "none": _of(0.180, deprived=0.36, old=0.13, student=-1.2),
    "level 1": _of(0.099, deprived=0.14),
    "level 2": _of(0.137, deprived=0.04, old=0.06),
    "apprenticeship": _of(0.054, old=0.10, remote=0.06),
    "level 3": _of(0.163, student=0.9),
    "level 4+": _of(0.335, deprived=-0.34, inner=0.3),
    "other": _of(0.027, abroad=0.25),
}


def draw(
    random: np.random.Generator,
    totals: Counts,
    table: Mapping[str, Category],
    factors: pd.DataFrame,
    *,
    own: float = 0.07,
) -> pd.DataFrame:
    """Return whole counts of each category that add up to ``totals`` (n,).

    Args:
        random: the generator.
        totals: how many people or households there are in each small area.
        table: categories with usual shares and loadings.
        factors: one row a small area.
        own: spread of what is particular to a place and no factor explains, on the log scale.
    """
    shares = likely(table, factors)
    shares *= np.exp(random.normal(0.0, own, shares.shape))
    shares /= shares.sum(axis=1, keepdims=True)
    return pd.DataFrame(random.multinomial(totals, shares), columns=list(table))


def likely(table: Mapping[str, Category], factors: pd.DataFrame) -> NDArray[np.float64]:
    """Return the expected share of each category, (n, k), rows adding up to 1."""
    columns = []
    for category in table.values():
        push = np.zeros(len(factors))
        for name, load in category.loads.items():
            push += load * factors[name].to_numpy()
        columns.append(category.usual * np.exp(push))
    shares = np.column_stack(columns)
    whole: NDArray[np.float64] = shares / shares.sum(axis=1, keepdims=True)
    return whole
