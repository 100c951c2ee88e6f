"""How even a division is, measured by what there is for each person at risk."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Equity:
    """How even a division is.

    Attributes:
        gini: of things for each person at risk, 0 = all alike, 1 = one person's unit has all.
        lowest: things for each 1,000 people at risk where there are fewest.
        highest: where there are most.
        overall: all together.
    """

    gini: float
    lowest: float
    highest: float
    overall: float

    @property
    def ratio(self) -> float:
        """Highest over lowest; infinite where somebody has none, NaN where nobody has any."""
        if self.lowest > 0:
            return self.highest / self.lowest
        return float("inf") if self.highest > 0 else float("nan")


def equity(things: Floats, people: Floats) -> Equity:
    """Return how even ``things`` (n,) are for ``people`` (n,) at risk; units without are left out.

    The Gini coefficient is that of the Lorenz curve of units in order of things a person, each unit
    as wide as its people: 1 - sum of (p_i - p_i-1)(L_i + L_i-1).
    """
    there = people > 0
    if not there.any() or not things[there].sum() > 0:
        return Equity(gini=np.nan, lowest=np.nan, highest=np.nan, overall=np.nan)
    held, living = things[there], people[there]
    rate = held / living
    order = np.argsort(rate, kind="stable")
    wide = np.concatenate([[0.0], np.cumsum(living[order]) / living.sum()])
    tall = np.concatenate([[0.0], np.cumsum(held[order]) / held.sum()])
    area = float((np.diff(wide) * (tall[1:] + tall[:-1])).sum())
    return Equity(
        gini=max(1 - area, 0.0),
        lowest=1000 * float(rate.min()),
        highest=1000 * float(rate.max()),
        overall=1000 * float(held.sum() / living.sum()),
    )
