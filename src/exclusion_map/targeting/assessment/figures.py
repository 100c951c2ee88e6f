"""Figures of the people served beside those of a comparator: share, interval, people, coverage.

Shares and their intervals are those of footprints (`footprint.weighing`), so that both tools tell
the same of the same people. No interval knows whether a list resembles the residents: that nobody
can tell from areas.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from exclusion_map.areas.atlas import Atlas, IndicatorValues
from exclusion_map.targeting.assessment.declared import RURAL
from exclusion_map.targeting.footprint import Basis, Served
from exclusion_map.targeting.footprint.intervals import NONE
from exclusion_map.targeting.footprint.weighing import ALIKE, Shares, differs, shares_of
from exclusion_map.terms import AreaKind

Floats = npt.NDArray[np.float64]
PERCENT: Final = "percent"


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One figure of n small areas.

    Attributes:
        shares: of a figure in per cent as shares; of another its values, counted by people.
        unit: of the value.
    """

    shares: Shares
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

        Of shares as footprints call a difference; others by more than ``ALIKE`` of their unit.
        """
        if np.isnan(self.value) or np.isnan(self.comparator):
            return 0
        if self.unit != PERCENT:
            more = self.value - self.comparator
            return 0 if abs(more) <= ALIKE else (1 if more > 0 else -1)
        if not self.comparator > 0:
            return int(self.value > 0)
        return differs(self.ratio, self.low / self.comparator, self.high / self.comparator)


@dataclass(frozen=True, eq=False, kw_only=True)
class Weighing:
    """People by small area, as weights.

    Attributes:
        people: (n,) people served; 0 where none.
        residents: (n,) people living there.
        listed: whether they are people of a list, drawn from residents.
    """

    people: Floats
    residents: Floats
    listed: bool

    @property
    def part(self) -> Floats:
        """(n,) people served over people living there; 0 where nobody does."""
        nobody = np.zeros(len(self.people))
        return np.divide(self.people, self.residents, out=nobody, where=self.residents > 0)

    @classmethod
    def of(cls, served: Served, population: Floats) -> "Weighing":
        """Return the weights of people served."""
        return cls.of_people(served.people, population, listed=served.basis is Basis.COUNTS)

    @classmethod
    def of_people(cls, people: Floats, population: Floats, *, listed: bool) -> "Weighing":
        """Return the weights of people by small area."""
        return cls(people=people, residents=population, listed=listed)


def figure(name: str, column: Column, served: Weighing, comparator: Weighing) -> Figure:
    """Return a figure of the people served beside the comparator's."""
    shares, share = column.shares, column.unit == PERCENT
    ours, theirs = (shares.weights(one.people, one.residents) for one in (served, comparator))
    chance = shares.interval(ours, listed=served.listed) if share else NONE
    times = 100.0 if share else 1.0
    return Figure(
        indicator=name,
        unit=column.unit,
        value=times * shares.among(ours),
        low=times * chance.low,
        high=times * chance.high,
        comparator=times * shares.among(theirs),
        people=shares.standing_for(ours) if share else float("nan"),
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
        rural = [np.nan if not one else float("rural" in one.lower()) for one in small.rural_urban]
        whole = Shares(share=np.array(rural), whole=small.population)
        found[RURAL] = Column(shares=whole, unit=PERCENT)
    return found


def _column(held: IndicatorValues, at: int, unit: str) -> Column:
    if unit == PERCENT:
        return Column(shares=shares_of(held, at), unit=unit)
    value = held.value[:, at]
    return Column(shares=Shares(share=value, whole=np.full(len(value), np.nan)), unit=unit)


def _covered(column: Column, weighing: Weighing) -> float:
    total = float(weighing.people.sum())
    known = np.isfinite(column.shares.share)
    return float(weighing.people[known].sum() / total) if total > 0 else float("nan")
