"""What a profile tells beyond its figures: how sure we are, what makes it, what is like it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from api.pages import words
from api.pages.lens import Lens
from api.routes.explain import explainer
from api.service import Service
from exclusion_map.areas import phrases
from exclusion_map.areas.atlas import Level
from exclusion_map.areas.explanation import Explanation, IndicatorPart, Neighbour
from exclusion_map.areas.profile import AreaProfile
from exclusion_map.areas.scoring import LevelScores
from exclusion_map.editions.extras import SURE_CLASSES, Sure, extras_of
from exclusion_map.index.respond import Response
from exclusion_map.index.uncertainty import Robustness, Uncertainty
from exclusion_map.terms import AreaKind

SIMILAR: Final = 5
_WORTH_SAYING: Final = 0.25
"""A difference from a similar area smaller than this, in standard deviations, is not told."""

_SURE_SENTENCE: Final = {
    Sure.HIGH: "Robustly high: whatever reasonable choices are made, this place stays among the "
    "fifth with the highest risk.",
    Sure.DEPENDS: "It depends on judgement: with other reasonable choices this place would stand "
    "clearly higher or lower. Look at what drives it before you act on its rank.",
    Sure.MIDDLE: "Robustly in the middle: whatever reasonable choices are made, this place stays "
    "below the fifth with the highest risk, and in the higher-risk half.",
    Sure.LOW: "Robustly low: whatever reasonable choices are made, this place stays in the half "
    "with the lower risk. People there may still need help.",
}
_RESPONSE_WORDS: Final = {
    Response.CONNECTIVITY: "Check broadband and mobile coverage first, and public Wi-Fi nearby.",
    Response.SKILLS: "Offer time with a person who teaches, in places people know already.",
    Response.AFFORDABILITY: "Tell people of social tariffs, data banks and device lending.",
    Response.ASSISTED_DIGITAL: "Keep phone, paper and counters open, and help with forms.",
}


@dataclass(frozen=True, slots=True)
class PartBar:
    """What one part of the index adds to the score, as a bar from the middle."""

    title: str
    points: float
    x: float
    width: float


@dataclass(frozen=True, slots=True)
class Parts:
    """How a score comes about, from the middle of the base."""

    score: float
    median: float
    difference: float
    bars: Sequence[PartBar]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sureness:
    """How far the rank of a small area can be trusted."""

    label: str
    sentence: str
    rank: int
    rank_low: int
    rank_high: int
    ranked: int
    decile_low: int
    decile_high: int
    worst_tenth: float
    """Share of recalculations in the highest-risk tenth, 0 to 100."""
    x: float
    x_low: float
    x_high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class EstimateView:
    """The modelled estimate of an area."""

    low: str
    high: str
    households: float | None
    share: float
    share_low: float
    share_high: float
    observed: float | None
    people_low: str
    people_high: str


@dataclass(frozen=True, slots=True)
class SimilarRow:
    """An area much like this one, and how it differs."""

    neighbour: Neighbour
    differs: str


@dataclass(frozen=True, slots=True)
class ResponseRow:
    """A kind of response that the profile speaks for."""

    label: str
    words: str
    percentile: float


def seen(lens: Lens, profile: AreaProfile) -> Explanation:
    """Return why an area has its score by the index, weights and base the reader chose."""
    return explainer(lens.engine, lens.answer()).explain(profile.code, SIMILAR)


def parts(lens: Lens, found: Explanation) -> Parts | None:
    """Return what each top-level part of the index adds; None where there are no points."""
    if not found.adds_up or found.score is None or found.difference is None:
        return None
    points = {one.id: one.points for one in found.indicators}
    points.update({one.id: one.points for one in found.components})
    titles = {part.id: part.title for part in lens.parts()}
    held = [(titles[name], points.get(name)) for name in titles]
    known = [(title, value) for title, value in held if value is not None]
    reach = max((abs(value) for _, value in known), default=0.0) or 1.0
    bars = [
        PartBar(
            title,
            value,
            round(50 - 50 * max(-value, 0) / reach, 2),
            round(50 * abs(value) / reach, 2),
        )
        for title, value in sorted(known, key=lambda pair: -pair[1])
    ]
    return Parts(found.score, found.median or 0.0, found.difference, bars)


def sureness(service: Service, level: Level, row: int) -> Sureness | None:
    """Return the published intervals of a small area; None where the edition has none."""
    table = extras_of(service.edition).uncertainty.get(service.default_index)
    if table is None or level.kind is not AreaKind.SMALL_AREA or not table.sure[row]:
        return None
    scores = service.edition.atlas.score_set(service.default_index, level.kind)
    return _sureness(
        SURE_CLASSES[int(table.sure[row]) - 1],
        (int(scores.rank[row]), scores.ranked),
        (int(table.rank_low[row]), int(table.rank_high[row])),
        (int(table.decile_low[row]), int(table.decile_high[row])),
        float(table.worst_tenth[row]),
    )


def live_sureness(found: Uncertainty, scored: LevelScores, row: int) -> Sureness | None:
    """Return the intervals of a small area worked out now; None where it has no score."""
    if found.robustness[row] == Robustness.NO_SCORE:
        return None
    return _sureness(
        Sure(found.robustness[row]),
        (int(scored.scores.rank[row]), int(scored.ranked[row])),
        (int(found.rank_low[row]), int(found.rank_high[row])),
        (int(found.decile_low[row]), int(found.decile_high[row])),
        float(found.worst_tenth[row]),
    )


def _sureness(
    sure: Sure,
    place: tuple[int, int],
    ranks: tuple[int, int],
    deciles: tuple[int, int],
    worst_tenth: float,
) -> Sureness:
    rank, ranked = place

    def x(one: int) -> float:
        return round(100 * (one - 0.5) / max(ranked, 1), 2)

    return Sureness(
        label=words.upper_first(sure.value),
        sentence=_SURE_SENTENCE[sure],
        rank=rank,
        rank_low=ranks[0],
        rank_high=ranks[1],
        ranked=ranked,
        decile_low=deciles[0],
        decile_high=deciles[1],
        worst_tenth=100 * worst_tenth,
        x=x(rank),
        x_low=x(ranks[0]),
        x_high=x(ranks[1]),
    )


def estimate(service: Service, level: Level, row: int) -> EstimateView | None:
    """Return the modelled estimate of an area; None where the edition has none."""
    table = extras_of(service.edition).estimate.get(level.kind)
    if table is None:
        return None
    share, homes = float(table.estimate[row]), float(table.households[row])
    if not (words.known(share) and words.known(homes)):
        return None
    observed = float(table.observed[row])
    return EstimateView(
        low=_from(float(table.households_low[row])),
        high=_from(float(table.households_high[row])),
        households=float(level.households[row]),
        share=share,
        share_low=float(table.low[row]),
        share_high=float(table.high[row]),
        observed=observed if words.known(observed) else None,
        people_low=_from(float(table.people_low[row])),
        people_high=_from(float(table.people_high[row])),
    )


def similar(service: Service, level: Level, row: int, found: Explanation) -> list[SimilarRow]:
    """Return the areas most like one, each with how it differs in words and figures."""
    held = service.edition.atlas.indicators[level.kind]
    sources = {part.id: part for part in found.indicators}
    units = {str(one.id): one.unit for one in service.edition.manifest.indicators}
    rows = []
    for neighbour in found.neighbours:
        there = level.position[neighbour.code]
        told = []
        for one in neighbour.differences:
            name = sources[one.id].indicator
            if abs(one.standard_deviations) < _WORTH_SAYING or name not in held.ids:
                continue
            column = held.column(name)
            values = (float(held.value[at, column]) for at in (there, row))
            other, own = (phrases.value_text(value, units.get(name, "")) for value in values)
            if other != own:
                told.append(f"{phrases.lower_first(one.label)} {other}, here {own}")
        rows.append(SimilarRow(neighbour, "; ".join(told) or "hardly different in any figure"))
    return rows


def suggested(found: Explanation) -> list[ResponseRow]:
    """Return the kinds of response that a profile speaks for, the strongest first."""
    return [
        ResponseRow(one.label, _RESPONSE_WORDS[Response(one.response)], one.percentile)
        for one in found.suggestions
        if one.suggested
    ]


def local_standing(found: Explanation, profile: AreaProfile) -> list[str]:
    """Return where the score stands in local authority and nation: "than 84% of areas in X"."""
    council = next((one for one in profile.parents if one.kind is AreaKind.LOCAL_AUTHORITY), None)
    said = []
    plural = profile.kind.label_plural
    if council and found.percentile_in_local_authority is not None:
        share = _share(found.percentile_in_local_authority)
        said.append(f"{share} of {plural} in {council.name}")
    if found.percentile_in_nation is not None and profile.nation:
        said.append(f"{_share(found.percentile_in_nation)} of {plural} in {profile.nation}")
    return said


def by_indicator(found: Explanation) -> Mapping[str, IndicatorPart]:
    """Return the parts of an explanation by the indicator that fills them."""
    return {part.indicator: part for part in found.indicators}


def _share(percentile: float) -> str:
    return f"{min(max(round(percentile), 1), 99)}%"


def _from(number: float) -> str:
    """Return a rounded count without the word "about"."""
    return words.about(number).removeprefix("about ")
