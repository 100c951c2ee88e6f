"""Figures about places in plain English, suitably rounded and with their comparison."""

import math
from collections.abc import Iterable, Sequence

from exclusion_map.terms import AreaKind, NhsGroup

_ORDINALS = ("", "", "second ", "third ", "fourth ", "fifth ")

_THEMES: dict[str, tuple[str, str]] = {
    NhsGroup.AGE: ("older residents", "fewer older residents"),
    NhsGroup.DEPRIVATION: ("deprivation", "less deprivation"),
    NhsGroup.DISABILITY: ("disability", "less disability"),
    NhsGroup.CONNECTIVITY: ("slow broadband", "faster broadband"),
    NhsGroup.ENGLISH: ("limited English", "fewer people with limited English"),
    "living_alone": ("people living alone", "fewer people living alone"),
}
"""Phrases for what raises and what lowers the risk, by group or by indicator."""

LEAST_POINTS = 0.5
"""Contributions below this number of points are not mentioned."""

FEW = 20
"""Below this number of areas of a kind, the rank is given instead of the tenth."""


def about(number: float) -> str:
    """Return a count of people rounded to two figures: 1,643 gives ``about 1,600``."""
    if number < 10:
        return "fewer than 10"
    step = 10 ** max(math.floor(math.log10(number)) - 1, 0)
    rounded = round(number / step) * step
    if rounded >= 1_000_000:
        return f"about {rounded / 1_000_000:g} million"
    return f"about {rounded:,.0f}"


def share_of_people(numerator: float, denominator: float, people: str) -> str:
    """Return ``about 420 of 1,640 people``; empty where the counts are not known."""
    if math.isnan(numerator) or math.isnan(denominator) or people in ("", "none"):
        return ""
    return f"{about(numerator)} of {denominator:,.0f} {people}"


def value_text(value: float, unit: str) -> str:
    """Return a value with its unit: ``26%``, ``under 1%``, ``1.24 (standard score)``."""
    if math.isnan(value):
        return "no data"
    if unit != "percent":
        return f"{value:.2f} ({unit})"
    if 0 < value < 1:
        return "under 1%"
    return "over 99%" if 99 < value < 100 else f"{value:.0f}%"


def distance(metres: float) -> str:
    """Return ``600 m``, ``1 km`` or ``2.4 km``."""
    if metres < 950:
        return f"{max(round(metres / 50) * 50, 50)} m"
    return f"{f'{metres / 1000:.1f}'.removesuffix('.0')} km"


def listed(items: Sequence[str]) -> str:
    """Return items as in a sentence: ``a, b and c``."""
    if len(items) < 2:
        return "".join(items)
    return f"{', '.join(items[:-1])} and {items[-1]}"


def tenth_phrase(decile: int, plural: str, place: str) -> str:
    """Describe a decile: ``among the highest-risk tenth of wards in England``."""
    if decile == 0:
        return f"not scored: too little is known to compare it with other {plural} in {place}"
    if decile == 1:
        return f"among the highest-risk tenth of {plural} in {place}"
    if decile == 10:
        return f"among the lowest-risk tenth of {plural} in {place}"
    if decile <= 5:
        return f"in the {_ORDINALS[decile]}highest-risk tenth of {plural} in {place}"
    return f"in the {_ORDINALS[11 - decile]}lowest-risk tenth of {plural} in {place}"


def standing_phrase(kind: AreaKind, decile: int, rank: int, ranked: int, place: str) -> str:
    """Describe the position of an area among those of its kind."""
    if ranked >= FEW or rank == 0:
        return tenth_phrase(decile, kind.label_plural, place)
    if ranked < 2:
        return f"the only {kind.label} here, so there is nothing to compare it with"
    return f"ranked {rank} of {ranked} {kind.label_plural} in {place}, where 1 is the highest risk"


def driver_themes(
    points: Iterable[tuple[str, NhsGroup, float]], *, raising: bool, most: int = 2
) -> list[str]:
    """Return phrases for what moves a score most: "older residents", "less deprivation".

    Args:
        points: indicator, its group, and the points of the score it adds.
        raising: whether to return what raises the score or what lowers it.
        most: maximum number of themes.
    """
    totals: dict[str, float] = {}
    for indicator, group, added in points:
        words = _THEMES.get(indicator) or _THEMES.get(group)
        if words is not None:
            theme = words[0 if raising else 1]
            totals[theme] = totals.get(theme, 0.0) + (added if raising else -added)
    ordered = sorted(totals, key=totals.__getitem__, reverse=True)
    return [theme for theme in ordered[:most] if totals[theme] >= LEAST_POINTS]


def lower_first(text: str) -> str:
    """Return a label for use inside a sentence: ``Aged 75 and over`` loses its capital."""
    first = text.split(" ", 1)[0]
    if first in {"English", "Welsh"} or first[1:] != first[1:].lower():
        return text
    return text[:1].lower() + text[1:]
