"""The indicators of one area: value, people, comparison, quality and source."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from exclusion_map.areas import phrases
from exclusion_map.areas.atlas import Atlas, Level
from exclusion_map.areas.profile import IndicatorFact, Missing
from exclusion_map.catalogue import Indicator
from exclusion_map.terms import AreaKind, Nation, Quality


@dataclass(frozen=True, slots=True)
class SourceNote:
    """Source information shown with a figure."""

    title: str
    vintage: str


@dataclass(frozen=True)
class FactMaker:
    """Makes the facts of any area of an edition."""

    atlas: Atlas
    indicators: Mapping[str, Indicator]
    sources: Mapping[str, SourceNote]
    used: frozenset[str]
    """Indicators the index uses."""
    place: str

    def facts(self, level: Level, row: int) -> tuple[IndicatorFact, ...]:
        """Return all indicators of an area, those of the index first."""
        held = self.atlas.indicators[level.kind]
        order = sorted(held.ids, key=lambda identity: identity not in self.used)
        return tuple(self._fact(identity, level, row) for identity in order)

    def missing(self, facts: tuple[IndicatorFact, ...], nation: str) -> tuple[Missing, ...]:
        """Return the indicators of the index without a value here, with the reasons."""
        return tuple(
            Missing(
                indicator=fact.indicator,
                label=fact.label,
                reason=self._reason(self.indicators[fact.indicator], fact.quality, nation),
            )
            for fact in facts
            if fact.value is None and fact.in_index
        )

    @staticmethod
    def _reason(indicator: Indicator, quality: Quality, nation: str) -> str:
        if nation and nation not in indicator.nations:
            return f"It is not published for {nation}."
        if quality is Quality.SUPPRESSED:
            return "Too few people are counted here to show it."
        return "The source has no figure for this place."

    def _fact(self, identity: str, level: Level, row: int) -> IndicatorFact:
        indicator, held = self.indicators[identity], self.atlas.indicators[level.kind]
        column = held.column(identity)
        value, numerator, denominator = (
            float(array[row, column]) for array in (held.value, held.numerator, held.denominator)
        )
        mask, place = self._peers(indicator, level, row)
        higher = higher_than(held.value[:, column], row, mask)
        compared = f"{level.kind.label_plural} in {place}"
        source = self.sources.get(indicator.source, SourceNote(indicator.source, ""))
        return IndicatorFact(
            indicator=identity,
            label=indicator.label,
            short_label=indicator.short_label,
            meaning=indicator.meaning,
            group=indicator.nhs_group,
            unit=indicator.unit,
            direction=indicator.direction,
            value=number(value),
            value_words=phrases.value_text(value, indicator.unit),
            people=phrases.share_of_people(numerator, denominator, indicator.people),
            numerator=number(numerator),
            denominator=number(denominator),
            higher_than=higher,
            compared_with=compared,
            comparison=_comparison(higher, compared),
            quality=Quality(held.qualities[held.quality[row, column]]),
            in_index=identity in self.used,
            source=indicator.source,
            source_title=source.title,
            vintage=source.vintage,
            date=indicator.date,
        )

    def _peers(
        self, indicator: Indicator, level: Level, row: int
    ) -> tuple[npt.NDArray[np.bool_], str]:
        """Return a mask (n,) of the areas to compare with, and their place in words."""
        nations = self.by_nation[level.kind]
        here, everywhere = level.nations[row], set(nations)
        declared = everywhere & {nation.value for nation in indicator.nations}
        if indicator.comparable_across_nations and (
            declared == everywhere or not everywhere & set(Nation)
        ):
            return np.ones(len(level), dtype=bool), self.place
        if indicator.comparable_across_nations and here in declared:
            mask = np.logical_or.reduce([nations[nation] for nation in declared])
            return mask, phrases.listed(sorted(declared))
        return nations[here], here or self.place

    @cached_property
    def by_nation(self) -> dict[AreaKind, dict[str, npt.NDArray[np.bool_]]]:
        """For each kind and nation, which areas lie in it."""
        by_nation = {}
        for kind, level in self.atlas.levels.items():
            nations = np.array(level.nations)
            by_nation[kind] = {str(nation): nations == nation for nation in np.unique(nations)}
        return by_nation


def number(value: float) -> float | None:
    """Return a number for JSON, with None for NaN."""
    return None if np.isnan(value) else float(value)


def higher_than(
    values: npt.NDArray[np.float64], row: int, mask: npt.NDArray[np.bool_]
) -> float | None:
    """Return the percentage of peers with a lower value; ties do not count as lower.

    None if the area or all its peers have no value.
    """
    others = np.count_nonzero(mask & ~np.isnan(values)) - int(mask[row])
    if np.isnan(values[row]) or others < 1:
        return None
    return round(100 * float(np.count_nonzero((values < values[row]) & mask)) / others, 1)


def _comparison(higher: float | None, compared: str) -> str:
    if higher is None:
        return ""
    # Never round to "100%" or "0%" while some areas are above or below.
    if higher in (0.0, 100.0):
        return f"the {'lowest' if higher == 0 else 'highest'} of {compared}"
    if higher >= 50:
        return f"higher than {min(round(higher), 99)}% of {compared}"
    return f"lower than {min(round(100 - higher), 99)}% of {compared}"
