"""The plain sentences of a report: short words, one thought each, for a reading age of about 11."""

from collections.abc import Sequence
from typing import Final

from exclusion_map.areas import phrases
from exclusion_map.editions.reports.model import (
    DriverPart,
    PeoplePart,
    PlaceReport,
    ScorePart,
    SupportPart,
)
from exclusion_map.terms import AreaKind

WORTH_SAYING: Final = 1.0
"""Points of the score: a smaller difference between places is called none."""
_PLAIN: Final = {
    AreaKind.SMALL_AREA: ("small area", "small areas"),
    AreaKind.NEIGHBOURHOOD: ("neighbourhood", "neighbourhoods"),
    AreaKind.WARD: ("ward", "wards"),
    AreaKind.LOCAL_AUTHORITY: ("council area", "council areas"),
    AreaKind.SUB_ICB: ("local NHS area", "local NHS areas"),
    AreaKind.ICB: ("NHS care board", "NHS care boards"),
    AreaKind.REGION: ("region", "regions"),
    AreaKind.NATION: ("nation", "nations"),
}
_LEVELS: Final = {1: "very high", 2: "high", 3: "high", 8: "low", 9: "low", 10: "very low"}


def plain_kind(kind: AreaKind) -> str:
    """Return what people call a kind of area."""
    return _PLAIN[kind][0]


def summary(
    name: str,
    kind: AreaKind | None,
    score: ScorePart,
    drivers: Sequence[DriverPart],
    people: PeoplePart,
    support: SupportPart,
) -> tuple[str, ...]:
    """Return what matters most of a place."""
    told = [*_standing(name, kind, score), *_range(score), *_drivers(drivers, score)]
    told += [*_people(people), *_estimate(people), *_help(support)]
    return tuple(told)


def _standing(name: str, kind: AreaKind | None, score: ScorePart) -> list[str]:
    if score.score is None:
        return [f"We know too little about {name} to give it a risk score."]
    first = f"{name} has a risk score of {score.score:.0f} out of 100."
    if kind is None:
        if score.higher_than is None:
            return [first]
        return [first, f"That is more than in {_of_100(score.higher_than)} council areas."]
    plural, rank = _PLAIN[kind][1], score.rank or 0
    if score.ranked < 2:
        return [first, "There is no other place of its kind here to compare it with."]
    if score.ranked < phrases.FEW:
        return [first, f"It is number {rank} of {score.ranked} {plural}. Number 1 has most risk."]
    level = _LEVELS.get(score.decile or 0, "in the middle")
    if rank <= 1:
        return [first, f"The risk is {level}: no other of the {score.ranked:,} {plural} has more."]
    beaten = 100 * (score.ranked - rank) / (score.ranked - 1)
    return [first, f"The risk is {level}: more than in {_of_100(beaten)} {plural}."]


def _range(score: ScorePart) -> list[str]:
    low, high = score.score_low, score.score_high
    if score.score is None or low is None or high is None:
        return []
    if round(low) == round(high):
        return ["We are quite sure of the score."]
    return [f"It could be from {low:.0f} to {high:.0f} if we weigh the facts in other fair ways."]


def _drivers(drivers: Sequence[DriverPart], score: ScorePart) -> list[str]:
    if score.score is None:
        return []
    points = [(one.indicator, one.group, one.points) for one in drivers]
    up = phrases.driver_themes(points, raising=True)
    down = phrases.driver_themes(points, raising=False)
    told = [f"The risk goes up most with {phrases.listed(up)}."] if up else []
    return [*told, *([f"It goes down most with {phrases.listed(down)}."] if down else [])]


def _people(people: PeoplePart) -> list[str]:
    if people.population is None:
        return []
    told = [f"{_upper(phrases.about(people.population))} people live here."]
    if people.small_areas > 1 and people.worst_tenth:
        told.append(
            f"{_upper(_of_100(100 * people.worst_tenth))} people here live in the small areas "
            "with the most risk."
        )
    return told


def _estimate(people: PeoplePart) -> list[str]:
    found = people.estimate
    if found is None:
        return []
    low, high = (_bare(one) for one in (found.households_low, found.households_high))
    if low == high:
        return [f"We think about {low} homes here may not cope with forms that are only online."]
    return [f"We think {low} to {high} homes here may not cope with forms that are only online."]


def _help(support: SupportPart) -> list[str]:
    libraries = next((one for one in support.kinds if one.kind == "library"), None)
    if libraries is None or libraries.share is None:
        return ["We have no list of libraries for this place."]
    if libraries.nearest_m is not None:
        away = phrases.distance(libraries.nearest_m)
        told = [f"The nearest library is {away} away: {libraries.nearest}."]
    else:
        told = [f"{_upper(_of_100(100 * libraries.share))} people live within 1 km of a library."]
    if support.high_people <= 0 or support.high_unknown >= support.high_people:
        return told
    far = support.high_beyond
    if far >= 1:
        told.append(
            f"{_upper(phrases.about(far))} people live where risk is high and no library is near."
        )
    else:
        told.append("Where risk is high, a library is near.")
    return told


def comparison(places: Sequence[PlaceReport]) -> tuple[str, ...]:
    """Return how places differ; nothing for one place."""
    if len(places) < 2:
        return ()
    held = [(one.score.score, one) for one in places if one.score.score is not None]
    if len(held) < 2:
        return ("We know too little about these places to say how they differ.",)
    held.sort(key=lambda pair: -pair[0])
    (most, first), (least, last) = held[0], held[-1]
    if most - least < WORTH_SAYING:
        return (f"The risk scores are much the same: {least:.0f} to {most:.0f} out of 100.",)
    told = [
        f"{first.name} has the most risk: {most:.0f} out of 100.",
        f"{last.name} has the least: {least:.0f}.",
        *_overlap(first, last),
        *_why(first, last),
    ]
    kinds = {one.kind for one in places}
    if len(kinds) > 1:
        told.append("The places are of more than one kind. Scores of small places spread more.")
    return tuple(told)


def _overlap(first: PlaceReport, last: PlaceReport) -> list[str]:
    low, high = first.score.score_low, last.score.score_high
    if low is None or high is None:
        return []
    if low <= high:
        return ["Their ranges overlap, so we cannot be sure which has more risk."]
    return ["Their ranges do not overlap, so we can be quite sure of that."]


def _why(first: PlaceReport, last: PlaceReport) -> list[str]:
    there = {one.indicator: one.points for one in last.drivers}
    apart = {
        one.label: (one, one.points - there[one.indicator])
        for one in first.drivers
        if one.indicator in there
    }
    if not apart:
        return []
    one, points = max(apart.values(), key=lambda pair: pair[1])
    if points < WORTH_SAYING:
        return []
    other = next(o.value_words for o in last.drivers if o.indicator == one.indicator)
    return [
        f"{one.label} makes most of the gap: {one.value_words} in {first.name} and {other} in "
        f"{last.name}."
    ]


def _of_100(percent: float) -> str:
    """Return a share as it stands before what is counted: "about 1 in 4", "nearly all"."""
    if percent < 1:
        return "hardly any"
    if percent >= 97:
        return "nearly all"
    if percent < 8:
        return f"about {max(round(percent), 1)} in 100"
    for share, told in ((25, "about 1 in 4"), (50, "about half the"), (75, "about 3 in 4")):
        if abs(percent - share) < 2.5:
            return told
    tenths = min(max(round(percent / 10), 1), 9)
    return f"about {tenths} in 10"


def _bare(number: float) -> str:
    return phrases.about(number).removeprefix("about ")


def _upper(text: str) -> str:
    return text[:1].upper() + text[1:]
