"""The help there is in and near a place: how many of each kind, who has one in reach, gaps."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from exclusion_map.access import People, StraightLine
from exclusion_map.areas.profile import NearestSupport
from exclusion_map.directory.near import counts_inside, nearest_of_each_kind
from exclusion_map.directory.places import Places
from exclusion_map.directory.selecting import Choice
from exclusion_map.editions.reader import Edition
from exclusion_map.editions.reports.measures import known
from exclusion_map.editions.reports.model import GapRow, KindPart, SupportPart
from exclusion_map.editions.reports.subjects import Subject
from exclusion_map.targeting.access_query import Access, Floats, Rows
from exclusion_map.targeting.gaps import Gaps, Risk, Worst, find_gaps
from exclusion_map.targeting.homes import Homes
from exclusion_map.targeting.reach import Nearness, Supply, nearness, unlisted
from exclusion_map.targeting.sites import CHOICE, Chosen, Sites, choose_sites
from exclusion_map.terms import AreaKind

THRESHOLD_M = 1_000.0
"""Metres of way that count as in reach, as on the page of gaps."""
WORST = Worst.FIFTH
SHOWN = 5
"""Groups of gaps that a report names."""
_LIBRARY = CHOICE.kinds[0]


@dataclass(frozen=True, eq=False, kw_only=True)
class HelpTeller:
    """Tells of the help in and near a place.

    Attributes:
        edition: with the areas.
        places: that can help, as they are now.
        sites: the same as arrays.
        homes: where people live.
        risk: of the small areas.
        cost: of the way, in metres.
    """

    edition: Edition
    places: Places
    sites: Sites
    homes: Homes
    risk: Risk
    cost: StraightLine

    def support(self, subject: Subject) -> SupportPart:
        """Return the help in and near a place."""
        atlas = self.edition.atlas
        small = atlas.level(AreaKind.SMALL_AREA)
        rows = subject.rows.astype(np.int64)
        people = np.nan_to_num(self.homes.population[rows])
        living = self.homes.of(rows)
        near = self._nearest(subject)
        kinds, of_libraries = [], None
        for count in counts_inside(self.places, small, subject.rows):
            found = self._within(living, rows, count.kind)
            if count.kind == _LIBRARY:
                of_libraries = found
            closest = near.get(count.kind)
            kinds.append(
                KindPart(
                    kind=count.kind,
                    label=count.kind_label_plural,
                    inside=count.inside,
                    share=_mean(found.share, people),
                    mean_m=_mean(found.way, people),
                    nearest=closest.name if closest else "",
                    nearest_m=closest.distance_m if closest else None,
                )
            )
        libraries = of_libraries or self._within(living, rows, _LIBRARY)
        gaps = self._gaps(rows, people, libraries)
        return SupportPart(
            threshold_m=THRESHOLD_M,
            way=self.cost.label,
            kinds=tuple(kinds),
            high_people=gaps.high_people,
            high_beyond=gaps.high_beyond,
            high_unknown=gaps.high_unknown,
            gaps=tuple(
                self._gap(one.neighbourhoods, len(one.rows), one.beyond)
                for one in gaps.groups[:SHOWN]
            ),
            gaps_total=len(gaps.groups),
        )

    def _nearest(self, subject: Subject) -> dict[str, NearestSupport]:
        """Return the nearest place of each kind to a small area; for larger ones it says little."""
        if subject.kind is not AreaKind.SMALL_AREA or subject.level is None:
            return {}
        latitude, longitude = subject.level.latitude, subject.level.longitude
        point = float(latitude[subject.row]), float(longitude[subject.row])
        return {one.kind: one for one in nearest_of_each_kind(self.places, *point)}

    def _within(self, living: People, rows: Rows, kind: str) -> Nearness:
        chosen = self._chosen(kind)
        found = nearness(living, self.sites.at(chosen.rows), self.cost, THRESHOLD_M)
        silent = unlisted(self.sites, chosen.of_kind, self._nations)[rows]
        return Nearness(
            way=np.where(silent | np.isinf(found.way), np.nan, found.way),
            nearest=np.where(silent, -1, found.nearest),
            share=np.where(silent, np.nan, found.share),
        )

    def _chosen(self, kind: str) -> Chosen:
        if kind not in self._by_kind:
            self._by_kind[kind] = choose_sites(self.sites, Choice(kinds=(kind,)))
        return self._by_kind[kind]

    @cached_property
    def _by_kind(self) -> dict[str, Chosen]:
        return {}

    @property
    def _nations(self) -> tuple[str, ...]:
        return self.edition.atlas.level(AreaKind.SMALL_AREA).nations

    def _gaps(self, rows: Rows, people: Floats, near: Nearness) -> Gaps:
        nothing = np.zeros(len(rows))
        access = Access(
            rows=rows,
            people=people,
            chosen=self._chosen(_LIBRARY),
            near=near,
            # Gaps go by distance alone; what the places can do is not asked.
            supply=Supply(
                count=nothing.astype(np.int64), supply=nothing, per_10000=nothing, unknown=0
            ),
            unlisted=np.isnan(near.share),
        )
        return find_gaps(
            self.edition.atlas,
            self.homes,
            access,
            self.risk,
            worst=WORST,
            borders=self.edition.borders,
            walk=max(1_000.0, THRESHOLD_M),
        )

    def _gap(self, neighbourhoods: Sequence[int], count: int, beyond: float) -> GapRow:
        level = self.edition.atlas.level(AreaKind.NEIGHBOURHOOD)
        named = " and ".join(level.labels[row] for row in neighbourhoods[:2])
        return GapRow(name=named, small_areas=count, people=beyond)


def _mean(values: Floats, people: Floats) -> float | None:
    """Return the mean weighted by people, over those who have a value."""
    have = ~np.isnan(values) & (people > 0)
    return known(float(np.average(values[have], weights=people[have]))) if have.any() else None
