"""Explanation of an area's score: contributions, people, similar areas, suggested responses."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict, Field

from exclusion_map.areas.alike import most_alike
from exclusion_map.areas.atlas import OUTSIDE, Atlas, Floats, Level
from exclusion_map.areas.bases import BaseName
from exclusion_map.areas.facts import FactMaker, number
from exclusion_map.areas.profile import IndicatorFact
from exclusion_map.areas.scoring import Answer, LevelScores, at_level, explained_at
from exclusion_map.areas.search import context_of
from exclusion_map.index import Composite, Leaf
from exclusion_map.index.explain import (
    group_contributions,
    sentence,
    suggestions,
)
from exclusion_map.terms import AreaKind, Direction

TOLD_DIFFERENCES = 3


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ComponentPart(_Part):
    """Contribution of one group of the definition to the score."""

    id: str
    title: str
    points: float | None = Field(description="The sum of its indicators.")


class IndicatorPart(_Part):
    """Contribution of one indicator to the score, with its raw value and number of people."""

    id: str = Field(description="Id of the leaf in the definition.")
    indicator: str = Field(description="The indicator used for the leaf: its own or a substitute.")
    label: str
    components: tuple[str, ...] = Field(description="Groups that contain it, from the top down.")
    nominal_weight: float = Field(description="Share of the index by the weights, 0 to 1.")
    points: float | None = Field(description="Points of the score; above 0: raises the risk.")
    value: float | None
    value_words: str
    people: str = Field(description="The value in people: 'about 420 of 1,640 people'.")
    quality: str = Field(description="What kind of number it is; 'imputed' is an estimate.")
    percentile_in_base: float | None = Field(description="0 to 100, higher = more risk.")
    percentile_in_nation: float | None
    percentile_in_local_authority: float | None


class Difference(_Part):
    """How a similar area differs in one indicator."""

    id: str
    label: str
    standard_deviations: float = Field(description="Above 0: more risk there than here.")


class Neighbour(_Part):
    """A similar area of the same kind."""

    code: str
    name: str
    context: str
    url: str
    distance: float = Field(
        description="Mean distance over all indicators, in standard deviations."
    )
    score: float | None
    rank: int | None
    decile: int | None
    differences: tuple[Difference, ...] = Field(description="Where the two differ most.")


class Suggested(_Part):
    """A kind of response, and how strongly the profile suggests it."""

    response: str
    label: str
    percentile: float = Field(description="Mean percentile of the indicators that suggest it.")
    suggested: bool = Field(description="Whether that is in the highest third of the base.")


class Explanation(_Part):
    """Everything that explains one score."""

    edition: str
    code: str
    kind: AreaKind
    name: str
    url: str
    index: str
    title: str
    base: BaseName
    base_group: str = Field(description="The areas it is compared with.")
    score: float | None
    rank: int | None = Field(description="1 = highest risk in its group of the base.")
    ranked: int
    decile: int | None
    median: float | None = Field(description="Median score of the base's small areas.")
    difference: float | None = Field(description="Score minus median: the sum of the points.")
    adds_up: bool = Field(
        description="False if the index is not a weighted sum; there are then no points."
    )
    components: tuple[ComponentPart, ...]
    indicators: tuple[IndicatorPart, ...]
    percentile_in_nation: float | None = Field(description="Of the score, higher = more risk.")
    percentile_in_local_authority: float | None
    neighbours: tuple[Neighbour, ...]
    suggestions: tuple[Suggested, ...] = Field(description="The strongest first.")
    sentence: str = Field(description="One sentence that can be quoted.")
    notes: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Explainer:
    """Explains areas of one answer.

    Attributes:
        atlas: the areas.
        edition: its id.
        place: what the edition covers, such as "England and Wales".
        facts: makes values and people of indicators.
        answer: the scores to explain.
    """

    atlas: Atlas
    edition: str
    place: str
    facts: FactMaker
    answer: Answer

    def explain(self, code: str, like: int = 5) -> Explanation:
        """Return why an area of any kind has its score, with its ``like`` nearest neighbours.

        Raises:
            NotFoundError: there is no such area.
        """
        level, row = self.atlas.find(code)
        scored = at_level(self.atlas, self.answer, level.kind)
        composite = explained_at(self.atlas, self.answer, level.kind)
        definition, scores = composite.definition, scored.scores
        score = number(scores.score[row])
        median = None if score is None else self._median(scored, row)
        points = composite.contributions[row]
        adds_up = not np.isnan(points).any()
        nation, council = _peers(level, row)
        return Explanation(
            edition=self.edition,
            code=level.codes[row],
            kind=level.kind,
            name=level.labels[row],
            url=f"/areas/{level.codes[row]}",
            index=definition.id,
            title=definition.title,
            base=self.answer.question.base,
            base_group=self._among(scored, row),
            score=score,
            rank=int(scores.rank[row]) or None,
            ranked=int(scored.ranked[row]),
            decile=int(scores.decile[row]) or None,
            median=median,
            difference=None if score is None or median is None else score - median,
            adds_up=adds_up,
            components=self._components(composite, row, adds_up=adds_up),
            indicators=self._indicators(composite, level, row),
            percentile_in_nation=percentile_at(scores.score, nation, row),
            percentile_in_local_authority=percentile_at(scores.score, council, row),
            neighbours=self._neighbours(composite, scored, row, like) if like else (),
            suggestions=_suggested(composite, row),
            sentence=self.sentence(composite, scored, row),
            notes=self.answer.notes,
        )

    def similar(self, code: str, count: int) -> tuple[Level, int, tuple[Neighbour, ...]]:
        """Return the level and row of an area, and the areas of its kind that are most alike.

        Raises:
            NotFoundError: there is no such area.
            InvalidRequestError: it has no data to compare by.
        """
        level, row = self.atlas.find(code)
        scored = at_level(self.atlas, self.answer, level.kind)
        composite = explained_at(self.atlas, self.answer, level.kind)
        return level, row, self._neighbours(composite, scored, row, count)

    def sentence(self, composite: Composite, scored: LevelScores, row: int) -> str:
        """Return one sentence about an area that can be quoted."""
        return sentence(
            composite,
            row,
            scored.level.labels[row],
            {leaf.node.id: self._label(leaf, leaf.node.indicator) for leaf in self._leaves},
            self._among(scored, row),
        )

    @property
    def _leaves(self) -> tuple[Leaf, ...]:
        return self.answer.composite.definition.leaves()

    def _among(self, scored: LevelScores, row: int) -> str:
        plural = scored.level.kind.label_plural
        group = "" if scored.base.groups is None else scored.group(row)
        if self.answer.question.base is BaseName.RURAL_URBAN and group:
            return f"{plural} of the class {group}"
        return f"{plural} in {group or self.place}"

    def _median(self, scored: LevelScores, row: int) -> float:
        """Return the median score that an area's contributions are relative to."""
        small = self.answer.composite
        at = ~np.isnan(small.score)
        if small.base.groups is not None and scored.base.groups is not None:
            at &= small.base.groups == scored.base.groups[row]
        return float(np.median(small.score[at]))

    def _components(
        self, composite: Composite, row: int, *, adds_up: bool
    ) -> tuple[ComponentPart, ...]:
        points = group_contributions(composite, row) if adds_up else {}
        return tuple(
            ComponentPart(id=group.id, title=group.title, points=points.get(group.id))
            for group in composite.definition.components()
        )

    def _indicators(
        self, composite: Composite, level: Level, row: int
    ) -> tuple[IndicatorPart, ...]:
        facts = {fact.indicator: fact for fact in self.facts.facts(level, row)}
        peers = _peers(level, row)
        parts = []
        for place, leaf in enumerate(self._leaves):
            name = composite.indicators[place]
            values, lower = self._raw(level.kind, (name, *leaf.node.plus))
            value = number(values[row])
            fact = None if leaf.node.plus else facts.get(name)
            nation, council = (percentile_at(values, mask, row, lower=lower) for mask in peers)
            parts.append(
                IndicatorPart(
                    id=leaf.node.id,
                    indicator=name,
                    label=self._label(leaf, name),
                    components=leaf.path,
                    nominal_weight=leaf.nominal_weight,
                    points=number(composite.contributions[row, place]),
                    value=value,
                    value_words=fact.value_words if fact else _words(value),
                    people=fact.people if fact else "",
                    quality=self._quality(composite, row, place, fact),
                    percentile_in_base=number(composite.percentile_ranks[row, place]),
                    percentile_in_nation=nation,
                    percentile_in_local_authority=council,
                )
            )
        return tuple(parts)

    def _raw(self, kind: AreaKind, names: Sequence[str]) -> tuple[Floats, bool]:
        """Return (n,) raw values, added up, and whether low ones mean more risk."""
        held = self.atlas.indicators[kind]
        total = np.zeros(len(self.atlas.level(kind)))
        for name in names:
            total = total + (held.value[:, held.column(name)] if name in held.ids else np.nan)
        directions = dict(
            zip(self.answer.table.indicators, self.answer.table.directions, strict=True)
        )
        return total, directions.get(names[0]) is Direction.LOWER_IS_RISKIER

    def _quality(
        self, composite: Composite, row: int, place: int, fact: IndicatorFact | None
    ) -> str:
        if composite.imputed is not None and composite.imputed[row, place]:
            return "imputed"
        return fact.quality.value if fact else ""

    def _label(self, leaf: Leaf, name: str) -> str:
        known = self.facts.indicators.get(name)
        return leaf.node.title or (known.short_label if known else name.replace("_", " "))

    def _neighbours(
        self, composite: Composite, scored: LevelScores, row: int, count: int
    ) -> tuple[Neighbour, ...]:
        if np.isnan(composite.normalised[row]).all():
            return ()
        level, scores = scored.level, scored.scores
        found = most_alike(composite, row, count)
        return tuple(
            Neighbour(
                code=level.codes[at],
                name=level.labels[at],
                context=context_of(self.atlas, level, at),
                url=f"/areas/{level.codes[at]}",
                distance=float(distance),
                score=number(scores.score[at]),
                rank=int(scores.rank[at]) or None,
                decile=int(scores.decile[at]) or None,
                differences=self._differences(composite, differences),
            )
            for at, distance, differences in zip(
                found.positions.tolist(), found.distance, found.differences, strict=True
            )
        )

    def _differences(self, composite: Composite, found: Floats) -> tuple[Difference, ...]:
        known = np.flatnonzero(~np.isnan(found))
        most = known[np.argsort(-np.abs(found[known]), kind="stable")][:TOLD_DIFFERENCES]
        leaves = self._leaves
        return tuple(
            Difference(
                id=leaves[at].node.id,
                label=self._label(leaves[at], composite.indicators[at]),
                standard_deviations=float(found[at]),
            )
            for at in most.tolist()
        )


def percentile_at(
    values: Floats, mask: npt.NDArray[np.bool_] | None, row: int, *, lower: bool = False
) -> float | None:
    """Return an area's percentile among its peers, 0 to 100, higher = more risk.

    The mid-rank 100 (areas of less risk + half of the ties, including itself) / areas, as in
    `exclusion_map.index.explain.percentiles` for all areas at once.

    Args:
        values: (n,) of a measure.
        mask: (n,) the peers, the area among them; None gives None.
        row: of the area.
        lower: whether low values mean more risk.
    """
    if mask is None or np.isnan(values[row]):
        return None
    peers = np.count_nonzero(mask & ~np.isnan(values))
    less = (values > values[row]) if lower else (values < values[row])
    alike = np.count_nonzero((values == values[row]) & mask)
    return float(100 * (np.count_nonzero(less & mask) + alike / 2) / peers)


def _peers(
    level: Level, row: int
) -> tuple[npt.NDArray[np.bool_] | None, npt.NDArray[np.bool_] | None]:
    """Return (n,) the areas of its kind in the nation, and in the local authority, of an area."""
    masks: list[npt.NDArray[np.bool_] | None] = []
    for kind in (AreaKind.NATION, AreaKind.LOCAL_AUTHORITY):
        parent = level.parents.get(kind)
        inside = parent is not None and parent[row] != OUTSIDE
        masks.append(parent == parent[row] if parent is not None and inside else None)
    return masks[0], masks[1]


def _suggested(composite: Composite, row: int) -> tuple[Suggested, ...]:
    return tuple(
        Suggested(
            response=one.response.value,
            label=one.response.label,
            percentile=one.percentile,
            suggested=one.suggested,
        )
        for one in suggestions(composite, row)
    )


def _words(value: float | None) -> str:
    return "no data" if value is None else f"{value:.2f}"
