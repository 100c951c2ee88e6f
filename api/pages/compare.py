"""Places side by side: scores with their ranges, what makes the difference, every figure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from api.pages import insight, words
from api.pages import profile as profiles
from api.pages.lens import Lens
from exclusion_map.areas.explanation import Explanation
from exclusion_map.areas.profile import AreaProfile, IndicatorFact
from exclusion_map.errors import InvalidRequestError
from exclusion_map.exports.score_tables import Columns
from exclusion_map.terms import Direction

MOST: Final = 10
"""Places that still fit side by side."""
_SIMILAR: Final = 5
_WORTH_SAYING: Final = 1.0
"""Points of the score: a smaller difference is called none."""


@dataclass(frozen=True, kw_only=True)
class Place:
    """One column of the comparison."""

    profile: AreaProfile
    title: profiles.Title
    where: str
    seen: Explanation
    sure: insight.Sureness | None
    """How far the published rank of a small area can be trusted."""
    estimate: insight.EstimateView | None
    points: dict[str, float]
    """What each top-level part adds, by title; empty where there are no points."""

    @property
    def name(self) -> str:
        """The name people use."""
        return self.profile.label

    @property
    def score(self) -> float | None:
        """By the index and weights asked for."""
        return self.seen.score


@dataclass(frozen=True, slots=True)
class Bar:
    """Points of one part in one place, as a bar from the middle; None is no data."""

    points: float | None
    x: float
    width: float


@dataclass(frozen=True, slots=True)
class Cell:
    """One figure of one place."""

    words: str
    people: str
    width: float | None
    """How much riskier than other areas of its kind, 0 to 100; None without a value."""
    highest: bool
    """Whether it is the riskiest of those compared."""


def compared(lens: Lens, codes: Sequence[str]) -> list[Place]:
    """Return the places of a comparison, in the order given.

    Raises:
        InvalidRequestError: there are more than fit side by side.
        NotFoundError: the edition does not have one of them.
    """
    if len(codes) > MOST:
        raise InvalidRequestError(
            "places to compare",
            found=f"{len(codes)}",
            expected=f"at most {MOST}",
            mend="Leave some out, or combine them into one list.",
        )
    return [_place(lens, code) for code in codes]


def _place(lens: Lens, code: str) -> Place:
    service = lens.engine.service
    level, row = service.edition.atlas.find(code)
    profile = service.profile(code)
    seen = insight.seen(lens, profile)
    parts = insight.parts(lens, seen)
    return Place(
        profile=profile,
        title=profiles.title(profile),
        where=profiles.where(profile),
        seen=seen,
        sure=insight.sureness(service, level, row),
        estimate=insight.estimate(service, level, row),
        points={bar.title: bar.points for bar in parts.bars} if parts else {},
    )


def context(lens: Lens, places: Sequence[Place]) -> dict[str, Any]:
    """Return everything the page shows of a comparison; of one place or none, how to go on."""
    kinds = {place.profile.kind for place in places}
    kind = next(iter(kinds)) if len(kinds) == 1 else None
    return {
        "lens": lens,
        "places": places,
        "codes": [place.profile.code for place in places],
        "most": MOST,
        "kind": kind,
        "mixed": len(kinds) > 1,
        "sentence": sentence(places) if len(places) > 1 else "",
        "parts": part_rows(places),
        "figures": figure_rows(places),
        "support": support_rows(places),
        "suggested": _suggested(places),
    }


def sentence(places: Sequence[Place]) -> str:
    """Return how places differ, in plain English; for two or more places."""
    held = sorted(
        ((place.score, place) for place in places if place.score is not None),
        key=lambda pair: -pair[0],
    )
    if len(held) < 2:
        return "Too little is known of these places to say how they differ."
    (most, first), (least, last) = held[0], held[-1]
    if most - least < _WORTH_SAYING:
        told = f"{_named(places)} hardly differ: they score {least:.1f} to {most:.1f} of 100."
    elif len(places) == 2:
        told = (
            f"{first.name} has a higher risk score than {last.name}: "
            f"{most:.1f} of 100 against {least:.1f}."
        )
    else:
        told = (
            f"Of these {len(places)} places {first.name} has the highest risk score, "
            f"{most:.1f} of 100, and {last.name} the lowest, {least:.1f}."
        )
    return " ".join(filter(None, (told, _why(first, last), _caution(first, last))))


def _named(places: Sequence[Place]) -> str:
    return "These places" if len(places) > 2 else words.listed([one.name for one in places])


def _why(first: Place, last: Place) -> str:
    """Return which part makes most of the difference; empty where points cannot be compared."""
    if first.profile.kind is not last.profile.kind:
        return ""
    both = first.points.keys() & last.points.keys()
    apart = {title: first.points[title] - last.points[title] for title in both}
    if not apart:
        return ""
    title = max(sorted(apart), key=lambda one: apart[one])
    if apart[title] < _WORTH_SAYING:
        return ""
    return f"What makes most of the difference: {title} ({apart[title]:.1f} points)."


def _caution(first: Place, last: Place) -> str:
    one, other = first.sure, last.sure
    if one is None or other is None or first is last:
        return ""
    if one.rank_high >= other.rank_low:
        return (
            "The ranges of their published ranks overlap: with other reasonable choices "
            "the order could be the other way round."
        )
    return "The ranges of their published ranks do not overlap."


def part_rows(places: Sequence[Place]) -> list[tuple[str, list[Bar]]]:
    """Return the parts of the index, each with a bar a place, all on one scale."""
    titles = list(dict.fromkeys(title for place in places for title in place.points))
    points = [abs(value) for place in places for value in place.points.values()]
    reach = max(points, default=0.0) or 1.0
    spread = {title: _apart([p.points.get(title) for p in places]) for title in titles}
    titles.sort(key=lambda title: -spread[title])
    return [(title, [_bar(place.points.get(title), reach) for place in places]) for title in titles]


def _apart(values: Sequence[float | None]) -> float:
    held = [value for value in values if value is not None]
    return max(held) - min(held) if held else 0.0


def _bar(points: float | None, reach: float) -> Bar:
    if points is None:
        return Bar(None, 50, 0)
    width = round(50 * abs(points) / reach, 2)
    return Bar(points, round(50 - width if points < 0 else 50, 2), width)


def figure_rows(places: Sequence[Place]) -> list[tuple[IndicatorFact, list[Cell]]]:
    """Return every indicator with its value in each place; those of the index come first."""
    facts: dict[str, IndicatorFact] = {}
    held = [{fact.indicator: fact for fact in place.profile.indicators} for place in places]
    for one in held:
        facts |= one
    ordered = sorted(facts.values(), key=lambda fact: not fact.in_index)
    return [(fact, _cells([one.get(fact.indicator) for one in held])) for fact in ordered]


def _cells(facts: Sequence[IndicatorFact | None]) -> list[Cell]:
    signed = [_signed(fact) for fact in facts]
    known = [value for value in signed if value is not None]
    worst = max(known) if len(known) > 1 and max(known) > min(known) else None
    return [
        Cell(words.NO_DATA, "", None, highest=False)
        if fact is None
        else Cell(
            fact.value_words,
            fact.people,
            profiles.riskier_than(fact) if value is not None else None,
            highest=value is not None and value == worst,
        )
        for fact, value in zip(facts, signed, strict=True)
    ]


def _signed(fact: IndicatorFact | None) -> float | None:
    """Return a value so that more is riskier."""
    if fact is None or fact.value is None or not words.known(fact.value):
        return None
    return fact.value if fact.direction is Direction.HIGHER_IS_RISKIER else -fact.value


def support_rows(places: Sequence[Place]) -> list[tuple[str, list[str]]]:
    """Return what help there is by kind: how far the nearest is, or how many lie inside."""
    told: list[dict[str, str]] = []
    for place in places:
        near = {
            one.kind_label: f"{words.distance(one.distance_m)} to {one.name}"
            for one in place.profile.nearest_support
        }
        inside = {one.kind_label: f"{one.inside:,} inside" for one in place.profile.support_inside}
        told.append(near | inside)
    labels = list(dict.fromkeys(label for one in told for label in one))
    return [(label, [one.get(label, words.NO_DATA) for one in told]) for label in labels]


def _suggested(places: Sequence[Place]) -> list[tuple[str, str, str]]:
    """Return places to set beside the first: code, name, where."""
    if not places or len(places) >= MOST:
        return []
    taken = {place.profile.code for place in places}
    return [
        (one.code, one.name, one.context)
        for one in places[0].seen.neighbours[:_SIMILAR]
        if one.code not in taken
    ]


def table_columns(places: Sequence[Place]) -> Columns:
    """Return the comparison as a table, one row a place; what is missing is NaN."""

    def numbers(values: Sequence[float | int | None]) -> Any:
        return np.array([np.nan if value is None else value for value in values], dtype=np.float64)

    sure = [place.sure for place in places]
    estimates = [place.estimate for place in places]
    columns: dict[str, Any] = {
        "code": [place.profile.code for place in places],
        "name": [place.name for place in places],
        "kind": [place.profile.kind.value for place in places],
        "population": numbers([place.profile.population for place in places]),
        "score": numbers([place.score for place in places]),
        "rank": numbers([place.seen.rank for place in places]),
        "ranked": numbers([place.seen.ranked for place in places]),
        "decile": numbers([place.seen.decile for place in places]),
        "published_rank_low": numbers([one.rank_low if one else None for one in sure]),
        "published_rank_high": numbers([one.rank_high if one else None for one in sure]),
        "modelled_share_pct": numbers([one.share if one else None for one in estimates]),
        "modelled_share_low_pct": numbers([one.share_low if one else None for one in estimates]),
        "modelled_share_high_pct": numbers([one.share_high if one else None for one in estimates]),
    }
    for title, _ in part_rows(places):
        columns[f"points: {title}"] = numbers([place.points.get(title) for place in places])
    for fact, _ in figure_rows(places):
        held = [
            {one.indicator: one.value for one in place.profile.indicators}.get(fact.indicator)
            for place in places
        ]
        columns[fact.indicator] = numbers(held)
    return columns
