"""Figures of the people served beside those of a comparator: share, interval, people, coverage.

With c_a people served in small area a, P_a people living there, x_a of d_a counted by an indicator
with the published share p_a (per cent / 100), the share of the people served is

    p = sum_a w_a p_a / sum_a w_a,        w_a = (c_a / P_a) d_a

so that all residents of an area give its published share back, whatever its denominator counts.
Where an indicator has no denominator, w_a = c_a. Areas without a value are left out and told.

The interval is p -+ 1.96 sqrt(variance), with the noise of counts the index's uncertainty uses
(`index.vary.CountNoise`: the people counted as one draw of those who might have lived there, and
what disclosure control adds), and, for people of a list, that the list is one draw of residents:

    variance = (sum_a w_a^2 (p_a (1 - p_a) / d_a + (s / d_a)^2) + [list] sum_a w_a p_a (1 - p_a))
               / (sum_a w_a)^2

It does not know whether a list resembles the residents: that nobody can tell from areas.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from statistics import NormalDist
from typing import Final

import numpy as np
import numpy.typing as npt

from exclusion_map.areas.atlas import Atlas, IndicatorValues
from exclusion_map.index.vary import CountNoise
from exclusion_map.targeting.assessment.declared import RURAL
from exclusion_map.targeting.footprint import Basis, Served
from exclusion_map.terms import AreaKind

Floats = npt.NDArray[np.float64]
NORMAL_95: Final = NormalDist().inv_cdf(0.975)
ALIKE: Final = 0.05
"""Shares that differ by less than this part of the comparator's are called about the same."""
PERCENT: Final = "percent"


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One figure of n small areas.

    Attributes:
        value: (n,) per cent, or another unit; NaN missing.
        whole: (n,) what it is a share of; NaN where it is not a share of anything counted.
        unit: of the value.
    """

    value: Floats
    whole: Floats
    unit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A figure of the people served. NaN where nothing is known.

    Attributes:
        indicator: id.
        unit: of value and comparator.
        value: of the people served.
        low: lower end of its 95 % interval; NaN where it has none.
        high: upper end.
        comparator: the same of the comparator.
        people: served people, or their households, that it stands for; NaN where it is no share.
        covered: share of the people served in areas with a value, 0 to 1.
        compared: share of the comparator's people in areas with a value.
    """

    indicator: str
    unit: str
    value: float
    low: float
    high: float
    comparator: float
    people: float
    covered: float
    compared: float

    @property
    def known(self) -> bool:
        """Whether there is a value."""
        return not np.isnan(self.value)

    @property
    def ratio(self) -> float:
        """Value over comparator, of shares; NaN where one is not known."""
        if self.unit != PERCENT or not self.comparator > 0:
            return float("nan")
        return self.value / self.comparator

    @property
    def sign(self) -> int:
        """1 more than in the comparator, -1 less, 0 about the same or not known.

        More means beyond the interval and by more than ``ALIKE`` of the comparator.
        """
        if np.isnan(self.value) or np.isnan(self.comparator):
            return 0
        margin = ALIKE * self.comparator if self.unit == PERCENT else ALIKE
        low, high = (self.value, self.value) if np.isnan(self.low) else (self.low, self.high)
        if low > self.comparator and self.value > self.comparator + margin:
            return 1
        if high < self.comparator and self.value < self.comparator - margin:
            return -1
        return 0


@dataclass(frozen=True, eq=False, kw_only=True)
class Weighing:
    """People by small area, as weights.

    Attributes:
        people: (n,) people served; 0 where none.
        part: (n,) people served over people living there.
        listed: whether they are people of a list, drawn from residents.
    """

    people: Floats
    part: Floats
    listed: bool

    @classmethod
    def of(cls, served: Served, population: Floats) -> "Weighing":
        """Return the weights of people served."""
        return cls.of_people(served.people, population, listed=served.basis is Basis.COUNTS)

    @classmethod
    def of_people(cls, people: Floats, population: Floats, *, listed: bool) -> "Weighing":
        """Return the weights of people by small area."""
        part = np.divide(people, population, out=np.zeros(len(people)), where=population > 0)
        return cls(people=people, part=part, listed=listed)


def figure(name: str, column: Column, served: Weighing, comparator: Weighing) -> Figure:
    """Return a figure of the people served beside the comparator's."""
    value, spread = _mean(column, served)
    reach = NORMAL_95 * spread
    share = column.unit == PERCENT
    low, high = value - reach, value + reach
    if share:
        low, high = max(low, 0.0), min(high, 100.0)
    compared, _ = _mean(column, comparator)
    return Figure(
        indicator=name,
        unit=column.unit,
        value=value,
        low=low,
        high=high,
        comparator=compared,
        people=_standing_for(column, served) if share else float("nan"),
        covered=_covered(column, served),
        compared=_covered(column, comparator),
    )


def columns_of(atlas: Atlas, units: Mapping[str, str]) -> dict[str, Column]:
    """Return every figure of the small areas that has a value somewhere, by id.

    Args:
        atlas: the areas with their indicators.
        units: of the indicators, by id.
    """
    small, held = atlas.level(AreaKind.SMALL_AREA), atlas.indicators[AreaKind.SMALL_AREA]
    found = {
        name: _column(held, at, units.get(name, PERCENT))
        for at, name in enumerate(held.ids)
        if np.isfinite(held.value[:, at]).any()
    }
    if any(small.rural_urban):
        rural = [
            np.nan if not one else 100.0 * ("rural" in one.lower()) for one in small.rural_urban
        ]
        found[RURAL] = Column(value=np.array(rural), whole=small.population, unit=PERCENT)
    return found


def _column(held: IndicatorValues, at: int, unit: str) -> Column:
    whole = held.denominator[:, at] if unit == PERCENT else np.full(len(held.value), np.nan)
    return Column(value=held.value[:, at], whole=whole, unit=unit)


def _weights(column: Column, weighing: Weighing) -> Floats:
    """Return (n,) weights, 0 where there is no value."""
    counted = np.isfinite(column.whole)
    weight = np.where(counted, weighing.part * np.nan_to_num(column.whole), weighing.people)
    return np.where(np.isfinite(column.value), weight, 0.0)


def _mean(column: Column, weighing: Weighing) -> tuple[float, float]:
    """Return the mean over the weights, and its standard error; NaN where there is none."""
    weight = _weights(column, weighing)
    total = float(weight.sum())
    if not total > 0:
        return float("nan"), float("nan")
    value = np.nan_to_num(column.value)
    mean = float(weight @ value / total)
    if column.unit != PERCENT:
        return mean, float("nan")
    share = np.clip(value / 100, 0, 1)
    spread = share * (1 - share)
    whole = np.where(np.isfinite(column.whole) & (column.whole > 0), column.whole, np.inf)
    noise = CountNoise().disclosure_sd / whole
    variance = float(weight**2 @ (spread / whole + noise**2))
    if weighing.listed:
        variance += float(weight @ spread)
    return mean, 100 * variance**0.5 / total


def _standing_for(column: Column, weighing: Weighing) -> float:
    """Return how many of what the indicator counts the share stands for."""
    weight = _weights(column, weighing)
    return float(weight @ np.nan_to_num(column.value) / 100) if weight.any() else float("nan")


def _covered(column: Column, weighing: Weighing) -> float:
    total = float(weighing.people.sum())
    known = np.isfinite(column.value)
    return float(weighing.people[known].sum() / total) if total > 0 else float("nan")
