"""The figures of any set of small areas, and what each adds to its score."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from exclusion_map.areas import phrases
from exclusion_map.areas.atlas import Floats, Rows
from exclusion_map.areas.profiler import Profiler
from exclusion_map.editions.reports.model import DriverPart
from exclusion_map.terms import AreaKind, Quality

_COVERED = 0.95
"""Share of the people below which a figure is said to be of a part of them."""


@dataclass(frozen=True, eq=False)
class Measures:
    """Makes the figures of sets of small areas of an edition.

    As where the edition sums them up (`indicators.rollup`): factor x sum of counts / sum of bases
    over the small areas that have both; where there are no counts, the mean weighted by people.
    """

    profiler: Profiler

    def figures(self, rows: Rows) -> tuple[tuple[DriverPart, ...], tuple[DriverPart, ...]]:
        """Return the figures of the index, what raises the score most first; and the others."""
        points = self._points(rows)
        held = self.profiler.atlas.indicators[AreaKind.SMALL_AREA].ids
        usual = self._usual(rows)
        parts = {
            name: self._part(name, at, rows, usual, points.get(name, 0.0))
            for at, name in enumerate(held)
        }
        inside = sorted((parts[name] for name in points), key=lambda one: -one.points)
        outside = [one for name, one in parts.items() if name not in points]
        known = [one for one in outside if one.value is not None]
        return tuple(inside), tuple(known)

    def missing(self, figures: tuple[DriverPart, ...], rows: Rows) -> tuple[str, ...]:
        """Return what is not known here, in words."""
        held = self.profiler.atlas.indicators[AreaKind.SMALL_AREA]
        nations, people = set(self._nations[rows].tolist()), self._people[rows]
        told = []
        for one in figures:
            have = ~np.isnan(held.value[rows, held.column(one.indicator)])
            share = people[have].sum() / max(people.sum(), 1.0)
            published = {str(n) for n in self.profiler.indicators[one.indicator].nations}
            if one.value is None and nations - published:
                where = phrases.listed(sorted(nations - published))
                told.append(f"{one.label}: it is not published for {where}.")
            elif one.value is None:
                told.append(f"{one.label}: the source has no figure for this place.")
            elif share < _COVERED:
                told.append(f"{one.label}: known for {100 * share:.0f}% of the people only.")
        return tuple(told)

    def value(self, at: int, rows: Rows) -> tuple[float, float, float]:
        """Return value, count and base of an indicator over small areas; NaN where not known."""
        held = self.profiler.atlas.indicators[AreaKind.SMALL_AREA]
        values, people = held.value[rows, at], self._people[rows]
        counts, bases = held.numerator[rows, at], held.denominator[rows, at]
        factor = self.profiler.indicators[held.ids[at]].factor
        # A publisher may leave out a count beside its rate.
        counts = np.where(np.isnan(counts), values * bases / factor, counts)
        have, nothing = ~np.isnan(values), float("nan")
        counted = have & ~np.isnan(counts) & ~np.isnan(bases)
        if counted.any() and bases[counted].sum() > 0:
            top, bottom = float(counts[counted].sum()), float(bases[counted].sum())
            return factor * top / bottom, top, bottom
        if not people[have].sum() > 0:
            return nothing, nothing, nothing
        return float(np.average(values[have], weights=people[have])), nothing, nothing

    def _part(self, name: str, at: int, rows: Rows, usual: Floats, points: float) -> DriverPart:
        indicator = self.profiler.indicators[name]
        value, count, base = self.value(at, rows)
        source = self.profiler.facts.sources.get(indicator.source)
        return DriverPart(
            indicator=name,
            label=indicator.short_label,
            group=indicator.nhs_group,
            points=round(points, 3),
            value=known(value),
            value_words=_words(value, indicator.unit),
            usual=known(float(usual[at])),
            usual_words=_words(float(usual[at]), indicator.unit),
            people=phrases.share_of_people(count, base, indicator.people),
            quality=self._quality(at, rows),
            source=source.title if source else indicator.source,
            vintage=source.vintage if source else "",
        )

    def _points(self, rows: Rows) -> dict[str, float]:
        made = self.profiler.contributions
        mean = made.over(rows, self._people)
        return {
            name: float(value)
            for name, value in zip(made.indicators, mean, strict=True)
            if not np.isnan(value)
        }

    def _usual(self, rows: Rows) -> Floats:
        """Return every figure for the nations that the small areas lie in."""
        nations = tuple(sorted(set(self._nations[rows].tolist())))
        if nations not in self._held:
            every = np.flatnonzero(np.isin(self._nations, nations)).astype(np.int32)
            count = len(self.profiler.atlas.indicators[AreaKind.SMALL_AREA].ids)
            self._held[nations] = np.array([self.value(at, every)[0] for at in range(count)])
        return self._held[nations]

    @cached_property
    def _held(self) -> dict[tuple[str, ...], Floats]:
        return {}

    @cached_property
    def _nations(self) -> "np.ndarray[tuple[int], np.dtype[np.str_]]":
        return np.array(self.profiler.atlas.level(AreaKind.SMALL_AREA).nations)

    @cached_property
    def _people(self) -> Floats:
        return np.nan_to_num(self.profiler.atlas.level(AreaKind.SMALL_AREA).population)

    def _quality(self, at: int, rows: Rows) -> str:
        """Return how the figure of most people came about."""
        held = self.profiler.atlas.indicators[AreaKind.SMALL_AREA]
        counts = np.bincount(
            held.quality[rows, at], weights=self._people[rows], minlength=len(held.qualities)
        )
        return Quality(held.qualities[int(counts.argmax())]).value


def _words(value: float, unit: str) -> str:
    """Return a value for a table: its unit where it is per cent, the number alone for a score."""
    if unit == "percent" or np.isnan(value):
        return phrases.value_text(value, unit)
    return f"{value:.2f}"


def known(number: float) -> float | None:
    """Return a number for JSON, where NaN is null."""
    return None if np.isnan(number) else float(number)
