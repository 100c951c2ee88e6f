"""Shares of the people served: one way for footprints and for impact assessments.

With c_a people served in small area a, P_a people living there, and x_a of d_a counted there by a
figure (people of an age, households), the share among the people served is

    p = sum_a w_a (x_a / d_a) / sum_a w_a,        w_a = (c_a / P_a) d_a

so that all residents of a place give its published share back, whatever the figure counts. Where
nothing says what a figure is a share of, w_a = c_a. Areas without a value are left out.

The interval of people of a list is that of people who come in clumps (`intervals`), on the weights
w_a. All residents are no sample of themselves; theirs holds the noise of the counts, as the
index's uncertainty does (`index.vary.CountNoise`: the people counted as one draw of those who might
have lived there, and what disclosure control adds):

    variance = sum_a w_a^2 (p_a (1 - p_a) / d_a + (s / d_a)^2) / (sum_a w_a)^2
"""

from dataclasses import dataclass
from statistics import NormalDist
from typing import Final

import numpy as np
import numpy.typing as npt

from exclusion_map.areas.atlas import IndicatorValues
from exclusion_map.index.vary import CountNoise
from exclusion_map.targeting.footprint.intervals import (
    NONE,
    Interval,
    listed_interval,
)

Floats = npt.NDArray[np.float64]
NORMAL_95: Final = NormalDist().inv_cdf(0.975)
ALIKE: Final = 0.05
"""Shares nearer to each other than this part of the comparator's are no clear difference."""


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class Shares:
    """A figure of n small areas.

    Attributes:
        share: (n,) 0 to 1; NaN not known.
        whole: (n,) what it is a share of; NaN where nothing says.
    """

    share: Floats
    whole: Floats

    def weights(self, people: Floats, residents: Floats) -> Floats:
        """Return (n,) weights of people of whom so many live in each area; 0 without a value."""
        part = np.divide(people, residents, out=np.zeros(len(people)), where=residents > 0)
        weight = np.where(np.isfinite(self.whole), part * np.nan_to_num(self.whole), people)
        return np.where(np.isfinite(self.share), weight, 0.0)

    def among(self, weight: Floats) -> float:
        """Return the share over weights (n,); NaN where there are none."""
        total = float(weight.sum())
        return float(weight @ np.nan_to_num(self.share)) / total if total > 0 else float("nan")

    def standing_for(self, weight: Floats) -> float:
        """Return how many of what the figure counts the share stands for."""
        if not weight.any():
            return float("nan")
        return float(weight @ np.nan_to_num(self.share))

    def interval(self, weight: Floats, *, listed: bool) -> Interval:
        """Return the 95 % interval of the share over weights (n,), of a list or of residents."""
        there = weight > 0
        if listed:
            return listed_interval(weight[there], self.share[there])
        if not there.any() or not np.isfinite(self.whole[there]).all():
            return NONE
        weight, share, whole = weight[there], self.share[there], self.whole[there]
        middle = float(weight @ share / weight.sum())
        noise = share * (1 - share) / whole + (CountNoise().disclosure_sd / whole) ** 2
        reach = NORMAL_95 * float(weight**2 @ noise) ** 0.5 / float(weight.sum())
        return Interval(max(middle - reach, 0.0), min(middle + reach, 1.0))


def shares_of(held: IndicatorValues, at: int) -> Shares:
    """Return a figure in per cent as shares: of its counts where it has any, else as published."""
    top, whole = held.numerator[:, at], held.denominator[:, at]
    counted = np.isfinite(top) & (whole > 0)
    share = np.divide(top, whole, out=held.value[:, at] / 100, where=counted)
    return Shares(share=np.clip(share, 0, 1), whole=np.where(whole > 0, whole, np.nan))


def differs(ratio: float, low: float, high: float) -> int:
    """Return 1 where a ratio is above even, -1 below, 0 for no clear difference.

    A difference is one that every interval agrees on, and of at least ``ALIKE``.

    Args:
        ratio: of two shares.
        low: the least end of all intervals; NaN for none.
        high: the greatest.
    """
    low, high = (ratio if np.isnan(low) else low), (ratio if np.isnan(high) else high)
    if low > 1 and ratio > 1 + ALIKE:
        return 1
    return -1 if high < 1 and ratio < 1 - ALIKE else 0
