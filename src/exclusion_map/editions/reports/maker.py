"""Make reports: every part of a place, for one to ten places of an open edition."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import urlencode

import numpy as np

from exclusion_map.areas.atlas import Floats, Level, ScoreSet
from exclusion_map.areas.profiler import Profiler
from exclusion_map.areas.rolling import weighted_mean
from exclusion_map.areas.rollup_estimate import SmallEstimates
from exclusion_map.areas.rollup_places import Gazetteer
from exclusion_map.areas.scoring import Answer
from exclusion_map.editions.credits import RISK, credits_of
from exclusion_map.editions.extras import UncertaintyTable, extras_of
from exclusion_map.editions.reader import Edition
from exclusion_map.editions.reports import wording
from exclusion_map.editions.reports.change import OWN_INDEX, ChangeTeller, change_words
from exclusion_map.editions.reports.help_near import HelpTeller
from exclusion_map.editions.reports.measures import Measures, known
from exclusion_map.editions.reports.model import (
    PlaceReport,
    Report,
    ScorePart,
    SourcePart,
)
from exclusion_map.editions.reports.people import PeopleTeller, inside
from exclusion_map.editions.reports.ranges import Range, Ranges
from exclusion_map.editions.reports.similar import similar_rows
from exclusion_map.editions.reports.subjects import (
    CLUSTER,
    Subject,
    area_subject,
    check_count,
    cluster_subject,
    list_subject,
)
from exclusion_map.stopping import as_wanted
from exclusion_map.terms import AreaKind

DRAWS_PUBLISHED = 1_000
"""Draws behind the ranges that editions hold of small areas."""
UNKNOWN_PEOPLE = "The people of some small areas here are not known."


@dataclass(frozen=True, eq=False, kw_only=True)
class ReportMaker:
    """Makes reports of one edition and index. Nothing in it changes but what it remembers.

    Attributes:
        edition: with the areas.
        profiler: of the index.
        answer: the index worked out.
        gazetteer: what a list can name.
        estimates: of the small areas; None where there are none.
        help: tells of support.
        drawn: works out the draws of the index, once; gives None where it cannot be drawn.
        weights: of a reader's own, as an address says them; empty for those of the definition.
        own: what is a reader's own in the index, in words; empty for an index as published.
    """

    edition: Edition
    profiler: Profiler
    answer: Answer
    gazetteer: Gazetteer
    estimates: SmallEstimates | None
    help: HelpTeller
    drawn: Callable[[], Ranges | None]
    weights: str = ""
    own: tuple[str, ...] = ()

    def subject(self, asked: str) -> Subject:
        """Return what a text asks a report of: a code, a cluster, or a list.

        Raises:
            NotFoundError: nothing in the edition is called that.
            InvalidRequestError: a list is too long.
        """
        text = asked.strip()
        if text.lower().startswith(CLUSTER):
            return cluster_subject(self.edition, text[len(CLUSTER) :], self.profiler.index)
        if self.edition.atlas.has(text):
            return area_subject(self.edition.atlas, text)
        return list_subject(self.gazetteer, text)

    def report(self, subjects: Sequence[Subject], changes: ChangeTeller | None = None) -> Report:
        """Return the report on some places.

        Args:
            subjects: the places, in order.
            changes: tells of an earlier edition; None where there is none.

        Raises:
            InvalidRequestError: there are none, or more than fit side by side.
        """
        check_count(len(subjects))
        manifest, definition = self.edition.manifest, self.answer.composite.definition
        places = tuple(self.place(one, changes) for one in as_wanted(subjects))
        return Report(
            title=title_of(subjects),
            edition=manifest.edition,
            place=manifest.title,
            built=manifest.built,
            synthetic=manifest.synthetic,
            index=self.profiler.index,
            index_title=self.profiler.index_title,
            index_version=str(definition.version),
            weights=self.weights,
            own=self.own,
            address=address_of(subjects, self._own_index, self.weights),
            comparison=wording.comparison(places),
            places=places,
            warnings=self._warnings,
            data_notes=manifest.notes,
            sources=tuple(
                SourcePart(
                    title=one.title,
                    publisher=one.publisher,
                    vintage=one.vintage,
                    licence=one.licence,
                    licence_url=one.licence_url,
                    attribution=one.attribution,
                )
                for one in credits_of(manifest)
            ),
        )

    def place(self, subject: Subject, changes: ChangeTeller | None = None) -> PlaceReport:
        """Return the report on one place."""
        rows = subject.rows
        figures, others = self._measures.figures(rows)
        score, people = self._score(subject), self._people.people(subject)
        support = self.help.support(subject)
        change = None if changes is None or self.own else changes.change(rows)
        return PlaceReport(
            code=subject.code,
            name=subject.name,
            kind=subject.kind,
            kind_label=subject.kind_label,
            where=subject.where,
            url=f"/areas/{subject.code}" if subject.code else "",
            summary=wording.summary(subject.name, subject.kind, score, figures, people, support),
            score=score,
            drivers=tuple(one for one in figures if one.value is not None),
            other_figures=others,
            missing=self._measures.missing(figures, rows),
            people=people,
            inside=inside(self.edition.atlas, self.profiler.index, subject),
            support=support,
            change=change,
            change_words=OWN_INDEX if self.own else change_words(change),
            similar=similar_rows(self.profiler, self.answer, subject),
            notes=(*subject.notes, *(() if people.population is not None else (UNKNOWN_PEOPLE,))),
        )

    def warm(self) -> None:
        """Work out what every report needs, once: before processes are made that share it."""
        self.report([area_subject(self.edition.atlas, self._small.codes[0])])
        for kind in self.edition.atlas.levels:
            level = self.edition.atlas.level(kind)
            if kind is not AreaKind.SMALL_AREA and self.ranges is not None:
                self._drawn(area_subject(self.edition.atlas, level.codes[0]))

    def _score(self, subject: Subject) -> ScorePart:
        found = self._range(subject)
        if subject.level is None:
            return self._listed_score(subject, found)
        standing = self.profiler.standing(subject.level, subject.row)
        return ScorePart(
            score=standing.score,
            score_low=found.score_low if found else None,
            score_high=found.score_high if found else None,
            rank=standing.rank,
            rank_low=found.rank_low or None if found else None,
            rank_high=found.rank_high or None if found else None,
            ranked=standing.ranked,
            decile=standing.decile,
            base=standing.base,
            higher_than=None,
            draws=self._draws(subject, found),
        )

    def _listed_score(self, subject: Subject, found: Range | None) -> ScorePart:
        people, scores = np.nan_to_num(self._small.population), self._scores
        inside = np.full(len(people), -1, dtype=np.int32)
        inside[subject.rows] = 0
        score = float(weighted_mean(scores.score, people, inside, 1)[0])
        councils = self.edition.atlas.scores.get((self.profiler.index, AreaKind.LOCAL_AUTHORITY))
        lower = None
        if councils is not None and not np.isnan(score):
            held = councils.score[~np.isnan(councils.score)]
            lower = float(100 * (held < score).mean()) if len(held) > 1 else None
        return ScorePart(
            score=known(score),
            score_low=found.score_low if found else None,
            score_high=found.score_high if found else None,
            rank=None,
            rank_low=None,
            rank_high=None,
            ranked=0,
            decile=None,
            base="",
            higher_than=lower,
            draws=self._draws(subject, found),
        )

    def _range(self, subject: Subject) -> Range | None:
        """Return how sure a score is: as published for a small area, drawn for others."""
        if self._published is None or subject.kind is not AreaKind.SMALL_AREA:
            return self._drawn(subject)
        held, row = self._published, subject.row
        low, high = int(held.rank_low[row]), int(held.rank_high[row])
        if not low or not high:
            return None
        falling, last = self._falling, len(self._falling) - 1
        return Range(
            float(falling[min(high - 1, last)]), float(falling[min(low - 1, last)]), low, high
        )

    def _drawn(self, subject: Subject) -> Range | None:
        if self.ranges is None:
            return None
        if subject.kind is None:
            return self.ranges.of_rows(subject.rows)
        return self.ranges.of_area(subject.kind, subject.row, subject.rows)

    def _draws(self, subject: Subject, found: Range | None) -> int:
        if found is None:
            return 0
        if subject.kind is AreaKind.SMALL_AREA and self._published is not None:
            return DRAWS_PUBLISHED
        return self.ranges.draws if self.ranges else 0

    @property
    def _warnings(self) -> tuple[str, ...]:
        """How not to use it, said once: cautions of an index often begin like our own."""
        cautions = self.profiler.cautions
        begun = {text.partition(":")[0] for text in cautions}
        return (*(text for text in RISK if text.partition(":")[0] not in begun), *cautions)

    @property
    def _own_index(self) -> str:
        """The id of the index where it is not the edition's default one."""
        index = self.profiler.index
        return "" if index == self.edition.manifest.default_index else index

    @cached_property
    def ranges(self) -> Ranges | None:
        """The draws of the index: a second, once."""
        return self.drawn()

    @cached_property
    def _measures(self) -> Measures:
        return Measures(self.profiler)

    @cached_property
    def _people(self) -> PeopleTeller:
        return PeopleTeller(
            atlas=self.edition.atlas,
            scores=self._scores,
            estimates=self.estimates,
            published=dict(extras_of(self.edition).estimate),
        )

    @cached_property
    def _small(self) -> Level:
        return self.edition.atlas.level(AreaKind.SMALL_AREA)

    @cached_property
    def _scores(self) -> ScoreSet:
        return self.edition.atlas.score_set(self.profiler.index, AreaKind.SMALL_AREA)

    @property
    def _published(self) -> UncertaintyTable | None:
        """How sure the scores are as published; those of a reader's own are drawn."""
        if self.own:
            return None
        return extras_of(self.edition).uncertainty.get(self.profiler.index)

    @cached_property
    def _falling(self) -> Floats:
        return np.sort(self._scores.score[self._scores.rank > 0])[::-1]


def title_of(subjects: Sequence[Subject]) -> str:
    """Return what a report is called."""
    names = [one.name for one in subjects]
    if len(names) == 1:
        return f"Risk of digital exclusion: {names[0]}"
    if len(names) <= 3:
        return f"Risk of digital exclusion: {', '.join(names[:-1])} and {names[-1]}"
    return f"Risk of digital exclusion: {names[0]} and {len(names) - 1} more places"


def address_of(subjects: Sequence[Subject], index: str = "", weights: str = "") -> str:
    """Return the address of the page of a report; ``index`` where it is not the default one."""
    given = {"index": index, "weights": weights}
    more = urlencode({name: text for name, text in given.items() if text}, safe=",:")
    if len(subjects) == 1 and subjects[0].code:
        return f"/reports/{subjects[0].code}{'?' if more else ''}{more}"
    return f"/reports?{query_of(subjects)}{'&' if more else ''}{more}"


def query_of(subjects: Sequence[Subject]) -> str:
    """Return what an address says of the places of a report: areas first, then lists."""
    codes = ",".join(one.asked for one in subjects if not one.listed)
    lists = [("together", one.asked) for one in subjects if one.listed]
    return urlencode([*([("codes", codes)] if codes else []), *lists], safe=",:")
