"""Make the profile of any area of an edition."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from exclusion_map.areas import phrases
from exclusion_map.areas.atlas import OUTSIDE, Atlas, Level
from exclusion_map.areas.drivers import Contributions
from exclusion_map.areas.facts import FactMaker, number
from exclusion_map.areas.profile import (
    AreaProfile,
    AreaRef,
    Driver,
    IndicatorFact,
    NearestSupport,
    Standing,
    SupportCount,
)
from exclusion_map.catalogue import Indicator
from exclusion_map.terms import AreaKind, Quality, SupportKind

_LIBRARY = SupportKind.LIBRARY.value


@dataclass(frozen=True, slots=True)
class Profiler:
    """Makes profiles from the data of an edition; safe to share between threads."""

    atlas: Atlas
    indicators: Mapping[str, Indicator]
    index: str
    index_title: str
    place: str
    """The places the edition covers: "England and Wales"."""
    edition: str
    synthetic: bool
    facts: FactMaker
    contributions: Contributions
    cautions: tuple[str, ...] = field(default=())

    def profile(
        self,
        code: str,
        nearest: Sequence[NearestSupport] = (),
        inside: Sequence[SupportCount] = (),
    ) -> AreaProfile:
        """Return the profile of an area, including support nearby as given by the caller.

        Raises:
            NotFoundError: there is no such area.
        """
        level, row = self.atlas.find(code)
        standing = self.standing(level, row)
        drivers = self.drivers(level, row)
        facts = self.facts.facts(level, row)
        missing = self.facts.missing(facts, level.nations[row])
        west, south, east, north = (float(edge) for edge in level.bbox[row])
        return AreaProfile(
            code=level.codes[row],
            kind=level.kind,
            kind_label=level.kind.label,
            name=level.names[row],
            label=level.labels[row],
            nation=level.nations[row],
            rural_urban=(level.rural_urban[row] or None) if level.rural_urban else None,
            url=f"/areas/{level.codes[row]}",
            parents=parents(self.atlas, level, row),
            point=(float(level.longitude[row]), float(level.latitude[row])),
            bbox=(west, south, east, north),
            population=number(level.population[row]),
            households=number(level.households[row]),
            small_areas=int(level.small_areas[row]),
            lead=self._lead(level, row, standing, drivers, nearest, inside),
            standing=standing,
            drivers=drivers,
            indicators=facts,
            missing=missing,
            nearest_support=tuple(nearest),
            support_inside=tuple(inside),
            caveats=self._caveats(level, facts),
            edition=self.edition,
            synthetic=self.synthetic,
        )

    def standing(self, level: Level, row: int) -> Standing:
        """Return the position of an area in the index, among areas of its kind."""
        scores = self.atlas.score_set(self.index, level.kind)
        place = self._place_of(level)
        rank, decile = int(scores.rank[row]), int(scores.decile[row])
        share = number(scores.worst_tenth_share[row])
        people = number(level.population[row])
        return Standing(
            index=self.index,
            title=self.index_title,
            score=number(scores.score[row]),
            rank=rank or None,
            ranked=scores.ranked,
            decile=decile or None,
            words=phrases.standing_phrase(level.kind, decile, rank, scores.ranked, place),
            base=f"{level.kind.label_plural} in {place}",
            data_share=number(scores.data_share[row]),
            worst_tenth_share=share,
            worst_tenth_people=None if share is None or people is None else share * people,
        )

    def drivers(self, level: Level, row: int) -> tuple[Driver, ...]:
        """Return the contributions of indicators to the score, highest first."""
        made = self.contributions
        points = made.of(self.atlas, level, row)
        return tuple(
            Driver(
                indicator=made.indicators[at],
                label=self.indicators[made.indicators[at]].short_label,
                group=self.indicators[made.indicators[at]].nhs_group,
                points=round(float(points[at]), 2),
            )
            for at in np.argsort(-points, kind="stable")
            if not np.isnan(points[at])
        )

    def _place_of(self, level: Level) -> str:
        """Return the place that areas of a kind cover: health areas exist in England only."""
        here = self.facts.by_nation[level.kind].keys()
        everywhere = self.facts.by_nation[AreaKind.SMALL_AREA].keys()
        return self.place if here == everywhere else phrases.listed(sorted(here))

    def _lead(
        self,
        level: Level,
        row: int,
        standing: Standing,
        drivers: Sequence[Driver],
        nearest: Sequence[NearestSupport],
        inside: Sequence[SupportCount],
    ) -> str:
        sentences = [f"{level.labels[row]}: {standing.words}."]
        sentences.append(_drivers_sentence(drivers, standing))
        sentences.append(_people_sentence(level.population[row], nearest, inside))
        if standing.worst_tenth_people:
            share = phrases.about(standing.worst_tenth_people)
            sentences.append(f"Of them, {share} live in small areas of the highest-risk tenth.")
        return " ".join(sentence for sentence in sentences if sentence)

    def _caveats(self, level: Level, facts: Sequence[IndicatorFact]) -> tuple[str, ...]:
        caveats = list(self.cautions)
        if self.synthetic:
            caveats.insert(0, "This place is made up. Nothing here is about real people.")
        if level.kind is not AreaKind.SMALL_AREA:
            caveats.append(
                f"A {level.kind.label} is an average of its small areas, which can differ widely."
            )
        made = [
            fact.label
            for fact in facts
            if fact.in_index and fact.quality in (Quality.APPORTIONED, Quality.IMPUTED)
        ]
        if made:
            caveats.append(f"Estimated here, not counted: {phrases.listed(made)}.")
        return tuple(caveats)


def parents(atlas: Atlas, level: Level, row: int) -> tuple[AreaRef, ...]:
    """Return the areas that hold an area, from the nation down to the nearest."""
    refs = []
    for kind in reversed(AreaKind):
        rows = level.parents.get(kind)
        if rows is not None and rows[row] != OUTSIDE:
            refs.append(reference(atlas.level(kind), int(rows[row])))
    return tuple(refs)


def reference(level: Level, row: int) -> AreaRef:
    """Return an area by name, for links."""
    return AreaRef(
        code=level.codes[row],
        kind=level.kind,
        kind_label=level.kind.label,
        name=level.labels[row],
        url=f"/areas/{level.codes[row]}",
    )


def _drivers_sentence(drivers: Sequence[Driver], standing: Standing) -> str:
    if standing.decile is None:
        return ""
    raising = standing.decile <= 5
    points = [(driver.indicator, driver.group, driver.points) for driver in drivers]
    said = phrases.driver_themes(points, raising=raising)
    if not said:
        return ""
    return f"What {'raises' if raising else 'lowers'} the risk most here: {phrases.listed(said)}."


def _people_sentence(
    population: float, nearest: Sequence[NearestSupport], inside: Sequence[SupportCount]
) -> str:
    if np.isnan(population):
        return ""
    people = phrases.about(population)
    text = f"{people[:1].upper()}{people[1:]} people live here"
    if nearest:
        # Libraries have computers and staff who help; other places only if no library is known.
        libraries = [place for place in nearest if place.kind == _LIBRARY]
        first = min(libraries or nearest, key=lambda place: place.distance_m)
        how_far = phrases.distance(first.distance_m)
        text += (
            f"; the nearest {first.kind_label} is {how_far} away in a straight line, {first.name}"
        )
    elif any(count.inside for count in inside):
        found = [
            f"{count.inside:,} {count.kind_label if count.inside == 1 else count.kind_label_plural}"
            for count in inside
            if count.inside
        ]
        text += f"; support inside it: {phrases.listed(found)}"
    return f"{text}."
